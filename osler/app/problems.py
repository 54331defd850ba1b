"""Errors as callers of the API meet them: problem+json (RFC 9457), with the same messages as on the command line.

400 the request is wrong (UsageError)      422 an input cannot be read (InputError, or a body that is not as described)
429 a limit is reached (LimitError)        502 a model or source failed (SourceError)

An error that nobody thought of is the guard's to tell (500): its type alone, never its words, which may hold case text.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from osler.errors import InputError, LimitError, OslerError, SourceError, UsageError

# Paths that programs call: they get problems, and no session is begun for them.
PROGRAMS = ("/api/", "/cds-services", "/openapi.json", "/mcp")
STATUS: dict[type[OslerError], int] = {InputError: 422, LimitError: 429, SourceError: 502, UsageError: 400}
TITLES = {
    400: "The request is wrong",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    421: "Misdirected request",
    422: "The input cannot be read",
    429: "A limit is reached",
    500: "Internal error",
    502: "A source failed",
    503: "Not available",
}


def status_of(error: OslerError) -> int:
    """The status code that an error means."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem+json reply. `detail` says what to do next."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, "detail": detail}
    return JSONResponse(body | more, status, headers, media_type="application/problem+json")


def answer(request: Request, status: int, detail: str, headers: Any = None, **more: Any) -> Response:
    """An error as its caller can read it: a page for a person in front of one, else a problem."""
    from osler.app.pages.rendering import error_page

    if request.url.path.startswith(PROGRAMS) or "text/html" not in request.headers.get("accept", ""):
        return problem(status, detail, dict(headers or {}), **more)
    made = error_page(request, status, detail)
    made.headers.update(dict(headers or {}))
    return made


def add_handlers(app: FastAPI) -> None:
    """Turn every error of a route into a problem; a person's page gets a page that says the same."""

    async def expected(request: Request, error: Exception) -> Any:
        assert isinstance(error, OslerError)
        return answer(request, status_of(error), str(error))

    async def refused(request: Request, error: Exception) -> Any:
        assert isinstance(error, HTTPException)
        return answer(request, error.status_code, str(error.detail), error.headers)

    async def misformed(request: Request, error: Exception) -> Any:
        assert isinstance(error, RequestValidationError)
        wrong = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()[:20]]
        told = "; ".join(f"{one['where']}: {one['what']}" for one in wrong[:3])
        return answer(request, 422, told or "the body is not as described", errors=wrong)

    app.add_exception_handler(OslerError, expected)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, misformed)
