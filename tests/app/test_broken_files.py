"""A file of the server that breaks while it runs: callers get a 503 without its place, the log says which, and the server goes on."""

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
from osler.knowledge.retrieval.sources import Sources
from tests.app.security import HTML, opened
from tests.evaluation.language_runs import questions, run

EDGES = "head\trelation\ttail\nFBN1\tassociated_with\tMarfan syndrome\n"
GRAPH = ("graph", "graph/near?name=FBN1", "graph/path?a=FBN1&b=Marfan syndrome")


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """An edge list."""
    path = tmp_path / "edges.tsv"
    path.write_text(EDGES)
    return path


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a corpus."""
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("drugs", "other"):
        (tmp_path / f"{name}.txt").write_text(f"Aspirin is given in Kawasaki disease, says {name}.")
        add(name, str(tmp_path / f"{name}.txt"), licence="CC0", origin="made up")
    return store.place("drugs")


@pytest.fixture
def client(graph: Path, tmp_path: Path, knowledge: Any) -> Iterator[TestClient]:
    run(tmp_path / "runs" / "weak", questions(tmp_path / "q.jsonl", 6), "accuracy=0.3,seed=1")
    settings = Settings(
        sources=Sources(graph=str(graph)),
        runs=tmp_path / "runs",
        models=("simulated:good", "other=simulated:slow"),
    )
    with TestClient(
        create_app(settings), base_url="http://127.0.0.1:8080", raise_server_exceptions=False
    ) as made:
        yield made


def _hidden(reply: Any, tmp_path: Path, log: pytest.LogCaptureFixture) -> bool:
    """Whether a reply says that something of the server's is broken, and nothing of where it lies; the log does."""
    assert reply.status_code == 503, reply.text
    assert str(tmp_path) not in reply.text and "log" in reply.text
    return str(tmp_path) in log.text


@pytest.mark.parametrize("path", GRAPH)
@pytest.mark.parametrize("broken", ["gone", "empty"])
def test_a_graph_that_breaks_is_told_without_its_place(
    client: TestClient, graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, path: str, broken: str
) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 200
    if broken == "gone":
        graph.unlink()
    else:
        graph.write_text("")
    assert _hidden(client.get(f"/api/v1/{path}"), tmp_path, caplog)
    graph.write_text(EDGES)
    assert client.get(f"/api/v1/{path}").status_code == 200


def test_the_pages_that_use_the_graph_tell_the_same(
    client: TestClient, graph: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = {
        "csrf": opened(client),
        "question": "Which?",
        "options": "a\nb",
        "first": "main",
        "second": "other",
    }
    graph.unlink()
    assert _hidden(client.get("/debugger?run=weak", headers=HTML), tmp_path, caplog)
    assert _hidden(client.post("/compare-models", data=form, headers=HTML), tmp_path, caplog)


def test_a_method_that_asks_the_graph_tells_the_same(client: TestClient, graph: Path, tmp_path: Path) -> None:
    graph.unlink()
    body = {"question": "q", "options": {"A": "a", "B": "b"}, "method": "kg-rank"}
    whole = client.post("/api/v1/ask", json={**body, "stream": False})
    told = client.post("/api/v1/ask", json=body).text
    assert (whole.status_code, str(tmp_path) in whole.text) == (503, False)
    assert '"status":503' in told and str(tmp_path) not in told


def test_mcp_tells_the_same(graph: Path, tmp_path: Path) -> None:
    async def go() -> str:
        desk = Desk(Settings(sources=Sources(graph=str(graph))))
        async with Client(server(desk=desk)) as client:
            result = await client.call_tool("graph_near", {"name": "FBN1"})
        desk.close()
        assert result.is_error
        return result.content[0].text  # type: ignore[union-attr]

    graph.unlink()
    said = asyncio.run(go())
    assert "the graph cannot be read" in said and str(tmp_path) not in said


@pytest.mark.parametrize("broken", ["gone", "cut", "described"])
def test_a_corpus_that_breaks_is_told_without_its_place(
    client: TestClient, corpus: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    search = {"text": "aspirin", "corpora": ["drugs"]}
    assert client.post("/api/v1/search", json=search).json()["results"]
    data = corpus / json.loads((corpus / "corpus.json").read_text())["data"]
    if broken == "gone":
        shutil.rmtree(data)
    elif broken == "cut":
        for one in ("passages.bin", "texts.bin", "documents.jsonl"):
            (data / one).write_bytes((data / one).read_bytes()[:5])
    else:
        (corpus / "corpus.json").write_text("{")
    refused = client.post("/api/v1/search", json=search)
    assert (refused.status_code, str(tmp_path) in refused.text) == (503, False)
    assert client.get("/api/v1/corpora/drugs/documents/drugs.txt").status_code == 503
    assert client.post("/api/v1/search", json={**search, "corpora": ["other"]}).json()["results"]
    rows = {one["name"]: one for one in client.get("/api/v1/corpora").json()["corpora"]}
    assert set(rows) == {"drugs", "other"} and str(tmp_path) not in str(rows)


@pytest.mark.parametrize("how", ["garbage", "empty", "gone"])
@pytest.mark.parametrize(
    "name", ["texts.bin", "documents.bin", "documents.jsonl", "passages.bin", "index", "corpus.json"]
)
def test_a_method_that_looks_into_a_broken_corpus_tells_the_same(
    client: TestClient, corpus: Path, tmp_path: Path, name: str, how: str
) -> None:
    data = corpus / json.loads((corpus / "corpus.json").read_text())["data"]
    found = corpus if name == "corpus.json" else data / name
    for path in found.rglob("*") if name == "index" else [found if found.is_file() else found / name]:
        if path.is_file():
            path.unlink()
            if how != "gone":
                path.write_bytes(b"\xff\x00garb" * 50 if how == "garbage" else b"")
    search = client.post("/api/v1/search", json={"text": "aspirin", "corpora": ["drugs"]})
    assert (search.status_code, str(tmp_path) in search.text) == (503, False), search.text
    body = {"question": "What is aspirin given in?", "corpora": ["drugs"], "method": "extractive"}
    whole = client.post("/api/v1/ask", json={**body, "stream": False})
    assert (whole.status_code, str(tmp_path) in whole.text) == (503, False), whole.text
    told = client.post("/api/v1/ask", json=body)
    assert '"status":503' in told.text and str(tmp_path) not in told.text, told.text


def test_the_page_of_a_passage_and_the_map_of_a_broken_corpus(
    client: TestClient, corpus: Path, tmp_path: Path
) -> None:
    from osler.knowledge.atlas import of_corpus

    of_corpus.make("drugs")
    data = corpus / json.loads((corpus / "corpus.json").read_text())["data"]
    (data / "passages.bin").write_bytes(b"")
    for path in ("/passage?corpus=drugs&document=drugs.txt&at=0:5", "/explorer?of=corpus:drugs"):
        refused = client.get(path, headers=HTML)
        assert (path, refused.status_code, str(tmp_path) in refused.text) == (path, 503, False)


def test_a_file_that_nobody_thought_of(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osler.knowledge import search

    def gone(*_: Any) -> Any:
        return (tmp_path / "terms.bin").read_bytes()

    monkeypatch.setattr(search, "search_terms", gone)
    assert _hidden(client.get("/api/v1/terms?q=fever"), tmp_path, caplog)


def test_the_data_of_a_run_that_moved_are_told_without_their_place(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "q.jsonl").unlink()
    assert _hidden(client.get("/debugger?run=weak", headers=HTML), tmp_path, caplog)
