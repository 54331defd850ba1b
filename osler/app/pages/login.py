"""Logging in with a token, for browsers, and logging out: a token is typed once, and the session remembers its hash alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from osler.app.guard import cookie_name
from osler.app.headers import cookie
from osler.app.pages.rendering import desk_of, page, session_of
from osler.app.rates import client_of

router = APIRouter()
HOME = "/"


@router.get("/login")
async def show(request: Request, next: str = HOME) -> Response:
    """The form; who needs no token is sent on."""
    if not desk_of(request).settings.needs_token or session_of(request).kept.get("token"):
        return RedirectResponse(onward(next), 303)
    return page(request, "login.html", onward=onward(next), problem="")


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check the token. The session gets another name, so that none from before is of use."""
    desk, session = desk_of(request), session_of(request)
    form = await request.form(max_files=0, max_fields=5, max_part_size=4_000)
    wanted = onward(str(form.get("next") or HOME))
    client = client_of(request.client.host if request.client else None)
    if desk.failures.left(client) < 1:
        return _again(
            request, 429, wanted, "Too many tokens that are not known. Wait a minute, then try again."
        )
    found = desk.tokens.known(str(form.get("token") or "").strip())
    if found is None:
        desk.failures.count(client)
        return _again(
            request, 401, wanted, "This token is not known. Check it, or ask whoever runs the server for one."
        )
    if session.kept.get("token", found.sha256) != found.sha256:
        # Another person at the same browser: nothing of the one before is theirs.
        desk.sessions.end(session.id)
        session = request.state.session = desk.sessions.begin()
    else:
        desk.sessions.renew(session)
    session.kept["token"] = found.sha256
    request.state.caller = found.name
    _set_cookie(request, session.id)
    return RedirectResponse(wanted, 303)


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """Forget the session with all its cases, and the browser's cookie."""
    desk_of(request).sessions.end(session_of(request).id)
    _set_cookie(request, "")
    # The browser drops what it may still have of the pages.
    gone = {"clear-site-data": '"cache"'}
    return RedirectResponse("/login" if desk_of(request).settings.needs_token else HOME, 303, gone)


def onward(wanted: str) -> str:
    """Where to go after the log-in: a path of this server, else the case view."""
    parts = urlsplit(wanted)
    own = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and not parts.scheme
        and not parts.netloc
    )
    return wanted if own and wanted.isascii() and wanted.isprintable() and parts.path != "/login" else HOME


def _again(request: Request, status: int, wanted: str, problem: str) -> Response:
    return page(request, "login.html", status, onward=wanted, problem=problem)


def _set_cookie(request: Request, value: str) -> None:
    """Have the guard send the cookie, instead of one that it may have begun just now."""
    cookies: list[Any] = request.state.cookies
    secure = request.url.scheme == "https"
    cookies[:] = [cookie(cookie_name(desk_of(request).settings, secure), value, secure)]
