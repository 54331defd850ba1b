"""Runs whose files are damaged, or lead elsewhere: told as the server's own trouble, without places, and nothing else is opened."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from starlette.testclient import TestClient

from osler.app.desk import Desk
from osler.app.main import create_app
from osler.app.mcp_server import server
from osler.app.settings import Settings
from tests.app.security import HTML
from tests.evaluation.language_runs import questions, run

DAMAGE = {
    "cut": "{",
    "scorer": {"scorer": None},
    "benchmark": {"benchmark": None},
    "graph": {"arguments": {"graph": ["a"]}},
    "models": {"models": {"main": 3}},
}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with the run "whole"."""
    run(tmp_path / "runs" / "whole", questions(tmp_path / "q.jsonl", 4), "accuracy=0.5,seed=1")
    return tmp_path / "runs"


@pytest.fixture
def client(runs: Path, knowledge: Any) -> Iterator[TestClient]:
    app = create_app(Settings(runs=runs))
    with TestClient(app, base_url="http://127.0.0.1:8080", raise_server_exceptions=False) as made:
        yield made


def _damaged(runs: Path, how: str) -> None:
    """A run "broken" that is damaged so."""
    shutil.copytree(runs / "whole", runs / "broken")
    path, damage = runs / "broken" / "manifest.json", DAMAGE[how]
    if isinstance(damage, str):
        path.write_text(damage)
        return
    found = json.loads(path.read_text()) | damage
    path.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_run_is_the_servers_trouble_everywhere(client: TestClient, runs: Path, how: str) -> None:
    _damaged(runs, how)
    programs = ("runs/broken", "runs/broken/records", "runs/broken/errors", "runs/compare?first=whole&second=broken")  # fmt: skip
    for path in programs:
        refused = client.get(f"/api/v1/{path}")
        assert (path, refused.status_code) == (path, 503)
        assert "run broken is damaged" in refused.text and str(runs) not in refused.text
    for path in ("/debugger?run=broken", "/explorer?of=run:broken"):
        refused = client.get(path, headers=HTML)
        assert (path, refused.status_code, str(runs) in refused.text) == (path, 503, False)


def test_lists_name_a_damaged_run_without_its_place(client: TestClient, runs: Path) -> None:
    _damaged(runs, "cut")
    for path in ("/api/v1/runs", "/runs", "/runs/run?name=broken", "/runs/leaderboard.csv"):
        shown = client.get(path, headers=HTML)
        assert (path, shown.status_code, str(runs) in shown.text) == (path, 200, False)
    rows = {one["name"]: one["error"] for one in client.get("/api/v1/runs").json()["runs"]}
    assert rows["whole"] is None and "run broken is damaged" in rows["broken"]


def test_mcp_tells_a_damaged_run_as_such(runs: Path) -> None:
    async def go() -> list[str]:
        desk = Desk(Settings(runs=runs))
        async with Client(server(desk=desk)) as client:
            told = (await client.call_tool("show_run", {"name": "broken"})).content[0].text  # type: ignore[union-attr]
            with pytest.raises(Exception, match="run broken is damaged") as refused:
                await client.read_resource("osler://runs/broken")
        desk.close()
        return [told, str(refused.value)]

    _damaged(runs, "cut")
    said = asyncio.run(go())
    assert "run broken is damaged" in said[0] and not any(str(runs) in one for one in said)


@pytest.mark.parametrize("name", ["manifest.json", "cases.jsonl", "traces.jsonl"])
def test_a_link_within_a_run_leads_nowhere(client: TestClient, runs: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(runs / "whole", runs / "linked")
    (runs / "linked" / name).unlink()
    (tmp_path / "secret").write_bytes((runs / "whole" / name).read_bytes())
    (runs / "linked" / name).symlink_to(tmp_path / "secret")
    assert [one["name"] for one in client.get("/api/v1/runs").json()["runs"]] == ["whole"]
    refused = client.get("/api/v1/runs/linked/records")
    assert refused.status_code == 404 and "is a link" in refused.text
    assert client.get("/runs", headers=HTML).status_code == 200


def test_the_debugger_opens_no_graph_from_elsewhere(client: TestClient, runs: Path, tmp_path: Path) -> None:
    edges = "head\trelation\ttail\nFBN1\tassociated_with\tMarfan syndrome\n"
    for name, folder in (("away", tmp_path), ("own", runs / "own")):
        shutil.copytree(runs / "whole", runs / name)
        (folder / "edges.tsv").write_text(edges)
        path = runs / name / "manifest.json"
        found = json.loads(path.read_text())
        found["arguments"]["graph"] = str(folder / "edges.tsv")
        path.write_text(json.dumps(found))
    refused = client.get("/api/v1/runs/away/errors")
    assert refused.status_code == 503 and "not at hand here" in refused.text
    assert client.get("/api/v1/runs/own/errors").status_code == 200


def test_an_unexpected_error_over_mcp_has_no_words_in_reply_or_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, knowledge: Any
) -> None:
    from osler.app import mcp_tools

    def fails(*_: Any) -> Any:
        raise RuntimeError("a patient's words")

    async def go() -> str:
        desk = Desk(Settings())
        async with Client(server(desk=desk)) as client:
            told = (await client.call_tool("show_term", {"name": "fever"})).content[0].text  # type: ignore[union-attr]
            with pytest.raises(Exception, match="resource") as refused:
                await client.read_resource("osler://terms/fever")
        desk.close()
        return told + str(refused.value)

    monkeypatch.setattr(mcp_tools, "term", fails)
    assert "patient" not in asyncio.run(go())
    assert "RuntimeError at" in caplog.text and "patient" not in caplog.text
