"""Many open streams of a real server: every event comes, in order, to whom it belongs; a listener who leaves stops the work."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from osler.app import streams
from osler.app.main import create_app
from osler.app.settings import Settings

ASK = {
    "question": "Which is it?",
    "options": {"A": "Marfan syndrome", "B": "homocystinuria"},
    "text": "Ectopia lentis and arachnodactyly.",
    "method": "self-consistency(samples=3)",
}
MANY = 30


@pytest.fixture(scope="module")
def served(knowledge: Any) -> Iterator[tuple[str, Any]]:
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    models = ("simulated:accuracy=0.7,latency_ms=100",)
    app = create_app(Settings(port=listener.getsockname()[1], per_minute=10**9, models=models))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", app.state.desk
    server.should_exit = True
    thread.join(10)


def _read(text: str) -> list[tuple[int, str, Any]]:
    parts = [part for part in text.split("\n\n") if part.startswith("id: ")]
    rows = [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]
    return [(int(row["id"]), row["event"], json.loads(row["data"])) for row in rows]


def test_no_event_of_many_streams_is_lost(served: tuple[str, Any]) -> None:
    url, _ = served

    async def one(session: aiohttp.ClientSession, number: int) -> list[tuple[int, str, Any]]:
        asked = {**ASK, "question": f"Which is it, number {number}?"}
        async with session.post(f"{url}/api/v1/ask", json=asked) as reply:
            return _read(await reply.text())

    async def go() -> list[Any]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            return await asyncio.gather(*(one(session, number) for number in range(MANY)))

    for number, events in enumerate(asyncio.run(go())):
        assert [at for at, _, _ in events] == list(range(1, len(events) + 1))
        steps: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for _, name, data in events:
            if name in ("start", "delta", "end"):
                steps[tuple(data["path"])].append(data["seq"])
        assert all(seqs == list(range(len(seqs))) for seqs in steps.values())
        _, name, answer = events[-1]
        assert name == "answer"
        told = answer["trace"]["steps"]
        assert {tuple(step["path"]) for step in told} == set(steps)
        assert f"number {number}?" in json.dumps(told)


def test_leaving_a_stream_stops_its_method_and_frees_its_place(served: tuple[str, Any]) -> None:
    url, desk = served

    async def go() -> None:
        async with aiohttp.ClientSession() as session:
            asked = {**ASK, "method": "self-consistency(medagents, samples=20)"}
            async with session.post(f"{url}/api/v1/ask", json=asked) as reply:
                await reply.content.readline()
                assert desk.streams.now == 1
            for _ in range(100):
                if desk.streams.now == 0:
                    return
                await asyncio.sleep(0.05)

    asyncio.run(go())
    assert desk.streams.now == 0


def test_a_quiet_stream_is_kept_alive() -> None:
    async def source() -> Any:
        yield b"one"
        await asyncio.sleep(0.1)
        yield b"two"

    async def go() -> list[bytes]:
        return [part async for part in streams.alive(source(), quiet_s=0.03)]

    parts = asyncio.run(go())
    assert (parts[0], parts[-1]) == (b"one", b"two")
    assert set(parts[1:-1]) == {b": still here\n\n"}
