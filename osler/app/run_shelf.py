"""The runs of a folder as the page shows them: found by their manifest, read once, their figures kept while the files stay.

Figures, comparisons and intervals come from `osler.evaluation`; here they are only kept, parted by group, and cut into pages.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from osler.app import run_folders
from osler.app.failures import in_words
from osler.errors import Damaged, OslerError, UsageError
from osler.evaluation.compare import Comparison, compare_runs
from osler.evaluation.html_report import bins_of
from osler.evaluation.language_report import figures_of
from osler.evaluation.language_sections import main_value, said
from osler.evaluation.lazy import Records
from osler.evaluation.store import (
    MANIFEST,
    RECORDS,
    TIMES,
    Record,
    collector_paused,
    read_manifest,
    read_records,
    read_times,
)
from osler.scoring.resampling import estimate

MOST_VALUES, MOST_SUMMARIES, MOST_COMPARISONS = 200, 200, 8


@dataclass(frozen=True)
class Group:
    """The cases that share a value of a tag: how many, and the main score with its interval."""

    value: str
    n: int
    score: float
    ci: tuple[float, float]


@dataclass
class Summary:
    """A run as it was read: manifest, figures, and of each case its score, state, right and given answer, and tags as numbers.

    `states` has right and wrong only where every score is one or nothing.
    `scores` are (name, value, interval) of the main figures. `problem` says why there are none.
    """

    name: str
    manifest: Record
    figures: dict[str, Any] = field(default_factory=dict)
    scores: list[tuple[str, float | None, Sequence[float] | None]] = field(default_factory=list)
    bins: list[tuple[float, float, int]] = field(default_factory=list)
    items: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    values: np.ndarray = field(default_factory=lambda: np.empty(0))
    states: dict[str, np.ndarray] = field(default_factory=dict)
    tags: dict[str, tuple[np.ndarray, list[str]]] = field(default_factory=dict)
    answers: tuple[np.ndarray, np.ndarray, list[str]] | None = None
    groups: dict[str, list[Group]] = field(default_factory=dict)
    problem: str = ""

    @property
    def language(self) -> bool:
        """Whether a method over questions was run, so that cases have answers and traces."""
        return "models" in self.manifest

    def chosen(self, show: str = "", by: str = "", group: str = "") -> np.ndarray:
        """Items of the cases of a state and a group. Raises UsageError for names that the run does not have."""
        mask = self.within(by, group)
        if show:
            if show not in self.states:
                raise UsageError(f"cases of this run can be {', '.join(self.states)}, not {show[:40]!r}")
            mask &= self.states[show]
        return self.items[mask]

    def within(self, by: str, group: str) -> np.ndarray:
        """Which cases have that value of a tag; all where no tag is named."""
        if not by:
            return np.ones(len(self.items), bool)
        codes, names = self.tags.get(by, (np.empty(0), []))
        if group not in names:
            raise UsageError(f"this run has no {by[:40]!r} of {group[:80]!r}")
        return codes == names.index(group)

    def pairs(self, by: str = "", group: str = "") -> list[tuple[str, str, int]]:
        """Every pair of a right answer and what was said, with how many cases have it; the most frequent first."""
        if self.answers is None:
            return []
        gold, given, names = self.answers
        mask = self.within(by, group)
        found = Counter(zip(gold[mask].tolist(), given[mask].tolist(), strict=True))
        return [(names[a], names[b], count) for (a, b), count in found.most_common()]

    def confusion(self, by: str = "", group: str = "", most: int = 12) -> dict[str, Any]:
        """Right answers against given ones: `labels` and `counts` where there are few, and the most frequent mistakes."""
        if self.answers is None:
            return {"labels": [], "counts": [], "mistakes": []}
        gold, given, names = self.answers
        mask = self.within(by, group)
        pairs = Counter(zip(gold[mask].tolist(), given[mask].tolist(), strict=True))
        seen = sorted({code for pair in pairs for code in pair}, key=lambda code: names[code])
        few = len(seen) <= most
        mistakes = [
            (names[a], names[b], count) for (a, b), count in pairs.most_common() if names[a] != names[b]
        ]
        return {
            "labels": [names[code] for code in seen] if few else [],
            "counts": [[pairs[a, b] for b in seen] for a in seen] if few else [],
            "mistakes": mistakes[:30],
        }


class Shelf:
    """The runs below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._summaries: OrderedDict[Any, Summary] = OrderedDict()
        self._comparisons: OrderedDict[Any, Comparison] = OrderedDict()
        self._records: OrderedDict[Any, Records] = OrderedDict()
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """The runs by their path below the folder, the newest first."""
        return run_folders.names(self.root, newest=True)

    def folder(self, name: str) -> Path:
        """The folder of a run. Raises UsageError for a name that is none of `names`."""
        return run_folders.folder_of(self.root, name)

    def summary(self, name: str) -> Summary:
        """A run's figures; read where its files changed since."""
        folder = self.folder(name)
        return self._kept(
            self._summaries, (name, _stamp(folder)), MOST_SUMMARIES, lambda: _read(name, folder)
        )

    def summaries(self, names: Iterable[str], seconds: float) -> list[Summary]:
        """The summaries of some runs, as many as are read within some seconds (one at least)."""
        end, found = time.monotonic() + seconds, []
        for name in names:
            found.append(self.summary(name))
            if time.monotonic() > end:
                break
        return found

    def records(self, name: str) -> Records:
        """A run's cases, to be read in parts."""
        folder = self.folder(name)
        return self._kept(self._records, (name, _stamp(folder)), MOST_COMPARISONS, lambda: Records(folder))

    def comparison(self, first: str, second: str) -> Comparison:
        """Two runs compared; differences are second minus first. Raises as `compare_runs` does."""
        a, b = self.folder(first), self.folder(second)
        key = (first, _stamp(a), second, _stamp(b))
        try:
            return self._kept(self._comparisons, key, MOST_COMPARISONS, lambda: compare_runs(a, b))
        except Damaged:
            raise
        except OslerError as error:
            raise type(error)(self.named(str(error))) from None

    def named(self, words: str) -> str:
        """A message with runs by their names, not by where they lie on this machine."""
        return words.replace(f"{self.root}{os.sep}", "")

    def _kept(self, store: OrderedDict[Any, Any], key: Any, most: int, make: Callable[[], Any]) -> Any:
        with self._lock:  # one run is read at a time: several large ones would fill the memory
            if key not in store:
                store[key] = make()
            store.move_to_end(key)
            while len(store) > most:
                store.popitem(last=False)
            return store[key]


