"""The MCP tools beyond calculators, in memory and at /mcp of the server behind its tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from starlette.testclient import TestClient

from osler.app.desk import Desk
from osler.app.main import create_app
from osler.app.mcp_server import server
from osler.app.settings import Settings


def _with(work: Callable[[Client], Awaitable[None]], **settings: Any) -> None:
    async def go() -> None:
        desk = Desk(Settings(**settings))
        async with Client(server(desk=desk)) as client:
            await work(client)
        desk.close()

    asyncio.run(go())


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def _refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content)


def test_a_case_is_read_diagnosed_and_asked_about() -> None:
    async def work(client: Client) -> None:
        read = await _call(client, "read_findings", text="ectopia lentis, no fever")
        assert {one["label"]: one["status"] for one in read["findings"]} == {
            "Ectopia lentis": "present", "Fever": "absent",
        }  # fmt: skip
        found = await _call(client, "diagnose", present=["ectopia lentis"], top=2)
        assert (found["differential"][0]["name"], len(found["differential"])) == ("Ectopia lentis", 2)
        asked = await _call(client, "next_questions", present=["ectopia lentis"], count=2)
        rest = await _call(
            client, "next_questions", present=["ectopia lentis"], asked=[one["id"] for one in asked["next"]]
        )
        assert not {one["id"] for one in asked["next"]} & {one["id"] for one in rest["next"]}

    _with(work)


def test_terms_diseases_and_the_graph_are_looked_up() -> None:
    async def work(client: Client) -> None:
        assert (await _call(client, "find_terms", words="tall stature"))["results"][0]["id"] == "HP:0000098"
        assert (await _call(client, "show_disease", name="OMIM:154700"))["name"] == "Marfan syndrome"
        joined = await _call(client, "graph_path", a="Ectopia lentis", b="Marfan syndrome", cap=1)
        assert joined["paths"][0]["nodes"][-1]["name"] == "Marfan syndrome"
        near = await _call(client, "graph_near", name="Marfan syndrome", kinds=["gene"])
        assert "FBN1" in [one["name"] for one in near["near"]]
        resource = await client.read_resource("osler://diseases/OMIM:154700")
        assert "Marfan syndrome" in resource.contents[0].text  # type: ignore[union-attr]

    _with(work)


def test_a_method_asks_the_servers_model_and_no_file() -> None:
    async def work(client: Client) -> None:
        about = {"question": "Which?", "options": {"A": "yes", "B": "no"}}
        found = await _call(client, "ask", method="zero-shot", **about)
        assert (found["model"], found["answer"]["choice"] in "AB") == ("simulated:good", True)
        assert "file" in await _refused(client, "ask", method="./mine.py:method", **about)
        assert "no corpus" in await _refused(client, "ask", method="rag", corpora=["cohort:x"], question="q")

    _with(work, models=("simulated:good",))


def test_what_cannot_be_done_says_what_to_do() -> None:
    async def work(client: Client) -> None:
        assert "give text" in await _refused(client, "diagnose")
        assert "no field `txet`" in await _refused(client, "diagnose", txet="fever")
        assert "not the name" in await _refused(client, "show_disease", name="no such disease")
        assert "--runs" in await _refused(client, "show_run", name="x")
        assert (await _call(client, "list_runs")) == {"runs": []}

    _with(work)


# --- Within the server ------------------------------------------------------------------------------------------------
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def test_the_server_has_them_at_mcp_behind_its_tokens(knowledge: Any, tmp_path: Path) -> None:
    from osler.app.tokens import Tokens

    file = tmp_path / "tokens.json"
    token = Tokens(file).add("assistant")
    with TestClient(create_app(Settings(tokens=file)), base_url="http://127.0.0.1:8080") as api:
        assert api.post("/mcp", json=LIST, headers=HEADERS).status_code == 401
        given = {**HEADERS, "authorization": f"Bearer {token}", "mcp-protocol-version": "2025-06-18"}
        listed = api.post("/mcp", json=LIST, headers=given)
        assert listed.status_code == 200
        assert "read_findings" in listed.text
        call = {"name": "diagnose", "arguments": {"text": "ectopia lentis", "top": 1}}
        found = api.post("/mcp", json={**LIST, "method": "tools/call", "params": call}, headers=given)
        assert "OMIM:225100" in found.text


def test_another_host_is_turned_away(knowledge: Any) -> None:
    with TestClient(create_app(Settings()), base_url="http://evil.example") as api:
        assert api.post("/mcp", json=LIST, headers=HEADERS).status_code == 421


def test_a_server_that_starts_twice_serves_twice(knowledge: Any) -> None:
    for _ in range(2):
        with TestClient(create_app(), base_url="http://127.0.0.1:8080") as api:
            reply = api.post("/mcp", json=LIST, headers={**HEADERS, "mcp-protocol-version": "2025-06-18"})
            assert reply.status_code == 200


pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
