"""The debugger view: a run's reasoning as paths over the graph's reference paths, errors by class, those that repeat, their cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app.csv_reply import csv_reply
from osler.app.debugging import Debugged, Debugger
from osler.app.failures import whole
from osler.app.headers import attachment
from osler.app.pages.rendering import desk_of, fragments, page
from osler.app.pages.runs import PAGE, Pages, shelf_of
from osler.app.path_picture import HIGH, WIDE, Picture, picture
from osler.app.shown import tree
from osler.app.step_words import readable
from osler.errors import OslerError, UsageError
from osler.evaluation.store import read_manifest
from osler.scoring.error_patterns import Pattern, patterns
from osler.scoring.path_errors import NONE, NOT_JUDGED, Judged, class_of, clusters, counts

router = APIRouter()
SECONDS, MOST_KEPT = 2.0, 4
ABOUT = {
    "relation": "Joins two names that the graph joins too, but by another relation, or the graph says the contrary.",
    "branch": "Leaves the reference paths for a name that the graph does not join there, or on to the wrong answer.",
    "missing": "A name on the way from question to answer never occurs.",
    NONE: "Nothing that the graph speaks against.",
    NOT_JUDGED: "The graph has no path from the question to the right answer, and speaks against no relation.",
}


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
    made = await _debugger(request, run, SECONDS)
    judged, groups, cases = _chosen(made, kind, answer, cluster, pattern)
    pages = Pages(len(cases), at)
    return page(
        request, "debugger.html", run=run, made=made, counts=counts(judged.values()), about=ABOUT, kind=kind, answer=answer,
        groups=groups[:PAGE], more=max(0, len(groups) - PAGE), cluster=cluster, pattern=pattern, cases=cases[pages.slice],
        pages=pages, class_of=class_of, n_judged=len(judged), told=_told(judged.values()),
        here=urlencode({"run": run, "kind": kind, "cluster": cluster, "pattern": pattern, "answer": answer}),
    )  # fmt: skip


def _chosen(
    made: Debugger, kind: str, answer: str, cluster: str, pattern: str
) -> tuple[dict[str, Judged], list[Pattern], list[Debugged]]:
    """What is judged of the cases with that answer, its errors that repeat, and the cases of a class, pattern or error.

    Raises UsageError for a class or an answer that there is none of.
    """
    if kind and kind not in ABOUT:
        raise UsageError(f"classes are {', '.join(ABOUT)}, not {kind[:40]!r}")
    if answer not in ("", "right", "wrong"):
        raise UsageError(f"answers are right or wrong, not {answer[:40]!r}")
    judged = {
        item: one for item, one in made.judged().items() if answer in ("", made.cases[int(item)].answer)
    }
    groups = [one for one in patterns(judged) if not kind or one.kind == kind]
    own = [item for item, one in judged.items() if not kind or (one.label or NONE) == kind]
    if cluster or pattern:
        chosen = [one for one in groups if one.key == pattern]
        chosen += [error for one in groups for error in one.errors if error.error.key == cluster]
        own = chosen[0].cases if chosen else []
    return judged, groups, [made.cases[int(item)] for item in own]


def _told(judged: Iterable[Judged]) -> str:
    """How many errors there are in how many cases."""
    numbers = [len(one.errors) for one in judged if one.errors]
    errors, cases = sum(numbers), len(numbers)
    return f"{errors:,} error{'' if errors == 1 else 's'} in {cases:,} case{'' if cases == 1 else 's'}"


@router.get("/debugger/case")
async def case(request: Request, run: str, item: int) -> Response:
    """One case: question, answers, the picture of both paths, its errors, and the steps of its trace."""
    made = await _until(request, run, item)
    one = made.case(item)
    nodes = tree([readable(step, {}) for step in one.trace.steps]) if one.trace else []
    repeats = {
        found.error.key: found
        for found in clusters(made.judged())
        if len(found.cases) > 1 and str(item) in found.cases
    }
    return page(
        request, "debugger_case.html", run=run, one=one, nodes=nodes, repeats=repeats, about=ABOUT,
        drawn=picture(one.judged), wide=WIDE, high=HIGH, alone=False,
    )  # fmt: skip


@router.get("/debugger/case.svg")
async def case_svg(request: Request, run: str, item: int) -> Response:
    """The picture of a case, to save."""
    made = await _until(request, run, item)
    drawn: Picture = picture(made.case(item).judged)
    shown = fragments(request, "_path_picture.svg", drawn=drawn, wide=WIDE, high=HIGH, alone=True)
    return Response(shown.body, media_type="image/svg+xml", headers=attachment(f"case-{item}.svg"))


@router.get("/debugger/errors.csv")
async def errors_csv(request: Request, run: str) -> Response:
    """All errors as a table; of a large run those found within a minute."""
    made = await _until(request, run, None)
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
    made = await _until(request, run, None)
    _, _, cases = _chosen(made, kind, answer, cluster, pattern)
    rows = (
        (one.item, one.id, class_of(one.judged), len(one.judged.errors), one.answer, one.right, one.given)
        for one in cases
    )
    return csv_reply("cases.csv", ("item", "case", "class", "errors", "answer", "right", "given"), rows)


async def _debugger(request: Request, run: str, seconds: float) -> Debugger:
    """The debugger of a run, gone on with for some seconds."""
    shelf = shelf_of(request)
    folder = shelf.folder(run)
    kept: dict[str, Debugger] = request.app.state.__dict__.setdefault("debuggers", {})
    stamp = f"{run}|{(folder / 'cases.jsonl').stat().st_mtime_ns}"
    if (made := kept.get(stamp)) is None:
        graph = await desk_of(request).compute_long(graph_of, request, folder)
        made = kept.setdefault(stamp, Debugger(folder, graph))
    while len(kept) > MOST_KEPT:
        kept.pop(next(iter(kept)))
    if not made.done:
        await desk_of(request).compute_long(_advance, made, seconds)
    return made


def _advance(made: Debugger, seconds: float) -> None:
    with whole("what this run was made of"):
        made.advance(seconds)


async def _until(request: Request, run: str, item: int | None) -> Debugger:
    """The debugger of a run, gone on with until it has a case (all of them, for None) or a minute is over."""
    made = await _debugger(request, run, SECONDS)
    for _ in range(int(60 / SECONDS)):
        if item in made.cases or made.done:
            break
        made = await _debugger(request, run, SECONDS)
    return made


def graph_of(request: Request, folder: Path) -> Any:
    """The graph that a run used; the server's own where it used none. Raises Unavailable where it cannot be read."""
    return desk_of(request).graph_service(read_manifest(folder).get("arguments", {}).get("graph"))


def _language(folder: Path) -> bool:
    try:
        return "models" in read_manifest(folder)
    except OslerError:  # a damaged run is told of in the runs view
        return False
