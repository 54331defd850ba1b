"""What analysts take from a study: a row for each list, the whole as JSON, and a blinded sheet for raters with its way back."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from osler.errors import InputError, UsageError
from osler.evaluation.reader_study.study import Study, StudyCase
from osler.scoring.ranked_names import KS
from osler.scoring.reader_study import AFTER, BEFORE, RATED, SCALES, Key, Ratings, Reading, list_scores

EXPORT = "osler.study-export/1"
_COLUMNS = (
    "reader", "case", "arm", "when", "order", "list", "seconds", "seconds_in_view", "openings", "searches",
    *(f"top-{k}" for k in KS), "quality", "completeness",
)  # fmt: skip


def rows(study: Study) -> list[dict[str, Any]]:
    """A row for each saved list with its scores: reader, case, arm, before or after, time, and how often it was opened."""
    keys, found = study.keys(), []
    for reader in study.plan.readers:
        saved = study.saved(reader.code)
        asked = [one for one in study.events(reader.code) if one["event"] == "searched"]
        for order, (case, arm) in enumerate(study.plan.plan[reader.code], 1):
            for when in (BEFORE, AFTER):
                if kept := saved.get((case, when)):
                    scores = list_scores(kept["list"], keys[case]) if case in keys else {}
                    found.append({
                        "reader": reader.name, "case": case, "arm": arm, "when": when, "order": order, "list": kept["list"],
                        "seconds": kept["seconds"], "seconds_in_view": kept["seconds_in_view"], "openings": kept["openings"],
                        "searches": sum((one["case"], one["phase"]) == (case, when) for one in asked), **scores,
                    })  # fmt: skip
    return found


def as_csv(study: Study) -> str:
    """The rows as CSV; a list's entries are parted by " | "."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows(study):
        writer.writerow({name: plain(value) for name, value in row.items()})
    return text.getvalue()


def as_json(study: Study) -> dict[str, Any]:
    """Everything but the readers' codes: design, cases with what is right, rows, and what the arms showed."""
    names = {reader.code: reader.name for reader in study.plan.readers}
    whole = study.plan.model_dump(exclude={"readers", "plan"})
    plan = {names[code]: tasks for code, tasks in study.plan.plan.items()}
    return {"schema": EXPORT, "study": whole | {"plan": plan}, "rows": rows(study), "aids": study.aids()}


def from_export(path: Path) -> tuple[list[Reading], dict[str, Key], dict[str, dict[str, list[str]]], int]:
    """Readings, what is right, the arms' own lists, and the seed, of an exported JSON file. Raises InputError where it is none."""
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["schema"] != EXPORT:
            raise ValueError
        cases = [StudyCase.model_validate(one) for one in told["study"]["cases"]]
        lists: dict[tuple[str, str, str], dict[str, Any]] = defaultdict(dict)
        for row in told["rows"]:
            lists[row["reader"], row["case"], row["arm"]][row["when"]] = row
        readings = [
            Reading(
                *key, tuple(both[BEFORE]["list"]), tuple(both[AFTER]["list"]), both[BEFORE].get("seconds"),
                both[AFTER].get("seconds"),
            )
            for key, both in lists.items() if len(both) == 2
        ]  # fmt: skip
        return (
            readings,
            {c.id: k for c in cases if (k := c.key())},
            told.get("aids") or {},
            told["study"]["seed"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{path} is no exported study; osler study export FOLDER --out FILE.json makes one"
        ) from None


def sheet(study: Study) -> str:
    """A sheet for raters, who see neither reader nor arm: the lists of all in an order drawn by chance, with columns to fill in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["list_id", "case", "diagnosis", "list", *RATED])
    made = []
    for row in rows(study):
        right = study.cases[row["case"]].diagnosis or study.cases[row["case"]].diseases
        mark = _mark(study.plan.seed, row["reader"], row["case"], row["when"])
        made.append((row["case"], mark, plain("; ".join(right)), plain(row["list"])))
    for case, mark, right, said in sorted(made):
        writer.writerow([mark, case, right, said, "", "", ""])
    return text.getvalue()


def ratings(paths: list[Path], readings: list[Reading], seed: int) -> Ratings:
    """What raters filled in, averaged over their sheets. Raises InputError for a value off its scale, UsageError for a strange list."""
    known = {
        _mark(seed, one.reader, one.case, when): (one.reader, one.case, when)
        for one in readings
        for when in (BEFORE, AFTER)
    }
    given: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        for row in _sheet_rows(path):
            if row["list_id"] not in known:
                raise UsageError(f"{path}: list {row['list_id']!r} is not of this study")
            for name in RATED:
                if value := (row.get(name) or "").strip():
                    given[known[row["list_id"]]][name].append(_rating(path, name, value))
    return {key: {name: sum(v) / len(v) for name, v in one.items()} for key, one in given.items()}


def plain(value: Any) -> Any:
    """A cell: lists in one line; text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, list | tuple):
        value = " | ".join(map(str, value))
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value


def _mark(seed: int, reader: str, case: str, when: str) -> str:
    return hashlib.sha256(repr((seed, reader, case, when)).encode()).hexdigest()[:12]


def _sheet_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        raise InputError(f"{path} cannot be read as CSV") from None
    if found and "list_id" not in found[0]:
        raise InputError(f"{path} has no column list_id; osler study sheet FOLDER makes such sheets")
    return found


def _rating(path: Path, name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 1 <= number <= SCALES[name]:
        raise InputError(f"{path}: {name} goes from 1 to {SCALES[name]}, not {value[:20]!r}")
    return number
