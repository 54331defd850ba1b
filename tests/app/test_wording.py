"""What callers are told when something is wrong: in the words of their own request, one plain sentence for each problem."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client
from starlette.testclient import TestClient

from osler.app.desk import Desk
from osler.app.main import create_app
from osler.app.mcp_server import server
from osler.app.settings import Settings
from osler.app.wording import for_caller, problems_of, without_places


@pytest.fixture(scope="module")
def api(knowledge: Any) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(per_minute=10**9)), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("diagnose", {"text": "hello world"}, "add findings in `present`"),
        ("diagnose", {"present": ["nonsense"]}, "GET /api/v1/terms?q=WORDS looks a term up"),
        ("diagnose", {"text": "fever", "method": "nosuch"}, "GET /api/v1/methods lists them"),
        ("diagnose", {"text": "fever", "method": "zero-shot"}, "this server was started without one"),
        ("next", {"text": "fever", "method": "rag"}, "no ranker is called 'rag'; there are boqa"),
        ("search", {"text": "x", "synonyms": True, "retrieval": "dense"}, "`synonyms` are other words"),
        ("jobs", {"kind": "eval", "benchmark": "nosuch"}, "`benchmark` is one of"),
        ("calculate/bmi", {"inputs": {"weight": "68 kg", "height": "1 m"}, "beyond": 5}, "`beyond` should be true or false"),
        ("search", {"text": "x", "since": "yesterday"}, "`since` should be a date: YYYY-MM-DD"),
        ("calculate/nosuch", {}, "GET /api/v1/calculate?q=WORDS finds one"),
    ],
)  # fmt: skip
def test_a_problem_speaks_of_the_request(
    api: TestClient, corpus: str, runs: Any, path: str, body: Any, said: str
) -> None:
    client = runs if path == "jobs" else api
    told = client.post(f"/api/v1/{path}", json=body).json()["detail"]
    assert said in told
    assert "`osler " not in told and "name one with --" not in told


@pytest.fixture
def corpus(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """One corpus of a line."""
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "one.txt").write_text("Aspirin is given.")
    add("own", str(tmp_path / "one.txt"), licence="CC0", origin="made up")
    return "own"


@pytest.fixture
def runs(tmp_path: Any, knowledge: Any) -> Iterator[TestClient]:
    """A server with a folder of runs."""
    with TestClient(create_app(Settings(runs=tmp_path)), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.mark.parametrize("body", [[], 5, "x"])
@pytest.mark.parametrize("path", ["diagnose", "findings", "next", "ask", "search", "jobs", "fhir/$diagnose"])
def test_a_body_that_is_no_object_is_told_in_a_sentence(api: TestClient, path: str, body: Any) -> None:
    refused = api.post(f"/api/v1/{path}", json=body)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("the body should be a JSON object with named fields")


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("diagnose", {"text": "x", "agee": 3}, {"body.agee": "there is no field `agee` here"}),
        ("diagnose", {"text": "x", "top": 0, "age": "old"},
         {"body.top": "`top` should be greater than or equal to 1", "body.age": "`age` should be a number"}),
        ("calculate/bmi", {"inputs": {"height": [1]}},
         {"body.inputs.height": "`inputs.height` should be a text or a number or true or false"}),
        ("jobs", {"kind": "x"}, {"body": "`kind` should be 'diagnose', 'eval' or 'errors', not 'x'"}),
        ("jobs", {"kind": "diagnose", "cases": []}, {"body.cases": "`cases` should have at least 1 item, not 0"}),
        ("search", {}, {"body.text": "`text` is needed"}),
    ],
)  # fmt: skip
def test_each_problem_of_a_body_has_its_place_and_a_sentence(
    api: TestClient, path: str, body: Any, errors: dict[str, str]
) -> None:
    told = api.post(f"/api/v1/{path}", json=body).json()
    assert {one["where"]: one["what"] for one in told["errors"]} == errors
    assert sorted(told["detail"].split("; ")) == sorted(errors.values())


def test_json_that_is_none_says_where(api: TestClient) -> None:
    kind = {"content-type": "application/json"}
    assert (
        "not JSON (at character 8)"
        in api.post("/api/v1/next", content=b'{"text":', headers=kind).json()["detail"]
    )


def test_an_address_that_does_not_exist_says_where_to_look(api: TestClient) -> None:
    found = api.get("/api/v1/calculators/nosuch")
    assert (found.status_code, "/openapi.json" in found.json()["detail"]) == (404, True)
    assert "POST" in api.get("/api/v1/diagnose").json()["detail"]


def test_a_page_names_no_option_either(api: TestClient) -> None:
    assert "--" not in for_caller(
        "add findings with --present, or look at what was read with `osler findings`", "page"
    )


# --- MCP ----------------------------------------------------------------------------------------------------------------
def _said(tool: str, **arguments: Any) -> str:
    async def go() -> str:
        desk = Desk(Settings())
        async with Client(server(desk=desk)) as client:
            result = await client.call_tool(tool, arguments)
        desk.close()
        assert result.is_error
        return result.content[0].text  # type: ignore[union-attr]

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("diagnose", {"txet": "fever"}, "diagnose: there is no field `txet` here"),
        ("diagnose", {"present": "fever", "age": "old"}, "diagnose: `present` should be a list; `age` should be a number"),
        ("find_terms", {}, "find_terms: `words` is needed"),
        ("search_calculators", {"query": "x" * 501}, "search_calculators: `query` should have at most 500 characters"),
        ("describe_calculator", {"name": "x" * 121}, "describe_calculator: `name` should have at most 120 characters"),
        ("run_calculator", {"name": "bmi", "inputs": {"weight": "6" * 201}},
         "run_calculator: `inputs.weight`: a value has 200 characters at most"),
        ("convert_unit", {"value": 1, "unit": "x" * 121, "to": "g"}, "convert_unit: `unit` should have at most 120 characters"),
        ("search_calculators", {"query": "x", "top": 51}, "search_calculators: `top` should be less than or equal to 50"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_told_in_plain_sentences(tool: str, arguments: Any, said: str) -> None:
    assert _said(tool, **arguments) == said


def test_what_cannot_be_done_names_tools_not_commands() -> None:
    assert "find_terms looks a term up" in _said("diagnose", present=["nonsense"])
    assert "list_methods shows them" in _said("ask", question="q", method="nosuch")
    assert "search_calculators finds one" in _said("describe_calculator", name="nosuch")


@pytest.mark.parametrize("kind", ["diseases", "terms", "calculators", "runs"])
def test_a_name_in_an_address_has_an_end(kind: str) -> None:
    async def go() -> str:
        desk = Desk(Settings())
        async with Client(server(desk=desk)) as client:
            with pytest.raises(Exception, match="1,000 characters") as refused:
                await client.read_resource(f"osler://{kind}/{'x' * 1_001}")
        desk.close()
        return str(refused.value)

    assert "x" * 20 not in asyncio.run(go())


# --- The rules ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/srv/data/graph/kg.csv is gone", "(a file of the server) is gone"),
        ("the vectors in ~/osler/corpora/x are damaged", "the vectors in (a file of the server) are damaged"),
        ("C:\\data\\graph.csv cannot be read", "(a file of the server) cannot be read"),
        ("not 'fever\\r\\nand/or\\tcough\\r\\nno'", None),
        ("\\\\host\\share\\graph.csv is gone", "(a file of the server) is gone"),
        ("5 mg/dL and/or 24/7; GET /api/v1/terms?q=x; http://a.example/b/c", None),
    ],
)
def test_places_on_this_machine_are_left_out_and_nothing_else(text: str, left: str | None) -> None:
    assert without_places(text) == (text if left is None else left)


def test_several_forms_of_one_place_are_one_problem() -> None:
    errors = [
        {"loc": ("body", "x", "constrained-str"), "type": "string_type", "msg": "…"},
        {"loc": ("body", "x", "float"), "type": "float_type", "msg": "…"},
    ]
    assert problems_of(errors) == [{"where": "body.x", "what": "`x` should be a text or a number"}]
