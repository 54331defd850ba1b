"""Draws the two pictures of the page that the README shows, from the example case: python docs/screens.py

Needs Chromium (Debian's package) and Playwright (extra dev). The server is one of this process, on loopback.
"""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from osler.app.main import create_app
from osler.app.settings import Settings

HERE = Path(__file__).resolve().parent
SIZE = {"width": 1180, "height": 760}


def main() -> None:
    """Open the example case, and draw the case and the differential."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(port=port)), port=port, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.goto(f"http://127.0.0.1:{port}/case")
        page.get_by_role("button", name="xample").first.click()
        page.get_by_role("heading", name="Findings").wait_for()
        page.screenshot(path=HERE / "page-case.png")
        page.get_by_role("navigation").get_by_role("link", name="Differential").click()
        page.get_by_role("heading", name="For and against").wait_for()
        page.screenshot(path=HERE / "page-differential.png")
        browser.close()
    server.should_exit = True


if __name__ == "__main__":
    main()
