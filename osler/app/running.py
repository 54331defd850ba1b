"""The server process: uvicorn over loopback unless told otherwise, impatient with connections that send nothing or too slowly.

Whoever connects must send a request's head within some seconds (uvicorn alone would wait for ever); bodies are timed in body.py.
Addresses that a proxy forwards are believed of the proxy that was named, of nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any, cast

from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from osler.app.settings import Settings

HEAD_S, KEEP_ALIVE_S, SPARE_CONNECTIONS = 10.0, 15, 500
# The exit code of a server that could not start, as uvicorn has it.
NOT_STARTED = 3


class Impatient(H11Protocol):
    """HTTP/1.1 that closes a connection whose next request does not come whole in time."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_S, self._too_late)

    def data_received(self, data: bytes) -> None:
        """Wait no more where the head is whole; begin to wait where the next one begins."""
        super().data_received(data)
        if not self._idle():
            self._stop()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD_S, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for."""
        self._stop()
        super().connection_lost(exc)

    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self._idle():
            self.transport.close()


def config(app: Any, settings: Settings) -> dict[str, Any]:
    """How uvicorn is run for these settings."""
    return {
        "app": app,
        "host": settings.host,
        "port": settings.port,
        "http": Impatient,
        "ws": "none",
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": settings.proxy is not None,
        "forwarded_allow_ips": settings.proxy or "",
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": 3,
        "limit_concurrency": settings.streams + SPARE_CONNECTIONS,
    }


class Ending(Server):
    """A server that ends what is open before it waits for its callers: streams and jobs would have no end of their own."""

    async def shutdown(self, sockets: Any = None) -> None:
        """End."""
        cast(Any, self.config.app).state.desk.end()
        await super().shutdown(sockets)


def run(settings: Settings) -> None:
    """Serve until ended. Raises SourceError where an audit log was asked for and cannot be written."""
    from osler.app.main import create_app

    app = create_app(settings)
    if app.state.desk.audit is not None:
        app.state.desk.audit.check()
    server = Ending(Config(**config(app, settings)))
    logging.getLogger("uvicorn.error").addFilter(_worth_telling)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(NOT_STARTED)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Whether a line of uvicorn's tells something: that callers are cut short as the server ends is meant, and no error."""
    return not str(record.msg).startswith("Cancel %s running task(s)")
