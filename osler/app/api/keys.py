"""Idempotency keys: a POST that is sent again with the same key and body gets the reply of the first, and nothing runs twice.

Kept in memory, for an hour, so many replies and so many bytes at most. The same key with another body is refused (422); sent
while the first is under way, it waits for that one. Errors of the server (500 and above), limits (429) and streams are not kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi.responses import Response, StreamingResponse

from osler.app.problems import problem

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
MOST, MOST_RUNNING, MOST_BYTES, KEPT_S, LONGEST = 1_000, 200, 64_000_000, 3600.0, 255


@dataclass
class _Kept:
    fingerprint: bytes
    began: float
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class Keys:
    """The replies kept for their keys."""

    def __init__(self, kept_s: float = KEPT_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept_s, self._clock = kept_s, clock
        self._all: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._all)

    async def once(
        self, key: str, owner: str, path: str, body: bytes, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The reply that is kept for the key, or that of `work`, which is then kept."""
        if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
            return problem(400, f"an Idempotency-Key is 1 to {LONGEST} printable ASCII characters")
        self.sweep()
        place, fingerprint = (owner, path, key), hashlib.sha256(body).digest()
        # Where the first fails, one of those that waited for it goes on, and the others wait for that one.
        while (kept := self._all.get(place)) is not None:
            if kept.fingerprint != fingerprint:
                return problem(
                    422,
                    "this Idempotency-Key came before with another body; take a new key for a new request",
                )
            await kept.ended.wait()
            if kept.status:
                return _again(kept)
        running = [at for at, one in self._all.items() if not one.ended.is_set()]
        if len(running) >= MOST_RUNNING or sum(at[0] == owner for at in running) >= MOST_RUNNING // 2:
            return problem(
                429, "too many requests with a key are under way; wait for one to end", {"retry-after": "10"}
            )
        return await self._first(place, _Kept(fingerprint, self._clock()), work)

    async def _first(
        self, place: tuple[str, str, str], kept: _Kept, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        self._all[place] = kept
        try:
            response = await work()
            if _keeps(response):
                kept.status, kept.headers, kept.body = (
                    response.status_code,
                    list(response.raw_headers),
                    bytes(response.body),
                )
                self._bytes += len(kept.body)
            return response
        finally:
            kept.ended.set()
            if not kept.status and self._all.get(place) is kept:
                del self._all[place]

    def sweep(self) -> None:
        """Drop the replies that are old, and the oldest of too many; those under way stay."""
        now = self._clock()
        for place, kept in [(place, one) for place, one in self._all.items() if one.ended.is_set()]:
            over = len(self._all) >= MOST or self._bytes > MOST_BYTES
            if now - kept.began <= self._kept_s and not over:
                return
            self._bytes -= len(self._all.pop(place).body)


def _keeps(response: Response) -> bool:
    return (
        response.status_code < 500
        and response.status_code != 429
        and not isinstance(response, StreamingResponse)
        and isinstance(getattr(response, "body", None), bytes)
    )


def _again(kept: _Kept) -> Response:
    response = Response(kept.body, kept.status)
    response.raw_headers = [*kept.headers, (REPLAYED.encode(), b"true")]
    return response
