"""The model as methods use it: draws, seeds, the cache in front, what is counted."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

import pytest
from servers import Script, asking, completion

from osler.llm import CallFailed, Message, Model, Prices, Reply, ReplyCache, RetryPolicy, Sampling, Simulated
from osler.llm.model import draw_seed
from osler.llm.types import Capabilities, TokenLogprob, ToolCall, Usage


class Echo:
    """A provider that answers with the seed it was given."""

    name, identity, local, capabilities = "echo", "echo", False, Capabilities()

    def __init__(self, fail=0):
        self.fail, self.calls, self.at_once, self.most = fail, 0, 0, 0

    async def complete(self, request, *, draw=None, timeout=None, on_delta=None):
        self.calls += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await asyncio.sleep(0)
            if self.calls <= self.fail:
                raise CallFailed("not yet", retry=True)
            return Reply(str(draw))
        finally:
            self.at_once -= 1

    async def close(self):
        pass


def model(provider=None, **options):
    return Model(provider or Echo(), prices=Prices(), retry=RetryPolicy(base_s=0.001), **options)


def said(asked, **call):
    return asyncio.run(asked.chat([Message("user", "?")], **call)).text


def test_every_draw_and_path_has_a_seed_of_its_own_that_comes_back():
    asked = model()
    seeds = [said(asked, path=path, draw=draw) for path in ((), (0,), (1,), (0, 1)) for draw in range(3)]
    assert len(set(seeds)) == 12 and seeds == [
        said(model(), path=p, draw=d) for p in ((), (0,), (1,), (0, 1)) for d in range(3)
    ]
    assert said(asked) == "0" and said(asked, sampling=Sampling(seed=42)) == "42"
    assert said(model(seed=None)) == "None" and said(model(seed=7), draw=1) == str(draw_seed(7, (), 1))
    assert all(0 <= int(seed) < 2**31 for seed in seeds)


def test_a_reply_comes_back_from_the_cache_whole():
    reply = Reply(
        "B", "Hm.", "tool_calls", (ToolCall("1", "f", "{}"),), [TokenLogprob("B", -0.1, [("B", -0.1), ("A", -2.0)])],
        [1, 2], [3], Usage(2, 1, 1), "m", cost=0.5, latency_s=2.0,
    )  # fmt: skip
    again = Reply.from_bytes(reply.to_bytes())
    assert (again.cached, again.cost, again.latency_s) == (True, 0.0, 0.0)
    again.cached, again.cost, again.latency_s = False, 0.5, 2.0
    assert again == reply


def test_a_cached_reply_is_streamed_as_well_and_a_failure_is_not_kept():
    cache, shown = ReplyCache(), []
    first = model(Echo(fail=100), cache=cache)
    with pytest.raises(CallFailed, match="tried 6 times"):
        said(first)
    assert first.meter.failures == 1 and first.meter.retries == 5 and cache.info().entries == 0
    said(model(cache=cache))
    second = model(cache=cache)
    said(second, on_delta=lambda piece, kind: shown.append((piece, kind)))
    assert shown == [("0", "text")] and second.provider.calls == 0
    cache.close()


def test_usage_that_the_server_leaves_out_is_estimated_and_marked():
    asked = model()
    asyncio.run(asked.chat([Message("user", "x" * 400)]))
    assert 90 < asked.meter.prompt_tokens < 130 and asked.meter.unpriced == 1


def test_the_limit_is_at_the_leaf_so_nested_work_cannot_deadlock():
    asked = model(concurrency=2)

    async def layer(depth):
        if depth:
            await asyncio.gather(*(layer(depth - 1) for _ in range(3)))
        await asked.chat([Message("user", str(depth))])

    asyncio.run(asyncio.wait_for(layer(4), 10))
    assert asked.provider.most == 2 and asked.gate.under_way == 0


def test_a_cancelled_call_gives_its_place_back():
    asked = model(Simulated("hang=1"), concurrency=1)

    async def work():
        calls = [asyncio.ensure_future(asked.chat([Message("user", str(i))])) for i in range(3)]
        await asyncio.sleep(0.01)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(work())
    assert asked.gate.under_way == 0


def test_one_model_serves_several_event_loops_one_after_another():
    script = Script(completion())

    async def both():
        async with script.up() as url:
            from osler.llm import from_spec

            asked = from_spec("openai:x", base_url=url)
            for _ in range(2):
                await asked.chat([Message("user", "?")])
                await asked.close()  # and is opened again when needed
            return asked.meter.calls

    assert asyncio.run(both()) == 2


def test_memory_stays_flat(tmp_path):
    cache = ReplyCache(tmp_path / "r.sqlite")
    asked = Model(
        Simulated("good,outage=0.01"),
        cache=cache,
        prices=Prices(),
        rpm=10**6,
        tpm=10**9,
        retry=RetryPolicy(base_s=1e-6),
    )

    async def work(start, n):
        await asyncio.gather(*(asked.chat([Message("user", f"{i}")]) for i in range(start, start + n)))

    asyncio.run(work(0, 500))
    cache.flush()
    gc.collect()
    tracemalloc.start()
    asyncio.run(work(500, 2000))
    cache.flush()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    cache.close()
    assert grown < 2000 * 500  # the sliding minute's entries and the outage counts, both bounded


def test_sixty_four_calls_share_the_connections():
    async def work():
        async with asking(Script(completion()), concurrency=8) as asked:
            await asyncio.gather(*(asked.chat([Message("user", str(i))]) for i in range(64)))
            return asked.meter

    meter = asyncio.run(work())
    assert (meter.calls, meter.prompt_tokens, meter.completion_tokens) == (64, 640, 320)
