"""`osler compare RUN RUN`: two runs, paired by case."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli.output import console, notices, print_json

if TYPE_CHECKING:
    from osler.evaluation.compare import Comparison


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="The run to compare with.")],
    second: Annotated[
        Path, typer.Argument(metavar="RUN", help="The run that is better where differences are positive.")
    ],
    changes: Annotated[int, typer.Option(min=0, help="How many wins and losses to list per regime.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare two runs paired by case: differences with intervals, tests, wins and losses."""
    from osler.evaluation.compare import compare_runs

    found = compare_runs(first, second)
    for notice in found.notices:
        notices().print(f"note: {notice}", markup=False)
    if json:
        print_json(_as_json(found))
    else:
        _show(found, changes)


def _as_json(found: Comparison) -> dict[str, Any]:
    """One object per metric, as the contract has it; first places won and lost are listed beside "R@1"."""
    result: dict[str, Any] = {}
    for name, paired in found.metrics.items():
        result[name] = {**asdict(paired), "ci": list(paired.ci), "p_clustered": found.p_clustered[name]}
        regime, _, metric = name.rpartition(" ")
        if metric in ("R@1", "GTPA@1"):
            result[name]["changes"] = found.changes[regime]
    return result


def _show(found: Comparison, limit: int) -> None:
    from rich import box
    from rich.table import Table

    out = console()
    out.print(
        f"{found.shared} cases on both sides; difference = second − first, in percentage points", markup=False
    )
    out.print(f"  first   {found.first}\n  second  {found.second}\n", markup=False)
    for section in found.changes:
        rows = {name: row for name, row in found.metrics.items() if name.rpartition(" ")[0] == section}
        table = Table(
            title=f"{section or 'metrics'}, {next(iter(rows.values())).n_paired} cases",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            collapse_padding=True,
        )
        table.title_justify, table.title_style = "left", "bold"
        for column in ("", "points", "95 % interval", "p", "clustered", "won", "lost", "tied"):
            table.add_column(column, justify="right" if column else "left", no_wrap=True)
        for name, row in rows.items():
            interval = rf"\[{100 * row.ci.low:+.1f}, {100 * row.ci.high:+.1f}]"
            numbers = [
                f"{100 * row.difference:+.1f}",
                interval,
                f"{row.p:.2g}",
                f"{found.p_clustered[name]:.2g}",
            ]
            metric = name.rpartition(" ")[2].replace("_", " ")
            table.add_row(metric, *numbers, str(row.wins), str(row.losses), str(row.ties))
        out.print(table)
    out.print(
        "p: exact McNemar for hits (cases as independent), clustered sign-flip permutation for MRR; "
        "clustered: the p of the permutation for all. Intervals: bootstrap, publications resampled whole.",
        markup=False,
    )
    _show_changes(found, limit)


def _show_changes(found: Comparison, limit: int) -> None:
    from osler.evaluation.compare import worst_changes

    out = console()
    for regime, rows in found.changes.items():
        for outcome, title in (("win", "won"), ("loss", "lost")):
            chosen = worst_changes(rows, outcome, limit)
            if chosen:
                total = sum(row["outcome"] == outcome for row in rows)
                out.print(
                    f"\nfirst place {title}{regime and ', '}{regime}: {total} cases, largest moves first",
                    markup=False,
                )
            for row in chosen:
                ranks = " → ".join("miss" if rank is None else str(rank) for rank in row["ranks"])
                out.print(f"  {row['id']}  {', '.join(row['reference'])}  rank {ranks}", markup=False)
