"""What is not there, or not any more, at the page: 404, where programs get the status that the API gives them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request

from osler.app.problems import PROGRAMS, answer, status_of
from osler.app.wording import for_caller
from osler.errors import Missing


def add_missing(app: FastAPI) -> None:
    """Tell a person that what an address names is not there; to be called after the other handlers."""

    async def missing(request: Request, error: Exception) -> Any:
        assert isinstance(error, Missing)
        if request.url.path.startswith(PROGRAMS):
            return answer(request, status_of(error), for_caller(str(error), "api"))
        return answer(request, 404, for_caller(str(error), "page"))

    app.add_exception_handler(Missing, missing)
