"""The maps that a server can show: of its corpora and of its runs, opened once, with what each point is in words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from osler.app.desk import Desk
from osler.app.failures import whole
from osler.errors import Missing, OslerError, UsageError
from osler.evaluation import run_atlas
from osler.knowledge.atlas import of_corpus
from osler.knowledge.atlas.atlas import SIDE, Atlas
from osler.knowledge.corpus import store

MOST_CORNERS, MOST_HITS, MOST_RUNS = 80, 2_000, 200


@dataclass(frozen=True)
class Point:
    """What a point of a map is: a title, some words, its values in the map's fields, and where it is opened."""

    number: int
    title: str
    text: str
    values: tuple[str, ...]
    href: str
    place: tuple[int, int]


@dataclass(frozen=True)
class Offered:
    """What may be shown: `of` as links name it, its kind and name, whether a map is there and still fits."""

    of: str
    kind: str
    name: str
    made: bool
    fits: bool


class Shown:
    """A map that is open, with what its points stand for."""

    def __init__(
        self, of: str, atlas: Atlas, fits: bool, about: Callable[[int], tuple[str, str, str]]
    ) -> None:
        self.of, self.atlas, self.fits, self._about = of, atlas, fits, about

    def points(self, places: Sequence[int] | np.ndarray) -> list[Point]:
        """The points at some places of the map's order."""
        atlas, found = self.atlas, []
        for place in places:
            number = int(atlas.numbers[place])
            title, text, href = self._about(number)
            values = tuple(atlas.value(field.name, int(place)) for field in atlas.fields)
            x, y = atlas.places[place].tolist()
            found.append(Point(number, title, text, values, href, (x, y)))
        return found

    def at(self, numbers: Sequence[int]) -> np.ndarray:
        """Where the points of these numbers stand in the map's order; those that are not on it are left out."""
        order = np.argsort(self.atlas.numbers, kind="stable")
        ordered = self.atlas.numbers[order]
        wanted = np.asarray(numbers, np.uint32)
        found = np.minimum(np.searchsorted(ordered, wanted), max(0, len(ordered) - 1))
        return order[found[ordered[found] == wanted]] if len(ordered) else np.zeros(0, np.int64)


def offered(desk: Desk) -> list[Offered]:
    """The corpora and runs of this server, with the state of their maps. A damaged one is offered as one that is not made."""
    found = [_offer("corpus", name, lambda name=name: of_corpus.kept(name)) for name in store.names()]
    if root := desk.settings.runs:
        shelf = _shelf(root)
        found += [
            _offer("run", name, lambda name=name: run_atlas.kept(shelf.folder(name)))
            for name in shelf.names()[:MOST_RUNS]
        ]
    return found


def shown(desk: Desk, of: str) -> Shown | None:
    """A map that was made; None where it was not yet. Raises UsageError for what this server does not have."""
    kind, name, folder = _named(desk, of)
    path = of_corpus.place(name) if kind == "corpus" else folder / run_atlas.NAME
    with whole(f"the map of {kind} {name}"):
        atlas, fits = of_corpus.kept(name) if kind == "corpus" else run_atlas.kept(folder)
        if atlas is None:
            return None
        stamp = path.stat().st_mtime_ns
        return _opened(
            of, kind, name, str(folder), stamp, fits, store.about(name)["data"] if kind == "corpus" else ""
        )


def make(desk: Desk, of: str, watch: Any) -> None:
    """Make a map anew. Raises UsageError for what this server does not have."""
    kind, name, folder = _named(desk, of)
    of_corpus.make(name, watch=watch, again=True) if kind == "corpus" else run_atlas.make(
        folder, watch=watch, again=True
    )


def hits(desk: Desk, found: Shown, words: str) -> np.ndarray:
    """Places of the points that a search finds, best first: by BM25 in a corpus, by all words in a run."""
    kind, name, folder = _named(desk, found.of)
    if not words.strip():
        return np.zeros(0, np.int64)
    if kind == "corpus":
        from osler.knowledge.retrieval.across import opened

        with whole(f"corpus {name}"):
            return found.at([number for _, number in opened(name, False, "bm25").numbers(words, MOST_HITS)])
    wanted = words.casefold().split()
    cases = _told(str(folder), _stamp(folder))
    return found.at(
        [c.item for c in cases.values() if all(w in c.text.casefold() for w in wanted)][:MOST_HITS]
    )


