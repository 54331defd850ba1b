"""Errors as callers of the API meet them: problem+json (RFC 9457), with the same messages as on the command line.

400 the request is wrong (UsageError)      422 an input cannot be read (InputError, or a body that is not as described)
429 a limit is reached (LimitError)        502 a model or source failed (SourceError)
503 something of the server's own is broken or full (Unavailable, or a file that cannot be read)

An error that nobody thought of is the guard's to tell (500): its type alone, never its words, which may hold case text.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from osler.app.failures import Unavailable, for_callers
from osler.app.wording import Way, for_caller, problems_of
from osler.errors import Damaged, InputError, LimitError, OslerError, SourceError, UsageError

# Paths that programs call: they get problems, and no session is begun for them.
PROGRAMS = ("/api/", "/cds-services", "/openapi.json", "/mcp")
STATUS: dict[type[OslerError], int] = {
    Damaged: 503,
    InputError: 422,
    LimitError: 429,
    SourceError: 502,
    UsageError: 400,
    Unavailable: 503,
}
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


# What stands at no address.
NOWHERE: dict[Way, str] = {
    "api": "there is nothing at this address; GET /openapi.json describes what there is",
    "mcp": "there is nothing at this address",
    "page": "there is no such page",
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


def waiting(error: OslerError) -> dict[str, str]:
    """The header that says when to ask again, where an error says it."""
    after = getattr(error, "retry_after", None)
    return {"retry-after": str(after)} if after else {}


def _way(request: Request) -> Way:
    return "api" if request.url.path.startswith(PROGRAMS) else "page"


def add_handlers(app: FastAPI) -> None:
    """Turn every error of a route into a problem; a person's page gets a page that says the same."""

    async def expected(request: Request, error: Exception) -> Any:
        assert isinstance(error, (OslerError, OSError))
        told = for_callers(error)
        return answer(request, status_of(told), for_caller(str(told), _way(request)), waiting(told))

    async def refused(request: Request, error: Exception) -> Any:
        assert isinstance(error, HTTPException)
        detail, headers = str(error.detail), error.headers
        if error.status_code == 404 and detail == "Not Found":
            detail = NOWHERE[_way(request)]
        elif error.status_code == 405 and headers:
            detail = f"this address takes {headers.get('allow') or headers.get('Allow') or 'other methods'}"
        return answer(request, error.status_code, for_caller(detail, _way(request)), headers)

    async def misformed(request: Request, error: Exception) -> Any:
        assert isinstance(error, RequestValidationError)
        wrong = problems_of(error.errors()[:100])[:20]
        told = "; ".join(one["what"] for one in wrong[:3])
        return answer(request, 422, told or "the body is not as described", errors=wrong)

    app.add_exception_handler(OslerError, expected)
    app.add_exception_handler(OSError, expected)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, misformed)
