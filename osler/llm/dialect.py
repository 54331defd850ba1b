"""What one server does not understand, learnt from its refusals and remembered: a schema, a parameter, a name for it.

A server that answers 400 to a JSON schema is asked less strictly, then told the schema in the prompt. A parameter that
only tunes the draw is left out with a notice; one that changes what is asked (tools, images) never is.
"""

from __future__ import annotations

from typing import Any

import orjson

from osler.llm.structured import instruct, strictly
from osler.llm.types import Message, Request, TextPart
from osler.llm.wire import body_of, response_format

_SCHEMA_WORDS = ("response_format", "json_schema", "structured output", "guided", "grammar", "schema")
_RUNGS = ("strict", "loose", "prompt")
# Left out silently: without them a reply is only less informative, and its fields say so.
_INFORMATIVE = ("return_token_ids", "stream_options", "logprobs", "top_logprobs")
# Left out with a notice: the draw is not quite the one that was asked for.
_TUNING = ("seed", "temperature", "top_p", "stop")


class Dialect:
    """The body of a request as this server takes it. One per server and model."""

    def __init__(self) -> None:
        self.rung = 0
        self.notices: list[str] = []
        self._left_out: set[str] = set()
        self._renamed: dict[str, str] = {}
        self._formats: dict[bytes, dict[str, Any]] = {}
        self._rung_of: dict[str, int] = {}  # for schemas that the server refuses, not schemas as such

    @property
    def takes_schema(self) -> bool:
        """Whether the server is still thought to take a JSON schema."""
        return _RUNGS[self.rung] != "prompt"

    def knows(self, parameter: str) -> bool:
        """False when the server has refused the parameter."""
        return parameter not in self._left_out

    def body(self, request: Request, draw: int | None, stream: bool) -> dict[str, Any]:
        """The JSON body to send."""
        rung = "none"
        if request.schema is not None:
            own = self._rung_of.get(str(request.schema), 0) if self._rung_of else 0
            rung = _RUNGS[max(self.rung, own)]
            if rung == "prompt":
                request = with_instructions(request)
        body = body_of(request, draw)
        if rung in ("strict", "loose") and request.schema is not None:
            body["response_format"] = self._format(request.schema, rung == "strict")
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        for name in self._left_out:
            body.pop(name, None)
        for old, new in self._renamed.items():
            if old in body:
                body[new] = body.pop(old)
        return body

    def _format(self, schema: dict[str, Any], strict: bool) -> dict[str, Any]:
        # A method asks with the same schema thousands of times, made anew for each case.
        key = orjson.dumps([strict, schema])
        known = self._formats.get(key)
        if known is None:
            if len(self._formats) >= 256:
                self._formats.clear()
            known = response_format(strictly(schema) if strict else schema, strict)
            self._formats[key] = known
        return known

    def learn(self, status: int, message: str, body: dict[str, Any], request: Request) -> None:
        """Take note of what a refusal says. The caller sends again when the body has changed."""
        text = message.lower()
        if status == 404 and "requested parameters" not in text:
            return
        if "response_format" in body and (any(word in text for word in _SCHEMA_WORDS) or status == 404):
            now = "strict" if body["response_format"]["json_schema"]["strict"] else "loose"
            rung = _RUNGS.index(now) + 1
            if "invalid schema" in text or "invalid_json_schema" in text:
                self._rung_of[str(request.schema)] = rung
            else:
                self.rung = max(self.rung, rung)
            return
        if status >= 500:
            return
        if "max_tokens" in body and "max_completion_tokens" in text:
            self._renamed["max_tokens"] = "max_completion_tokens"
            return
        for name in _INFORMATIVE + _TUNING:
            if name in body and name in text:
                self._leave_out(name)
                return

    def _leave_out(self, name: str) -> None:
        self._left_out.add(name)
        if name in ("logprobs", "top_logprobs"):
            self._left_out |= {"logprobs", "top_logprobs"}
        if name in _TUNING:
            self.notices.append(f"the server does not take {name!r}: calls are made without it")


def with_instructions(request: Request) -> Request:
    """The request with its schema told in the prompt: at the end of the last user message."""
    assert request.schema is not None
    told = instruct(request.schema)
    messages = list(request.messages)
    place = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), None)
    if place is None:
        messages.append(Message("user", told))
    else:
        old = messages[place]
        if isinstance(old.content, str):
            content: Any = f"{old.content}\n\n{told}"
        else:
            content = (*old.content, TextPart(told))
        messages[place] = Message(old.role, content, old.tool_calls, old.tool_call_id, old.name)
    return Request(request.model, tuple(messages), request.sampling, None, request.tools)
