"""What holds for every route of the API: keys, verbs, limits, tokens, and the description that clients are made from."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import Response
from starlette.testclient import TestClient

from osler.app.api.keys import Keys
from osler.app.main import create_app
from osler.app.settings import Settings

BASE = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(per_minute=10**9)), base_url=BASE) as client:
        yield client


# --- Idempotency keys -------------------------------------------------------------------------------------------------
def test_the_same_key_and_body_give_the_same_reply_once(api: TestClient) -> None:
    body, key = {"kind": "diagnose", "cases": [{"text": "fever"}]}, {"Idempotency-Key": "job-1"}
    first, again = (api.post("/api/v1/jobs", json=body, headers=key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert len(api.get("/api/v1/jobs").json()["jobs"]) == 1
    other = api.post("/api/v1/jobs", json={**body, "top": 2}, headers=key)
    assert other.status_code == 422
    assert "another body" in other.json()["detail"]


def test_an_error_is_given_again_too(api: TestClient) -> None:
    key = {"Idempotency-Key": "wrong-1"}
    first, again = (
        api.post("/api/v1/calculate/bmi", json={"inputs": {"weight": "68 kg"}}, headers=key) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_form(api: TestClient, key: str) -> None:
    assert (
        api.post("/api/v1/next", json={"present": ["fever"]}, headers={"Idempotency-Key": key}).status_code
        == 400
    )


def test_keys_are_bounded_in_time_and_number_and_belong_to_their_caller() -> None:
    now, ran = [0.0], []

    async def go() -> None:
        keys = Keys(clock=lambda: now[0])

        async def work() -> Response:
            ran.append(1)
            await asyncio.sleep(0)
            return Response(b"x" * 10)

        async def call(key: str, owner: str = "a") -> Response:
            return await keys.once(key, owner, "/p", b"body", work)

        await asyncio.gather(call("k"), call("k"))  # the second waits for the first
        assert len(ran) == 1
        await call("k", "b")
        assert len(ran) == 2
        now[0] = 3601.0
        await call("k")
        assert len(ran) == 3
        for number in range(1100):
            await call(str(number))
        assert len(keys) <= 1000

    asyncio.run(go())


def test_what_failed_may_be_tried_again_with_its_key() -> None:
    async def go() -> None:
        keys, replies = Keys(), iter([Response(status_code=502), Response(b"well")])

        async def work() -> Response:
            return next(replies)

        assert (await keys.once("k", "a", "/p", b"", work)).status_code == 502
        assert (await keys.once("k", "a", "/p", b"", work)).body == b"well"

    asyncio.run(go())


# --- Verbs, limits, tokens --------------------------------------------------------------------------------------------
def test_head_and_options(api: TestClient) -> None:
    get, head = api.get("/api/v1/calculate/bmi"), api.head("/api/v1/calculate/bmi")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert api.options("/api/v1/diagnose").headers["allow"] == "POST, OPTIONS"
    assert api.options("/api/v1/calculate/bmi").headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert api.options("/api/v1/no-such-path").status_code in (404, 405)
    wrong = api.get("/api/v1/diagnose")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_refused_however_it_comes(knowledge: Any) -> None:
    with TestClient(create_app(Settings(max_mb=0.01)), base_url=BASE) as api:
        large = b'{"text": "' + b"a" * 20_000 + b'"}'
        kind = {"content-type": "application/json"}
        assert api.post("/api/v1/findings", content=large, headers=kind).status_code == 413
        chunked = api.post("/api/v1/findings", content=iter([large[:9_000], large[9_000:]]), headers=kind)
        assert chunked.status_code == 413
        assert chunked.headers["content-type"] == "application/problem+json"


def test_tokens_and_their_scopes_count_for_the_api_and_mcp(knowledge: Any, tmp_path: Path) -> None:
    from osler.app.tokens import Tokens

    file = tmp_path / "tokens.json"
    writes, reads = Tokens(file).add("writer"), Tokens(file).add("reader", ("read",))
    with TestClient(create_app(Settings(tokens=file)), base_url=BASE) as api:
        body = {"present": ["fever"]}
        assert api.post("/api/v1/next", json=body).status_code == 401
        assert api.get("/openapi.json").status_code == 401
        assert api.post("/mcp", json={}).status_code == 401
        reader, writer = ({"authorization": f"Bearer {one}"} for one in (reads, writes))
        assert api.get("/api/v1/calculate/bmi", headers=reader).status_code == 200
        assert api.post("/api/v1/next", json=body, headers=reader).status_code == 403
        assert api.post("/api/v1/next", json=body, headers=writer).status_code == 200
        assert api.get("/cds-services", headers=reader).status_code == 200


def test_no_reply_sets_a_cookie_or_may_be_kept_by_a_browser(api: TestClient) -> None:
    reply = api.get("/api/v1/terms?q=fever")
    assert "set-cookie" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_too_many_streams_are_refused(knowledge: Any) -> None:
    with TestClient(create_app(Settings(streams=0)), base_url=BASE) as api:
        assert api.post("/api/v1/ask", json={"text": "ectopia lentis"}).status_code == 429


# --- The description --------------------------------------------------------------------------------------------------
def test_every_operation_says_what_it_takes_gives_and_how_it_fails(api: TestClient) -> None:
    described = api.get("/openapi.json").json()
    assert described["info"]["title"] == "Osler"
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            where = f"{verb} {path}"
            assert operation["summary"], where
            assert operation["tags"], where
            assert operation["operationId"], where
            for code, about in operation["responses"].items():
                if code[0] in "45":
                    assert list(about["content"]) == ["application/problem+json"], where
            if verb == "post":
                assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]], where
    names = [one["operationId"] for verbs in described["paths"].values() for one in verbs.values()]
    assert len(names) == len(set(names))


def test_a_typed_client_made_from_the_description_calls_it(
    api: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = pytest.importorskip("openapi_python_client")
    from openapi_python_client.config import Config, ConfigFile, MetaType

    source = tmp_path / "openapi.json"
    source.write_bytes(api.get("/openapi.json").content)
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, source, "utf-8", False, tmp_path / "osler_client"
    )
    assert maker.generate(config=config) == []
    monkeypatch.syspath_prepend(str(tmp_path))
    client = importlib.import_module("osler_client").Client(base_url=BASE).set_httpx_client(api)
    models = importlib.import_module("osler_client.models")
    diagnose = importlib.import_module("osler_client.api.reason.diagnose")
    found = diagnose.sync(client=client, body=models.DiagnoseRequest(text="ectopia lentis", top=2))
    assert isinstance(found, models.DiagnosisReply)
    assert found.differential[0].name == "Ectopia lentis"
    refused = diagnose.sync_detailed(client=client, body=models.DiagnoseRequest(text="nothing"))
    assert (refused.status_code, type(refused.parsed)) == (422, models.Problem)
    calculate = importlib.import_module("osler_client.api.calculate.calculate")
    inputs = models.CalculateRequestInputs.from_dict({"weight": "68 kg", "height": "165 cm"})
    done = calculate.sync("bmi", client=client, body=models.CalculateRequest(inputs=inputs))
    assert done.additional_properties["rounded"] == 25.0
    for name in [name for name in sys.modules if name.startswith("osler_client")]:
        monkeypatch.delitem(sys.modules, name)
