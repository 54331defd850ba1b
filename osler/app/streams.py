"""Server-sent events: how one is written, how many streams are open at once, and what ends them.

Each event has a name, JSON data and, where it can be gone back to, a number. A comment goes out where nothing else did for a
while, so that proxies keep the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from osler.app.failures import TooMuch

QUIET_S = 15.0


def event(name: str, data: Any, number: int | None = None) -> bytes:
    """One event as it goes over the wire. The name holds no line break; JSON never does."""
    head = f"id: {number}\n" if number is not None else ""
    return (
        f"{head}event: {name}\ndata: ".encode()
        + orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
        + b"\n\n"
    )


class Streams:
    """Counts the streams that are open. `open` refuses one too many."""

    def __init__(self, most: int) -> None:
        self.most, self.now = most, 0
        self._over = asyncio.Event()

    def open(self, source: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> StreamingResponse:
        """A reply that streams `source`. Raises TooMuch where too many are open."""
        if self.now >= self.most:
            raise TooMuch(f"{self.most} streams are open already; wait for one to end")
        # Counted at once, so that many at the same time are not more than allowed; given back also where it is never sent.
        self.now += 1
        made = _Stream(
            alive(source, over=self._over),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no", **(headers or {})},
        )
        made.over = weakref.finalize(made, self._close)
        return made

    def end(self) -> None:
        """End all streams, as the server ends: each is closed as if nothing more were to come."""
        self._over.set()

    def _close(self) -> None:
        self.now -= 1


class _Stream(StreamingResponse):
    """A reply that says when it is over, however it ends."""

    over: Callable[[], object]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.over()


async def alive(
    source: AsyncIterator[bytes], quiet_s: float = QUIET_S, over: asyncio.Event | None = None
) -> AsyncIterator[bytes]:
    """The same parts, with a comment wherever none came for so long, until `over`; the source is closed at the end."""
    pending: asyncio.Future[bytes] | None = None
    ending = asyncio.ensure_future((over or asyncio.Event()).wait())
    try:
        while not ending.done():
            pending = pending or asyncio.ensure_future(anext(source))
            await asyncio.wait({pending, ending}, timeout=quiet_s, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                return
            if not pending.done():
                yield b": still here\n\n"
                continue
            part, pending = pending, None
            try:
                yield part.result()
            except StopAsyncIteration:
                return
    finally:
        ending.cancel()
        if pending is not None:
            pending.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
