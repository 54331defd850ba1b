"""What stands before every route: who may call, how much they may send and how often, and what a browser may do with replies.

In order: the Host header must be this server's (DNS rebinding); bodies have a limit; a client has so many requests a minute;
a token is asked for where one is needed; a browser's change must carry its session's token (CSRF). Replies carry a strict content
security policy: no script, style or connection but this server's own. Pure ASGI, so that streams pass unbuffered.
"""

from __future__ import annotations

import hmac
import time
from collections import deque
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request

from osler.app.desk import Desk
from osler.app.problems import problem
from osler.data.offline import is_loopback

COOKIE = "osler"
CSRF_HEADER, CSRF_FIELD = "x-osler-csrf", "csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-store",
}


class Guard:
    """The middleware. `scopes_of(token)` gives a token's name and scopes, None for an unknown one (see tokens.py)."""

    def __init__(
        self, app: Any, desk: Desk, scopes_of: Callable[[str], tuple[str, frozenset[str]] | None]
    ) -> None:
        self.app, self.desk, self.scopes_of = app, desk, scopes_of
        self._rates = Rates(desk.settings.per_minute)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refused = self._refusal(request)
        if refused is not None:
            await refused(scope, receive, _dressed(send, None))
            return
        session, new = self._session(request)
        scope.setdefault("state", {})["session"] = session
        body = Limited(receive, int(self.desk.settings.max_mb * 1_000_000))
        cookie = _cookie(session.id, request.url.scheme == "https") if new else None
        try:
            refused = await self._stale(request, session, body)
            if refused is None:
                await self.app(scope, body, _dressed(send, cookie))
                return
        except TooLarge:
            refused = self._too_large()
        await refused(scope, receive, _dressed(send, None))

    def _too_large(self) -> Any:
        most = f"{self.desk.settings.max_mb:g} MB"
        return problem(413, f"the body is larger than {most}; send less, or start the server with --max-mb")

    def _refusal(self, request: Request) -> Any:
        """Why a request is not let through, as a reply; None where it is."""
        settings = self.desk.settings
        host = (request.headers.get("host") or "").rsplit(":", 1)[0].strip("[]").lower()
        if is_loopback(settings.host) and not is_loopback(host):
            return problem(421, f"this server answers to its own name alone, not to {host[:100]!r}")
        client = request.client.host if request.client else "unknown"
        if not self._rates.allow(client):
            return problem(429, "too many requests; wait a moment", {"retry-after": "10"})
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > settings.max_mb * 1_000_000:
            return self._too_large()
        return self._unknown_caller(request)

    def _unknown_caller(self, request: Request) -> Any:
        """A refusal where a token is needed and none that is known was sent."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        found = self.scopes_of(token.strip()) if kind.lower() == "bearer" and token else None
        request.scope.setdefault("state", {})["caller"] = found[0] if found else "local"
        if not self.desk.settings.needs_token or _open_path(request.url.path):
            return None
        held = self.desk.sessions.find(_cookie_of(request))
        if held is not None and held.kept.get("token"):
            found = found or held.kept["token"]
            request.scope["state"]["caller"] = found[0]
        if found is None:
            if "text/html" in request.headers.get("accept", ""):
                return _to_login(request)
            return problem(401, "send a token: Authorization: Bearer …", {"www-authenticate": "Bearer"})
        wanted = "write" if request.method not in _SAFE else "read"
        if wanted not in found[1]:
            return problem(403, f"this token has no scope {wanted!r}")
        return None

    def _session(self, request: Request) -> tuple[Any, bool]:
        """The caller's session, and whether it was begun just now. Calls of the API with a token or without a cookie get a
        passing one, which nobody can come back to."""
        found = self.desk.sessions.find(_cookie_of(request))
        if found is not None:
            return found, False
        if request.url.path.startswith(("/api/", "/cds-services", "/openapi.json", "/static/", "/mcp")):
            from osler.app.sessions import Session

            return Session("", "", time.monotonic()), False
        return self.desk.sessions.begin(), True

    async def _stale(self, request: Request, session: Any, body: Limited) -> Any:
        """A refusal of a browser's change without the session's token. Programs have no cookie and need none."""
        if request.method in _SAFE or not session.id:
            return None
        origin = request.headers.get("origin")
        if origin not in (None, "null") and origin != f"{request.url.scheme}://{request.headers.get('host')}":
            return problem(403, "this change came from another site")
        given = request.headers.get(CSRF_HEADER) or await body.form_field(request.headers, CSRF_FIELD)
        if hmac.compare_digest(given.encode(), session.csrf.encode()):
            return None
        return problem(403, "the page is out of date; load it again")


class Rates:
    """So many requests a minute for each client, counted in a sliding window."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        self._seen: dict[str, deque[float]] = {}

    def allow(self, client: str) -> bool:
        """Count a request; False where the client has had its share."""
        now = self._clock()
        if len(self._seen) > 10_000:
            self._seen = {who: times for who, times in self._seen.items() if times and now - times[-1] < 60}
        times = self._seen.setdefault(client, deque())
        while times and now - times[0] >= 60:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True


class TooLarge(Exception):
    """A body went over the limit while it was read."""


class Limited:
    """A request's body as it comes in: no more than `most` bytes, and what was read ahead is read again by the route."""

    def __init__(self, receive: Any, most: int) -> None:
        self._receive, self._most = receive, most
        self._read, self._kept = 0, deque[dict[str, Any]]()

    async def __call__(self) -> dict[str, Any]:
        if self._kept:
            return self._kept.popleft()
        return await self._next()

    async def _next(self) -> dict[str, Any]:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self._most:
                raise TooLarge
        return message

    async def form_field(self, headers: Headers, name: str) -> str:
        """A field of a URL-encoded or multipart form, which the route can read again; empty where there is none."""
        kind = headers.get("content-type", "")
        if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            return ""
        messages, more = [], True
        while more:
            message = await self._next()
            messages.append(message)
            more = message["type"] == "http.request" and message.get("more_body", False)
        self._kept.extend(messages)
        whole = b"".join(message.get("body", b"") for message in messages)
        if kind.startswith("multipart/"):
            return _multipart_field(whole, name)
        return parse_qs(whole.decode("utf-8", "replace")).get(name, [""])[0]


def _multipart_field(body: bytes, name: str) -> str:
    mark = f'name="{name}"\r\n\r\n'.encode()
    start = body.find(mark)
    if start < 0:
        return ""
    end = body.find(b"\r\n", start + len(mark))
    return body[start + len(mark) : end if end >= 0 else None][:200].decode("utf-8", "replace")


def _open_path(path: str) -> bool:
    """What anyone may see: the page's own files, the login, and whether the server is up."""
    return path.startswith("/static/") or path in ("/login", "/healthz")


def _to_login(request: Request) -> Any:
    from starlette.responses import RedirectResponse

    return RedirectResponse("/login", 303)


def _cookie_of(request: Request) -> str | None:
    return request.cookies.get(COOKIE)


def _cookie(session_id: str, secure: bool) -> str:
    made: SimpleCookie = SimpleCookie()
    made[COOKIE] = session_id
    morsel = made[COOKIE]
    morsel["path"], morsel["httponly"], morsel["samesite"], morsel["secure"] = "/", True, "Strict", secure
    return made[COOKIE].OutputString()


def _dressed(send: Any, cookie: str | None) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """`send` with the security headers on every reply, and the session's cookie where it is new."""

    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if cookie:
                headers.append("set-cookie", cookie)
        await send(message)

    return sent
