"""`osler serve` told to stop while streams are open and jobs run: it ends quietly and soon, and nothing of it goes on."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CASES = {"kind": "diagnose", "cases": [{"text": "ectopia lentis"}] * 1_000}
EVALUATION = {"kind": "eval", "benchmark": "phenopackets", "limit": 5_000}
QUESTION = {"question": "What is it?", "text": "Ectopia lentis.", "method": "zero-shot"}


class Server:
    """A server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "runs").mkdir()
        words = [
            sys.executable, "-m", "osler", "serve", "--port", str(port), "--runs", str(folder / "runs"),
            "--model", "simulated:good,latency_ms=30000",
        ]  # fmt: skip
        self.base = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(600):
            if self._up():
                return
            time.sleep(0.1)
        raise AssertionError(f"the server does not start: {self.stop(signal.SIGKILL)}")

    def _up(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.base}/healthz", timeout=5).status == 200
        except OSError:
            return False

    def post(self, path: str, body: Any) -> Any:
        """A reply that is not read yet."""
        data = json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.base}{path}", data, {"Content-Type": "application/json"})
        return urllib.request.urlopen(asked, timeout=60)

    def get(self, path: str) -> Any:
        """A reply that is not read yet."""
        return urllib.request.urlopen(f"{self.base}{path}", timeout=60)

    def refused(self, body: Any) -> tuple[int, str]:
        """The problem that an answer ended in."""
        try:
            self.post("/api/v1/ask", body)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["detail"]
        raise AssertionError("there was an answer")

    def stop(self, how: int) -> tuple[int, str]:
        """The exit code, and what was written on standard error."""
        self.process.send_signal(how)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_open_streams_and_jobs_end_with_the_server(server: Server, how: int, code: int) -> None:
    jobs = [json.load(server.post("/api/v1/jobs", body)) for body in (CASES, EVALUATION)]
    watched = [server.get(f"/api/v1/jobs/{job['id']}/events") for job in jobs]
    watched.append(server.post("/api/v1/ask", QUESTION))
    for one in watched[::2]:
        assert one.readline()
    waiting: list[Any] = []
    whole = threading.Thread(target=lambda: waiting.append(server.refused({**QUESTION, "stream": False})))
    whole.start()
    time.sleep(1)
    found, said = server.stop(how)
    whole.join(timeout=30)
    # One line on how to end it, as at the start; nothing of what was cancelled.
    assert (found, said.count("\n")) == (code, 1), said
    for one in watched:
        one.read()  # raises where a stream was cut off
    assert waiting[0][0] == 503 and "ending" in waiting[0][1]


def test_callers_who_are_cut_short_are_no_error(server: Server) -> None:
    large = {"text": "Fever, scoliosis, no seizures, tall stature. " * 8_500}
    found: list[int] = []

    def ask() -> None:
        try:
            found.append(server.post("/api/v1/diagnose", large).status)
        except urllib.error.HTTPError as error:
            found.append(error.code)
        except OSError:  # closed before it was taken
            found.append(0)

    callers = [threading.Thread(target=ask) for _ in range(12)]
    for one in callers:
        one.start()
    time.sleep(1)
    _, said = server.stop(signal.SIGTERM)
    for one in callers:
        one.join(timeout=30)
    assert said.count("\n") == 1, said
    assert 503 in found and set(found) <= {200, 503, 0}


STUBBORN = "import signal, subprocess, sys, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
CHILD = f"""
import asyncio, pathlib, sys
from osler.app import children

async def nothing():
    pass

async def main():
    inner = "{STUBBORN}" + "print(subprocess.Popen(['sleep', '77.5'], stdout=subprocess.DEVNULL).pid, file=open(sys.argv[1], 'w', 1)); time.sleep(60)"
    task = asyncio.ensure_future(children.run([sys.executable, "-c", inner, sys.argv[1]], nothing))
    while not pathlib.Path(sys.argv[1]).read_text().endswith("\\n"):
        await asyncio.sleep(0.05)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.2)
    await asyncio.wait([task])

asyncio.run(main())
"""


def test_a_process_that_will_not_end_is_ended_with_what_it_began(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    noted.touch()
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", CHILD, str(noted)], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    state = Path(f"/proc/{int(noted.read_text())}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"
