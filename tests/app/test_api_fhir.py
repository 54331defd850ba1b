"""FHIR in and out, and CDS Hooks: what an EHR sends, and what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from osler.app.api.cds_hooks import HookRequest
from osler.app.main import create_app

BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "id": "p",
                "gender": "male",
                "name": [{"family": "Secret"}],
            }
        },
        {"resource": {"resourceType": "Condition", "code": {"text": "ectopia lentis"}}},
    ],
}
HOOK: dict[str, Any] = dict(HookRequest.model_config["json_schema_extra"]["examples"][0])  # type: ignore[index,call-overload]
HERE = "/cds-services/osler-patient-view"


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.mark.parametrize(
    "body", [BUNDLE, {"resourceType": "Parameters", "parameter": [{"name": "record", "resource": BUNDLE}]}]
)
def test_a_bundle_in_gives_a_draft_out(api: TestClient, body: dict[str, Any]) -> None:
    reply = api.post(
        "/api/v1/fhir/$diagnose?top=2", json=body, headers={"content-type": "application/fhir+json"}
    )
    assert reply.headers["content-type"] == "application/fhir+json"
    resources = {one["resource"]["resourceType"]: one["resource"] for one in reply.json()["entry"]}
    assert resources["DiagnosticReport"]["status"] == "preliminary"
    risk = resources["RiskAssessment"]
    assert risk["prediction"][0]["outcome"]["text"] == "Ectopia lentis"
    assert len(risk["prediction"]) == 3  # two diseases, and none of them
    assert "research" in resources["DiagnosticReport"]["conclusion"]
    assert "Secret" not in reply.text


def test_what_the_endpoint_can_do(api: TestClient) -> None:
    found = api.get("/api/v1/fhir/metadata").json()
    assert (found["resourceType"], found["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert found["rest"][0]["operation"][0]["name"] == "diagnose"


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Parameters"},
        {"resourceType": "Bundle", "entry": "none"},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]},
        {"text": "ectopia lentis"},
    ],
)
def test_fhir_that_tells_nothing_is_a_problem(api: TestClient, body: dict[str, Any]) -> None:
    reply = api.post("/api/v1/fhir/$diagnose", json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")


# --- CDS Hooks --------------------------------------------------------------------------------------------------------
def test_discovery_lists_the_service_and_its_prefetch(api: TestClient) -> None:
    (service,) = api.get("/cds-services").json()["services"]
    assert (service["hook"], service["id"]) == ("patient-view", "osler-patient-view")
    assert set(service["prefetch"]) == {"patient", "conditions", "observations"}


def test_a_chart_gives_a_card(api: TestClient) -> None:
    (card,) = api.post(HERE, json=HOOK).json()["cards"]
    assert len(card["summary"]) < 140
    assert "Ectopia lentis" in card["summary"]
    assert (card["indicator"], "research" in card["source"]["label"]) == ("info", True)
    assert "Not a medical device" in card["detail"]
    assert card["links"][0]["type"] == "absolute"
    assert card == api.post(HERE, json=HOOK).json()["cards"][0]


@pytest.mark.parametrize("prefetch", [None, {}, {"patient": None, "conditions": None}])
def test_without_prefetch_the_card_asks_for_it(api: TestClient, prefetch: Any) -> None:
    (card,) = api.post(HERE, json={**HOOK, "prefetch": prefetch}).json()["cards"]
    assert "prefetch" in card["summary"]


def test_a_chart_without_findings_gives_no_card(api: TestClient) -> None:
    patient = {"patient": {"resourceType": "Patient", "gender": "male"}}
    assert api.post(HERE, json={**HOOK, "prefetch": patient}).json() == {"cards": []}
    odd = {"conditions": {"resourceType": "Bundle", "entry": [3, {"resource": "x"}, {}]}}
    assert api.post(HERE, json={**HOOK, "prefetch": odd}).json() == {"cards": []}


def test_words_of_a_chart_are_no_markup_in_a_card(api: TestClient) -> None:
    hostile = "ectopia lentis <script>alert(1)</script> [x](http://evil)"
    entry = [{"resource": {"resourceType": "Condition", "code": {"text": hostile}}}]
    conditions = {"conditions": {"resourceType": "Bundle", "entry": entry}}
    text = api.post(HERE, json={**HOOK, "prefetch": conditions}).text
    assert "<script>" not in text
    assert "http://evil" not in text


def test_a_hook_that_is_none_is_a_problem(api: TestClient) -> None:
    assert api.post(HERE, json={**HOOK, "hook": "order-sign"}).status_code == 422
    assert api.post("/cds-services/other", json=HOOK).status_code == 404


def test_what_was_done_with_a_card_is_kept_without_words(
    api: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    outcome = {"card": "f6b95768-b1c8-40dc-8385-bf3504b82ffb", "outcome": "overridden"}
    outcome["overrideReason"] = {"userComment": "Mr Secret has something else"}  # type: ignore[assignment]
    assert api.post(f"{HERE}/feedback", json={"feedback": [outcome]}).status_code == 200
    (file,) = tmp_path.rglob("feedback.jsonl")
    assert "overridden" in file.read_text()
    assert "Secret" not in file.read_text()