def corners(text: str) -> list[tuple[float, float]]:
    """A lasso as a link holds it: x.y pairs joined by "_". Raises UsageError where it is none."""
    try:
        found = [tuple(float(int(part)) for part in one.split(".")) for one in text.split("_")]
    except ValueError:
        found = []
    if not 3 <= len(found) <= MOST_CORNERS or any(len(one) != 2 for one in found):
        raise UsageError(f"a lasso has 3 to {MOST_CORNERS} corners, x.y_x.y_x.y in 0 to {SIDE}")
    return [(one[0], one[1]) for one in found]


def watched(tell: Callable[[str, float], None], stop: threading.Event) -> Any:
    """A `watch` for making a map: tells what is done and the share of it, and ends the work where `stop` is set."""

    @contextmanager
    def watch(text: str, total: float) -> Iterator[Callable[[float], None]]:
        done = 0.0

        def advance(amount: float) -> None:
            nonlocal done
            if stop.is_set():
                raise OslerError("the map was given up")
            before, done = done, done + amount
            if int(20 * done / max(total, 1)) != int(20 * before / max(total, 1)):
                tell(text, min(1.0, done / max(total, 1)))

        tell(text, 0.0)
        yield advance

    return watch


def _offer(kind: str, name: str, kept: Callable[[], tuple[Any, bool]]) -> Offered:
    try:
        found, fits = kept()
    except OslerError:
        found, fits = None, False
    return Offered(f"{kind}:{name}", kind, name, found is not None, fits)


def _named(desk: Desk, of: str) -> tuple[str, str, Path]:
    kind, _, name = of.partition(":")
    if kind == "corpus" and name in store.names():
        return kind, name, store.place(name)
    if kind == "run" and desk.settings.runs is not None:
        return kind, name, _shelf(desk.settings.runs).folder(name)
    raise Missing(f"this server has no {of[:80]!r} to show on a map")


@lru_cache(maxsize=4)
def _shelf(root: Path) -> Any:
    from osler.app.run_shelf import Shelf

    return Shelf(Path(root))


@lru_cache(maxsize=6)
def _opened(of: str, kind: str, name: str, folder: str, stamp: int, fits: bool, data: str) -> Shown | None:
    """`stamp` and `data` make a map be opened anew when it or its corpus has changed."""
    if kind == "run":
        atlas, _ = run_atlas.kept(Path(folder))
        about = _of_run(name, Path(folder))
    else:
        atlas, _ = of_corpus.kept(name)
        about = _of_corpus(name, data)
    return None if atlas is None else Shown(of, atlas, fits, about)


def _of_corpus(name: str, data: str) -> Callable[[int], tuple[str, str, str]]:
    reader = store.Reader(store.place(name) / data)

    def about(number: int) -> tuple[str, str, str]:
        if number >= reader.n_passages:  # the map is of an older state
            return "gone", "", ""
        with whole(f"corpus {name}"):
            at, text, head, meta = reader.passage(number)
        query = urlencode({"corpus": name, "document": meta["id"], "at": f"{at.start}:{at.end}"})
        title = " · ".join(part for part in (meta.get("title", ""), head) if part) or meta["id"]
        return title, text, f"/passage?{query}"

    return about


def _of_run(name: str, folder: Path) -> Callable[[int], tuple[str, str, str]]:
    def about(item: int) -> tuple[str, str, str]:
        case = _told(str(folder), _stamp(folder)).get(item)
        if case is None:
            return "gone", "", ""
        return case.title, case.text, f"/runs/traces?{urlencode({'first': name, 'item': item})}"

    return about


def _stamp(folder: Path) -> int:
    from osler.evaluation.store import RECORDS

    return (folder / RECORDS).stat().st_size


@lru_cache(maxsize=2)
def _told(folder: str, size: int) -> dict[int, run_atlas.Told]:
    return {case.item: case for case in run_atlas.told(Path(folder))}
