"""`calculate`: clinical calculators: list and search them, describe one, work one out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from osler import calculators
from osler.app import limits
from osler.app.api.common import Strict, desk_of, problems, reply, router
from osler.app.problems import problem
from osler.app.wording import for_caller, worded
from osler.calculators.describe import describe as described
from osler.clinics.calculator_desk import as_given, refusal
from osler.errors import InputError, UsageError

router = router("Calculate")
InPath = Annotated[str, Path(max_length=limits.MOST_NAME)]


class Brief(BaseModel):
    """A calculator in brief."""

    name: str
    title: str
    category: str
    summary: str
    inputs: list[str]
    unit: str | None
    score: float | None = None


class Listing(BaseModel):
    """Calculators, the best match first where words were given."""

    n: int
    calculators: list[Brief]


class CalculateRequest(Strict):
    """The values of a calculation."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"inputs": {"weight": "68 kg", "height": "1.65 m"}}]}
    )

    inputs: limits.Inputs = Field(default_factory=dict)
    all_others_no: bool = Field(
        default=False, description="Answer no to every yes/no input that is not given."
    )
    beyond: bool = Field(
        default=False, description="Work it out where its publication says it does not hold."
    )
    partial: bool = Field(default=False, description="Give the range still possible where parts are missing.")


class Description(BaseModel):
    """Inputs with units and limits, equation, bands, where it does not hold, sources."""

    model_config = ConfigDict(extra="allow")

    name: str


class Result(BaseModel):
    """A result with its unit, band, equation, nested results and sources: as `osler calc run --json`."""

    model_config = ConfigDict(extra="allow")


@router.get("/calculate", response_model=Listing, summary="List or search calculators")
async def calculators_(
    request: Request,
    q: Annotated[str | None, Query(max_length=500, description="What is wanted.")] = None,
    top: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Response:
    """All calculators by name, or those whose purpose fits the words of `q`."""
    if q is None or not q.strip():
        rows = [_brief(one) for one in calculators.calculators()[:top]]
    else:
        found = await desk_of(request).compute(calculators.search, q, min(top, 50))
        rows = [_brief(one) | {"score": score} for one, score in found]
    return reply({"n": len(rows), "calculators": rows})


@router.get(
    "/calculate/{name}", response_model=Description, responses=problems(404), summary="Describe a calculator"
)
async def calculator(name: InPath) -> Response:
    """What it needs and gives, its equation, its bands, where it does not hold, and its publication."""
    return reply(described(_named(name)))


@router.post(
    "/calculate/{name}", response_model=Result, responses=problems(400, 404, 422), summary="Work a calculator out"
)  # fmt: skip
async def calculate(name: InPath, body: CalculateRequest) -> Response:
    """Answers as `osler calc run --json`. A 422 says in `status` (missing, refused, not-valid) and the fields beside it what to do."""
    about = _named(name)
    try:
        values = as_given(about, body.inputs)
        rest = False if body.all_others_no else None
        found = calculators.run(about, values, rest=rest, beyond=body.beyond, partial=body.partial)
    except InputError as error:
        return problem(422, for_caller(str(error), "api"), refusal=worded(refusal(error), "api"))
    return reply(found.to_dict())


def _brief(one: calculators.Calculator) -> dict[str, Any]:
    return {
        "name": one.name, "title": one.title, "category": one.category, "summary": one.summary,
        "inputs": [i.name for i in one.inputs], "unit": one.unit,
    }  # fmt: skip


def _named(name: str) -> calculators.Calculator:
    try:
        return calculators.get(name)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None
