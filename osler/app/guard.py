"""What stands before every route: who may call, how much they may send and how often; and behind it: the audit log, and no trace of
an error that nobody thought of.

In order: the Host header must be this server's (DNS rebinding); a client has so many requests a minute; bodies have a limit; a
change that another site's page began is refused; a token is asked for where one is needed; a browser's change must carry its
session's token (CSRF). Replies carry a strict content security policy (see headers.py). Pure ASGI, so that streams pass unbuffered.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import socket
import time
from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.routing import Match

from osler.app import audit
from osler.app.body import Body
from osler.app.desk import CALLING, Desk
from osler.app.failures import told
from osler.app.headers import cookie, dressed
from osler.app.problems import PROGRAMS, answer
from osler.app.rates import Rates, client_of
from osler.app.sessions import Session
from osler.app.settings import Settings
from osler.data.offline import is_loopback

CSRF_HEADER, CSRF_FIELD = "x-osler-csrf", "csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}
# Headers that proxies add: on loopback without a token they mean that others reach the server without one.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_QUIET = ("/static/", "/healthz")
_log = logging.getLogger(__name__)


class Guard:
    """The middleware."""

    def __init__(self, app: Any, desk: Desk) -> None:
        self.app, self.desk = app, desk
        self._rates = Rates(desk.settings.per_minute)
        self._names = names_of(desk.settings)
        # A file that is sent would be put on disk from 1 MB on; as large as a body may be, it stays in memory.
        spool = int(desk.settings.max_mb * 1_000_000) + 1
        MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, spool)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":  # there is none here
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request, began = Request(scope), time.perf_counter()
        state = scope.setdefault("state", {})
        state.update(caller="local", session=Session("", "", time.monotonic()), cookies=[])
        secure = scope.get("scheme") == "https"
        reply = _Watched(dressed(send, secure, state["cookies"]))
        body = Body(receive, self.desk.settings.max_mb, self._kept_of(request))
        try:
            refused = self._refusal(request) or await self._begun(request, body, secure)
            if refused is None:
                host = client_of(request.client.host if request.client else None)
                CALLING.set((f"{state['caller']} {host}", body))
                await self.app(scope, body, reply)
            else:
                await refused(scope, receive, reply)
        except asyncio.CancelledError:
            # As the server ends, what still runs is cancelled; its caller is told, and it is no error.
            if not self.desk.ending:
                raise
            if not reply.status:
                await answer(request, 503, "the server is ending", {"retry-after": "10"})(
                    scope, receive, reply
                )
        except Exception as error:
            await self._failed(request, error, reply)
        finally:
            self._note(request, reply.status, began, body)

    def _refusal(self, request: Request) -> Any:
        """Why a request is not let through, as a reply; None where it is. Finds out who calls."""
        settings, headers = self.desk.settings, request.headers
        if not self._own(headers.get("host", "")):
            return answer(
                request, 421, "this server answers to its own name alone; others are named with --name"
            )
        if not settings.needs_token and (via := next((name for name in _FORWARDED if name in headers), None)):
            return answer(
                request,
                421,
                f"a proxy is in front ({via}): start the server with --proxy ADDRESS and a token",
            )
        if request.method in _SAFE and not _own_reading(request):
            return answer(request, 403, "this was asked for by another site")
        client = client_of(request.client.host if request.client else None)
        if not self._rates.allow(client):
            return answer(request, 429, "too many requests; wait a moment", {"retry-after": "10"})
        if not _in_utf8(headers.get("content-type", "")):
            return answer(request, 415, "send a form in UTF-8")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return answer(request, 400, "the length of the body is no number")
        if int(length[:20]) > settings.max_mb * 1_000_000:
            most = f"{settings.max_mb:g} MB"
            return answer(
                request, 413, f"the body is larger than {most}; send less, or start the server with --max-mb"
            )
        if request.method not in _SAFE and not _same_site(request):
            return answer(request, 403, "this change came from another site")
        return self._unknown_caller(request, client)

    def _unknown_caller(self, request: Request, client: str) -> Any:
        """A refusal where a token is needed and none that is known was sent; else the caller and the session are noted."""
        desk, state = self.desk, request.scope["state"]
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if kind.lower() == "bearer" else ""
        if bearer and desk.settings.needs_token and desk.failures.left(client) < 1:
            return answer(
                request, 429, "too many tokens that are not known; wait a minute", {"retry-after": "60"}
            )
        found = desk.tokens.known(bearer) if bearer else None
        session = (
            None
            if found
            else desk.sessions.find(request.cookies.get(cookie_name(desk.settings, _secure(request))))
        )
        if session is not None:
            state["session"] = session
            if not bearer and (kept := session.kept.get("token")):
                found = desk.tokens.still(kept)
        if found is not None:
            state["caller"] = found.name
        if not desk.settings.needs_token:
            return None
        if found is None:
            state["caller"] = ""
            if bearer:
                desk.failures.count(client)
            return None if _open_path(request.url.path) else _unknown(request)
        wanted = "write" if request.method not in _SAFE else "read"
        if wanted not in found.scopes and not _open_path(request.url.path):
            return answer(request, 403, f"this token has no scope {wanted!r}")
        return None

    async def _begun(self, request: Request, body: Body, secure: bool) -> Any:
        """Begin a session for a browser that has none; a refusal of a change without its session's token. Programs have no
        cookie, get a passing session that nobody can come back to, and need no such token."""
        state = request.scope["state"]
        session: Session = state["session"]
        path = request.url.path
        shown = request.method not in _SAFE or request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        if not session.id and shown and not path.startswith((*PROGRAMS, *_QUIET)) and not _has_token(request):
            session = state["session"] = self.desk.sessions.begin()
            state["cookies"].append(cookie(cookie_name(self.desk.settings, secure), session.id, secure))
        if request.method in _SAFE or not session.id:
            return None
        if path.startswith("/api/") and _asks_first(request):
            return None  # no form of another site sends JSON, and whence it came was checked
        given = request.headers.get(CSRF_HEADER) or await body.form_field(request.headers, CSRF_FIELD)
        if hmac.compare_digest(given.encode("utf-8", "surrogatepass"), session.csrf.encode()):
            return None
        return answer(request, 403, "the page is out of date; load it again")

    def _own(self, given: str) -> bool:
        """Whether a Host header names this server. An address cannot be rebound, so on open servers each of its own will do."""
        host = given.strip().lower()
        host = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
        host = host.rstrip(".")
        if not host:
            return False
        if is_loopback(host) or host in self._names:
            return True
        return not is_loopback(self.desk.settings.host) and _is_address(host)

    async def _failed(self, request: Request, error: Exception, reply: _Watched) -> None:
        """Tell the caller that something went wrong, and the log where; the error's words may hold case text, so neither has
        them."""
        if isinstance(error, HTTPException):
            status, detail = error.status_code, str(error.detail)
        else:
            name = type(error).__name__
            status, detail = 500, f"internal error ({name}); please report it"
            _log.error("internal error: %s %s: %s", request.method, route_of(request.scope), told(error))
        if not reply.status:
            await answer(request, status, detail)(request.scope, request.receive, reply)

    def _kept_of(self, request: Request) -> int:
        taken = self.desk.audit is not None and self.desk.audit.text
        return audit.MOST_TEXT if taken and request.url.path != "/login" else 0

    def _note(self, request: Request, status: int, began: float, body: Body) -> None:
        log, state, path = self.desk.audit, request.scope["state"], request.url.path
        if log is None or path.startswith(_QUIET):
            return
        about: dict[str, Any] = {
            "who": state["caller"] or "unknown",
            "client": request.client.host if request.client else None,
            "method": request.method if request.method.isalpha() else "?",
            "route": route_of(request.scope),
            "status": status or None,
            "ms": round((time.perf_counter() - began) * 1000, 1),
            "knowledge": self._release(),
        }
        if log.text and path != "/login":
            about |= {"query": request.url.query[: audit.MOST_TEXT], "text": audit.words_of(bytes(body.seen))}
        log.write(**about)

    def _release(self) -> str | None:
        base = self.desk.__dict__.get("knowledge")  # without loading it
        return f"{base.name}@{base.release}" if base is not None else None


class _Watched:
    """`send` that remembers the status of the reply."""

    def __init__(self, send: Any) -> None:
        self._send, self.status = send, 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def cookie_name(settings: Settings, secure: bool) -> str:
    """The cookie's name: with the port, as browsers send a cookie to every port of a machine; over TLS bound to this host."""
    return f"{'__Host-' * secure}osler-{settings.port}"


