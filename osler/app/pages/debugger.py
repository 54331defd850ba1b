"""The debugger view: a run's reasoning as paths over the graph's reference paths, errors by class, those that repeat, their cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app.csv_reply import csv_reply
from osler.app.debugged_runs import choose, debugged_runs
from osler.app.headers import attachment
from osler.app.pages.rendering import desk_of, page, rendered
from osler.app.pages.runs import PAGE, Pages, shelf_of
from osler.app.path_picture import HIGH, WIDE, Picture, picture
from osler.app.shown import tree
from osler.app.step_words import readable
from osler.app.svg_caption import captioned
from osler.errors import OslerError
from osler.evaluation.store import read_manifest
from osler.scoring.path_errors import NONE, NOT_JUDGED, Judged, class_of, clusters, counts

router = APIRouter()
ABOUT = {
    "relation": "Joins two names that the graph joins too, but by another relation, or the graph says the contrary.",
    "branch": "Leaves the reference paths for a name that the graph does not join there, or on to the wrong answer.",
    "missing": "A name on the way from question to answer never occurs.",
    NONE: "Nothing that the graph speaks against.",
    NOT_JUDGED: "The graph has no path from the question to the right answer, and speaks against no relation.",
}
# What the lines and boxes of a case's picture are.
LEGEND = (
    "Grey: the graph's paths from the question to the right answer. Green: what was said and the graph does not speak against. "
    "Red, dashed: another relation than the graph has. Orange, dotted: a branch off the paths. Dashed box: never named."
)


@router.get("/debugger")
async def overview(
    request: Request,
    run: str = "",
    kind: str = "",
    cluster: str = "",
    pattern: str = "",
    answer: str = "",
    at: int = 1,
) -> Response:
    """The runs to choose from, or one run's errors: how many of each class, those that repeat, and their cases."""
    if desk_of(request).settings.runs is None:
        return page(request, "runs_none.html")
    if not run:
        names = [name for name in shelf_of(request).names() if _language(shelf_of(request).root / name)]
        return page(request, "debugger_runs.html", names=names)
    made = await debugged_runs(request.app).advanced(run)
    chosen = choose(made, kind, answer, cluster, pattern)
    judged, groups, cases = chosen.judged, chosen.groups, chosen.cases
    pages = Pages(len(cases), at)
    return page(
        request, "debugger.html", run=run, made=made, counts=counts(judged.values()), about=ABOUT, kind=kind, answer=answer,
        groups=groups[:PAGE], more=max(0, len(groups) - PAGE), cluster=cluster, pattern=pattern, cases=cases[pages.slice],
        pages=pages, class_of=class_of, n_judged=len(judged), told=_told(judged.values()),
        here=urlencode({"run": run, "kind": kind, "cluster": cluster, "pattern": pattern, "answer": answer}),
    )  # fmt: skip


def _told(judged: Iterable[Judged]) -> str:
    """How many errors there are in how many cases."""
    numbers = [len(one.errors) for one in judged if one.errors]
    errors, cases = sum(numbers), len(numbers)
    return f"{errors:,} error{'' if errors == 1 else 's'} in {cases:,} case{'' if cases == 1 else 's'}"


@router.get("/debugger/case")
async def case(request: Request, run: str, item: int) -> Response:
    """One case: question, answers, the picture of both paths, its errors, and the steps of its trace."""
    made = await debugged_runs(request.app).until(run, item)
    one = made.case(item)
    nodes = tree([readable(step, {}) for step in one.trace.steps]) if one.trace else []
    repeats = {
        found.error.key: found
        for found in clusters(made.judged())
        if len(found.cases) > 1 and str(item) in found.cases
    }
    return page(
        request, "debugger_case.html", run=run, one=one, nodes=nodes, repeats=repeats, about=ABOUT,
        drawn=picture(one.judged), wide=WIDE, high=HIGH, alone=False, legend=LEGEND,
    )  # fmt: skip


@router.get("/debugger/case.svg")
async def case_svg(request: Request, run: str, item: int) -> Response:
    """The picture of a case, to save."""
    made = await debugged_runs(request.app).until(run, item)
    drawn: Picture = picture(made.case(item).judged)
    shown = rendered(request, "_path_picture.svg", drawn=drawn, wide=WIDE, high=HIGH, alone=True)
    told = captioned(shown, f"Case {item} of the run {run}", [LEGEND])
    return Response(told, media_type="image/svg+xml", headers=attachment(f"case-{item}.svg"))


@router.get("/debugger/errors.csv")
async def errors_csv(request: Request, run: str) -> Response:
    """All errors as a table; of a large run those found within a minute."""
    made = await debugged_runs(request.app).until(run, None)
    rows = (
        (one.item, one.id, error.kind, error.head.name, error.said, error.tail.name, error.expected, error.step, one.right, one.given)
        for one in list(made.cases.values()) for error in one.judged.errors
    )  # fmt: skip
    head = ("item", "case", "class", "from", "said", "to", "graph has", "step", "right", "given")
    return csv_reply("errors.csv", head, rows)


@router.get("/debugger/cases.csv")
async def cases_csv(
    request: Request, run: str, kind: str = "", cluster: str = "", pattern: str = "", answer: str = ""
) -> Response:
    """The chosen cases as a table, also those without an error; of a large run those judged within a minute."""
    made = await debugged_runs(request.app).until(run, None)
    cases = choose(made, kind, answer, cluster, pattern).cases
    rows = (
        (one.item, one.id, class_of(one.judged), len(one.judged.errors), one.answer, one.right, one.given)
        for one in cases
    )
    return csv_reply("cases.csv", ("item", "case", "class", "errors", "answer", "right", "given"), rows)


def _language(folder: Path) -> bool:
    try:
        return "models" in read_manifest(folder)
    except OslerError:  # a damaged run is told of in the runs view
        return False
