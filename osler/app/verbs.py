"""HEAD and OPTIONS for every route: HEAD is GET without its body, OPTIONS says which methods a path takes."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Match

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Verbs:
    """The middleware."""

    def __init__(self, app: Any, whole: Starlette) -> None:
        self.app, self.whole = app, whole

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        method = scope.get("method")
        if scope["type"] != "http" or method not in ("HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif method == "HEAD":
            asked = {**scope, "method": "GET"}
            await self.app(asked, receive, _headless(send))
            scope["route"] = asked.get("route")
        else:
            allowed = [one for one in _METHODS if self._takes(scope, one)]
            if not allowed:
                await self.app(scope, receive, send)
                return
            listed = [*allowed, *(["HEAD"] if "GET" in allowed else []), "OPTIONS"]
            await Response(status_code=204, headers={"allow": ", ".join(listed)})(scope, receive, send)

    def _takes(self, scope: dict[str, Any], method: str) -> bool:
        asked = {**scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in self.whole.router.routes)


def _headless(send: Any) -> Any:
    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sent
