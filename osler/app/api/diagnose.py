"""`POST diagnose`, `findings` and `next`: a case in, the objects of `osler diagnose`, `findings` and `next` with `--json` out."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from osler import replies, runtime
from osler.app import allowed
from osler.app.api import given
from osler.app.api.common import Notice, desk_of, problems, reply, router
from osler.app.desk import Desk
from osler.app.reasoning import chosen, setting_for
from osler.diagnosis.result import KnowledgeUsed, NextQuestion, RankedDisease
from osler.errors import InputError, UsageError
from osler.named import NamedDisease
from osler.runtime import FlatFinding

router = router("Reason")


class DiagnosisReply(BaseModel):
    """A ranked differential with its reasons. Probabilities are conditional on what the notices say."""

    findings: list[FlatFinding]
    differential: list[RankedDisease | NamedDisease]
    none_fits: float | None = Field(description="The probability that none of the profiled diseases fits.")
    next: list[NextQuestion]
    knowledge: KnowledgeUsed
    score_unit: str | None
    method: str
    notices: list[Notice]


class Measured(BaseModel):
    """A value that was read, with its place in the text."""

    label: str
    value: float | None
    comparator: str
    unit: str | None
    start: int | None
    end: int | None
    code: str | None
    interpretation: str | None


class FindingsReply(BaseModel):
    """What was read of a case."""

    findings: list[FlatFinding]
    measurements: list[Measured]
    demographics: dict[str, Any]
    notices: list[Notice]


class FindingsRequest(given.CaseGiven):
    """A text or record to be read."""

    nested: bool = Field(default=False, description="Matches inside longer matches too.")


class NextRequest(given.CaseGiven):
    """A case, and what was asked about it already."""

    questions: given.Questions = 5
    asked: given.Terms = Field(
        default_factory=list,
        description="HPO ids that were asked and are not known; they are not asked again.",
    )
    method: str = Field(default="embedded", max_length=100, description="As `osler list rankers` names them.")


class NextReply(BaseModel):
    """The questions whose answers would tell most, best first, and where the differential stands."""

    next: list[NextQuestion]
    differential: list[RankedDisease]
    none_fits: float
    knowledge: KnowledgeUsed
    notices: list[Notice]


@router.post(
    "/diagnose", response_model=DiagnosisReply, responses=problems(400, 413, 422, 502), summary="Rank diseases for a case"
)  # fmt: skip
async def diagnose(
    request: Request,
    body: given.either(given.DiagnoseRequest),  # type: ignore[valid-type]
    top: given.TopQuery = None,
    method: given.MethodQuery = None,
    questions: given.QuestionsQuery = None,
) -> Response:
    """Answers exactly as `osler diagnose --json`: findings, differential with support, against and missing, next questions.

    The body is `{"text": …}` with options, or a phenopacket, a FHIR record or an Osler case itself; then `top`, `method` and
    `questions` may stand in the query.
    """
    desk = desk_of(request)
    asked = body if isinstance(body, given.DiagnoseRequest) else given.DiagnoseRequest()
    wanted = {
        "top": top or asked.top,
        "questions": asked.questions if questions is None else questions,
        "method": method or asked.method,
    }
    if wanted["method"] == "embedded":
        return await desk.compute(lambda: reply(runtime.diagnose(**_about(desk, body), **wanted)))
    prepared = await desk.compute(_prepared, desk, body, wanted)
    if not prepared.asks:
        return await desk.compute(lambda: reply(prepared.told(runtime.run_sync(prepared.run()))))
    found = await desk.reasoning.run(prepared.run())
    return await desk.compute(lambda: reply(prepared.told(found)))


def _about(desk: Desk, body: BaseModel) -> dict[str, Any]:
    source, about = given.source_of(body), given.findings_of(body)
    if source is None and not (about["present"] or about["absent"]):
        raise UsageError("give a `text`, a `case`, or findings in `present` and `absent`")
    return {"source": source, "base": desk.knowledge, **given.limits_of(desk), **about}


def _prepared(desk: Desk, body: BaseModel, wanted: dict[str, Any]) -> runtime.Prepared:
    setting = setting_for(desk, chosen(wanted["method"]))
    return runtime.prepare(**_about(desk, body), setting=setting, **wanted)


@router.post(
    "/findings", response_model=FindingsReply, responses=problems(400, 413, 422), summary="Read a text or record into findings"
)  # fmt: skip
async def findings(
    request: Request,
    body: given.either(FindingsRequest),  # type: ignore[valid-type]
    nested: bool = False,
) -> Response:
    """Answers as `osler findings --json`: coded findings with their status and place, and measurements."""
    desk = desk_of(request)
    inside = nested or getattr(body, "nested", False) is True
    return await desk.compute(
        lambda: reply(replies.findings(given.read(desk, body, **({"nested": True} if inside else {}))))
    )


@router.post(
    "/next", response_model=NextReply, responses=problems(400, 413, 422), summary="What to find out next"
)  # fmt: skip
async def next_(request: Request, body: given.either(NextRequest)) -> Response:  # type: ignore[valid-type]
    """One turn of `osler next`: the questions with gain (bits) and cost, and the differential as it stands. Answer one by sending
    the case again with the finding in `present`, `absent` or `asked`."""
    desk = desk_of(request)
    return await desk.compute(_next, desk, body)


def _next(desk: Desk, body: BaseModel) -> Response:
    from osler.diagnosis.query import Query

    asked = body if isinstance(body, NextRequest) else NextRequest()
    case = given.read(desk, body)
    if not case.with_status("present", "absent"):
        raise InputError("no finding of the patient was recognised; give some in `present` or `absent`")
    allowed.ranker(asked.method)
    questions, _ = runtime.questions_for(desk.knowledge, case, asked.method, asked.asked, asked.questions)
    engine, query = runtime.engine(desk.knowledge, asked.method), Query.from_case(case, desk.knowledge)
    shown = engine.differential(query, top=5, explain=False, next_questions=0)
    return reply(
        {
            "next": [one.model_dump() for one in questions],
            "differential": [one.model_dump() for one in shown.differential],
            "none_fits": shown.none_fits,
            "knowledge": shown.knowledge.model_dump(),
            "notices": [one.model_dump() for one in (*case.notices, *shown.notices)],
        }
    )
