"""The page in a real browser: a server on a free port of loopback, headless Chromium, and an accessibility scan.

Skipped by name where Chromium or Playwright's Python client is missing. No screenshot is kept outside a test's own folder.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("OSLER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 375, "height": 740}
# What WCAG 2.2 AA asks for, and what axe calls good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests in one process, so that one server and one browser serve them."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Server:
    """A running server: its address, and the application within this process."""

    url: str
    app: Any

    @property
    def desk(self) -> Any:
        """What the server holds: sessions, jobs, settings."""
        return self.app.state.desk


@pytest.fixture(scope="session")
def serve(knowledge: Any) -> Iterator[Callable[..., Server]]:
    """A function that starts a server with other settings: `serve(models=("simulated:good",))`; all stop at the end."""
    import uvicorn

    from osler.app.main import create_app
    from osler.app.settings import Settings

    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**settings: Any) -> Server:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        app = create_app(Settings(**{"port": port, "per_minute": 100_000, **settings}))
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        _wait_for(lambda: server.started, "the server")
        return Server(f"http://127.0.0.1:{port}", app)

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def server(serve: Callable[..., Server]) -> Server:
    """A server with the default settings and no model."""
    return serve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, started once a file: its client holds the thread's event loop, which other tests need for theirs."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install Debian's chromium, or name one in OSLER_CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def open_page(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """A function that opens a fresh browser session: `open_page(viewport=PHONE)`; `base_url` may name another server.

    A script error, or a request to any other host, fails the test.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def make(base_url: str = "", **options: Any) -> Any:
        base = base_url or server.url
        context = browser.new_context(base_url=base, **{"reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("request", lambda sent: _foreign(sent.url, base) and wrong.append(f"asked {sent.url}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not wrong, wrong


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """One fresh browser session at the default server, 1280 × 800."""
    return open_page(viewport={"width": 1280, "height": 800})


@pytest.fixture
def phone(open_page: Callable[..., Any]) -> Any:
    """One fresh browser session at the size of a phone, with touch."""
    return open_page(viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` asserts that nothing serious or critical is found; `axe(page, dark=True)` in the dark look."""
    scan = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()

    def check(page: Any, dark: bool = False, within: str | None = None) -> None:
        page.emulate_media(color_scheme="dark" if dark else "light")
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
        found = scan.run(page, context=within, options=options).response["violations"]
        page.emulate_media(color_scheme="light")
        bad = [one for one in found if one["impact"] in ("serious", "critical")]
        told = [
            f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:5]}" for one in bad
        ]
        assert not told, "\n".join(told)

    return check


@pytest.fixture
def fits() -> Callable[[Any], None]:
    """`fits(page)` asserts that nothing sticks out sideways."""

    def check(page: Any) -> None:
        wide, seen = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen, f"the page is {wide} wide in a window of {seen}"

    return check


def _foreign(url: str, base: str) -> bool:
    return not url.startswith((base, "data:", "blob:", "about:"))


def _wait_for(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not start in {seconds:g} s")
        time.sleep(0.02)
