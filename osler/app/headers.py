"""Headers of replies: what a browser may do with them (nothing but this server's own script, style and data), and file names.

`referrer-policy` is `same-origin`: other sites learn nothing, and browsers still send a true `Origin` with forms.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any

from starlette.datastructures import MutableHeaders

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-store",
}
# For TLS alone, where a proxy that the server was told of says so.
TLS_HEADERS = {"strict-transport-security": "max-age=31536000"}
_UNSAFE = re.compile(r"[^\w.@+-]+", re.ASCII)


def attachment(name: str) -> dict[str, str]:
    """The header that has a browser save a reply under a name; what could end the header or lead elsewhere becomes `_`."""
    kept = _UNSAFE.sub("_", name).lstrip(".")[-120:] or "osler"
    return {"content-disposition": f'attachment; filename="{kept}"'}


def cookie(name: str, value: str, secure: bool) -> str:
    """A session's cookie: not for scripts, not for other sites' requests, gone with the browser. An empty value deletes it."""
    made: SimpleCookie = SimpleCookie()
    made[name] = value
    about = made[name]
    about["path"], about["httponly"], about["samesite"], about["secure"] = "/", True, "Lax", secure
    if not value:
        about["max-age"] = 0
    return about.OutputString()


def dressed(
    send: Callable[[dict[str, Any]], Awaitable[None]], secure: bool, cookies: list[str]
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """`send` with these headers on every reply, and the cookies that are in the list when the reply begins."""
    always = HEADERS | (TLS_HEADERS if secure else {})

    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in always.items():
                headers.setdefault(name, value)
            for one in cookies:
                headers.append("set-cookie", one)
        await send(message)

    return sent
