"""`POST ask`: a method answers a question; its steps come as server-sent events, or the whole answer at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from osler import registry, replies
from osler.app import streams
from osler.app.api import given
from osler.app.api.common import EVENT, Notice, Strict, desk_of, problems, reply, router
from osler.app.api.keys import HEADER
from osler.app.desk import Desk
from osler.app.reasoning import chosen, events, outcome, setting_for
from osler.case import Case, Option
from osler.errors import UsageError
from osler.session import composed

router = router("Reason")
TRACE = "osler-trace"
Kind = Literal["text", "choice", "choices", "differential", "number", "plan", "label", "spans"]
Short = Annotated[str, Field(max_length=200)]


class AskRequest(given.CaseGiven):
    """A question, what it is about, and which method answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "What is the diagnosis?", "text": "Ectopia lentis and arachnodactyly.", "method": "embedded"}
            ]
        }
    )  # fmt: skip

    question: str = Field(default="", max_length=20_000)
    options: dict[Short, Annotated[str, Field(max_length=5_000)]] = Field(
        default_factory=dict, max_length=26, description="What to choose from, by key."
    )
    kind: Kind | None = Field(default=None, description="Default: choice with options, else text.")
    method: str | None = Field(
        default=None,
        max_length=2_000,
        description="As `osler list methods` names them, nested with options. Default: what `osler ask` takes.",
    )
    method_options: dict[Short, Short] = Field(default_factory=dict, max_length=30)
    corpora: list[Short] = Field(default_factory=list, max_length=20)
    stream: bool = Field(default=True, description="Events as they happen, or one JSON object at the end.")


class Tokens(BaseModel):
    """Tokens of all calls."""

    prompt: int
    completion: int


class AskReply(BaseModel):
    """The answer, what it cost, and the trace: as `osler ask --json`."""

    answer: dict[str, Any]
    method: str
    fidelity: str | None
    model: str | None
    calls: int
    cached: int
    tokens: Tokens
    cost: float
    trace: dict[str, Any]
    notices: list[Notice]


class MethodBrief(BaseModel):
    """A method that can be asked, and what it needs."""

    name: str
    summary: str
    source: str | None
    fidelity: str | None
    needs: list[str]
    answers: list[str]


class MethodsReply(BaseModel):
    """All methods."""

    methods: list[MethodBrief]
    models: list[str] = Field(
        description="What the server was started with; methods that need a model ask these."
    )


_STREAM = {
    200: {
        "description": "Events `begin`, `start`, `delta`, `end`, `piece`, then `answer` or `error`; or, with `stream` false, one object.",
        "content": {
            "text/event-stream": {"schema": EVENT},
        },
    }
}


@router.post(
    "/ask", response_model=AskReply, responses={**_STREAM, **problems(400, 413, 422, 502)}, summary="Ask a method a question"
)  # fmt: skip
async def ask(request: Request, body: AskRequest) -> Response:
    """`begin` names the method and an id for feedback; `start`, `delta` and `end` are the trace's events, each with the path of
    its step; `piece` is a part of a reply as a model writes it; `answer` is the object of `osler ask --json`. Closing the
    connection stops the method. A stream takes no Idempotency-Key."""
    desk = desk_of(request)
    if body.stream and HEADER in request.headers:
        raise UsageError(
            "a stream cannot be given again; leave the Idempotency-Key out, or send stream: false"
        )
    case, made, setting = await desk.compute(_prepared, desk, body)
    about = {"trace": secrets.token_hex(8), "method": made.name, "models": list(setting.models)}
    headers = {TRACE: about["trace"]}
    if body.stream:
        return desk.streams.open(_told(desk, case, made, setting, about), headers)
    found = await desk.reasoning.run(outcome(desk, case, made, setting))
    return reply(await desk.compute(replies.answer, found), headers=headers)


