"""What the tests of the server's guard share: a client of an application, and a page's form token."""

from __future__ import annotations

import re
from typing import Any

from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings

HOME = "http://127.0.0.1:8080"
HTML = {"accept": "text/html"}


def client(base_url: str = HOME, **settings: Any) -> TestClient:
    """A client of a server with these settings, as a browser is: it keeps cookies, and goes where it is sent by itself only."""
    app = create_app(Settings(**{"per_minute": 100_000, **settings}))
    return TestClient(app, base_url=base_url, follow_redirects=False)


def csrf(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf" content="([^"]+)"', page)
    assert found, "the page has no form token"
    return found[1]


def opened(browser: TestClient, path: str = "/case?new=true") -> str:
    """The form token of a page that a browser opens."""
    return csrf(browser.get(path, headers=HTML).text)
