"""The runs view: a leaderboard with intervals, one run by group, two runs paired with their flips, and traces side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app import run_plots
from osler.app.csv_reply import csv_reply
from osler.app.headers import attachment
from osler.app.pages.rendering import desk_of, page
from osler.app.run_shelf import Shelf, Summary
from osler.app.shown import tree
from osler.app.step_words import asked_in, readable
from osler.app.svg_caption import captioned
from osler.errors import InputError, Missing, UsageError
from osler.evaluation.compare import Comparison
from osler.evaluation.language_sections import main_value, said
from osler.evaluation.lazy import trace_of
from osler.evaluation.store import Record
from osler.evaluation.tradeoff import Row, model_name, tradeoff
from osler.trace import Trace

router = APIRouter()
PAGE, SECONDS = 50, 2.0
SHOWS = {"gained": "win", "lost": "loss"}


def shelf_of(request: Request) -> Shelf:
    """The runs that this server shows. Raises UsageError where it was started without a folder of runs."""
    state, root = request.app.state, desk_of(request).settings.runs
    if root is None or not Path(root).is_dir():
        raise UsageError("no folder of runs was named; start the server with: osler serve --runs FOLDER")
    if not hasattr(state, "shelf"):
        state.shelf = Shelf(Path(root))
    return state.shelf


@router.get("/runs")
async def board(request: Request, benchmark: str = "", at: int = 1) -> Response:
    """The leaderboard: benchmark by benchmark, its best run by the main figure first; of one benchmark with its plots."""
    if desk_of(request).settings.runs is None:
        return page(request, "runs_none.html")
    found = await _board(request, benchmark, at)
    return page(request, "runs.html", **found)


@router.get("/runs/leaderboard.csv")
async def board_csv(request: Request, benchmark: str = "") -> Response:
    """The leaderboard as a table: one row for each figure of a run."""
    shelf = shelf_of(request)
    found = await desk_of(request).compute_long(shelf.summaries, shelf.names(), 600.0)
    rows = (
        (one.name, one.manifest["benchmark"], one.manifest["method"], model_of(one), one.figures.get("n"), name, value,
         *(ci or (None, None)), one.figures.get("unfinished"), one.problem)
        for one in found if benchmark in ("", one.manifest["benchmark"])
        for name, value, ci in one.scores or [("", None, None)]
    )  # fmt: skip
    head = (
        "run",
        "benchmark",
        "method",
        "model",
        "cases",
        "figure",
        "value",
        "low",
        "high",
        "unfinished",
        "problem",
    )
    return csv_reply("leaderboard.csv", head, rows)


@router.get("/runs/plot.svg")
async def plot(request: Request, benchmark: str, kind: str = "cost") -> Response:
    """A plot of a benchmark's runs as a picture to save."""
    found = await _board(request, benchmark, 1)
    drawn = found["calibration"] if kind == "calibration" else found["cost"]
    if not drawn:
        raise UsageError("these runs have nothing to draw of that")
    name = "calibration" if kind == "calibration" else "cost"
    about = attachment(f"{name}.svg")
    title = "Calibration" if kind == "calibration" else "Cost and score"
    told = captioned(run_plots.as_file(drawn), f"{title} of the runs of {benchmark}", found["numbered"])
    return Response(told, media_type="image/svg+xml", headers=about)


@router.get("/runs/run")
async def one_run(
    request: Request, name: str, show: str = "", by: str = "", group: str = "", at: int = 1
) -> Response:
    """One run: its figures, its groups, what was taken for what, and its cases page by page."""
    shelf, desk = shelf_of(request), desk_of(request)
    summary = await desk.compute_long(shelf.summary, name)
    if by and group:
        summary.within(by, group)
    items = summary.chosen(show, by, group) if summary.language else []
    cases = Pages(len(items), at)
    records = (
        await desk.compute_long(lambda: [_case(r) for r in shelf.records(name).read(items[cases.slice])])
        if len(items)
        else []
    )
    link = {"name": name, "show": show, "by": by, "group": group}
    return page(
        request, "run.html", run=summary, model=model_of(summary), show=show, by=by, group=group, states=tuple(summary.states),
        cases=cases, records=records, confusion=summary.confusion(by, group), here=_query(link), plain=_query({"name": name}),
        calibration=run_plots.calibration_plot([(0, summary)]),
    )  # fmt: skip


@router.get("/runs/cases.csv")
async def cases_csv(request: Request, name: str, show: str = "", by: str = "", group: str = "") -> Response:
    """The chosen cases of a run as a table, read as they are sent."""
    shelf, desk = shelf_of(request), desk_of(request)
    summary = await desk.compute_long(shelf.summary, name)
    items = summary.chosen(show, by, group)
    kept = await desk.compute_long(shelf.records, name)
    rows = (
        [row[key] for key in ("item", "id", "subset", "tags", "said", "gold", "score")]
        for row in map(_case, kept.read(items))
    )
    return csv_reply("cases.csv", ("item", "id", "subset", "tags", "said", "right", "score"), rows)


