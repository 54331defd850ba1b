"""MCP over HTTP within the server: at /mcp, behind the guard, without sessions, so that any caller's every request stands alone.

Started with the first request, so that a server which nobody asks for it starts quickly.
"""

from __future__ import annotations

import asyncio
from typing import Any

from osler.app.desk import Desk
from osler.app.problems import problem
from osler.errors import OslerError


class McpMount:
    """The endpoint. `close` ends it with the server."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._inner: Any = None
        self._live: asyncio.Task[None] | None = None
        self._ready, self._stop = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] in ("GET", "HEAD", "DELETE"):
            # Without sessions there is nothing to listen to or to end; a stream that was opened would stay open for nothing.
            refused = problem(405, "MCP takes POST here; there are no sessions", {"allow": "POST"})
            await refused(scope, receive, send)
            return
        if self._live is None:
            self._ready, self._stop = asyncio.Event(), asyncio.Event()
            self._live = asyncio.create_task(self._run())
        await self._ready.wait()
        if self._inner is None:
            self._live, failed = None, self._live
            await failed  # says why
            raise OslerError("MCP has ended; try again")
        await self._inner(scope, receive, send)

    async def close(self) -> None:
        """End it."""
        if self._live is not None:
            self._stop.set()
            await asyncio.wait({self._live})
            self._live = None

    async def _run(self) -> None:
        try:
            made = await self.desk.compute(self._made)
            # The manager keeps what it began until the end: entered and left by one task.
            async with made.session_manager.run():
                self._ready.set()
                await self._stop.wait()
        finally:
            self._inner = None
            self._ready.set()

    def _made(self) -> Any:
        from mcp.server.transport_security import TransportSecuritySettings

        from osler.app.mcp_server import server

        made = server(self.desk.settings.records, self.desk)
        # The guard stands before it: names of hosts, tokens, rates and sizes are its matter.
        self._inner = made.streamable_http_app(
            streamable_http_path="/mcp",
            stateless_http=True,
            max_request_body_size=int(self.desk.settings.max_mb * 1_000_000),
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        return made
