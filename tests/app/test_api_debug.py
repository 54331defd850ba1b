"""A run's errors over the API, as the debugger shows them; runs in folders, by one rule, for the page, the API and MCP."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from mcp import Client
from planted_errors import planted_run
from starlette.testclient import TestClient

from osler.app import run_folders
from osler.app.desk import Desk
from osler.app.main import create_app
from osler.app.mcp_server import server
from osler.app.run_shelf import Shelf
from osler.app.settings import Settings
from osler.errors import UsageError
from osler.knowledge.retrieval.sources import Sources


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: one with five planted errors, and the same once more in a folder."""
    made = planted_run(tmp_path_factory.mktemp("planted"))
    shutil.copytree(made / "planted", made / "trials" / "May, first" / "planted")
    return made


@pytest.fixture(scope="module")
def settings(root: Path) -> Settings:
    return Settings(runs=root, sources=Sources(graph=str(root / "toy.csv")))


@pytest.fixture(scope="module")
def api(settings: Settings, knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8080") as client:
        yield client


NESTED = "trials/May, first/planted"


# --- Errors -----------------------------------------------------------------------------------------------------------
def test_a_runs_errors_are_counted_grouped_and_led_to_their_cases(api: TestClient) -> None:
    found = api.get("/api/v1/runs/planted/errors").json()
    assert (found["total"], found["judged"], found["done"], found["n_cases"]) == (5, 5, True, 5)
    assert sum(found["classes"].values()) == 5
    repeated = next(one for one in found["patterns"] if one["class"] == "relation")
    error = repeated["errors"][0]
    assert "Metformin “causes” Type 2 diabetes" in error["words"]
    chosen = api.get("/api/v1/runs/planted/errors", params={"cluster": error["key"]}).json()
    assert [one["class"] for one in chosen["cases"]] == ["relation"] * error["cases"]
    page = api.get("/api/v1/runs/planted/errors", params={"limit": 2, "offset": 4}).json()
    assert ([one["item"] for one in page["cases"]], page["next"], page["n_cases"]) == ([4], None, 5)


def test_of_a_class_or_an_answer(api: TestClient) -> None:
    every = api.get("/api/v1/runs/planted/errors").json()
    for name, count in every["classes"].items():
        found = api.get("/api/v1/runs/planted/errors", params={"class": name}).json()
        assert (found["n_cases"], {one["class"] for one in found["cases"]} <= {name}) == (count, True)
    assert api.get("/api/v1/runs/planted/errors?class=none-such").status_code == 422
    wrong = api.get("/api/v1/runs/planted/errors?answer=wrong").json()
    assert {one["answer"] for one in wrong["cases"]} == {"wrong"}


def test_a_case_has_its_reasoning_beside_the_graphs_paths(api: TestClient) -> None:
    found = api.get("/api/v1/runs/planted/errors/3").json()
    assert (found["item"], found["class"], found["errors"]) == (3, "relation", len(found["found"]))
    assert found["question"] and found["reasoning"] and found["reference"][0]["names"]
    assert {found["found"][0]["head"], found["found"][0]["tail"]} == {"Metformin", "Type 2 diabetes"}
    assert api.get("/api/v1/runs/planted/errors/99").status_code == 404
    assert api.get("/api/v1/runs/nosuch/errors").status_code == 404


def test_all_errors_of_a_run_are_a_job(api: TestClient) -> None:
    begun = api.post("/api/v1/jobs", json={"kind": "errors", "run": NESTED})
    assert begun.status_code == 202
    where = begun.headers["location"]
    assert '"done":5,"total":5' in api.get(f"{where}/events").text
    whole = api.get(f"{where}/result").json()
    asked = api.get(f"/api/v1/runs/{NESTED}/errors").json()
    assert whole == asked
    assert api.post("/api/v1/jobs", json={"kind": "errors", "run": "nosuch"}).status_code == 400


def test_a_job_over_data_that_lack_a_case_ends(
    api: TestClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osler.app.debugging import Debugger

    shutil.copytree(root / "planted", root / "lacking")
    pairs = Debugger._pairs
    monkeypatch.setattr(Debugger, "_pairs", lambda self: iter(list(pairs(self))[:3]))
    where = api.post("/api/v1/jobs", json={"kind": "errors", "run": "lacking"}).headers["location"]
    for _ in range(300):
        if api.get(where).json()["state"] != "running":
            break
        time.sleep(0.05)
    assert api.get(f"{where}/result").json()["judged"] == 3
    shutil.rmtree(root / "lacking")


# --- What a run is called ---------------------------------------------------------------------------------------------
def test_runs_in_folders_are_in_the_page_the_api_and_mcp_alike(
    api: TestClient, settings: Settings, root: Path
) -> None:
    async def listed() -> tuple[list[str], Any, str]:
        desk = Desk(settings)
        async with Client(server(desk=desk)) as client:
            runs = await client.call_tool("list_runs", {})
            shown = await client.call_tool("show_run", {"name": NESTED})
            resource = await client.read_resource(f"osler://runs/{quote(NESTED, safe='')}")
        desk.close()
        assert runs.structured_content and shown.structured_content
        names = [one["name"] for one in runs.structured_content["runs"]]
        return names, shown.structured_content["run"], resource.contents[0].text  # type: ignore[union-attr]

    names, shown, resource = asyncio.run(listed())
    assert [one["name"] for one in api.get("/api/v1/runs").json()["runs"]] == names == ["planted", NESTED]
    assert sorted(Shelf(root).names()) == names
    assert shown == json.loads(resource)["run"] == NESTED
    for name in names:
        assert api.get(f"/api/v1/runs/{name}").json()["name"] == name
        assert api.get(f"/api/v1/runs/{name}/records?limit=1").json()["total"] == 5
        assert api.get(f"/api/v1/runs/{name}/traces/0").json()["item"] == 0
        assert api.get("/runs/run", params={"name": name}).status_code == 200
    both = api.get("/api/v1/runs/compare", params={"first": "planted", "second": NESTED}).json()
    assert both["shared"] == 5


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "/etc", "planted/..", "planted//", "trials", ".hidden", "a/b/c/planted", "planted/inner", "x\0y", ""],
)  # fmt: skip
def test_what_is_no_run_is_none_anywhere(api: TestClient, root: Path, name: str) -> None:
    for path in (".hidden", "planted/inner", "a/b/c/planted"):
        if not (root / path).exists():
            shutil.copytree(root / "trials" / "May, first" / "planted", root / path)
    assert name not in run_folders.names(root)
    with pytest.raises(UsageError, match="there is no run"):
        run_folders.folder_of(root, name)
    with pytest.raises(UsageError, match="there is no run"):
        Shelf(root).folder(name)
    assert api.get(f"/api/v1/runs/{quote(name)}/records").status_code in (404, 405)


def test_a_link_out_of_the_folder_is_no_run(root: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "away").symlink_to(root / "planted")
    assert run_folders.names(tmp_path / "runs") == []
    with pytest.raises(UsageError, match="outside"):
        run_folders.folder_of(tmp_path / "runs", "away")
