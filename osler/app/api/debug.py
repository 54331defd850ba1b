"""`runs/…/errors`: a run's reasoning beside the graph, as the debugger shows it: errors by class, those that repeat, their cases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from osler.app import run_folders
from osler.app.api.common import desk_of, problems, reply, router
from osler.app.api.runs import InPath
from osler.app.debugged_runs import Chosen, choose, debugged_runs
from osler.app.debugging import Debugged, Debugger
from osler.errors import UsageError
from osler.scoring.path_errors import Hop, PathError, Way, class_of, counts

router = router("Measure")
Class = Literal["relation", "branch", "missing", "none", "not judged"]
Key = Annotated[str, Query(max_length=1_000)]
MOST_GROUPS, MOST_OF_GROUP = 200, 40


class ErrorShown(BaseModel):
    """One error: of a missing name, `head` is the one before it on the graph's path and `tail` the one missing."""

    key: str
    kind: Literal["relation", "branch", "missing"] = Field(serialization_alias="class")
    head: str
    tail: str
    said: str
    graph_has: str
    step: str
    words: str


class Repeated(BaseModel):
    """An error that repeats, and how many cases have it."""

    key: str
    words: str
    cases: int


class Pattern(BaseModel):
    """Errors of one sort: `pattern` of the query takes the key, `cluster` the key of one of its errors."""

    key: str
    kind: str = Field(serialization_alias="class")
    words: str
    cases: int
    errors: list[Repeated]


class CaseBrief(BaseModel):
    """A case in brief."""

    item: int
    id: str
    kind: str = Field(serialization_alias="class")
    errors: int
    answer: Literal["right", "wrong", ""]
    right: str
    given: str


class ErrorsReply(BaseModel):
    """A run's errors so far. Where `done` is false, ask again: each time some more cases are judged; or begin a job of kind `errors`."""

    run: str
    total: int
    judged: int
    done: bool
    classes: dict[str, int]
    patterns: list[Pattern]
    cases: list[CaseBrief]
    n_cases: int
    next: int | None


class WayShown(BaseModel):
    """A path: names, and the relation between each two."""

    names: list[str]
    relations: list[str]


class Step(BaseModel):
    """A step of the reasoning."""

    head: str
    relation: str
    tail: str
    denied: bool
    step: str


class CaseReply(CaseBrief):
    """A case: its question, what was said, the graph's paths, and where the one leaves the other."""

    question: str
    found: list[ErrorShown]
    reasoning: list[Step]
    reference: list[WayShown]


@router.get(
    "/runs/{run:path}/errors",
    response_model=ErrorsReply,
    responses=problems(400, 404, 503),
    summary="A run's errors beside the graph",
)
async def errors(
    request: Request,
    run: InPath,
    kind: Annotated[Class | None, Query(alias="class")] = None,
    answer: Literal["right", "wrong"] | None = None,
    pattern: Key = "",
    cluster: Key = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """As the debugger shows them: how many cases of each class, errors that repeat, and the cases of a class, a pattern or one error
    (`cluster`). A request judges cases for some two seconds; a graph is never complete, so an error is a place to look at."""
    _there(request, run)
    made = await debugged_runs(request.app).advanced(run)

    def told() -> dict[str, Any]:
        return overview(run, made, choose(made, kind or "", answer or "", cluster, pattern), offset, limit)

    return reply(await desk_of(request).compute_long(told))


@router.get(
    "/runs/{run:path}/errors/{item}",
    response_model=CaseReply,
    responses=problems(400, 404, 503),
    summary="A case's errors beside the graph",
)
async def case_errors(request: Request, run: InPath, item: int) -> Response:
    """One case: what its reasoning says, the graph's paths from question to answer, and each error. Far down in a large run the first
    request may take up to a minute."""
    _there(request, run)
    made = await debugged_runs(request.app).until(run, item)
    if item not in made.cases:
        raise HTTPException(404, f"run {run!r} has no case {item}, or it is not judged yet")
    return reply(_whole(made.cases[item]))


def overview(
    run: str, made: Debugger, chosen: Chosen, offset: int = 0, limit: int | None = None
) -> dict[str, Any]:
    """A run's errors as data; without a limit all cases."""
    page = chosen.cases[offset : None if limit is None else offset + limit]
    after = offset + len(page)
    return {
        "run": run,
        "total": made.total,
        "judged": len(made.cases),
        "done": made.done,
        "classes": counts(chosen.judged.values()),
        "patterns": [
            {
                "key": one.key,
                "class": one.kind,
                "words": one.words,
                "cases": len(one.cases),
                "errors": [
                    {"key": error.error.key, "words": error.error.words, "cases": len(error.cases)}
                    for error in one.errors[:MOST_OF_GROUP]
                ],
            }
            for one in chosen.groups[:MOST_GROUPS]
        ],
        "cases": [_brief(one) for one in page],
        "n_cases": len(chosen.cases),
        "next": after if after < len(chosen.cases) else None,
    }


def _there(request: Request, run: str) -> None:
    try:
        run_folders.folder_of(desk_of(request).settings.runs, run)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None


def _brief(one: Debugged) -> dict[str, Any]:
    about = {"item": one.item, "id": one.id, "class": class_of(one.judged), "errors": len(one.judged.errors)}
    return {**about, "answer": one.answer, "right": one.right, "given": one.given}


def _whole(one: Debugged) -> dict[str, Any]:
    judged = one.judged
    return {
        **_brief(one),
        "question": one.question,
        "found": [_error(error) for error in judged.errors],
        "reasoning": [_hop(hop) for hop in judged.reasoning.hops],
        "reference": [_way(way) for way in judged.reference],
    }


def _error(one: PathError) -> dict[str, Any]:
    about = {"key": one.key, "class": one.kind, "head": one.head.name, "tail": one.tail.name}
    return {**about, "said": one.said, "graph_has": one.expected, "step": one.step, "words": one.words}


def _hop(one: Hop) -> dict[str, Any]:
    about = {"head": one.head.name, "relation": one.relation, "tail": one.tail.name}
    return {**about, "denied": one.denied, "step": one.step}


def _way(one: Way) -> dict[str, Any]:
    return {"names": [name.name for name in one.names], "relations": list(one.relations)}