@router.get("/runs/figures.csv")
async def figures_csv(request: Request, name: str) -> Response:
    """The figures of a run over all its cases, and its main figure in each group, as a table."""
    summary = await desk_of(request).compute_long(shelf_of(request).summary, name)
    rows: list[tuple[Any, ...]] = [
        ("", "", figure, summary.figures.get("n"), value, *(ci or (None, None)))
        for figure, value, ci in summary.scores
    ]
    for by, groups in summary.groups.items():
        rows += [(by, one.value, "score", one.n, one.score, *(one.ci or (None, None))) for one in groups]
    return csv_reply("figures.csv", ("by", "group", "figure", "cases", "value", "low", "high"), rows)


@router.get("/runs/confusion.csv")
async def confusion_csv(request: Request, name: str, by: str = "", group: str = "") -> Response:
    """What was taken for what, over all cases or in one group, as a table: each pair of right and said with its cases."""
    summary = await desk_of(request).compute_long(shelf_of(request).summary, name)
    return csv_reply("confusion.csv", ("right", "said", "cases"), summary.pairs(by, group))


@router.get("/runs/compare")
async def compare(request: Request, first: str, second: str, show: str = "", by: str = "", group: str = "", at: int = 1) -> Response:  # fmt: skip
    """Two runs paired by case: differences with intervals and tests, and the cases that flipped."""
    found, summaries, flips = await _compared(request, first, second, show, by, group)
    pages = Pages(len(flips), at)
    counts = {
        word: sum(row["outcome"] == outcome for row in _changes(found)) for word, outcome in SHOWS.items()
    }
    link = {"first": first, "second": second, "show": show, "by": by, "group": group}
    return page(
        request, "runs_compare.html", first=first, second=second, found=found, runs=summaries, flips=flips[pages.slice],
        pages=pages, show=show, by=by, group=group, counts=counts, here=_query(link),
        plain=_query({"first": first, "second": second}), flip=found.flips.get(""), model_of=model_of,
    )  # fmt: skip


@router.get("/runs/compare.csv")
async def compare_csv(request: Request, first: str, second: str) -> Response:
    """The paired figures as a table."""
    found, _, _ = await _compared(request, first, second)
    head = ("figure", "cases", "difference", "low", "high", "p", "p_clustered", "won", "lost", "tied")
    rows = (
        (
            name,
            one.n_paired,
            one.difference,
            *one.ci,
            one.p,
            found.p_clustered[name],
            one.wins,
            one.losses,
            one.ties,
        )
        for name, one in found.metrics.items()
    )
    return csv_reply("comparison.csv", head, rows)


@router.get("/runs/flips.csv")
async def flips_csv(request: Request, first: str, second: str, show: str = "", by: str = "", group: str = "") -> Response:  # fmt: skip
    """The cases that flipped as a table."""
    _, _, flips = await _compared(request, first, second, show, by, group)
    head = ("case", "outcome", "item in first", "item in second", "first said", "second said")
    rows = (
        (
            row["id"],
            row["outcome"],
            *row.get("items", (None, None)),
            *row.get("answers", row.get("ranks", (None, None))),
        )
        for row in flips
    )
    return csv_reply("flips.csv", head, rows)


@router.get("/runs/traces")
async def traces(
    request: Request, first: str, item: int, second: str = "", item2: int | None = None
) -> Response:
    """The trace of a case, or of the same case in two runs side by side."""
    sides = [await desk_of(request).compute_long(_side, shelf_of(request), first, item)]
    if second:
        sides.append(
            await desk_of(request).compute_long(
                _side, shelf_of(request), second, item if item2 is None else item2
            )
        )
    asked = next((one for side in sides if (one := asked_in(side["steps"]))), {})
    for side in sides:
        side["nodes"] = tree([readable(step, asked) for step in side["steps"]])
    return page(request, "runs_traces.html", sides=sides, first=first, second=second, asked=asked, item=item)


