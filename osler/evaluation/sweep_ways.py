"""One run for each way of retrieving and each number of passages or facts: the table that MedEdit's paper varies both in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from osler.compose import compose
from osler.errors import UsageError
from osler.evaluation.plan import Plan
from osler.evaluation.sweep import Cell, count_option
from osler.knowledge.retrieval.sources import WAYS


def way_cells(plan: Plan, ways: Sequence[str], ks: Sequence[int]) -> list[Cell]:
    """A cell for each way (`bm25`, `dense`, `hybrid`) and number, in that order. Raises UsageError for another way."""
    for way in ways:
        if way not in WAYS:
            raise UsageError(f"--retrieval takes {', '.join(WAYS)}, parted by commas; not {way!r}")
    option = count_option(plan.method)
    return [
        Cell(
            f"{way},k={k}",
            {"retrieval": way, "k": k},
            replace(plan, retrieval=way, method=compose(plan.method, {option: str(k)}).name),
        )
        for way in ways
        for k in ks
    ]


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The cells as a Markdown table: a row a way, a column a number, the main metric in per cent with its interval."""
    ks = list(dict.fromkeys(row["k"] for row in rows))
    lines = [f"| | {' | '.join(f'{k}' for k in ks)} |", f"| --- |{' --- |' * len(ks)}"]
    for way in dict.fromkeys(row["retrieval"] for row in rows):
        own = {row["k"]: row for row in rows if row["retrieval"] == way}
        lines.append(f"| {way} | {' | '.join(_cell(own.get(k)) for k in ks)} |")
    return "\n".join(lines)


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None or not row["metric"]:
        return "–"
    low, high = row["ci"][row["metric"]]
    return f"{100 * row[row['metric']]:.1f} [{100 * low:.0f}, {100 * high:.0f}]"
