"""The API under bodies and parameters that nobody would send: whatever comes, a reply that is described, never an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings

requests, schemathesis = pytest.importorskip("requests"), pytest.importorskip("schemathesis")
GenerationMode = schemathesis.GenerationMode
pytestmark = pytest.mark.xdist_group("fuzz")

EXAMPLES = 8
BASE = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(per_minute=10**9)), base_url=BASE) as client:
        client.get("/api/v1/graph")  # built once, not within an example
        yield client


@pytest.fixture(scope="module")
def described(api: TestClient) -> Any:
    return schemathesis.openapi.from_dict(api.get("/openapi.json").json())


def _sent(api: TestClient, case: Any) -> httpx.Response:
    """The reply to a case, from the application in this process."""
    about = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    return api.request(about.method, about.url, headers=dict(about.headers), content=about.body)


@pytest.fixture(autouse=True)
def feedback_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_every_reply_is_one_that_is_described(described: Any, api: TestClient) -> None:
    checks = schemathesis.checks
    wanted = [
        checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    for found in described.get_all_operations():
        operation = found.ok()

        for mode, many, looked in ((None, EXAMPLES, wanted), (GenerationMode.NEGATIVE, 3, wanted[:1])):
            _holds(api, operation, mode, many, looked)


def _holds(api: TestClient, operation: Any, mode: Any, many: int, checks: Any) -> None:
    """The checks hold for so many requests as described, or (NEGATIVE) as they should not be."""

    @seed(1)
    @settings(max_examples=many, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(**({"generation_mode": mode} if mode else {})))
    def holds(case: Any) -> None:
        case.validate_response(_sent(api, case), checks=checks)

    if mode is None or operation.body:
        holds()
