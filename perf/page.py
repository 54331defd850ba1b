"""The page's figures: first meaningful view cold, its weight, and the differential after an edit with 20 people at work.

    .venv/bin/python perf/page.py            # all; --users 20 --edits 15 --pause 2
    .venv/bin/python perf/page.py --no-browser

The server runs in a process of its own, as `osler serve` does. First view: headless Chromium with an empty cache opens /case
(and, after the example was opened, the case itself); what is told is the first contentful paint and the bytes that came over
the wire. Edits: each user has a session and a case, changes one finding's status, waits for the fragments (findings, text and
differential), pauses as long as a quick person does (uniform, half to three halves of --pause seconds), and goes on.
Knows nothing of how the server does it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def start() -> tuple[subprocess.Popen[bytes], str]:
    """A server on a free port, and its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "osler", "serve", "--port", str(port), "--per-minute", "1000000"]
    server = subprocess.Popen(command, cwd=HERE, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            httpx.get(f"{url}/healthz", trust_env=False)
            return server, url
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def first_view(url: str) -> None:
    """First contentful paint in ms and weight in kB, for a browser that was never here."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, steps in (("/case, nothing open", 0), ("/case, the example open", 1)):
            paints, weights = [], []
            for _ in range(5):
                context = browser.new_context(base_url=url)
                page = context.new_page()
                wire = context.new_cdp_session(page)
                wire.send("Network.enable")
                received: list[float] = []
                wire.on(
                    "Network.loadingFinished", lambda done, to=received: to.append(done["encodedDataLength"])
                )
                page.goto("/case")
                if steps:
                    page.get_by_role("button", name="Open an example").click()
                    page.wait_for_selector("#beside .ranks")
                    wire.send("Network.clearBrowserCache")
                    received.clear()
                    page.reload()
                page.wait_for_load_state("networkidle")
                paints.append(
                    page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
                )
                weights.append(sum(received) / 1000)
                context.close()
            told = f"{statistics.median(paints):.0f} ms (worst {max(paints):.0f}), {max(weights):.1f} kB"
            print(f"first view, {name}: {told}")
        browser.close()


async def one_user(url: str, edits: int, pause: float, times: list[float], chance: random.Random) -> None:
    """One person at work: opens the example and changes findings."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30, follow_redirects=True) as client:
        page = (await client.get("/case")).text
        token = re.search(r'name="csrf" content="([^"]+)"', page)[1]  # type: ignore[index]
        page = (await client.post("/case/example", data={"csrf": token})).text
        case = re.search(r"case=(case-[0-9a-f]+)", page)[1]  # type: ignore[index]
        keys = re.findall(r'id="status-(HP-[0-9]+)"', page)
        headers = {"x-osler-partial": "1", "x-osler-csrf": token, "accept": "text/html"}
        for _ in range(edits):
            await asyncio.sleep(pause * chance.uniform(0.5, 1.5))
            body = {"case": case, "key": chance.choice(keys), "status": chance.choice(("present", "absent"))}
            began = time.perf_counter()
            reply = await client.post("/case/status", data=body, headers=headers)
            times.append(1000 * (time.perf_counter() - began))
            assert reply.status_code == 200, reply.text[:200]
            assert 'id="beside"' in reply.text


async def at_work(url: str, users: int, edits: int, pause: float) -> list[float]:
    """Milliseconds of every edit of all users together."""
    times: list[float] = []
    await asyncio.gather(*(one_user(url, edits, pause, times, random.Random(n)) for n in range(users)))
    return times


def main() -> None:
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--users", type=int, default=20)
    ask.add_argument("--edits", type=int, default=15)
    ask.add_argument("--pause", type=float, default=2.0, help="mean seconds between a person's edits")
    ask.add_argument("--no-browser", action="store_true")
    given = ask.parse_args()
    server, url = start()
    try:
        asyncio.run(at_work(url, 1, 3, 0.1))
        if CHROMIUM and not given.no_browser:
            first_view(url)
        for users in (1, given.users):
            times = sorted(asyncio.run(at_work(url, users, given.edits, given.pause)))
            middle, late = statistics.median(times), times[int(0.95 * (len(times) - 1))]
            print(
                f"an edit, {users} at work: median {middle:.0f} ms, p95 {late:.0f} ms, worst {times[-1]:.0f} ms"
            )
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
