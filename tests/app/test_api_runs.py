"""The API's runs and jobs: an evaluation begun, watched and cancelled; figures, records page by page, a comparison."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings

LINES = [
    {"stem": f"Question {n}?", "choices": {"A": "yes", "B": "no"}, "key": "A" if n % 2 else "B"}
    for n in range(6)
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs over the same questions, made by `osler eval`."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("measured")
    data = folder / "own.jsonl"
    data.write_text("\n".join(map(json.dumps, LINES)))
    words = [
        sys.executable, "-m", "osler", "eval", "own", "--data", str(data), "--map", "question=stem,options=choices,answer=key",
        "--model", "simulated:good", "--no-cache", "--json",
    ]  # fmt: skip
    for name, method in (("first", "zero-shot"), ("second", "zero-shot-cot")):
        made = [*words, "--method", method, "--out", str(folder / "runs" / name)]
        subprocess.run(made, check=True, capture_output=True)
    return folder / "runs"


@pytest.fixture(scope="module")
def api(runs: Path, knowledge: Any) -> Iterator[TestClient]:
    app = create_app(Settings(runs=runs, models=("simulated:good",)))
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        yield client


def _events(text: str) -> list[tuple[int, str, Any]]:
    found = []
    for part in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in part.splitlines())
        found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


# --- Runs -------------------------------------------------------------------------------------------------------------
def test_runs_are_listed_shown_and_paged(api: TestClient) -> None:
    rows = {one["name"]: one for one in api.get("/api/v1/runs").json()["runs"]}
    assert {"first", "second"} <= set(rows)
    assert (rows["first"]["method"], rows["first"]["done"], rows["first"]["items"]) == ("zero-shot", 6, 6)
    shown = api.get("/api/v1/runs/first").json()
    assert (shown["figures"]["n"], shown["error"]) == (6, None)
    assert "path" not in shown["manifest"]["data"]
    page = api.get("/api/v1/runs/first/records?offset=4&limit=4").json()
    assert ([one["item"] for one in page["records"]], page["total"], page["next"]) == ([4, 5], 6, None)
    assert api.get("/api/v1/runs/first/records?limit=2").json()["next"] == 2
    trace = api.get("/api/v1/runs/first/traces/0").json()
    assert trace["trace"]["method"] == "zero-shot"


def test_two_runs_are_compared_as_on_the_command_line(api: TestClient, runs: Path) -> None:
    from osler import replies
    from osler.evaluation.compare import compare_runs

    found = api.get("/api/v1/runs/compare?first=first&second=second").json()
    assert found["shared"] == 6
    own = replies.comparison(compare_runs(runs / "first", runs / "second"))
    assert set(found["metrics"]) == set(own)
    name = next(iter(own))
    assert found["metrics"][name]["difference"] == own[name]["difference"]


def test_what_is_no_run_is_not_found(api: TestClient, runs: Path) -> None:
    (runs / "linked").symlink_to(runs.parent)
    for name in ("none", "..", ".", "%2e%2e", "first%2f..%2ffirst", "linked", "x" * 300):
        assert (
            api.get(f"/api/v1/runs/{name}").status_code in (404, 200)
            and "figures" not in api.get(f"/api/v1/runs/{name}").json()
        )
    assert api.get("/api/v1/runs/first/traces/99").status_code == 404
    assert api.get("/api/v1/runs/compare?first=first&second=none").status_code == 404


# --- Jobs -------------------------------------------------------------------------------------------------------------
def test_a_batch_is_watched_and_its_result_fetched(api: TestClient) -> None:
    cases = [{"text": "ectopia lentis"}, {"text": "nothing"}, {"present": ["arachnodactyly"]}]
    begun = api.post("/api/v1/jobs", json={"kind": "diagnose", "cases": cases, "top": 1})
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    where = begun.headers["location"]
    events = _events(api.get(f"{where}/events").text)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert events[-1][1:] == ("end", {"state": "done", "error": None})
    assert [data for _, name, data in events if name == "progress"][-1] == {"done": 3, "total": 3}
    result = api.get(f"{where}/result").json()
    assert [one["index"] for one in result["cases"]] == [0, 2]
    assert [one["index"] for one in result["failures"]] == [1]
    assert api.get(where).json()["progress"] == 1


def test_a_watcher_goes_on_after_the_last_event_it_saw(api: TestClient) -> None:
    where = api.post("/api/v1/jobs", json={"kind": "diagnose", "cases": [CASE, CASE]}).headers["location"]
    whole = _events(api.get(f"{where}/events").text)
    rest = _events(api.get(f"{where}/events", headers={"Last-Event-ID": str(whole[1][0])}).text)
    assert rest == whole[2:]
    assert api.get(f"{where}/events", headers={"Last-Event-ID": "what?"}).status_code == 200


CASE = {"present": ["HP:0001083"]}


def test_an_evaluation_is_run_and_is_then_among_the_runs(api: TestClient, data_dir: Path) -> None:
    body = {"kind": "eval", "benchmark": "phenopackets", "limit": 8}
    where = api.post("/api/v1/jobs", json=body).headers["location"]
    events = _events(api.get(f"{where}/events").text)
    assert events[-1][2]["state"] == "done", events[-1]
    result = api.get(f"{where}/result").json()
    assert result["n"] == 8
    assert result["run"] in [one["name"] for one in api.get("/api/v1/runs").json()["runs"]]


def test_a_job_that_is_cancelled_has_no_result(api: TestClient) -> None:
    where = api.post("/api/v1/jobs", json={"kind": "diagnose", "cases": [CASE] * 500}).headers["location"]
    assert api.get(f"{where}/result").status_code == 409
    api.delete(where)
    for _ in range(100):
        if api.get(where).json()["state"] != "running":
            break
        time.sleep(0.05)
    assert api.get(where).json()["state"] == "cancelled"
    assert api.get(f"{where}/result").status_code == 409
    assert _events(api.get(f"{where}/events").text)[-1][2]["state"] == "cancelled"


def test_what_cannot_be_begun_is_refused_at_once(api: TestClient, knowledge: Any) -> None:
    for body, status in (
        ({"kind": "eval", "benchmark": "no-such"}, 400),
        ({"kind": "eval", "benchmark": "own", "method": "./mine.py:method"}, 400),
        ({"kind": "diagnose", "cases": []}, 422),
        ({"kind": "other"}, 422),
    ):
        assert api.post("/api/v1/jobs", json=body).status_code == status, body
    assert api.get("/api/v1/jobs/none").status_code == 404
    with TestClient(create_app(), base_url="http://127.0.0.1:8080") as bare:
        refused = bare.post("/api/v1/jobs", json={"kind": "eval", "benchmark": "phenopackets"})
        assert (refused.status_code, "--runs" in refused.json()["detail"]) == (400, True)


def test_too_many_jobs_say_when_to_ask_again(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from osler.app import jobs

    monkeypatch.setattr(jobs, "MOST_RUNNING", 0)
    refused = api.post("/api/v1/jobs", json={"kind": "diagnose", "cases": [{"present": ["HP:0001083"]}]})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")


def test_batches_of_one_caller_hold_so_much_and_the_oldest_results_go(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osler.app import jobs

    monkeypatch.setattr(jobs, "MOST_OF_ONE", 8_000)
    body: dict[str, Any] = {"kind": "diagnose", "cases": [CASE]}
    refused = api.post("/api/v1/jobs", json={**body, "cases": [CASE, CASE]})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    monkeypatch.setattr(jobs, "MOST_RESULTS", 1)
    places = []
    for _ in range(2):
        places.append(api.post("/api/v1/jobs", json=body).headers["location"])
        assert "end" in api.get(f"{places[-1]}/events").text
    assert api.get(places[0]).status_code == 404
    assert api.get(f"{places[1]}/result").json()["cases"][0]["index"] == 0


def test_memory_that_is_free_is_given_back_where_nobody_calls(
    monkeypatch: pytest.MonkeyPatch, knowledge: Any
) -> None:
    from osler.app import main

    given = threading.Event()
    monkeypatch.setattr(main, "FORGET_S", 0.01)
    monkeypatch.setattr(main, "give_back", given.set)
    with TestClient(main.create_app(Settings()), base_url="http://127.0.0.1:8080"):
        assert given.wait(30)
