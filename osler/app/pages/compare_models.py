"""Two models side by side on one question: answers, word saliency, the graph's path to each answer, and what attacks change."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app.pages.rendering import desk_of, page
from osler.app.path_picture import HIGH, WIDE, picture
from osler.app.side_by_side import Question, Side, compare, read_question
from osler.app.wording import for_caller
from osler.errors import InputError, UsageError
from osler.llm import Model
from osler.llm.budget import Budget
from osler.llm.specs import models_from, read_roles

router = APIRouter()
EXAMPLE = "A 54-year-old man has type 2 diabetes and thirst. His kidneys work well. Which drug comes first?"
EXAMPLE_OPTIONS = "Metformin\nInsulin\nGlipizide"


@router.get("/compare-models")
async def form(request: Request) -> Response:
    """The form."""
    return page(request, "compare_models.html", **_about(request, EXAMPLE, EXAMPLE_OPTIONS))


@router.post("/compare-models")
async def run(request: Request) -> Response:
    """Ask both models and explain their answers. The question stands in no link: it may be a patient's."""
    sent = await request.form(max_files=0, max_fields=10)
    given = {name: str(sent.get(name) or "") for name in ("question", "options", "first", "second")}
    about = _about(request, given["question"], given["options"], given["first"], given["second"])
    try:
        question = read_question(given["question"], given["options"])
        models = models_of(request, given["first"], given["second"])
    except InputError as problem:
        return page(
            request, "compare_models.html", 422, **{**about, "problem": for_caller(str(problem), "page")}
        )
    graph = await desk_of(request).compute_long(desk_of(request).graph_service)
    sides = await desk_of(request).reasoning.run(_compared(request, question, models, graph))
    return page(request, "compare_models.html", **{**about, "sides": sides, "asked": question})


async def _compared(
    request: Request, question: Question, models: list[tuple[str, Model]], graph: Any
) -> list[Side]:
    budget = Budget.read(f"calls={desk_of(request).settings.calls}")
    return await compare(question, models, graph, budget)


def models_of(request: Request, first: str, second: str) -> list[tuple[str, Model]]:
    """The two models chosen, opened once for the server. Raises UsageError for one that it was not started with."""
    state, settings = request.app.state, desk_of(request).settings
    roles = read_roles(settings.models) if settings.models else {}
    for role in (first, second):
        if role not in roles:
            raise UsageError(
                f"this server has no model {role[:60]!r}; start it with --model {role[:20] or 'other'}=SPEC"
            )
    if not hasattr(state, "compared_models"):
        given = {"base_url": settings.base_url} if settings.base_url else {}
        state.compared_models = models_from(settings.models, cache=False, **given)
    opened: dict[str, Any] = state.compared_models
    return [(role, opened[role]) for role in (first, second)]


def _about(
    request: Request, question: str, options: str, first: str = "", second: str = ""
) -> dict[str, Any]:
    models = desk_of(request).settings.models
    roles = read_roles(models) if models else {}
    names = list(roles)
    return {
        "question": question, "options": options, "roles": roles, "first": first or (names[0] if names else ""),
        "second": second or (names[1] if len(names) > 1 else names[0] if names else ""), "problem": "", "sides": [],
        "asked": None, "picture": picture, "wide": WIDE, "high": HIGH, "alone": False,
    }  # fmt: skip
