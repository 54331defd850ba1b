"""The application: guard, API, pages and MCP over one desk. `osler serve` runs it; tests call it in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from osler import __version__
from osler.app.api.description import name_of, prepare
from osler.app.desk import Desk
from osler.app.files import Files
from osler.app.guard import Guard
from osler.app.mcp_mount import McpMount
from osler.app.memory import give_back
from osler.app.missing import add_missing
from osler.app.problems import add_handlers
from osler.app.settings import Settings
from osler.app.verbs import Verbs

ABOUT = (
    "Medical reasoning that can be checked: findings, differentials with evidence, calculators, retrieval, graph and runs. "
    "For research and education; not a medical device."
)
FORGET_S = 30.0
# What is under way when the server ends has so many seconds to write what it has.
LAST_S = 3.0
# Each module has a `router`. Views before the API, so that both are found at their own paths.
PAGES = (
    "login",
    "privacy",
    "case",
    "differential",
    "next_questions",
    "ask",
    "notes",
    "calculators",
    "runs",
    "debugger",
    "compare_models",
    "explorer",
    "study",
)
API = ("diagnose", "ask", "calculate", "know", "debug", "runs", "jobs", "fhir", "cds_hooks")


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole application for these settings. The engine is loaded as the server starts, so the first caller does not wait."""
    settings = settings or Settings()
    desk = Desk(settings)
    mcp = McpMount(desk)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await desk.compute(lambda: desk.knowledge)
        warming = asyncio.ensure_future(desk.compute(desk.warm))
        forgetting = asyncio.ensure_future(_forget(app, desk))
        yield
        warming.cancel()
        forgetting.cancel()
        desk.end()
        await desk.jobs.over(LAST_S)
        await mcp.close()
        desk.close()

    app = FastAPI(
        title="Osler",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        generate_unique_id_function=name_of,
    )
    app.state.desk = desk
    prepare(app, desk.kept_s)
    add_handlers(app)
    add_missing(app)
    # A study is served alone: no arm has help that is not its own.
    alone = settings.study is not None
    for name in ("login", "privacy", "study") if alone else PAGES:
        app.include_router(import_module(f"osler.app.pages.{name}").router, include_in_schema=False)
    for name in () if alone else API:
        app.include_router(import_module(f"osler.app.api.{name}").router)
    if not alone:
        app.router.routes.append(Route("/mcp", mcp, include_in_schema=False))
    app.mount("/static", Files(directory=Path(__file__).resolve().parent / "static"), name="static")
    app.add_api_route("/", _first, include_in_schema=False)
    app.add_api_route("/healthz", _healthy, include_in_schema=False)
    app.add_middleware(Verbs, whole=app)
    # Event streams are left as they are (text/event-stream is among what it passes by), so no event waits in a buffer.
    app.add_middleware(GZipMiddleware, minimum_size=700, compresslevel=6)
    app.add_middleware(Guard, desk=desk)
    return app


async def _forget(app: FastAPI, desk: Desk) -> None:
    """Forget what rested too long also where nobody calls, and give back the memory that is free."""
    while True:
        await asyncio.sleep(FORGET_S)
        desk.sessions.sweep()
        desk.jobs.sweep()
        app.state.keys.sweep()
        await desk.compute(give_back)


async def _first(request: Request) -> Any:
    alone = request.app.state.desk.settings.study is not None
    return RedirectResponse("/study" if alone else "/case")


async def _healthy() -> Any:
    return JSONResponse({"status": "up", "version": __version__})
