"""The map of a run: its cases placed by the words of what was reasoned and answered, coloured by right and wrong.

Kept in the run's folder as atlas.npz, and made again when more cases have finished. Cases are placed by hashed TF-IDF of the trace's words
where the run keeps traces, else of the answers alone; the map says which.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from osler.data.progress import progress
from osler.errors import UsageError
from osler.evaluation.language_sections import main_value, said
from osler.evaluation.store import Record, canonical_traces, read_manifest, read_records
from osler.knowledge.atlas import hashed, layout
from osler.knowledge.atlas.atlas import Atlas, drawn, load

NAME = "atlas.npz"
MOST_CASES, _MOST_FIELDS = 200_000, 10


class Told(NamedTuple):
    """A case of a run: its item, what it was and what was said, and the words that place it."""

    item: int
    title: str
    text: str
    record: Record


def kept(folder: Path) -> tuple[Atlas | None, bool]:
    """The map of a run, if it was made, and whether it has all finished cases. Raises UsageError where there is no such run."""
    read_manifest(folder)
    found = load(folder / NAME)
    return found, found is not None and found.about["state"] == len(read_records(folder))


def make(folder: Path, seed: int = 0, watch: Any = progress, again: bool = False) -> tuple[Atlas, bool]:
    """The map of a run, and whether it was made just now. Raises UsageError for what is no run, or one without a finished case."""
    found, fits = kept(folder)
    if found is not None and fits and not again and found.about.get("seed") == seed:
        return found, False
    cases = told(folder)[:MOST_CASES]
    if not cases:
        raise UsageError(f"{folder} has no finished case yet")
    with watch("Reading the run", float(len(cases))) as advance:
        vectors = hashed.tfidf((case.text for case in cases), advance)
    with watch("Placing", float(layout.EPOCHS)) as advance:
        points = layout.components(vectors, seed=seed)
        near = layout.neighbours(points, seed=seed)
        places = layout.placed(points, near, seed, advance=advance)
    traced = any(True for _ in canonical_traces(folder))
    about = {
        "kind": "run", "name": folder.name, "state": len(cases), "seed": seed, "passages": len(cases), "placed": len(cases),
        "by": "the words of reasoning and answer (TF-IDF)" if traced else "the words of the answers (TF-IDF)",
        "kept": round(float(layout.kept(points, places)), 3), "colour": "outcome",
    }  # fmt: skip
    made = drawn(places, [case.item for case in cases], _labels(cases), about, seed)
    made.save(folder / NAME)
    return made, True


def told(folder: Path) -> list[Told]:
    """The finished cases of a run in item order, with the words that were said."""
    words = {}
    for line in canonical_traces(folder):
        record = orjson.loads(line)
        words[record["item"]] = _words(record["trace"])
    found = []
    for record in read_records(folder):
        answer = said(record["answer"]) if record.get("answer") else _ranked(record)
        text = words.get(record["item"], "")
        found.append(Told(record["item"], str(record.get("id", "")), f"{answer}\n{text}".strip(), record))
    return found


def outcome(record: Record) -> str:
    """Right, wrong, partly right, unreadable or abstained; of a ranking whether the right disease stands first, in the first 10, or not."""
    if "scores" not in record:
        rank = _ranking(record).get("rank")
        return "first" if rank == 1 else "in the first 10" if rank and rank <= 10 else "not in the first 10"
    answer = record.get("answer") or {}
    state = next((name for name in ("unreadable", "abstained") if answer.get(name)), "")
    value = main_value(record)
    if state or value is None:
        return state or "not scored"
    return "right" if value >= 1 else "wrong" if value <= 0 else "partly right"


def _ranking(record: Record) -> dict[str, Any]:
    """What a run of the embedded engine keeps of a case: the ranking with nothing withheld."""
    return (record.get("views") or {}).get("full") or {}


def _ranked(record: Record) -> str:
    """The diseases ranked first, by id."""
    return "; ".join(str(one.get("id", "")) for one in _ranking(record).get("top", ())[:10])


def _words(trace: dict[str, Any]) -> str:
    """What was said and read in a trace; not the prompts, which are alike in every case."""
    parts = []
    for step in trace.get("steps", []):
        parts.append(step.get("text") or "")
        parts += [str(one.get("quote") or "") for one in step.get("evidence", ())[:20]]
    return "\n".join(part for part in parts if part)[: hashed.LONGEST]


def _labels(cases: list[Told]) -> dict[str, list[str]]:
    labels = {
        "outcome": [outcome(case.record) for case in cases],
        "subset": [str(case.record.get("subset") or "") for case in cases],
        "said": [said(case.record.get("answer") or {})[:120] for case in cases],
    }
    tags = {name for case in cases for name in case.record.get("tags", {})}
    for name in sorted(tags - set(labels))[: _MOST_FIELDS - len(labels)]:
        labels[name] = [str(case.record.get("tags", {}).get(name) or "")[:120] for case in cases]
    if len(set(labels["said"])) > max(20, len(cases) // 4):
        del labels["said"]
    return {name: values for name, values in labels.items() if np.unique(values).size > 1}