@dataclass
class Pages:
    """A long list cut into pages, numbered from 1."""

    count: int
    at: int
    size: int = PAGE

    def __post_init__(self) -> None:
        self.last = max(1, -(-self.count // self.size))
        self.at = min(max(1, self.at), self.last)

    @property
    def slice(self) -> slice:
        """Where the page lies in the list."""
        return slice((self.at - 1) * self.size, self.at * self.size)


def model_of(run: Summary) -> str:
    """What the run's model is called; empty for none."""
    if not run.figures or "model" not in run.figures:
        return ""
    return model_name(run.figures) or ""


async def _board(request: Request, benchmark: str, at: int) -> dict[str, Any]:
    shelf = shelf_of(request)
    names = await desk_of(request).compute_long(shelf.names)
    read = await desk_of(request).compute_long(shelf.summaries, names, SECONDS)
    benchmarks = sorted({one.manifest["benchmark"] for one in read if not one.problem})
    if len(benchmarks) == 1 and len(read) == len(names):
        benchmark = benchmark or benchmarks[0]
    chosen = [one for one in read if one.problem or benchmark in ("", one.manifest["benchmark"])]
    chosen.sort(key=_best_first)
    pages = Pages(len(chosen), at)
    shown = chosen[pages.slice]
    rows = _tradeoff(shelf, shown)
    drawn = [one for one in shown if one.name in rows] if benchmark else []
    return {
        "runs": shown,
        "places": _places(chosen),
        "rows": rows,
        "benchmarks": benchmarks,
        "benchmark": benchmark,
        "pages": pages,
        "unread": len(names) - len(read),
        "total": len(names),
        "model_of": model_of,
        "cost": run_plots.cost_plot([rows[one.name] for one in drawn], [one.name for one in drawn]),
        "calibration": run_plots.calibration_plot(list(enumerate(drawn))),
        "numbered": [f"{number} {one.name}" for number, one in enumerate(drawn, 1)],
        "key": run_plots.key([one.name for one in drawn]),
    }


def _best_first(run: Summary) -> tuple[bool, str, float]:
    """Where a run stands: by benchmark, then by the main figure, of which more is better; unreadable runs last."""
    value = run.scores[0][1] if run.scores else None
    return bool(run.problem), str(run.manifest["benchmark"]), math.inf if value is None else -value


def _places(runs: Sequence[Summary]) -> dict[str, int]:
    """The place of each run that has a figure among those of its benchmark, from 1; runs with the same figure share it."""
    places: dict[str, int] = {}
    own: dict[str, list[float]] = {}
    for run in runs:
        if not run.problem and run.scores and run.scores[0][1] is not None:
            values = own.setdefault(run.manifest["benchmark"], [])
            values.append(run.scores[0][1])
            places[run.name] = values.index(values[-1]) + 1
    return places


def _tradeoff(shelf: Shelf, runs: Sequence[Summary]) -> dict[str, Row]:
    """What each run of a method took beside its score, by name, with the Pareto fronts among them."""
    language = [
        (shelf.root / one.name, one.manifest, one.figures) for one in runs if one.language and one.figures
    ]
    by_folder = {str(shelf.root / one.name): one.name for one in runs}
    return {by_folder[row.run]: row for row in tradeoff(language)}


async def _compared(
    request: Request, first: str, second: str, show: str = "", by: str = "", group: str = ""
) -> tuple[Comparison, list[Summary], list[dict[str, Any]]]:
    """A comparison, both runs, and the flips chosen."""
    if show and show not in SHOWS:
        raise UsageError(f"flips are {' or '.join(SHOWS)}, not {show[:40]!r}")
    shelf, desk = shelf_of(request), desk_of(request)
    found = await desk.compute_long(shelf.comparison, first, second)
    runs = [await desk.compute_long(shelf.summary, name) for name in (first, second)]
    flips = [row for row in _changes(found) if not show or row["outcome"] == SHOWS[show]]
    if by and runs[0].language:
        inside = set(runs[0].chosen("", by, group).tolist())
        flips = [row for row in flips if row["items"][0] in inside]
    return found, runs, flips


def _changes(found: Comparison) -> list[dict[str, Any]]:
    """The flips over all cases; of a diagnosis run those of its first regime."""
    return found.changes.get("") or next(iter(found.changes.values()), [])


def _case(record: Record) -> dict[str, Any]:
    """A case as a row."""
    return {
        "item": record["item"],
        "id": record["id"],
        "subset": record.get("subset") or "",
        "tags": ", ".join(f"{name}: {value}" for name, value in record.get("tags", {}).items()),
        "said": said(record["answer"])[:200],
        "gold": record["scores"].get("gold"),
        "score": main_value(record),
    }


def _side(shelf: Shelf, name: str, item: int) -> dict[str, Any]:
    """One side of the traces: the case's row, and its steps. Raises Missing where the run has no such case."""
    if not 0 <= item < 10**12:
        raise Missing("there is no such case")
    record = next(iter(shelf.records(name).read([item])), None)
    if record is None:
        raise Missing(f"run {name} has no finished case {item}")
    kept = trace_of(shelf.folder(name), item)
    try:
        trace = Trace.model_validate(kept["trace"]) if kept else None
    except ValueError:
        raise InputError(f"the trace of case {item} in {name} is damaged") from None
    return {"name": name, "case": _case(record), "steps": trace.steps if trace else []}


def _query(values: dict[str, Any]) -> str:
    return urlencode({name: value for name, value in values.items() if value})
