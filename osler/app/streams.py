"""Server-sent events: how one is written, how many streams are open at once, and what ends them.

Each event has a name, JSON data and, where it can be gone back to, a number. A comment goes out where nothing else did for a
while, so that proxies keep the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi.responses import StreamingResponse

from osler.errors import LimitError

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

    def open(self, source: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> StreamingResponse:
        """A reply that streams `source`. Raises LimitError where too many are open."""
        if self.now >= self.most:
            raise LimitError(f"{self.most} streams are open already; wait for one to end")
        return StreamingResponse(
            self._counted(source),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no", **(headers or {})},
        )

    async def _counted(self, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self.now += 1
        try:
            async for part in alive(source):
                yield part
        finally:
            self.now -= 1


async def alive(source: AsyncIterator[bytes], quiet_s: float = QUIET_S) -> AsyncIterator[bytes]:
    """The same parts, with a comment wherever none came for so long; the source is closed at the end."""
    pending: asyncio.Future[bytes] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(source))
            done, _ = await asyncio.wait({pending}, timeout=quiet_s)
            if not done:
                yield b": still here\n\n"
                continue
            part, pending = pending, None
            try:
                yield part.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
