"""The models of a run as a context sees them: which model speaks for a role, and the one reading order of replies.

Reading order: the schema's field; an explicit final answer in prose; one repair turn; then unreadable. The repair turn is a
further call of the same step. Knows nothing of methods.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osler import critical_path
from osler.context import Context
from osler.llm.budget import Budget
from osler.llm.model import Model
from osler.llm.pictures import with_images
from osler.llm.specs import MAIN
from osler.llm.structured import read_structured, repair_prompt
from osler.llm.types import Message, Reply, Sampling, Scored
from osler.services import Asked
from osler.trace import Meter

# What stands before a speaker's own name is its role: "expert 2: a surgeon".
_ROLE = re.compile(r"[\w-]+")

Listener = Callable[[tuple[int, ...], str, str], None]


class LanguageModels:
    """Implements `osler.context.Language` over models by role; a role without a model of its own uses `main`.

    `budget` is the case's. `sampling` is the base that a context's temperature is put on; a
    method's usual temperature counts only where neither names one. `listen(path, piece, kind)` sees
    pieces of replies as they stream.
    """

    def __init__(
        self,
        models: Mapping[str, Model],
        *,
        budget: Budget | None = None,
        sampling: Sampling | None = None,
        listen: Listener | None = None,
    ) -> None:
        self.models = models
        self.budget = budget
        self.sampling = sampling or Sampling()
        self.listen = listen

    def conversation(self, prompt: Any, system: str | None) -> list[Message]:
        """A prompt (text or messages) as messages, the system's first."""
        messages = [Message("user", prompt)] if isinstance(prompt, str) else list(prompt)
        return [Message("system", system), *messages] if system else messages

    async def ask(
        self, messages: list[Message], schema: dict[str, Any] | None, ctx: Context, max_tokens: int | None
    ) -> Asked:
        """One question, read by the reading order; see the module."""
        reply = await self._reply(messages, ctx, max_tokens, schema, draw=0)
        if schema is None:
            return Asked({}, "text", reply.text, reply)
        read = read_structured(reply.text, schema)
        if read.how != "unreadable":
            return Asked(read.value, read.how, reply.text, reply)
        again = [
            *messages,
            Message("assistant", reply.text),
            Message("user", repair_prompt(read.problem, schema)),
        ]
        repaired = await self._reply(again, ctx, max_tokens, schema, draw=1)
        read = read_structured(repaired.text, schema)
        if read.how == "unreadable":
            return Asked({}, "unreadable", reply.text, reply)
        return Asked(read.value, "repair", repaired.text, repaired)

    async def chat(
        self, messages: list[Message], tools: list[Any], ctx: Context, max_tokens: int | None
    ) -> Reply:
        """One turn, unread."""
        return await self._reply(messages, ctx, max_tokens, None, draw=0, tools=tools)

    async def loglikelihood(self, prompt: str, continuations: Sequence[str], ctx: Context) -> Scored:
        """How likely the model of `ctx.speaker` finds each continuation of a raw prompt; one call."""
        model = self._model(ctx)
        found = await model.loglikelihood(prompt, continuations, self.budget)
        ctx.recorder.meter(_meter(found, ctx))
        ctx.recorder.reach(critical_path.add_call(found.latency_s))
        return found

    def _model(self, ctx: Context) -> Model:
        """The model of `ctx.speaker`, by its role: of "expert 2: a surgeon" that is `expert`. The main one where none is named."""
        if ctx.speaker is None:
            return self.models[MAIN]
        role = _ROLE.match(ctx.speaker)
        return self.models.get(role[0] if role else MAIN) or self.models[MAIN]

    async def _reply(
        self,
        messages: list[Message],
        ctx: Context,
        max_tokens: int | None,
        schema: dict[str, Any] | None,
        draw: int,
        tools: list[Any] | None = None,
    ) -> Reply:
        model = self._model(ctx)
        messages = with_images(messages, ctx.services.images)
        base = self.sampling
        wanted = (ctx.temperature, base.temperature, ctx.usual_temperature)
        temperature = next((value for value in wanted if value is not None), None)
        sampling = Sampling(
            temperature,
            base.top_p,
            max_tokens or base.max_tokens,
            base.seed,
            base.stop,
            base.logprobs if base.logprobs is not None or not ctx.logprobs else 1,
            base.token_ids,
        )
        listen = self.listen
        reply = await model.chat(
            messages,
            sampling=sampling,
            schema=schema,
            tools=tools or (),
            path=ctx.path,
            draw=draw,
            on_delta=(lambda piece, kind: listen(ctx.path, piece, kind)) if listen else None,
            budget=self.budget,
        )
        ctx.recorder.meter(_meter(reply, ctx))
        ctx.recorder.reach(critical_path.add_call(reply.latency_s))
        return reply


def _meter(reply: Reply | Scored, ctx: Context) -> Meter:
    usage = reply.usage
    return Meter.model_construct(
        path=ctx.path,
        wall_s=reply.latency_s,
        calls=0 if reply.cached else 1,
        prompt_tokens=usage.prompt if usage else 0,
        completion_tokens=usage.completion if usage else 0,
        cost=reply.cost or 0.0,
        priced=reply.cost is not None,
        cached=reply.cached,
        prompt_token_ids=getattr(reply, "prompt_token_ids", None),
        completion_token_ids=getattr(reply, "completion_token_ids", None),
    )
