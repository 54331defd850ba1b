"""Finds out what a model can do by asking it: connection, schema, log-probabilities, token ids, images, tools, streaming.

Each probe is one tiny call without cache; what fails is reported with its reason, never raised, except that a model which
cannot be reached at all ends the check.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from osler.errors import OslerError
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.llm.types import ImagePart, Message, Reply, Sampling, TextPart, Tool

_SCHEMA = {
    "title": "probe",
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "answer": {"enum": ["A", "B"]}},
    "required": ["reasoning", "answer"],
    "additionalProperties": False,
}
_SHORT = Sampling(temperature=0.0, max_tokens=256)


@dataclass
class Probe:
    """One ability: whether it is there (None: could not be told) and a word on how that is known."""

    ok: bool | None
    note: str = ""


@dataclass
class Report:
    """What `osler models check` prints."""

    model: str
    server: str
    reachable: bool
    latency_s: float
    price: dict[str, float | None] | None
    currency: str
    abilities: dict[str, Probe] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


async def check(model: Model) -> Report:
    """Ask a model a few small things. Raises CallFailed when it cannot be reached."""
    first = await model.chat([Message("user", "Reply with the word: ready")], sampling=_SHORT)
    price = None if model.price is None else asdict(model.price)
    server = getattr(model.provider, "shown_url", "in this process")
    report = Report(model.name, server, True, round(first.latency_s, 4), price, model.prices.currency)
    probes: dict[str, Callable[[Model], Awaitable[Probe]]] = {
        "schema": _schema,
        "logprobs": _logprobs,
        "token_ids": _token_ids,
        "images": _images,
        "tools": _tools,
        "streaming": _streaming,
        "loglikelihood": _loglikelihood,
    }
    for name, probe in probes.items():
        report.abilities[name] = await _safely(probe, model)
    used = first.usage is not None and not first.usage.estimated
    report.abilities["usage"] = Probe(
        used, "" if used else "the server gives no token counts: they are estimated"
    )
    thinks = bool(first.reasoning)
    report.abilities["reasoning"] = Probe(
        thinks or None, "reasoning is kept apart from the reply" if thinks else "none seen"
    )
    if hasattr(model.provider, "models"):
        try:
            report.models = (await model.provider.models())[:50]  # type: ignore[attr-defined]
        except OslerError:
            report.models = []
    report.notices = model.notices
    return report


async def _safely(probe: Callable[[Model], Awaitable[Probe]], model: Model) -> Probe:
    try:
        return await probe(model)
    except CallFailed as failed:
        # A refusal says no; a broken connection or an overloaded server says nothing about the ability.
        return Probe(None if failed.retry else False, str(failed)[:200])
    except OslerError as error:
        return Probe(False, str(error)[:200])


async def _schema(model: Model) -> Probe:
    reply = await model.chat([Message("user", "Choose A or B.")], sampling=_SHORT, schema=_SCHEMA)
    dialect = getattr(model.provider, "dialect", None)
    if dialect is not None and not dialect.takes_schema:
        return Probe(False, "the server refuses a JSON schema: it is told in the prompt instead")
    if dialect is None and model.provider.capabilities.schema is False:
        return Probe(False, "a JSON schema is told in the prompt")
    try:
        held = set(orjson.loads(reply.text)) == {"reasoning", "answer"}
    except (ValueError, TypeError):
        held = False
    return Probe(held, "" if held else "the server takes a schema but the reply does not follow it")


async def _logprobs(model: Model) -> Probe:
    reply = await model.chat([Message("user", "Reply: A")], sampling=replace(_SHORT, logprobs=2))
    found = bool(reply.logprobs)
    return Probe(
        found, f"{len(reply.logprobs[0].top)} alternatives a token" if reply.logprobs else "none in the reply"
    )


async def _token_ids(model: Model) -> Probe:
    reply = await model.chat([Message("user", "Reply: A")], sampling=replace(_SHORT, token_ids=True))
    both = reply.prompt_token_ids is not None and reply.completion_token_ids is not None
    return Probe(both, "" if both else "none in the reply")


async def _images(model: Model) -> Probe:
    picture = ImagePart.of(_red_square(), "image/png")
    question = TextPart("What colour is this square? One word.")
    reply = await model.chat([Message("user", (question, picture))], sampling=_SHORT)
    if model.name.startswith("simulated"):
        return Probe(True, "taken")
    saw = "red" in reply.text.lower()
    return Probe(True if saw else None, "named the colour" if saw else "taken, but the colour was not named")


async def _tools(model: Model) -> Probe:
    tool = Tool(
        "lookup",
        "Look up a drug.",
        {"type": "object", "properties": {"drug": {"type": "string"}}, "required": ["drug"]},
    )
    asked = [Message("user", "Use the lookup tool for aspirin.")]
    reply: Reply = await model.chat(asked, sampling=_SHORT, tools=[tool])
    called = any(call.name == "lookup" for call in reply.tool_calls)
    return Probe(True if called else None, "called" if called else "taken, but not called")


async def _streaming(model: Model) -> Probe:
    pieces: list[str] = []
    await model.chat(
        [Message("user", "Count to five.")], sampling=_SHORT, on_delta=lambda piece, _: pieces.append(piece)
    )
    return Probe(len(pieces) > 1, f"{len(pieces)} pieces")


async def _loglikelihood(model: Model) -> Probe:
    found = await model.loglikelihood("The capital of France is", [" Paris", " blue"])
    return Probe(len(found) == 2, "for scoring options by likelihood")


def _red_square(side: int = 32) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * side) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
