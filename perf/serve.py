"""The server against the engine called directly, on one core; and many open streams: lost events and memory.

    python perf/serve.py [requests] [streams]

The server runs in a process of its own, held to one core, with a bounded generator beside it. CPU time per diagnosis decides the
ratio (wall time is printed too): on a shared machine it holds better. Each stream is an `ask` with a simulated model that takes
its time; events are numbered, so a lost one shows, and the steps told must be those of the trace in the answer.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

LETTER = (Path(__file__).resolve().parents[1] / "examples" / "letter.txt").read_text("utf-8")
CASES: dict[str, dict[str, Any]] = {
    "letter": {"text": LETTER},
    "findings": {"present": ["HP:0001083", "HP:0001166", "HP:0000098"], "absent": ["HP:0001250"], "age": 24},
}
AT_ONCE = 8
MODEL = "simulated:accuracy=0.7,latency_ms=400"
ASK = {
    "question": "Which of these is it?",
    "options": {"A": "Marfan syndrome", "B": "homocystinuria", "C": "Loeys-Dietz syndrome"},
    "text": "A tall man of 24 with ectopia lentis and arachnodactyly.",
    "method": "self-consistency(samples=5)",
}


def serve(port: Any) -> None:
    """The server, on one core."""
    import socket

    import uvicorn

    from osler.app.main import create_app
    from osler.app.settings import Settings

    _one_core()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port.value = listener.getsockname()[1]
    settings = Settings(port=port.value, per_minute=10**9, models=(MODEL,))
    config = uvicorn.Config(create_app(settings), log_level="warning", access_log=False, backlog=1024)
    asyncio.run(uvicorn.Server(config).serve([listener]))


def direct(calls: int, told: Any) -> None:
    """The engine called directly, on the same core: CPU and wall seconds a call, for each kind of case."""
    from osler import runtime

    _one_core()
    base = runtime.knowledge("hpo")
    found = {}
    for name, body in CASES.items():
        given = {"source": body["text"].encode()} if "text" in body else body
        for _ in range(5):
            runtime.diagnose(base=base, **given)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            runtime.diagnose(base=base, **given)
        found[name] = ((time.process_time() - cpu) / calls, (time.perf_counter() - wall) / calls)
    told.put(found)


async def over_http(url: str, pid: int, body: dict[str, Any], calls: int) -> tuple[float, float]:
    """CPU and wall seconds a request of the server, with so many requests under way at once."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        left = iter(range(calls))

        async def worker() -> None:
            for _ in left:
                async with session.post(f"{url}/api/v1/diagnose", json=body) as reply:
                    assert reply.status == 200, await reply.text()
                    await reply.read()

        async def some(many: int) -> None:
            nonlocal left
            left = iter(range(many))
            await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

        await some(AT_ONCE)
        cpu, wall = _cpu(pid), time.perf_counter()
        await some(calls)
        return (_cpu(pid) - cpu) / calls, (time.perf_counter() - wall) / calls


async def streamed(url: str, many: int) -> tuple[int, int]:
    """Events of so many streams open at once, and how many are lost or astray."""
    import aiohttp

    timeout, connector = aiohttp.ClientTimeout(total=300), aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

        async def one() -> tuple[int, int]:
            async with session.post(f"{url}/api/v1/ask", json=ASK) as reply:
                assert reply.status == 200, await reply.text()
                parts = (await reply.text()).split("\n\n")
            return _checked([_event(part) for part in parts if part.startswith("id: ")])

        found = await asyncio.gather(*(one() for _ in range(many)))
    return sum(events for events, _ in found), sum(lost for _, lost in found)


def _event(part: str) -> tuple[int, str, Any]:
    lines = dict(line.split(": ", 1) for line in part.splitlines())
    return int(lines["id"]), lines["event"], json.loads(lines["data"])


def _checked(events: list[tuple[int, str, Any]]) -> tuple[int, int]:
    """How many events came, and how many are missing by their numbers, their steps, or the trace of the answer."""
    lost = sum(number != at for at, (number, _, _) in enumerate(events, 1))
    steps: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for _, name, data in events:
        if name in ("start", "delta", "end"):
            steps[tuple(data["path"])].append(data["seq"])
    lost += sum(seqs != list(range(len(seqs))) for seqs in steps.values())
    _, name, data = events[-1]
    told = {tuple(step["path"]) for step in data["trace"]["steps"]} if name == "answer" else set()
    return len(events), lost + (told != set(steps))


def _one_core() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _cpu(pid: int) -> float:
    """CPU seconds of a process so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, name: str = "VmHWM") -> float:
    """MB of a process: its peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1000


async def _up(url: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(f"{url}/healthz") as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise SystemExit("the server did not start")


def main(calls: int = 200, many: int = 200) -> None:
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    engine = context.Process(target=direct, args=(calls, told))
    engine.start()
    plain = told.get()
    engine.join()
    port = context.Value("i", 0)
    server = context.Process(target=serve, args=(port,), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{port.value}"
    asyncio.run(_up(url))
    assert server.pid is not None
    for name, body in CASES.items():
        cpu, wall = asyncio.run(over_http(url, server.pid, body, calls))
        own_cpu, own_wall = plain[name]
        print(
            f"{name:<9} engine {1 / own_cpu:6.1f}/s CPU {1 / own_wall:6.1f}/s wall   "
            f"POST /diagnose {1 / cpu:6.1f}/s CPU {1 / wall:6.1f}/s wall   ratio {own_cpu / cpu:.2f} CPU {own_wall / wall:.2f} wall"
        )
    began, before = time.perf_counter(), _memory(server.pid, "VmRSS")
    events, lost = asyncio.run(streamed(url, many))
    print(
        f"{many} streams at once: {events:,} events, {lost} lost, {time.perf_counter() - began:.1f} s; "
        f"peak memory {_memory(server.pid):.0f} MB ({before:.0f} before them)"
    )
    server.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
