"""The MCP server through the SDK's own client: in memory, over standard input and output, and over streamable HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from osler.app.mcp_server import server


def _with(target: Any, work: Callable[[Client], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with Client(target) as client:
            return await work(client)

    return asyncio.run(go())


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def test_the_tools_say_what_they_take() -> None:
    async def work(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert {
            "search_calculators",
            "describe_calculator",
            "run_calculator",
            "plan_calculator",
            "convert_unit",
        } <= set(tools)
        assert {
            "read_findings",
            "diagnose",
            "next_questions",
            "ask",
            "search_corpora",
            "graph_path",
            "list_runs",
        } <= set(tools)
        assert all(tool.input_schema["additionalProperties"] is False for tool in tools.values())
        assert all(tool.description for tool in tools.values())
        assert tools["run_calculator"].input_schema["required"] == ["name", "inputs"]

    _with(server(), work)


def test_a_client_finds_describes_and_runs_a_calculator() -> None:
    async def work(client: Client) -> None:
        found = await _call(client, "search_calculators", query="how heavy for my height")
        assert found["results"][0]["name"] == "bmi"
        about = await _call(client, "describe_calculator", name="bmi")
        assert [one["name"] for one in about["inputs"]] == ["weight", "height"]
        done = await _call(
            client, "run_calculator", name="bmi", inputs={"weight": "68 kg", "height": "1.65 m"}
        )
        assert (done["status"], done["rounded"], done["band"]["label"]) == ("done", 25.0, "normal range")
        assert done["sources"][0]["doi"]

    _with(server(), work)


def test_what_cannot_be_worked_out_says_why_in_a_field() -> None:
    async def work(client: Client) -> None:
        missing = await _call(client, "run_calculator", name="bmi", inputs={"weight": "68 kg"})
        assert (missing["status"], list(missing["missing"])) == ("missing", ["height"])
        no_unit = await _call(client, "run_calculator", name="bmi", inputs={"weight": 68, "height": "165 cm"})
        assert (no_unit["status"], no_unit["why"], no_unit["input"]) == ("refused", "unit-needed", "weight")

    _with(server(), work)


def test_whole_numbers_stand_for_choices_and_yes_or_no() -> None:
    async def work(client: Client) -> None:
        coma = {"eye_response": 4, "verbal_response": 5.0, "motor_response": "6"}
        done = await _call(client, "run_calculator", name="glasgow-coma-scale", inputs=coma)
        assert (done["status"], done["value"]) == ("done", 15)
        items = {
            "confusion": 1,
            "urea_nitrogen": "8 mmol/L",
            "respiratory_rate": 20,
            "systolic": 120,
            "diastolic": 80,
            "age": 70,
        }
        done = await _call(client, "run_calculator", name="curb-65", inputs=items)
        assert (done["status"], done["value"]) == ("done", 3)

    _with(server(), work)


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "not known"), ([1.8], "a list"), ({"m": 1.8}, "an object"), (10**400, "too large a number")],
)
def test_null_lists_and_objects_are_refused_in_a_field(value: Any, words: str) -> None:
    async def work(client: Client) -> None:
        inputs = {"weight": "68 kg", "height": value}
        done = await _call(client, "run_calculator", name="bmi", inputs=inputs, all_others_no=True)
        assert (done["status"], done["input"], done["why"]) == ("refused", "height", "unreadable")
        assert words in done["message"]

    _with(server(), work)


@pytest.mark.parametrize(
    ("value", "unit", "to", "words"),
    [("NaN", "kg", "g", "finite"), (1e308, "kg", "ng", "too large"), (-500, "Cel", "K", "absolute zero")],
)
def test_what_is_no_number_of_this_world_is_not_converted(value: Any, unit: str, to: str, words: str) -> None:
    async def work(client: Client) -> None:
        wrong = await client.call_tool("convert_unit", {"value": value, "unit": unit, "to": to})
        assert wrong.is_error
        assert words in wrong.content[0].text  # type: ignore[union-attr]
        assert (await _call(client, "convert_unit", value=-40, unit="Cel", to="[degF]"))[
            "value"
        ] == pytest.approx(-40)

    _with(server(), work)


def test_an_unknown_name_is_an_error_with_the_nearest_one() -> None:
    async def work(client: Client) -> None:
        wrong = await client.call_tool("describe_calculator", {"name": "bmj"})
        assert wrong.is_error
        assert "bmi" in wrong.content[0].text  # type: ignore[union-attr]
        stray = await client.call_tool("run_calculator", {"name": "bmi", "inputs": {"hight": "2 m"}})
        assert stray.is_error
        assert "height" in stray.content[0].text  # type: ignore[union-attr]

    _with(server(), work)


def test_units_are_converted_and_the_analyte_asked_for() -> None:
    async def work(client: Client) -> None:
        done = await _call(client, "convert_unit", value=1, unit="mg/dL", to="umol/L", analyte="creatinine")
        assert done["value"] == pytest.approx(88.4, abs=0.01)
        wrong = await client.call_tool("convert_unit", {"value": 1, "unit": "mg/dL", "to": "umol/L"})
        assert wrong.is_error
        assert "analyte" in wrong.content[0].text  # type: ignore[union-attr]

    _with(server(), work)


def test_definitions_and_citations_are_resources() -> None:
    async def work(client: Client) -> None:
        every = await client.read_resource("osler://calculators")
        listed = json.loads(every.contents[0].text)["calculators"]  # type: ignore[union-attr]
        assert {"name": "bmi", "title": "Body mass index (BMI)"} in listed
        one = await client.read_resource("osler://calculators/bmi")
        assert json.loads(one.contents[0].text)["unit"] == "kg/m2"  # type: ignore[union-attr]
        cited = await client.read_resource("osler://calculators/bmi/citation")
        assert "10.1016/0021-9681(72)90027-6" in cited.contents[0].text  # type: ignore[union-attr]
        with pytest.raises(Exception, match="no calculator"):
            await client.read_resource("osler://calculators/nothing")

    _with(server(), work)


async def _sum_of_all(client: Client) -> None:
    done = await _call(client, "run_calculator", name="bmi", inputs={"weight": "68 kg", "height": "165 cm"})
    assert done["rounded"] == 25.0


def test_over_standard_input_and_output() -> None:
    command = StdioServerParameters(command=sys.executable, args=["-m", "osler", "mcp"], env=dict(os.environ))
    _with(stdio_client(command), _sum_of_all)


def test_over_streamable_http() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "osler", "-q", "mcp", "--http", "--port", str(port)]
    ) as process:
        try:
            _wait_for(port)
            _with(f"http://127.0.0.1:{port}/mcp", _sum_of_all)
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_only_loopback_is_served() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "osler", "mcp", "--http", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_an_argument_that_a_tool_does_not_have_is_refused_and_a_range_is_given_on_request() -> None:
    async def work(client: Client) -> None:
        stray = await client.call_tool("run_calculator", {"name": "bmi", "inputs": {}, "all_other_no": True})
        assert stray.is_error and "all_other_no" in str(stray.content)
        score = {"name": "cha2ds2-vasc", "inputs": {"age": 70, "sex": "male"}}
        told = await _call(client, "run_calculator", **score, partial=True)
        assert (told["status"], told["value"], told["range"]) == ("done", None, [1, 7])
        assert (await _call(client, "run_calculator", **score))["status"] == "missing"
        sum_ = await _call(client, "run_calculator", name="curb-65", inputs={"age": 70}, partial=True)
        assert "no range" in sum_["message"]

    _with(server(), work)


@pytest.mark.parametrize(
    ("value", "unit", "to", "analyte", "gives"),
    [
        (1.0, "mg/dL", "umol/L", "Serum creatinine", 88.4),
        (28.0, "mg/dL", "mmol/L", "BUN", 10.0),
        (100.0, "mg/dL", "mmol/L", "Glucose", 5.55),
    ],
)
def test_an_analyte_may_be_called_by_any_usual_name(value, unit, to, analyte, gives) -> None:
    async def work(client: Client) -> None:
        told = await _call(client, "convert_unit", value=value, unit=unit, to=to, analyte=analyte)
        assert told["value"] == pytest.approx(gives, rel=0.01)

    _with(server(), work)


def test_which_analytes_are_known_is_told_where_none_fits() -> None:
    async def work(client: Client) -> None:
        for more in ({}, {"analyte": "moon dust"}):
            arguments = {"value": 1.0, "unit": "mg/dL", "to": "umol/L", **more}
            told = await client.call_tool("convert_unit", arguments)
            assert (
                told.is_error and "creatinine" in str(told.content) and "urea nitrogen" in str(told.content)
            )

    _with(server(), work)
