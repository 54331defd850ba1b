"""`inspect:PROVIDER/NAME`: any model provider of Inspect AI, where it is installed (extra `inspect`).

Each call runs in a task of its own, since Inspect's default transcript grows with every call in one context. Inspect's
own cache and retries are switched off: Osler's are in front. Token ids are not to be had this way.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from typing import Any

import orjson

from osler.data import offline
from osler.errors import UsageError
from osler.llm.extras import extra
from osler.llm.keys import find_key, scrub
from osler.llm.provider import CallFailed, OnDelta
from osler.llm.types import (
    Capabilities,
    ImagePart,
    Likelihood,
    Message,
    Reply,
    Request,
    TextPart,
    TokenLogprob,
    ToolCall,
    Usage,
)

_FINISH = {"max_tokens": "length", "model_length": "length", "content_filter": "refusal"}


class Inspect:
    """A model of Inspect AI by its name there (`openai/…`, `anthropic/…`, `bedrock/…`)."""

    def __init__(self, name: str) -> None:
        if "/" not in name:
            raise UsageError(f"inspect:{name} is no Inspect model; write inspect:PROVIDER/NAME")
        self.name = name
        self.local = name.startswith("mockllm/")
        self.capabilities = Capabilities(None, None, False, None, None, False, False, None, None)
        self._model: Any = None

    @property
    def identity(self) -> str:
        """Inspect's name of the model."""
        return f"inspect:{self.name}"

    async def complete(
        self,
        request: Request,
        *,
        draw: int | None = None,
        timeout: float | None = None,
        on_delta: OnDelta | None = None,
    ) -> Reply:
        """One reply. Raises UsageError where Inspect is not installed, CallFailed when the call fails."""
        work = self._generate(request, draw)
        task = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        try:
            output = await asyncio.wait_for(task, timeout)
        except (CallFailed, UsageError):
            raise
        except TimeoutError:
            raise CallFailed(f"{self.name} gave no reply within {timeout:g} s", retry=True) from None
        except Exception as error:
            reason = scrub(f"{type(error).__name__}: {error}", find_key())
            raise CallFailed(
                f"{self.name} (through Inspect) failed: {reason}", retry=_passing(error)
            ) from None
        reply = _reply(output, self.name)
        if on_delta is not None and reply.reasoning:
            on_delta(reply.reasoning, "reasoning")
        if on_delta is not None and reply.text:
            on_delta(reply.text, "text")
        return reply

    async def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[Likelihood]:
        """Not to be had from Inspect's providers."""
        raise CallFailed(
            f"{self.name}: Inspect gives no likelihood of a text; use openai: with vLLM, or hf:PATH"
        )

    async def close(self) -> None:
        """Nothing to give back: Inspect keeps its clients."""
        self._model = None

    async def _generate(self, request: Request, draw: int | None) -> Any:
        inspect = extra("inspect_ai.model", "inspect")
        if not self.local:
            offline.check("https://" + self.name.split("/", 1)[0])
        if self._model is None:
            self._model = inspect.get_model(self.name)
        s = request.sampling
        given: dict[str, Any] = {
            "max_retries": 0,
            "seed": draw,
            "temperature": s.temperature,
            "top_p": s.top_p,
        }
        given |= {"max_tokens": s.max_tokens, "stop_seqs": list(s.stop) or None}
        if s.logprobs is not None:
            given |= {"logprobs": True, "top_logprobs": s.logprobs}
        if request.schema is not None:
            schema = extra("inspect_ai.util", "inspect").JSONSchema(**request.schema)
            given["response_schema"] = inspect.ResponseSchema(name="reply", json_schema=schema)
        tools = _tools(request) if request.tools else []
        return await self._model.generate(
            [_message(inspect, m) for m in request.messages],
            tools=tools,
            config=inspect.GenerateConfig(**given),
            cache=False,
        )


def _passing(error: Exception) -> bool:
    words = f"{type(error).__name__} {error}".lower()
    return any(
        sign in words
        for sign in ("ratelimit", "rate limit", "429", "timeout", "connection", "overloaded", "503")
    )


def _message(inspect: Any, message: Message) -> Any:
    content: Any = message.content
    if not isinstance(content, str):
        content = [
            inspect.ContentText(text=part.text)
            if isinstance(part, TextPart)
            else inspect.ContentImage(image=part.data_url())
            for part in content
            if isinstance(part, TextPart | ImagePart)
        ]
    if message.role == "system":
        return inspect.ChatMessageSystem(content=content)
    if message.role == "tool":
        return inspect.ChatMessageTool(
            content=content, tool_call_id=message.tool_call_id, function=message.name
        )
    if message.role == "user":
        return inspect.ChatMessageUser(content=content)
    calls = None
    if message.tool_calls:
        their_call = extra("inspect_ai.tool", "inspect").ToolCall
        calls = [
            their_call(id=c.id, function=c.name, arguments=orjson.loads(c.arguments or "{}"))
            for c in message.tool_calls
        ]
    return inspect.ChatMessageAssistant(content=content, tool_calls=calls)


def _tools(request: Request) -> list[Any]:
    their = extra("inspect_ai.tool", "inspect")
    return [
        their.ToolInfo(name=t.name, description=t.description, parameters=their.ToolParams(**t.parameters))
        for t in request.tools
    ]


def _reply(output: Any, name: str) -> Reply:
    choice = output.choices[0]
    message = choice.message
    thoughts: list[str] = []
    if not isinstance(message.content, str):
        thoughts = [part.reasoning for part in message.content if getattr(part, "type", "") == "reasoning"]
    logprobs = None
    if getattr(choice, "logprobs", None):
        logprobs = [
            TokenLogprob(item.token, item.logprob, [(t.token, t.logprob) for t in item.top_logprobs or ()])
            for item in choice.logprobs.content
        ]
    used = output.usage
    usage = None
    if used is not None:
        reasoning, cached = (
            getattr(used, "reasoning_tokens", 0) or 0,
            getattr(used, "input_tokens_cache_read", 0) or 0,
        )
        usage = Usage(used.input_tokens, used.output_tokens, reasoning, cached)
    return Reply(
        text=message.text,
        reasoning="\n".join(thoughts),
        finish=_FINISH.get(choice.stop_reason) or choice.stop_reason or "stop",
        tool_calls=tuple(
            ToolCall(c.id, c.function, orjson.dumps(c.arguments).decode())
            for c in getattr(message, "tool_calls", None) or ()
        ),
        logprobs=logprobs,
        usage=usage,
        model=output.model or name,
    )