def names_of(settings: Settings) -> frozenset[str]:
    """The names that a server goes by, besides loopback: its address, the machine's name where others reach it, and those given."""
    names = {settings.host, *settings.names}
    if not is_loopback(settings.host):
        names.add(socket.gethostname())
    return frozenset(name.strip("[]").rstrip(".").lower() for name in names)


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The pattern of the path that a request met; nothing of its values."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    own = scope.get("path", "")
    if own in ("/mcp", "/login", "/logout"):
        return own
    # Refused before the router saw it: asked now, of which route it would have been.
    return _pattern(getattr(getattr(scope.get("app"), "router", None), "routes", ()), scope)


def _pattern(routes: Sequence[Any], scope: MutableMapping[str, Any]) -> str:
    """The pattern of the first route that a path meets, also within the routers of views."""
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            inner = getattr(route, "original_router", None)
            return str(getattr(route, "path", "(none)")) if inner is None else _pattern(inner.routes, scope)
    return "(none)"


def _asks_first(request: Request) -> bool:
    """Whether no browser sends such a change elsewhere before asking there: no form does it, a script must be let."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method != "POST" or (kind.startswith("application/") and kind.endswith(("/json", "+json")))


def _own_reading(request: Request) -> bool:
    """Whether a reading was begun by this server's own page, by a program, or by a person who follows a link to a page: what
    another site's page loads on its own (pictures, frames, scripts) would use up this person's share."""
    headers = request.headers
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none") or (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )


def _same_site(request: Request) -> bool:
    """Whether a change was begun by this server's own page, or by a program (which says nothing of an origin)."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.scope.get('scheme')}://{request.headers.get('host')}"


def _secure(request: Request) -> bool:
    return request.scope.get("scheme") == "https"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _open_path(path: str) -> bool:
    """What anyone may see: the page's own files, the log-in, and whether the server is up."""
    return path.startswith(_QUIET) or path in ("/login", "/logout")


def _has_token(request: Request) -> bool:
    return request.headers.get("authorization", "").lower().startswith("bearer ") and bool(
        request.scope["state"]["caller"]
    )


def _in_utf8(kind: str) -> bool:
    """Whether a form that says how its letters are coded says UTF-8: some other codings let half characters through."""
    main, about = parse_options_header(kind)
    return main != b"multipart/form-data" or about.get(b"charset", b"utf-8").lower() in (b"utf-8", b"utf8")


def _unknown(request: Request) -> Any:
    from osler.app.pages.rendering import is_partial

    html = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(PROGRAMS)
    if not html or is_partial(request):
        detail = "log in again" if html else "send a token: Authorization: Bearer …"
        return answer(request, 401, detail, {"www-authenticate": "Bearer"})
    from starlette.responses import RedirectResponse

    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = f"?next={quote(wanted, safe='')}" if request.method == "GET" and wanted != "/" else ""
    return RedirectResponse(f"/login{onward}", 303)
