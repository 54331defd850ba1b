"""The whole engine beside bare aiohttp (and lm-eval and Inspect where they are installed), same mock server, same items.

    python perf/engine.py [items] [connections] [--repeat N] [--profile] [--peers PYTHON]

The server runs in a process of its own, without latency and then at 100 ms. Printed are CPU milliseconds per item of the
client's process, samples per second and the ratio to bare aiohttp; ratios hold better than absolutes on a shared machine.
`--peers` is a Python that has lm-eval or Inspect installed; a peer that is missing is named and skipped.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

STEM = "A 54-year-old man has chest pain that began two hours ago while he was at rest. " * 11
TEXT = '{"reasoning": "' + "The findings fit one option best. " * 16 + '", "answer": "B"}'
REPLY = orjson.dumps(
    {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "mock",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 230, "completion_tokens": 140, "total_tokens": 370},
    }
)
Measured = dict[str, tuple[float, float]]  # contender: CPU ms per item, items per second


def serve(port: Any, latency_s: float) -> None:
    """Answer every chat completion with the same reply after `latency_s`."""
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        if latency_s:
            await asyncio.sleep(latency_s)
        return web.Response(body=REPLY, content_type="application/json")

    async def run() -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    asyncio.run(run())


def write_items(path: Path, items: int) -> None:
    """Choice questions of about 230 tokens as JSON lines."""
    with path.open("wb") as file:
        for i in range(items):
            options = {"A": f"infarction {i}", "B": "reflux", "C": "embolism", "D": "panic attack"}
            row = {"question": f"{i} {STEM}What is it?", "options": options, "answer": "ABCD"[i % 4]}
            file.write(orjson.dumps(row) + b"\n")


def timed(items: int, work: Callable[[], Any]) -> tuple[float, float]:
    """CPU ms per item of this process, and items per second."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) / items * 1e3, items / (time.perf_counter() - wall)


async def bare(url: str, items: Path, connections: int) -> None:
    """The least that can be done: read an item, post it, read the answer."""
    import aiohttp

    with items.open("rb") as file:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def worker() -> None:
                for line in file:
                    question = orjson.loads(line)["question"]
                    body = {"model": "mock", "messages": [{"role": "user", "content": question}]}
                    async with session.post(
                        f"{url}/chat/completions",
                        data=orjson.dumps(body),
                        headers={"Content-Type": "application/json"},
                    ) as response:
                        orjson.loads(await response.read())["choices"][0]["message"]["content"]

            await asyncio.gather(*(worker() for _ in range(connections)))


def engine(url: str, items: Path, connections: int, folder: Path, run: str) -> None:
    """`osler eval` without its start-up: full trace, cache, store and scores."""
    from osler.evaluation.language import Plan, start
    from osler.llm import Model, ReplyCache
    from osler.llm.openai import OpenAI

    cache = ReplyCache(folder / "replies.sqlite")
    model = Model(OpenAI("mock", url), cache=cache, concurrency=connections)
    plan = Plan("own", items, "zero-shot-cot", model="openai:mock")
    start(plan, folder / run, {"main": model}, concurrency=connections)
    cache.close()


def command(items: int, *words: str, cache: Path) -> tuple[float, float]:
    """CPU ms per item and items per second of a whole `osler` process, start-up included."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "osler", "--quiet", *words],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu / items * 1e3, items / (time.perf_counter() - wall)


def ours(url: str, items: Path, n: int, connections: int, profile: bool) -> Measured:
    """The engine, fresh and from the cache; the runs must agree to the byte."""
    from osler.evaluation.store import canonical_lines

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = lambda: engine(url, items, connections, folder, "first")  # noqa: E731
        if profile:
            _profiled(work)
            return _profiled(lambda: engine(url, items, connections, folder, "second")) or {}
        found = {"osler": timed(n, work)}
        found["osler, cached"] = timed(n, lambda: engine(url, items, connections, folder, "second"))
        assert list(canonical_lines(folder / "first")) == list(canonical_lines(folder / "second"))
    return found


def whole(items: Path, n: int) -> Measured:
    """Whole processes with the in-process simulated model, fresh and from the cache."""
    words = ("eval", "own", "--data", str(items), "--method", "zero-shot-cot", "--json")
    model = ("--model", "simulated:accuracy=0.7")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command(n, "--help", cache=folder)
        first = command(n, *words, *model, "--out", f"{folder}/a", cache=folder)
        second = command(n, *words, *model, "--out", f"{folder}/b", cache=folder)
    return {"osler eval, simulated": first, "osler eval, cached": second}


def _profiled(work: Callable[[], Any]) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile).sort_stats("tottime").print_stats(40)


# --- peers: one file run by the Python that has them, told apart by what it can import --------------------------------------
_INSPECT = """
import sys, json
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import get_model
from inspect_ai.scorer import choice
from inspect_ai.solver import multiple_choice
url, path, connections, log = sys.argv[1:]
rows = [json.loads(line) for line in open(path)]
samples = [Sample(r["question"], choices=list(r["options"].values()), target=r["answer"]) for r in rows]
model = get_model("openai-api/mock/mock", base_url=url, api_key="x")
eval(Task(samples, solver=multiple_choice(), scorer=choice()), model=model, max_connections=int(connections),
     max_samples=int(connections), display="none", log_dir=log)
