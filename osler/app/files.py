"""The page's own files: kept by browsers, asked about each time, and sent again only when they changed."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class Files(StaticFiles):
    """Static files with an ETag and `no-cache`: a browser keeps them and asks whether they are still the same."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """See `StaticFiles.file_response`."""
        reply = super().file_response(*given, **named)
        reply.headers["cache-control"] = "no-cache"
        return reply
