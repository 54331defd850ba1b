"""`osler compare RUN RUN`: two runs, paired by case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osler.cli.output import console, notices, print_json
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.evaluation.compare import Comparison


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN RUN…", help="The run to compare with, then one or more against it."),
    ],
    changes: Annotated[int, typer.Option(min=0, help="How many wins and losses to list per regime.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare runs paired by case: differences with intervals, tests, wins and losses; several runs against the first."""
    from osler import replies
    from osler.evaluation.compare import compare_many

    if len(runs) < 2:
        raise UsageError("name two runs or more: osler compare RUN RUN")
    found = compare_many(runs[0], runs[1:])
    for notice in dict.fromkeys(notice for comparison in found for notice in comparison.notices):
        notices().print(f"note: {notice}", markup=False)
    if json and len(found) == 1:
        print_json(replies.comparison(found[0]))
    elif json:
        against = [{"run": str(c.second), "metrics": replies.comparison(c)} for c in found]
        print_json({"first": str(runs[0]), "against": against, "p_holm": "Holm over the runs, per metric"})
    else:
        for comparison in found:
            _show(comparison, changes, len(found) > 1)


def _show(found: Comparison, limit: int, several: bool) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from osler.scoring.intervals import written

    out = console()
    out.print(
        f"{found.shared} cases on both sides; difference = second − first, in percentage points", markup=False
    )
    out.print(f"  first   {found.first}\n  second  {found.second}\n", markup=False)
    _show_models(found)
    for section in found.changes:
        rows = {name: row for name, row in found.metrics.items() if name.rpartition(" ")[0] == section}
        table = Table(
            title=f"{section or 'metrics'}, {next(iter(rows.values())).n_paired} cases",
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            collapse_padding=True,
        )
        table.title_justify, table.title_style = "left", "bold"
        holm = ("Holm",) if several else ()
        for column in ("", "points", "95 % interval", "p", *holm, "clustered", "won", "lost", "tied"):
            table.add_column(column, justify="right" if column else "left", no_wrap=True)
        for name, row in rows.items():
            interval = escape(written(row.ci, "+.1f", 100))
            numbers = [
                f"{100 * row.difference:+.1f}",
                interval,
                f"{row.p:.2g}",
                *((f"{found.p_holm[name]:.2g}",) if several else ()),
                f"{found.p_clustered[name]:.2g}",
            ]
            metric = name.rpartition(" ")[2].replace("_", " ")
            table.add_row(metric, *numbers, str(row.wins), str(row.losses), str(row.ties))
        out.print(table)
        if section in found.flips:
            flip = found.flips[section]
            main = found.effects[next(iter(rows))]
            out.print(
                f"flips: {flip.wrong_to_right} wrong to right, {flip.right_to_wrong} right to wrong, "
                f"{flip.changed} answers changed; Cohen's h {main['cohen_h']:+.2f}, odds ratio {main['odds_ratio']:.2f}\n",
                markup=False,
            )
    out.print(
        "p: exact McNemar for hits (cases as independent), clustered sign-flip permutation for graded metrics; "
        "clustered: the p of the permutation for all. Intervals: bootstrap, groups (publications, vignettes) whole.",
        markup=False,
    )
    _show_changes(found, limit)


def _show_models(found: Comparison) -> None:
    """How the models are related, and whether each set of cases could have been in their training data."""
    if found.contamination is None:
        return
    out = console()
    out.print(found.contamination.relation or "the models are not linked as parent and child", markup=False)
    for flag in found.contamination.flags:
        out.print(f"  contamination of {flag.name}: {flag.flag}; {flag.why}", markup=False)
    out.print()


def _show_changes(found: Comparison, limit: int) -> None:
    from osler.evaluation.compare import worst_changes

    out = console()
    for regime, rows in found.changes.items():
        for outcome, title in (("win", "won"), ("loss", "lost")):
            chosen = worst_changes(rows, outcome, limit)
            if chosen:
                total = sum(row["outcome"] == outcome for row in rows)
                out.print(
                    f"\n{'first place' if 'ranks' in chosen[0] else 'right answer'} {title}{regime and ', '}{regime}: {total} cases"
                    f"{', largest moves first' if 'ranks' in chosen[0] else ''}",
                    markup=False,
                )
            for row in chosen:
                if "ranks" not in row:
                    out.print(f"  {row['id']}  {' → '.join(row['answers'])}", markup=False)
                    continue
                ranks = " → ".join("miss" if rank is None else str(rank) for rank in row["ranks"])
                out.print(f"  {row['id']}  {', '.join(row['reference'])}  rank {ranks}", markup=False)
