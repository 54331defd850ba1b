"""MedRGB's figures on a terminal: a line for each scenario and figure, a column for each share of documents that bear on the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


def medrgb_table(screen: Console, result: dict[str, Any]) -> None:
    """The grid in percent, then accuracy and credit over all with their intervals, and what the run took."""
    from osler.cli.eval_tables import language_table
    from osler.scoring.medrgb import FIGURES, SCENARIOS

    cells = result.get("cells") or {}
    shares = sorted({int(name.partition("/")[2]) for name in cells})
    if cells:
        table = Table("", "", *(f"{share} %" for share in shares), box=box.SIMPLE_HEAD, pad_edge=False)
        for scenario in SCENARIOS:
            own = {share: cells[name] for share in shares if (name := f"{scenario}/{share}") in cells}
            for figure in (one for one in FIGURES if any(one in row for row in own.values())):
                values = [own.get(share, {}).get(figure) for share in shares]
                shown = ["–" if value is None else f"{100 * value:.1f}" for value in values]
                table.add_row(scenario, figure.replace("_", " "), *shown)
        screen.print("share of the documents that bear on the question (robustness: that are true)")
        screen.print(table)
        screen.print("Intervals of every cell: --json.\n")
    chief = {name: result["ci"][name] for name in ("accuracy", "credit") if name in result["ci"]}
    language_table(screen, {**result, "ci": chief, "subsets": {}})
