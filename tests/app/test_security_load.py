"""That one caller cannot use the server up: large texts, much long work at once, streams, keys and jobs have their limits."""

import asyncio
import threading
import time

import pytest

from osler.app import desk as desks
from osler.app.body import Body
from osler.app.desk import CALLING, Desk
from osler.app.settings import Settings
from osler.errors import LimitError
from tests.app.security import HTML, client, opened


@pytest.fixture(scope="module")
def browser(knowledge):
    with client(max_text=20_000) as made:
        yield made


def _fhir(words):
    note = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}, "code": {"text": words}}
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": note}]}


@pytest.mark.parametrize("path", ["findings", "diagnose", "next"])
def test_a_text_of_too_many_words_is_refused(browser, path):
    began = time.monotonic()
    reply = browser.post(f"/api/v1/{path}", json={"text": "no " * 2_000_000})
    assert reply.status_code == 422 and "--max-text" in reply.json()["detail"]
    assert time.monotonic() - began < 5


def test_a_text_of_too_many_words_within_a_record_is_refused(browser):
    reply = browser.post("/api/v1/findings", json=_fhir("no fever, " * 5_000))
    assert reply.status_code == 422 and "--max-text" in reply.json()["detail"]


def test_the_page_refuses_a_text_of_too_many_words(browser):
    form = {"csrf": opened(browser), "text": "no fever " * 5_000}
    reply = browser.post("/case", data=form, headers=HTML)
    assert reply.status_code == 422 and "--max-text" in reply.text


def _calling(received=b"x" * 60_000):
    async def receive():
        if not body.whole:
            return {"type": "http.request", "body": received}
        await left.wait()
        return {"type": "http.disconnect"}

    left = asyncio.Event()
    body = Body(receive, 10)
    return body, left


def test_short_work_does_not_wait_behind_long_work():
    async def run():
        desk, free = Desk(Settings()), threading.Event()
        body, _ = _calling()
        await body()
        CALLING.set(("somebody", body))
        long = [asyncio.ensure_future(desk.compute(free.wait, 20)) for _ in range(desks.MOST_LONG)]
        await asyncio.sleep(0.05)
        with pytest.raises(LimitError, match="large requests"):
            await desk.compute(free.wait, 20)
        CALLING.set(("somebody else", _calling()[0]))
        assert await asyncio.wait_for(desk.compute(lambda: "short"), 5) == "short"
        free.set()
        assert await asyncio.gather(*long) == [True] * desks.MOST_LONG
        await asyncio.sleep(0.05)
        assert not desk._busy
        desk.close()

    asyncio.run(run())


def test_long_work_of_a_caller_that_left_is_not_begun():
    async def run():
        desk, free, begun = Desk(Settings()), threading.Event(), []
        held = [asyncio.ensure_future(desk.compute_long(free.wait, 20)) for _ in range(64)]
        body, left = _calling()
        await body()
        CALLING.set(("somebody", body))
        waiting = asyncio.ensure_future(desk.compute(begun.append, 1))
        await asyncio.sleep(0.05)
        left.set()
        with pytest.raises(LimitError, match="went away"):
            await waiting
        free.set()
        await asyncio.gather(*held)
        assert not begun
        desk.close()

    asyncio.run(run())
