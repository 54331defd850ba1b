"""The API's diagnose, findings, next and ask: the same objects as on the command line, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.errors import SourceError

LETTER = Path(__file__).resolve().parents[2] / "examples" / "letter.txt"
CASE = {"present": ["HP:0001083", "arachnodactyly"], "absent": ["seizure"], "age": 24, "sex": "male"}
PACKET = {
    "id": "p1",
    "subject": {"id": "s", "sex": "MALE"},
    "phenotypicFeatures": [
        {"type": {"id": "HP:0001083", "label": "Ectopia lentis"}},
        {"type": {"id": "HP:0001250", "label": "Seizure"}, "excluded": True},
    ],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "gender": "male"}},
        {"resource": {"resourceType": "Condition", "code": {"text": "ectopia lentis"}}},
    ],
}

CODED = {"schema_version": "osler.case/1", "findings": [{"term": {"id": "HP:0001083"}}]}


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    app = create_app(Settings(models=("simulated:good",)))
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        yield client


def test_diagnose_answers_as_the_command_line_does(api: TestClient) -> None:
    text = LETTER.read_text("utf-8")
    over_http = api.post("/api/v1/diagnose", json={"text": text, "top": 3, "age": 24})
    words = [sys.executable, "-m", "osler", "diagnose", str(LETTER), "--top", "3", "--age", "24", "--json"]
    printed = subprocess.run(words, capture_output=True, check=True)
    assert over_http.status_code == 200
    assert over_http.json() == json.loads(printed.stdout)


@pytest.mark.parametrize("body", [PACKET, BUNDLE, CODED])
def test_a_record_is_the_body_itself(api: TestClient, body: dict[str, Any]) -> None:
    found = api.post("/api/v1/diagnose?top=2&questions=1", json=body).json()
    assert [one["id"] for one in found["findings"]][:1] == ["HP:0001083"]
    assert (len(found["differential"]), len(found["next"])) == (2, 1)


def test_a_record_may_stand_beside_findings(api: TestClient) -> None:
    found = api.post("/api/v1/diagnose", json={"case": PACKET, "present": ["HP:0001166"], "top": 1}).json()
    assert {one["id"]: one["status"] for one in found["findings"]} == {
        "HP:0001083": "present", "HP:0001250": "absent", "HP:0001166": "present",
    }  # fmt: skip


def test_a_text_that_looks_like_a_file_is_never_opened(api: TestClient) -> None:
    refused = api.post("/api/v1/diagnose", json={"text": str(LETTER)})
    assert refused.status_code == 422
    assert "no finding" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "give a `text`"),
        ({"text": "x", "case": PACKET}, 400, "not both"),
        ({"txet": "fever"}, 422, "txet"),
        ({"present": ["no such finding at all"]}, 422, "is not one term"),
        ({"present": ["fever"], "absent": ["fever"]}, 422, "present and as absent"),
        ({"text": "fever", "top": 0}, 422, "greater than or equal to 1"),
        ({"text": "fever", "method": "no-such-method"}, 400, "no-such-method"),
        ({"text": "fever", "method": "./mine.py:method"}, 400, "file"),
        ({"resourceType": "Bundle", "type": "collection", "entry": []}, 422, "no resources"),
        ([1, 2], 422, ""),
    ],
)
def test_what_is_wrong_is_a_problem(api: TestClient, body: Any, status: int, said: str) -> None:
    reply = api.post("/api/v1/diagnose", json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert said in reply.json()["detail"]


def test_a_body_that_is_not_json_is_refused(api: TestClient) -> None:
    assert (
        api.post("/api/v1/diagnose", content=b"fever", headers={"content-type": "text/plain"}).status_code
        == 415
    )
    for broken in (b'{"age": NaN}', b'{"text": "a', b"[" * 5000, b'{"text": "\\ud800"}'):
        reply = api.post("/api/v1/diagnose", content=broken, headers={"content-type": "application/json"})
        assert reply.status_code == 422, broken[:20]


def test_a_method_with_a_model_asks_the_servers(api: TestClient) -> None:
    found = api.post("/api/v1/diagnose", json={**CASE, "text": "Tall man.", "method": "zero-shot", "top": 2})
    assert found.status_code == 200
    assert found.json()["method"] == "zero-shot"


def test_findings_answers_as_the_command_line_does(api: TestClient) -> None:
    found = api.post("/api/v1/findings", json={"text": LETTER.read_text("utf-8")}).json()
    printed = subprocess.run(
        [sys.executable, "-m", "osler", "findings", str(LETTER), "--json"], capture_output=True, check=True
    )
    assert found == json.loads(printed.stdout)


def test_next_asks_and_what_is_known_is_not_asked_again(api: TestClient) -> None:
    first = api.post("/api/v1/next", json=CASE).json()
    asked = [one["id"] for one in first["next"]]
    again = api.post("/api/v1/next", json={**CASE, "asked": asked}).json()
    assert len(asked) == 5
    assert not {one["id"] for one in again["next"]} & set(asked)
    assert first["differential"][0]["probability"] > 0


# --- Asking -----------------------------------------------------------------------------------------------------------
QUESTION = {
    "question": "Which is it?",
    "options": {"A": "Marfan syndrome", "B": "measles"},
    "text": "ectopia lentis",
}


def _events(text: str) -> list[tuple[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in part.splitlines()) for part in text.strip().split("\n\n")]
    assert [int(one["id"]) for one in blocks] == list(range(1, len(blocks) + 1))
    return [(one["event"], json.loads(one["data"])) for one in blocks]


def test_ask_streams_the_trace_then_the_answer(api: TestClient) -> None:
    reply = api.post("/api/v1/ask", json={**QUESTION, "method": "self-consistency(samples=3)"})
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = _events(reply.text)
    (first, about), (last, answer) = events[0], events[-1]
    assert (first, last) == ("begin", "answer")
    assert about["trace"] == reply.headers["osler-trace"]
    started = {tuple(data["path"]) for name, data in events if name == "start"}
    ended = {tuple(data["path"]) for name, data in events if name == "end"}
    assert started == ended == {tuple(step["path"]) for step in answer["trace"]["steps"]}
    pieces = "".join(data["text"] for name, data in events if name == "piece")
    assert '"answer"' in pieces
    assert answer["answer"]["choice"] in "AB"


def test_ask_without_a_stream_gives_the_object_of_the_command_line(api: TestClient) -> None:
    found = api.post("/api/v1/ask", json={**QUESTION, "method": "zero-shot", "stream": False}).json()
    assert set(found) == {
        "answer", "method", "fidelity", "model", "calls", "cached", "tokens", "cost", "trace", "notices",
    }  # fmt: skip
    assert (found["method"], found["model"], found["calls"]) == ("zero-shot", "simulated:good", 1)


def test_a_case_alone_goes_to_the_engine(api: TestClient) -> None:
    found = api.post("/api/v1/ask", json={"text": "ectopia lentis", "stream": False}).json()
    assert (found["method"], found["answer"]["kind"], found["calls"]) == ("embedded", "differential", 0)


def test_an_error_of_a_method_ends_its_stream_with_a_problem(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*given: Any) -> Any:
        raise SourceError("the model is down")

    monkeypatch.setattr("osler.app.reasoning.outcome", down)
    name, problem = _events(api.post("/api/v1/ask", json={**QUESTION, "method": "zero-shot"}).text)[-1]
    assert name == "error"
    assert problem == {"status": 502, "title": "A source failed", "detail": "the model is down"}


@pytest.mark.parametrize(
    "body",
    [
        {"question": ""},
        {"question": "q", "options": {"A": "one"}},
        {"question": "q", "kind": "choice"},
        {"question": "q", "method": "zero-shot", "corpora": ["no-such-corpus"]},
        {"question": "q", "method": "quicker", "method_options": {"stages": "stages.json"}},
        {"question": "q", "method": "medmcp-calc(records=pyproject.toml)"},
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_stream(api: TestClient, body: dict[str, Any]) -> None:
    reply = api.post("/api/v1/ask", json=body)
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"


def test_a_stream_takes_no_idempotency_key(api: TestClient) -> None:
    reply = api.post("/api/v1/ask", json=QUESTION, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 400
    assert "stream: false" in reply.json()["detail"]


def test_methods_say_what_they_need(api: TestClient) -> None:
    found = api.get("/api/v1/methods").json()
    rows = {one["name"]: one for one in found["methods"]}
    assert "model" in rows["zero-shot"]["needs"]
    assert rows["embedded"]["needs"] == []
    assert found["models"] == ["simulated:good"]


# --- Feedback ---------------------------------------------------------------------------------------------------------
def test_feedback_is_kept_privately_and_case_text_only_when_asked(
    api: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    body = {"trace": "abc", "thumb": "down", "words": "No.", "step": [0, 1], "case_text": "a secret"}
    assert api.post("/api/v1/feedback", json=body).json() == {"kept": True, "with_text": False}
    assert api.post("/api/v1/feedback", json={**body, "keep_text": True}).json()["with_text"] is True
    assert api.post("/api/v1/feedback", json={"trace": "abc"}).status_code == 400
    (file,) = tmp_path.rglob("feedback.jsonl")
    first, second = map(json.loads, file.read_text().splitlines())
    assert file.stat().st_mode & 0o777 == 0o600
    assert (first["thumb"], first["step"], "case_text" in first) == ("down", [0, 1], False)
    assert second["case_text"] == "a secret"