async def _told(desk: Desk, case: Case, made: Any, setting: Any, about: Any) -> AsyncIterator[bytes]:
    number = 1
    yield streams.event("begin", about, number)
    source = events(desk, case, made, setting)
    try:
        async for name, data in source:
            number += 1
            yield streams.event(name, data, number)
            if number % 64 == 0:
                await asyncio.sleep(0)  # many events at once leave room for other callers
    finally:
        await source.aclose()


def _prepared(desk: Desk, body: AskRequest) -> tuple[Case, Any, Any]:
    method = body.method or _usual(desk, body)
    setting = setting_for(
        desk, chosen(method, body.method_options), body.corpora, options=body.method_options
    )
    made = composed(method, setting)
    options = [Option(key=key, text=text) for key, text in body.options.items()]
    kind = body.kind or ("choice" if options else "text")
    if len(options) == 1:
        raise UsageError("one option is no choice; give two or more")
    if kind in ("choice", "choices", "label") and not options:
        raise UsageError(f"kind {kind!r} needs `options`")
    sourced = body.text is not None or body.case is not None or body.present or body.absent
    if not body.question.strip() and not sourced:
        raise UsageError("give a `question`, a case, or both")
    case = given.read(desk, body) if sourced else Case()
    about = {"question": body.question.strip(), "options": options, "answer_kind": kind}
    return case.model_copy(update=about), made, setting


def _usual(desk: Desk, body: AskRequest) -> str:
    """What answers where no method is named: as on the command line, and the engine for a case without a question."""
    if not body.question.strip():
        return "embedded"
    if body.corpora or desk.settings.sources.corpora:
        return "rag" if desk.settings.models else "extractive"
    return "zero-shot-cot"


@router.get("/methods", response_model=MethodsReply, summary="Methods that can be asked")
async def methods(request: Request) -> Response:
    """Every method with what it needs (a model, a corpus, a graph) and the kinds of answer it gives."""
    parts = await desk_of(request).compute(registry.parts, "method")
    return reply(
        {
            "methods": [
                {
                    "name": part.name, "summary": part.summary, "source": part.source, "fidelity": part.fidelity,
                    "needs": sorted(part.needs), "answers": list(part.answers),
                }
                for part in parts
            ],
            "models": list(desk_of(request).settings.models),
        }
    )  # fmt: skip


class Feedback(Strict):
    """What somebody thinks of an answer or of one of its steps."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"trace": "9f2c4e0a1b3d5f67", "thumb": "up", "words": "The second step is right."}]
        }
    )

    trace: str = Field(
        pattern=r"^[\w.:@+-]{1,128}$",
        description="The id of `begin` or of the header Osler-Trace; written as it is given, as the server keeps no list of them.",
    )
    thumb: Literal["up", "down"] | None = None
    words: str = Field(default="", max_length=4_000)
    step: list[Annotated[int, Field(ge=0, le=1_000_000)]] | None = Field(
        default=None, max_length=32, description="The path of a step; left out: the whole answer."
    )
    disease: str | None = Field(
        default=None, max_length=200, description="An entry of the differential, by its id."
    )
    case_text: str | None = Field(default=None, max_length=200_000)
    keep_text: bool = Field(
        default=False, description="Keep `case_text` too. Without it no case text is written."
    )


class FeedbackReply(BaseModel):
    """That it was kept."""

    kept: bool
    with_text: bool


@router.post(
    "/feedback", response_model=FeedbackReply, status_code=201, responses=problems(400, 422), summary="Say what you think of an answer"
)  # fmt: skip
async def feedback(request: Request, body: Feedback) -> Response:
    """A thumb, words, or both, about an answer or one of its steps. Appended to a private file on the server."""
    from osler.app.api.common import caller
    from osler.app.feedback import keep

    if body.thumb is None and not body.words.strip():
        raise UsageError("give a `thumb`, `words`, or both")
    row = body.model_dump(exclude={"case_text", "keep_text"}, exclude_none=True)
    text = body.case_text if body.keep_text else None
    await desk_of(request).compute(keep, {**row, "who": caller(request)}, text)
    return reply({"kept": True, "with_text": text is not None}, 201)
