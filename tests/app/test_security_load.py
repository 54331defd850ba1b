"""That one caller cannot use the server up: large texts, much long work at once, streams, keys and jobs have their limits."""

import asyncio
import threading
import time

import pytest
from fastapi.responses import Response

from osler.app import desk as desks
from osler.app.api import jobs, keys
from osler.app.body import Body
from osler.app.desk import CALLING, Desk
from osler.app.failures import Busy
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


def test_all_callers_together_have_so_much_long_work_waiting():
    async def run():
        desk, free = Desk(Settings()), threading.Event()

        async def of(caller, count):
            body, _ = _calling(b"{}")
            await body()
            CALLING.set((caller, body))
            return [asyncio.ensure_future(desk.compute_long(free.wait, 20)) for _ in range(count)]

        one, other = await of("one", desks.MOST_READS), await of("other", desks.MOST_READS)
        await asyncio.sleep(0.05)
        with pytest.raises(Busy, match="try again"):
            await asyncio.gather(*await of("a third", 1))
        CALLING.set(None)
        job = asyncio.ensure_future(desk.compute_long(free.wait, 20))  # jobs have limits of their own
        free.set()
        assert set(await asyncio.gather(*one, *other, job)) == {True}
        await asyncio.sleep(0.05)
        assert await asyncio.gather(*await of("a third", 1)) == [True]
        desk.close()

    asyncio.run(run())


