"""CPU per model call at the leaf (cache write and metering included) against bare aiohttp, same server, same run.

    python perf/llm_leaf.py [calls] [connections] [--profile]

A zero-latency aiohttp server runs in another process. Each contender is run several times, interleaved; medians and the
ratio to bare aiohttp are printed, which hold better than absolute times on a shared machine.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

PROMPT = "A 54-year-old man has chest pain that began two hours ago while he was at rest. " * 11
TEXT = '{"reasoning": "' + "The findings fit one option best. " * 16 + '", "answer": "B", "confidence": 0.8}'
REPLY = orjson.dumps(
    {
        "id": "x",
        "model": "mock",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 230, "completion_tokens": 140, "total_tokens": 370},
    }
)
SCHEMA = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "answer": {"enum": ["A", "B", "C", "D"]},
        "confidence": {"type": "number"},
    },
    "required": ["reasoning", "answer", "confidence"],
}


def serve(port: Any) -> None:
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=REPLY, content_type="application/json")

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    asyncio.run(run())


async def spread(calls: int, connections: int, one: Callable[[int], Awaitable[Any]]) -> tuple[float, float]:
    """CPU ms a call and calls a second, `connections` workers at once."""
    todo = iter(range(calls))

    async def worker() -> None:
        for index in todo:
            await one(index)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    return (time.process_time() - cpu) / calls * 1e3, calls / (time.perf_counter() - wall)


async def bare(url: str, calls: int, connections: int) -> tuple[float, float]:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(index: int) -> None:
            body = {"model": "mock", "messages": [{"role": "user", "content": f"{index} {PROMPT}"}]}
            async with session.post(
                f"{url}/chat/completions",
                data=orjson.dumps(body),
                headers={"Content-Type": "application/json"},
            ) as response:
                orjson.loads(await response.read())["choices"][0]["message"]["content"]

        return await spread(calls, connections, one)


async def leaf(url: str, calls: int, connections: int, again: bool = False) -> dict[str, tuple[float, float]]:
    from osler.llm import Budget, Message, Model, ReplyCache
    from osler.llm.openai import OpenAI
    from osler.llm.structured import read_structured

    with tempfile.TemporaryDirectory() as folder:
        cache = ReplyCache(Path(folder) / "replies.sqlite")
        budget = Budget(calls=10**9, tokens=10**12)
        model = Model(OpenAI("mock", url), cache=cache, concurrency=connections, budget=budget)

        async def one(index: int) -> None:
            reply = await model.chat(
                [Message("user", f"{index} {PROMPT}")], schema=SCHEMA, path=(0, 1), budget=budget.child()
            )
            read_structured(reply.text, SCHEMA)

        first = await spread(calls, connections, one)
        cpu = time.process_time()
        cache.flush()
        first = (first[0] + (time.process_time() - cpu) / calls * 1e3, first[1])
        second = await spread(calls, connections, one)
        assert model.meter.calls == calls and model.meter.cached == calls
        await model.close()
        cache.close()
        return {"leaf": first, "leaf, cached": second}


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    calls, connections = (numbers + [2000, 64][len(numbers) :])[:2]
    port = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{port.value}/v1"
    found: dict[str, list[tuple[float, float]]] = {}
    asyncio.run(bare(url, 200, connections))
    asyncio.run(leaf(url, 200, connections))
    for _ in range(1 if "--profile" in sys.argv else 5):
        found.setdefault("bare aiohttp", []).append(asyncio.run(bare(url, calls, connections)))
        for name, pair in profiled(url, calls, connections).items():
            found.setdefault(name, []).append(pair)
    server.terminate()
    base = statistics.median(cpu for cpu, _ in found["bare aiohttp"])
    print(
        f"{calls} calls, {connections} connections, CPU ms a call (median of {len(found['leaf'])}), ratio, calls/s"
    )
    for name, pairs in found.items():
        cpu = statistics.median(pair[0] for pair in pairs)
        rate = statistics.median(pair[1] for pair in pairs)
        print(f"  {name:14} {cpu:6.3f}  {cpu / base:5.2f}  {rate:7.0f}")


def profiled(url: str, calls: int, connections: int) -> dict[str, tuple[float, float]]:
    if "--profile" not in sys.argv:
        return asyncio.run(leaf(url, calls, connections))
    import cProfile
    import pstats

    profile = cProfile.Profile()
    result = profile.runcall(asyncio.run, leaf(url, calls, connections))
    pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    return result


if __name__ == "__main__":
    main()
