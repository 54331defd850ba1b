"""Local servers that misbehave to order, and shorthand for asking models."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

from osler.llm import Message, Model, Prices, RetryPolicy
from osler.llm.openai import OpenAI

QUICK = RetryPolicy(attempts=6, base_s=0.002, longest_s=0.01, patience_s=5.0)


def completion(text: Any = "Answer: B", **message: Any) -> dict[str, Any]:
    """A chat-completions response."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": "stop",
    }
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return {"id": "1", "model": "mock", "choices": [choice], "usage": usage}


def json(data: Any, status: int = 200, **headers: str) -> web.Response:
    """A JSON response."""
    return web.Response(
        body=orjson.dumps(data), status=status, content_type="application/json", headers=headers
    )


class Script:
    """A server that gives its answers in turn (the last one for ever after) and remembers what it was sent."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.most_at_once = self.at_once = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.bodies.append(orjson.loads(raw) if raw else {})
        self.headers.append(dict(request.headers))
        answer = self.answers[min(len(self.bodies), len(self.answers)) - 1]
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if callable(answer):
                answer = answer(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            if isinstance(answer, web.Response):  # a response can be sent once only
                answer = web.Response(body=answer.body, status=answer.status, headers=answer.headers)
            return json(answer) if isinstance(answer, dict) else answer
        finally:
            self.at_once -= 1

    @asynccontextmanager
    async def up(self):
        """The base URL while the server is up."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()


@asynccontextmanager
async def asking(script: Script, **options: Any):
    """A model behind a script's server."""
    async with script.up() as url:
        name = options.pop("name", "mock")
        given = {"retry": QUICK, "prices": Prices(), "timeout": 5.0, **options}
        model = Model(OpenAI(name, url), **given)
        try:
            yield model
        finally:
            await model.close()


def ask(
    script: Script, words: str = "Which one?", *, options: dict[str, Any] | None = None, **call: Any
) -> Any:
    """One call to a script's server; the reply."""

    async def work() -> Any:
        async with asking(script, **(options or {})) as model:
            return await model.chat([Message("user", words)], **call)

    return asyncio.run(work())