def test_one_caller_has_so_much_of_it_and_is_told_when_to_ask_again(knowledge, monkeypatch):
    monkeypatch.setattr(desks, "MOST_READS", 0)
    with client() as browser:
        refused = browser.post("/api/v1/search", json={"text": "aspirin"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        monkeypatch.setattr(desks, "MOST_READS", 1)
        monkeypatch.setattr(desks, "MOST_WAITING", 0)
        refused = browser.get("/api/v1/graph/near?name=fever")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert browser.post("/api/v1/findings", json={"text": "no fever"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "corpora",
        "graph",
        "graph/near?name=fever",
        "runs",
        "runs/x",
        "runs/x/records",
        "runs/compare?first=a&second=b",
    ],
)
def test_corpora_the_graph_and_runs_are_long_work(knowledge, monkeypatch, tmp_path, path):
    monkeypatch.setattr(desks, "MOST_WAITING", 0)
    with client(runs=tmp_path) as browser:
        assert browser.get(f"/api/v1/{path}").status_code == 503


def test_a_job_goes_on_when_its_request_is_over(knowledge):
    """Its work waits for its turn, and nobody is there any more who could have gone away."""
    with client() as browser:
        texts = [{"text": f"He has seizures. {'no fever ' * 7_000}"}] * 3
        job = browser.post("/api/v1/jobs", json={"kind": "diagnose", "cases": texts, "top": 1}).json()["id"]
        told = browser.get(f"/api/v1/jobs/{job}/events").text
        assert '"state":"done"' in told
        assert browser.get(f"/api/v1/jobs/{job}/result").json()["failures"] == []


# --- what another site's page can make a browser ask for ----------------------------------------------------------------
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(("mode", "dest"), [("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")])
def test_what_another_site_loads_is_refused_and_begins_no_session(browser, site, mode, dest):
    browser.cookies.clear()
    told = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    reply = browser.get("/case?new=true", headers=told)
    assert reply.status_code == 403 and "set-cookie" not in reply.headers


def test_a_link_on_another_site_can_be_followed(browser):
    told = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert browser.get("/case?new=true", headers=told).status_code == 200


def test_only_a_page_begins_a_session(browser):
    browser.cookies.clear()
    told = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
    assert "set-cookie" not in browser.get("/case?new=true", headers=told).headers
    assert "set-cookie" in browser.get("/case?new=true").headers


def test_links_take_the_place_of_links_not_of_the_persons_own_cases(knowledge):
    with client() as browser:
        own = browser.post("/case", data={"csrf": opened(browser), "text": "He has seizures."})
        for number in range(25):
            assert browser.get(f"/case?present=HP:0001250&age={number}").status_code == 303
        assert browser.get(own.headers["location"]).status_code == 200
        page = browser.get("/case?new=true").text
        assert page.count('href="/case?case=') <= 2


# --- MCP, keys, jobs ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_mcp_opens_no_stream(browser, method):
    browser.cookies.clear()
    reply = browser.request(method, "/mcp", headers={"accept": "text/event-stream"})
    assert reply.status_code == 405 and reply.headers["allow"] == "POST"


def test_long_words_are_refused_everywhere(browser):
    for path in ("terms?q=", "diseases?q=", "terms/", "diseases/"):
        assert browser.get(f"/api/v1/{path}{'a' * 500}").status_code == 422
    reply = browser.post("/api/v1/calculate/bmi", json={"inputs": {"weight": "7" * 5_000}})
    assert reply.status_code == 422


def test_replies_for_keys_give_way_also_behind_one_that_is_slow(monkeypatch):
    monkeypatch.setattr(keys, "MOST", 10)

    async def run():
        kept, free = keys.Keys(), asyncio.Event()

        async def slow():
            await free.wait()
            return Response(b"slow")

        async def quick():
            return Response(b"quick")

        first = asyncio.ensure_future(kept.once("slow", "me", "/", b"", slow))
        await asyncio.sleep(0)
        for number in range(40):
            await kept.once(f"k{number}", "me", "/", b"", quick)
        assert len(kept) <= 10
        free.set()
        assert (await first).body == b"slow"

    asyncio.run(run())


def test_of_those_that_wait_for_a_failure_one_goes_on():
    async def run():
        kept, tried = keys.Keys(), []

        async def work():
            tried.append(1)
            await asyncio.sleep(0.01)
            return Response(b"", 500 if len(tried) == 1 else 200)

        made = await asyncio.gather(*(kept.once("k", "me", "/", b"", work) for _ in range(10)))
        assert [one.status_code for one in made].count(200) == 9 and len(tried) == 2

    asyncio.run(run())


def test_a_job_has_a_size(browser):
    cases = [{"present": ["HP:0001250"]}] * 30
    reply = browser.post("/api/v1/jobs", json={"kind": "diagnose", "cases": cases, "top": 1_000})
    assert reply.status_code == 422 and "20,000" in reply.json()["detail"]
    reply = browser.post(
        "/api/v1/jobs", json={"kind": "eval", "benchmark": "medqa", "limit": 100_000, "epochs": 2}
    )
    assert reply.status_code == 422 and "epochs" in reply.json()["detail"]


def test_an_evaluation_keeps_to_the_servers_limit_of_calls(tmp_path):
    desk = Desk(Settings(runs=tmp_path, models=("openai:some",), calls=7))
    body = jobs.EvalJob(kind="eval", benchmark="phenopackets", method="zero-shot-cot")
    words, _ = jobs._words(desk, body)
    assert "--budget=calls=7" in words and "--model=openai:some" in words


def test_every_evaluation_that_may_ask_a_model_has_the_servers_budget(knowledge, tmp_path):
    from osler.cli.eval import _BENCHMARKS

    desk = Desk(Settings(runs=tmp_path, models=("simulated:good",), calls=7))

    def words(**about):
        return jobs._words(desk, jobs.EvalJob(kind="eval", **about))[0]

    assert "--budget=calls=7" in words(benchmark="pubmedqa")
    assert "--budget=calls=7" in words(benchmark="pubmedqa", method="extractive")
    assert "--budget=calls=7" in words(benchmark="phenopackets", method="zero-shot")
    # These go through no method over questions, ask no model, and refuse a budget.
    assert {"phenopackets", *jobs._OWN_DISEASES} == set(_BENCHMARKS)
    for name in _BENCHMARKS:
        assert not [one for one in words(benchmark=name) if one.startswith("--budget")]
    desk.close()
