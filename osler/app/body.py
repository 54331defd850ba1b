"""A request's body as it comes in: no more bytes than allowed, none slower than allowed, and read ahead where a form must be."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

MOST_FIELDS = 1_000
# A part of a body must come within so many seconds, and the whole within that many for each megabyte.
PART_S, WHOLE_S = 20.0, 60.0


class TooLarge(HTTPException):
    """A body went over the limit while it was read."""

    def __init__(self, most_mb: float) -> None:
        super().__init__(
            413, f"the body is larger than {most_mb:g} MB; send less, or start the server with --max-mb"
        )


class TooSlow(HTTPException):
    """A body did not come in time."""

    def __init__(self) -> None:
        super().__init__(408, "the body did not come in time; send it again")


class Body:
    """The `receive` of a request: limited, and what was read ahead is read again by the route.

    `keep` bytes of what passes are kept in `seen`.
    """

    def __init__(self, receive: Any, most_mb: float, keep: int = 0) -> None:
        self._receive, self._most_mb, self._most = receive, most_mb, int(most_mb * 1_000_000)
        self._read, self._whole, self._kept = 0, False, deque[dict[str, Any]]()
        self._until: float | None = None
        self._keep, self.seen = keep, bytearray()

    @property
    def size(self) -> int:
        """The bytes that came so far."""
        return self._read

    @property
    def whole(self) -> bool:
        """Whether all of it came and was passed on."""
        return self._whole and not self._kept

    async def gone(self) -> None:
        """Wait until the caller went away; for a body that is whole."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def __call__(self) -> dict[str, Any]:
        if self._kept:
            return self._kept.popleft()
        return await self._next()

    async def form_field(self, headers: Headers, name: str) -> str:
        """A field of a URL-encoded or multipart form, which the route can read again; empty where there is none."""
        kind = headers.get("content-type", "").lower()
        if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            return ""
        more = True
        while more:
            message = await self._next()
            self._kept.append(message)
            more = message["type"] == "http.request" and message.get("more_body", False)
        whole = b"".join(message.get("body", b"") for message in self._kept)
        if kind.startswith("multipart/"):
            return _multipart_field(whole, name)
        try:
            found = parse_qs(whole.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
        except ValueError:
            raise HTTPException(422, f"a form has {MOST_FIELDS} fields at most") from None
        return found.get(name, [""])[0]

    async def _next(self) -> dict[str, Any]:
        if (
            self._whole
        ):  # what comes now is only that the caller went away, which may take as long as a stream
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + WHOLE_S * max(1.0, self._most_mb / 10)
        try:
            async with asyncio.timeout_at(min(now + PART_S, self._until)):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        if message["type"] != "http.request":
            return message
        part = message.get("body", b"")
        self._read += len(part)
        self._whole = not message.get("more_body", False)
        if self._read > self._most:
            raise TooLarge(self._most_mb)
        if len(self.seen) < self._keep:
            self.seen += part[: self._keep - len(self.seen)]
        return message


def _multipart_field(body: bytes, name: str) -> str:
    mark = f'name="{name}"\r\n\r\n'.encode()
    start = body.find(mark)
    if start < 0:
        return ""
    end = body.find(b"\r\n", start + len(mark))
    return body[start + len(mark) : end if end >= 0 else None][:200].decode("utf-8", "replace")
