"""The plots of the runs view: score over cost and reliability, as the report draws them; in a page, or as a file by itself."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from osler.app.run_shelf import Summary
from osler.evaluation.html_plots import Point, legend, reliability, scatter
from osler.evaluation.tradeoff import Row

_STYLE = (
    "<style>text{font:11px sans-serif}.axis,.ideal{stroke:#444}.grid{stroke:#ccc}.path{fill:none}"
    + "".join(
        f".s{n}{{stroke:{colour};fill:{colour}}}"
        for n, colour in enumerate(
            ("#3b76c4", "#d1702b", "#3f9d57", "#b34aa0", "#8a7a2f", "#c4423b", "#4a9aa6", "#7a68c9")
        )
    )
    + ".path{fill:none}</style>"
)


def cost_plot(rows: Sequence[Row], names: Sequence[str]) -> Markup:
    """Score over cost (tokens where they stand in for it), with the Pareto front; empty where no run has both."""
    by = "tokens" if any(row.by_tokens for row in rows) else "cost"
    points = [
        Point(place, names[place], x, row.value, *_bounds(row), "cost" in row.fronts)
        for place, row in enumerate(rows)
        if (x := row.mean(by)) is not None
    ]
    if not points:
        return Markup()
    front = len({row.benchmark for row in rows}) == 1 and len(rows) > 1
    # The plots escape what they are given.
    return Markup(scatter(points, f"{by} per case", rows[0].metric, front=front))


def calibration_plot(runs: Sequence[tuple[int, Summary]]) -> Markup:
    """Share right over stated confidence of numbered runs; empty where none states a confidence."""
    tables = [(number, one.bins) for number, one in runs if one.bins]
    return Markup(reliability(tables)) if tables else Markup()


def key(names: Sequence[str]) -> Markup:
    """Which number and colour is which run."""
    return Markup(legend(names))


def as_file(plot: Markup) -> str:
    """A plot as an SVG file with its own style."""
    words = str(plot).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return words.replace(">", f">{_STYLE}", 1)


def _bounds(row: Row) -> tuple[float, float]:
    low, high = row.ci
    return (low, high) if low == low and high == high else (row.value, row.value)
