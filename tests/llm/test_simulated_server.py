"""The simulated model as a server says the same as in process, and fails as real servers do."""

from __future__ import annotations

import asyncio
import json as stdlib_json

import pytest
from servers import QUICK

from osler.llm import (
    CallFailed,
    ImagePart,
    Message,
    Model,
    Planted,
    Prices,
    RetryPolicy,
    Sampling,
    Simulated,
    TextPart,
    Tool,
)
from osler.llm.openai import OpenAI
from osler.llm.simulated.server import serving

OPTIONS = {"A": "Aspirin", "B": "Clopidogrel", "C": "Warfarin", "D": "Heparin"}
ITEMS = [
    Planted(f"Patient number {i} has chest pain after exercise: what is given first?", "ABCD"[i % 4], OPTIONS)
    for i in range(8)
]
SCHEMA = {
    "type": "object",
    "properties": {"why": {"type": "string"}, "answer": {"enum": list("ABCD")}},
    "required": ["why", "answer"],
}
TOOL = Tool(
    "lookup", "Look up.", {"type": "object", "properties": {"drug": {"type": "string"}}, "required": ["drug"]}
)


def text(item):
    return f"{item.question}\n" + "\n".join(f"{key}. {value}" for key, value in OPTIONS.items())


@pytest.mark.parametrize("profile", ["good,thinking=8", "malformed", "refusing", "prompted", "biased"])
def test_the_server_says_what_the_model_in_process_says(profile):
    calls = [
        {},
        {"schema": SCHEMA},
        {"on_delta": lambda *_: None},
        {"sampling": Sampling(logprobs=2, token_ids=True, max_tokens=20, stop=("fits",))},
        {"tools": [TOOL]},
        {"schema": SCHEMA, "on_delta": lambda *_: None, "sampling": Sampling(seed=77)},
    ]

    async def both():
        inside = Simulated(profile).plant(ITEMS)
        here = Model(Simulated(profile).plant(ITEMS), prices=Prices())
        async with serving(inside) as url:
            there = Model(OpenAI(here.name, url), prices=Prices(), retry=QUICK)
            for number, item in enumerate(ITEMS):
                for call in calls:
                    turn = {"path": (number, 3), "draw": number, **call}
                    ours = await here.chat([Message("user", text(item))], **turn)
                    theirs = await there.chat([Message("user", text(item))], **turn)
                    ours.latency_s = theirs.latency_s = ours.cost = theirs.cost = 0.0
                    yield ours, theirs
            scores = [await m.loglikelihood(f"{text(item)}\nAnswer:", [" A", " B"]) for m in (here, there)]
            yield [s.logprob for s in scores[0]], pytest.approx([s.logprob for s in scores[1]])
            await there.close()

    async def work():
        async for ours, theirs in both():
            assert ours == theirs

    asyncio.run(work())


def serve(profile, work, token=None):
    async def run():
        model = Simulated(profile).plant(ITEMS)
        async with serving(model, token=token) as url:
            asked = Model(OpenAI("x", url), prices=Prices(), retry=RetryPolicy(attempts=1), timeout=5.0)
            try:
                return await work(asked, url, model)
            finally:
                await asked.close()

    return asyncio.run(run())


def test_rate_limits_are_429_with_retry_after_and_outages_503():
    async def flood(asked, url, model):
        await asked.chat([Message("user", "1")])
        with pytest.raises(CallFailed) as failed:
            await asked.chat([Message("user", "2")])
        return failed.value

    failed = serve("perfect,rpm=1", flood)
    assert failed.status == 429 and 1 <= failed.retry_after <= 61

    async def one(asked, url, model):
        with pytest.raises(CallFailed) as failed:
            await asked.chat([Message("user", "1")])
        return failed.value.status

    assert serve("perfect,outage=1", one) == 503


def test_a_key_can_be_asked_for(monkeypatch):
    async def one(asked, url, model):
        return (await asked.chat([Message("user", "1")])).text

    with pytest.raises(CallFailed, match="401"):
        serve("perfect", one, token="secret-token")
    monkeypatch.setenv("OSLER_API_KEY", "secret-token")
    assert serve("perfect", one, token="secret-token")


def test_bad_bodies_are_400_and_images_are_taken_or_refused():
    async def bad(asked, url, model):
        import aiohttp

        statuses = []
        async with aiohttp.ClientSession() as session:
            for body in (
                b"{",
                b"[]",
                b'{"messages": 3}',
                b'{"messages": [{"role": "user", "content": [{}]}]}',
            ):
                async with session.post(f"{url}/chat/completions", data=body) as response:
                    statuses.append(response.status)
                    stdlib_json.loads(await response.read())["error"]["message"]
            async with session.get(f"{url.removesuffix('/v1')}/health") as response:
                statuses.append(response.status)
        return statuses

    assert serve("perfect", bad) == [400, 400, 400, 400, 200]

    async def look(asked, url, model):
        picture = ImagePart.of(b"png", "image/png")
        return (await asked.chat([Message("user", (TextPart("See."), picture))])).usage.prompt

    assert serve("perfect", look) > 256
    with pytest.raises(CallFailed, match="image_url is not supported"):
        serve("perfect,images=false", look)


def test_sixty_four_at_once():
    async def many(asked, url, model):
        await asyncio.gather(*(asked.chat([Message("user", str(i))], draw=i) for i in range(300)))
        return model.calls

    assert serve("good,latency_ms=5", many) == 300
