"""The API's calculators, terms, diseases, corpora and graph: each answers as the command line does with --json."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "aspirin.txt").write_text(
        "Aspirin is given in Kawasaki disease.\n\nIt is stopped when platelets fall."
    )
    add("drugs", str(folder), licence="CC0", origin="made up")
    return "drugs"


def test_a_calculator_is_found_described_and_worked_out(api: TestClient) -> None:
    found = api.get("/api/v1/calculate", params={"q": "how heavy for my height", "top": 3}).json()
    assert found["calculators"][0]["name"] == "bmi"
    assert api.get("/api/v1/calculate").json()["n"] > 100
    assert [one["name"] for one in api.get("/api/v1/calculate/bmi").json()["inputs"]] == ["weight", "height"]
    done = api.post("/api/v1/calculate/bmi", json={"inputs": {"weight": "68 kg", "height": "1.65 m"}}).json()
    assert (done["rounded"], done["unit"], done["band"]["label"]) == (25.0, "kg/m2", "normal range")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("bmi", {"inputs": {"weight": "68 kg"}}, 422),
        ("bmi", {"inputs": {"weight": 68, "height": "165 cm"}}, 422),
        ("bmi", {"inputs": {"weight": "68 parsecs", "height": "165 cm"}}, 422),
        ("bmi", {"inputs": {"wieght": "68 kg"}}, 400),
        ("no-such", {"inputs": {}}, 404),
    ],
)
def test_a_number_that_cannot_be_given_says_why(
    api: TestClient, path: str, body: dict[str, Any], status: int
) -> None:
    refused = api.post(f"/api/v1/calculate/{path}", json=body)
    assert refused.status_code == status
    assert refused.json()["detail"]


def test_what_is_missing_stands_in_a_field(api: TestClient) -> None:
    refusal = api.post("/api/v1/calculate/bmi", json={"inputs": {"weight": "68 kg"}}).json()["refusal"]
    assert (refusal["status"], list(refusal["missing"])) == ("missing", ["height"])


def test_terms_and_diseases_are_found_and_shown(api: TestClient) -> None:
    ids = [one["id"] for one in api.get("/api/v1/terms?q=tall stature").json()["results"]]
    assert ids[0] == "HP:0000098"
    assert api.get("/api/v1/terms/HP:0000098").json()["label"] == "Tall stature"
    assert api.get("/api/v1/diseases?q=marfan").json()["results"][0]["id"] == "OMIM:154700"
    shown = api.get("/api/v1/diseases/Marfan syndrome").json()
    assert (shown["id"], shown["matched_by"]) == ("OMIM:154700", "name")
    assert any(one["references"] for one in shown["phenotypes"])
    nothing = api.get("/api/v1/diseases/marfan sindrome")
    assert nothing.status_code == 404
    assert "Marfan syndrome" in nothing.json()["detail"]


def test_a_corpus_is_searched_and_its_document_opened_at_the_place(api: TestClient, corpus: str) -> None:
    (listed,) = api.get("/api/v1/corpora").json()["corpora"]
    assert (listed["name"], listed["licence"]) == ("drugs", "CC0")
    assert "path" not in listed
    (hit,) = api.post("/api/v1/search", json={"text": "Kawasaki", "corpora": [corpus]}).json()["results"]
    place = {"start": hit["start"], "end": hit["end"]}
    opened = api.get(f"/api/v1/corpora/{corpus}/documents/{hit['document']}", params=place).json()
    assert opened["text"] == hit["text"]
    assert "Kawasaki" in opened["text"]


def test_what_is_not_in_a_corpus_is_not_found(api: TestClient, corpus: str) -> None:
    assert api.get(f"/api/v1/corpora/{corpus}/documents/none").status_code == 404
    assert api.get("/api/v1/corpora/no-such/documents/a").status_code == 404
    assert api.get(f"/api/v1/corpora/{corpus}/documents/aspirin.txt?start=5&end=2").status_code in (400, 404)
    for name in ("no-such", "cohort:/etc/passwd", "opensearch:http://127.0.0.1:1/x", "../drugs"):
        reply = api.post("/api/v1/search", json={"text": "x", "corpora": [name]})
        assert (reply.status_code, "no corpus" in reply.json()["detail"]) == (400, True)


def test_the_graph_joins_names(api: TestClient) -> None:
    found = api.get(
        "/api/v1/graph/path", params={"a": "Ectopia lentis", "b": "Marfan syndrome", "cap": 2}
    ).json()
    assert [one["id"] for one in found["paths"][0]["nodes"]][-1] == "OMIM:154700"
    near = api.get("/api/v1/graph/near", params={"name": "Marfan syndrome", "kind": "gene", "top": 5}).json()
    assert "FBN1" in [one["name"] for one in near["near"]]
    named = api.post("/api/v1/graph/link", json={"text": "ectopia lentis in Marfan syndrome"}).json()
    assert [one["name"] for one in named["mentions"]] == ["Ectopia lentis", "Marfan syndrome"]
    assert api.get("/api/v1/graph").json()["nodes"] > 10_000


def test_a_name_that_the_graph_does_not_have_is_not_found(api: TestClient) -> None:
    assert api.get("/api/v1/graph/near", params={"name": "no such thing at all"}).status_code == 404
    both = {"name": "Marfan syndrome", "along": "is_a", "pagerank": True}
    assert api.get("/api/v1/graph/near", params=both).status_code == 400
