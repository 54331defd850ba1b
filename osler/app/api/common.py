"""What the API's routes share: replies as JSON bytes, strict request bodies, who calls, and the problems a reply may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from osler.app.api.keys import HEADER, Keys
from osler.app.desk import Desk
from osler.app.problems import TITLES, problem

PREFIX = "/api/v1"
_JSON = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


class Strict(BaseModel):
    """A body of which every field must be known, so that none is ignored without a word."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """An error (RFC 9457). `detail` says what to do next; `errors` lists the places of a body that is not as described."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


class Notice(BaseModel):
    """Something the reader must know."""

    code: str
    text: str


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Data as JSON bytes, written once: replies are made of checked models and need no second check."""
    if isinstance(data, BaseModel):
        body = data.__pydantic_serializer__.to_json(data)
    else:
        body = orjson.dumps(data, option=_OPTIONS)
    return Response(body, status, headers, media_type="application/json")


class _StrictRequest(Request):
    """A request whose JSON is read quickly and strictly: no NaN, no stray surrogates, no bottomless nesting."""

    async def json(self) -> Any:
        """The body. Raises json.JSONDecodeError."""
        return orjson.loads(await self.body())


class _Route(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler behind the strict request and, for a POST with a key, behind the store of replies."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            request = _StrictRequest(request.scope, request.receive)
            if request.method == "POST" and not _JSON.match(request.headers.get("content-type", "")):
                return problem(415, "send JSON: Content-Type: application/json")
            key = request.headers.get(HEADER)
            if request.method != "POST" or key is None:
                return await handle(request)
            keys: Keys = request.app.state.keys
            body = await request.body()
            about = (caller(request), request.url.path, request.url.query.encode() + b"\0" + body)
            return await keys.once(key, *about, lambda: handle(request))

        return handler


# An event as the description has it; `data` is JSON.
EVENT = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["id", "event", "data"],
}


def router(tag: str, prefix: str = PREFIX) -> APIRouter:
    """A router of the API."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=_Route)


def problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The errors a route may give, for its description; 401, 403, 413, 421, 422, 429 and 503 may come from any."""
    return {code: {"description": TITLES[code], "model": Problem} for code in codes}


def desk_of(request: Request) -> Desk:
    """The server's desk."""
    return request.app.state.desk


def caller(request: Request) -> str:
    """Who calls: a token's name, or `local`."""
    return request.scope.get("state", {}).get("caller", "local")


Sex = Literal["male", "female", "other"]
Words = Field(default_factory=list, max_length=500)