"""
_LM_EVAL = """
import sys, json
from lm_eval.api.instance import Instance
from lm_eval.models.openai_completions import LocalChatCompletion
url, path, connections, log = sys.argv[1:]
rows = [json.loads(line) for line in open(path)]
model = LocalChatCompletion(base_url=url + "/chat/completions", model="mock", num_concurrent=int(connections),
                            tokenized_requests=False, tokenizer_backend=None)
ask = lambda text: (json.dumps([{"role": "user", "content": text}]), {"until": [], "max_gen_toks": 512})
from lm_eval.models.api_models import JsonChatStr
requests = [Instance("generate_until", {}, (JsonChatStr(ask(r["question"])[0]), ask("")[1]), i) for i, r in enumerate(rows)]
model.generate_until(requests, disable_tqdm=True)
"""
PEERS = {"Inspect": ("inspect_ai", _INSPECT), "lm-eval": ("lm_eval", _LM_EVAL)}


def peers(python: str, url: str, items: Path, n: int, connections: int) -> Measured:
    """Peers as whole processes (their start-up, measured by importing them alone, is taken off)."""
    found: Measured = {}
    for name, (module, script) in PEERS.items():
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode:
            print(f"  {name}: not installed for {python}, skipped (--peers PYTHON names another)")
            continue
        with tempfile.TemporaryDirectory() as log:
            empty = _child([python, "-c", script.split("url, path")[0]])
            full = _child([python, "-c", script, url, str(items), str(connections), log])
        if full is None or empty is None:
            print(f"  {name}: did not run with the version installed, skipped")
        else:
            found[name] = ((full[0] - empty[0]) / n * 1e3, n / max(1e-9, full[1] - empty[1]))
    return found


def _child(words: list[str]) -> tuple[float, float] | None:
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, capture_output=True, env={**os.environ, "OPENAI_API_KEY": "x"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None if done.returncode else (cpu, time.perf_counter() - wall)


def started(latency_s: float) -> tuple[Any, str]:
    """The server's process and its address."""
    port = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(port, latency_s), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.05)
    return server, f"http://127.0.0.1:{port.value}/v1"


def show(title: str, found: dict[str, list[tuple[float, float]]]) -> None:
    """Medians, and the ratio of CPU to bare aiohttp."""
    print(title)
    base = statistics.median(cpu for cpu, _ in found["bare aiohttp"])
    for name, pairs in found.items():
        cpu, rate = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
        print(f"  {name:24} {cpu:7.3f} CPU ms an item  {cpu / base:6.2f} × bare  {rate:7.0f} items/s")


def main() -> None:
    """Run all contenders, interleaved."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("items", type=int, nargs="?", default=2000)
    parser.add_argument("connections", type=int, nargs="?", default=64)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--peers", default=sys.executable)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        items = Path(name) / "items.jsonl"
        write_items(items, given.items)
        for latency in (0.0, 0.1):
            server, url = started(latency)
            asyncio.run(bare(url, items, given.connections))
            found: dict[str, list[tuple[float, float]]] = {}
            for _ in range(1 if given.profile or latency else given.repeat):
                aside = timed(given.items, lambda: asyncio.run(bare(url, items, given.connections)))  # noqa: B023
                measured = {
                    "bare aiohttp": aside,
                    **ours(url, items, given.items, given.connections, given.profile),
                }
                if not latency and not given.profile:
                    measured |= whole(items, given.items)
                for contender, pair in measured.items():
                    found.setdefault(contender, []).append(pair)
            if not given.profile:
                for peer, pair in peers(given.peers, url, items, given.items, given.connections).items():
                    found[peer] = [pair]
            title = (
                f"{given.items} items, {given.connections} connections, server latency {latency * 1e3:g} ms"
            )
            show(title, found)
            server.terminate()


if __name__ == "__main__":
    main()