def _stamp(folder: Path) -> tuple[Any, ...]:
    """What changes when a run's files do."""
    stats = [path.stat() for name in (MANIFEST, RECORDS, TIMES) if (path := folder / name).exists()]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)


def _read(name: str, folder: Path) -> Summary:
    try:
        manifest = read_manifest(folder)
        with collector_paused():
            return _summary(name, folder, manifest)
    except (OslerError, OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        return Summary(name, {"benchmark": "–", "method": "–"}, problem=in_words(error, f"run {name}"))


def _summary(name: str, folder: Path, manifest: Record) -> Summary:
    if "models" not in manifest:
        own = manifest["benchmark"] in ("phenopackets", "ddxplus")
        module = import_module(f"osler.evaluation.{manifest['benchmark'] if own else 'whole'}")
        figures = module.figures(folder)
        return Summary(name, manifest, figures, _scores(figures))
    records = read_records(folder)
    figures = figures_of(folder, manifest, records, read_times(folder))
    made = Summary(name, manifest, figures, _scores(figures), bins_of(records))
    _fill(made, records)
    return made


def _scores(figures: dict[str, Any]) -> list[tuple[str, float | None, Sequence[float] | None]]:
    """The main figures: of a diagnosis run the first places in each regime, else all that have an interval."""
    if "regimes" in figures:
        return [
            (f"R@1, {regime}", one["R@1"], one["ci"]["R@1"]) for regime, one in figures["regimes"].items()
        ]
    return [(name, figures.get(name), ci) for name, ci in figures.get("ci", {}).items()]


def _fill(made: Summary, records: Sequence[Record]) -> None:
    """The columns of a run's cases, and its groups."""
    made.items = np.array([record["item"] for record in records], np.int64)
    main = [main_value(record) for record in records]
    made.values = np.array([np.nan if value is None else value for value in main])
    flags = {name: [bool(r["answer"].get(name)) for r in records] for name in ("unreadable", "abstained")}
    # A graded score (F1, similarity, the rank's reciprocal) has no right and wrong.
    if np.isin(made.values[~np.isnan(made.values)], (0.0, 1.0)).all():
        made.states = {"right": made.values >= 1, "wrong": made.values < 1}
    made.states |= {name: np.array(rows, bool) for name, rows in flags.items()}
    names = dict.fromkeys(name for record in records for name in record.get("tags", ()))
    for title in ("subset", *names):
        rows = [_tag(record, title) for record in records]
        codes, values = _coded(rows)
        if 1 < len(values) <= MOST_VALUES:
            made.tags[title] = codes, values
            made.groups[title] = _groups(made, codes, values, [record["group"] for record in records])
    if records and all(record["scores"].get("gold") is not None for record in records):
        gold = [str(record["scores"]["gold"])[:80] for record in records]
        codes, values = _coded([*gold, *(said(record["answer"])[:80] or "(nothing)" for record in records)])
        made.answers = codes[: len(gold)], codes[len(gold) :], values


def _tag(record: Record, title: str) -> str:
    value = record.get("subset") if title == "subset" else record.get("tags", {}).get(title)
    return str(value or "(none)")


def _coded(rows: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    place: dict[str, int] = {}
    codes = np.array([place.setdefault(row, len(place)) for row in rows], np.int32)
    return codes, list(place)


def _groups(made: Summary, codes: np.ndarray, values: list[str], clusters: list[str]) -> list[Group]:
    found = []
    for code, value in enumerate(values):
        places = np.flatnonzero(codes == code)
        told = estimate(made.values[places], [clusters[place] for place in places])
        found.append(Group(value, len(places), told.value, (told.ci[0], told.ci[1])))
    return sorted(found, key=lambda one: -one.n)
