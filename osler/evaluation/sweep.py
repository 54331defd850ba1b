"""One run for each cell of a table: a method by how many passages it sees and where the gold stands, or by what its evidence is.

Each cell is an ordinary run in a folder of its own, so that any two compare, and a sweep that was killed goes on where it stood.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from osler.compose import compose
from osler.errors import UsageError
from osler.evaluation import language
from osler.evaluation.compare import compare_runs
from osler.evaluation.evidence_arms import checksum, place_of
from osler.evaluation.language_report import figures
from osler.evaluation.language_sections import main_value
from osler.evaluation.plan import Plan, Source, numbered
from osler.evaluation.store import MANIFEST, read_manifest, read_records
from osler.llm.model import Model
from osler.scoring.risk_control import controlled

COUNTS = ("k", "top")
AS_FOUND = "as-found"
AS_IS, ARMS = "as-is", ("as-is", "removed", "swapped")
Opener = Callable[[], AbstractContextManager[tuple[Mapping[str, Model], Any]]]


@dataclass(frozen=True)
class Cell:
    """One run of a sweep: its folder's name, what it stands for, and its plan."""

    name: str
    about: Mapping[str, Any]
    plan: Plan


def count_option(method: str) -> str:
    """The option of a method that says how many passages it sees. Raises UsageError where it has none."""
    part = compose(method).part
    found = [name for name in COUNTS if name in inspect.signature(part.object).parameters]
    if not found:
        raise UsageError(
            f"method {part.name!r} has no option {' or '.join(COUNTS)}: there is no number of passages to sweep"
        )
    return found[0]


def rag_cells(
    plan: Plan, ks: Sequence[int], positions: Sequence[str] = (AS_FOUND,), gold: Path | None = None
) -> list[Cell]:
    """A cell for each number of passages and each place of the gold that there is among so many.

    Raises UsageError for positions without a file of gold passages, or one that no number has.
    """
    if gold is None and set(positions) != {AS_FOUND}:
        raise UsageError(
            "a place of the gold needs the gold: --gold FILE (JSON lines with id or question, and text)"
        )
    option, cells = count_option(plan.method), []
    stated = {"gold": str(gold), "sha256": checksum(gold)} if gold is not None else {}
    for k in ks:
        method = compose(plan.method, {option: str(k)}).name
        for position in positions:
            if position.isdecimal() and int(position) > k:
                continue
            told = {"arm": "gold", **stated, "position": position, "k": str(k)}
            if position != AS_FOUND:
                place_of(position, k)
            evidence = {} if position == AS_FOUND else told
            about = {"k": k, "gold": position}
            cells.append(
                Cell(f"k={k},gold={position}", about, replace(plan, method=method, evidence=evidence))
            )
    if not cells:
        raise UsageError(
            f"no number of passages ({', '.join(map(str, ks))}) has a place {', '.join(positions)}"
        )
    return cells


def evidence_cells(plan: Plan) -> list[Cell]:
    """The evidence as it is, taken away, and swapped for that of another case."""
    return [
        Cell(arm, {"evidence": arm}, replace(plan, evidence={} if arm == AS_IS else {"arm": arm}))
        for arm in ARMS
    ]


def run_cells(
    cells: Sequence[Cell], folder: Path, opened: Opener, concurrency: int = 64
) -> list[dict[str, Any]]:
    """Do each cell, or what is left of it, and give its figures. Raises UsageError for a folder of another sweep."""
    rows = []
    for cell in cells:
        where = folder / cell.name
        with opened() as (models, show):
            if (where / MANIFEST).is_file():
                _refuse_another(cell, where)
                failures = language.resume(where, models, show, concurrency)
            else:
                failures = language.start(cell.plan, where, models, show, concurrency)
        found = figures(where)
        metric = next(iter(found["ci"]), None)
        rows.append(
            {
                **cell.about,
                "n": found["n"],
                "metric": metric,
                **({metric: found[metric]} if metric else {}),
                "ci": {metric: found["ci"][metric]} if metric else {},
                "calls": found["calls"],
                "tokens": found["tokens"],
                "abstained": found.get("abstained", 0),
                "failures": len(failures),
                "run": str(where),
            }
        )
    return rows


def dependence(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each arm against the evidence as it is: the difference with its interval, flips both ways, the share of answers that changed."""
    base = next(row for row in rows if row["evidence"] == AS_IS)
    found = {}
    for row in rows:
        if row is base:
            continue
        compared = compare_runs(Path(base["run"]), Path(row["run"]))
        name, paired = next(iter(compared.metrics.items()))
        told = {"metric": name, **asdict(paired), "ci": list(paired.ci)}
        if flips := compared.flips.get(""):
            told |= {
                "right_to_wrong": flips.right_to_wrong,
                "wrong_to_right": flips.wrong_to_right,
                "changed": None if flips.changed is None else flips.changed / flips.n,
            }
        found[row["evidence"]] = told
    return found


def _refuse_another(cell: Cell, folder: Path) -> None:
    began = read_manifest(folder).get("arguments", {})
    asked = orjson.loads(orjson.dumps(cell.plan.arguments()))
    if other := [name for name in asked if name != "budget" and began.get(name) != asked[name]]:
        raise UsageError(
            f"{folder} is of another sweep (its {other[0]} differs); name a new folder with --out"
        )


def risk_controlled(rows: Sequence[Mapping[str, Any]], alpha: float, delta: float) -> dict[str, Any]:
    """The number of passages whose risk of a wrong answer is under `alpha` with confidence 1 − `delta`, of cells as found.

    The bound holds for independent losses, so those of one group are averaged into one; a case that failed counts as wrong.
    """
    losses = {row["k"]: losses_by_group(Path(row["run"])) for row in rows if row["gold"] == AS_FOUND}
    if not losses:
        raise UsageError(
            "risk is controlled over passages as they are found: add as-found to --gold-position"
        )
    found = controlled({k: list(own.values()) for k, own in losses.items()}, alpha, delta)
    told = {"risks": found.risks, "p": found.p}
    return {
        "alpha": alpha,
        "delta": delta,
        "n": found.n,
        "chosen": found.chosen,
        "safe": list(found.safe),
        **{name: {str(k): value for k, value in values.items()} for name, values in told.items()},
    }


def losses_by_group(folder: Path) -> dict[str, float]:
    """The mean loss of each group of a run's cases, from 0 to 1, in the order of the data; 1 for a case without an answer."""
    manifest = read_manifest(folder)
    scored = {one["item"]: main_value(one) or 0.0 for one in read_records(folder)}
    losses: dict[str, list[float]] = {}
    for number, item, _ in numbered(Source(Plan.read(manifest["arguments"])), manifest.get("chosen"), ()):
        losses.setdefault(str(item.group), []).append(1 - min(1.0, max(0.0, scored.get(number, 0.0))))
    return {group: sum(own) / len(own) for group, own in losses.items()}
