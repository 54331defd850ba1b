"""Row 184, MedMASLab: four Osler agent strategies run on one fixture through one message schema, and a table shows accuracy,
calls and tokens by specialty."""

import json
import re

import pytest

from osler.evaluation.html_report import write_report
from osler.evaluation.language import Plan, start
from osler.evaluation.store import read_records, read_times, read_trace
from osler.llm import from_spec
from osler.trace import Step

STRATEGIES = ("debate", "medagents", "mdagents", "self-refine")
SPECIALTIES = ("cardiology", "neurology", "surgery")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    rows = [
        {
            "q": f"Item {i}: which of the four statements about sign number {i} is true?",
            "o": {key: f"statement {key} about {i}" for key in "ABCD"},
            "a": "ABCD"[i % 4],
            "field": SPECIALTIES[i % 3],
        }
        for i in range(12)
    ]
    (folder / "items.jsonl").write_text("\n".join(map(json.dumps, rows)))
    columns = {"question": "q", "options": "o", "answer": "a", "specialty": "field"}
    for name in STRATEGIES:
        plan = Plan("own", folder / "items.jsonl", name, columns=columns)
        start(plan, folder / name, {"main": from_spec("simulated:accuracy=0.7", cache=None)})
    return [folder / name for name in STRATEGIES]


def test_all_four_speak_through_one_message_schema(runs):
    for run in runs:
        traces = [read_trace(run, number) for number in range(12)]
        assert all(traces)
        for trace in traces:
            steps = [Step.model_validate(step) for step in (trace or {})["trace"]["steps"]]
            said = [step for step in steps if "prompt" in step.data]
            assert said and all(step.text and step.kind and step.label for step in said)


def test_a_table_shows_accuracy_calls_and_tokens_by_specialty(runs):
    page = write_report(runs)
    section = page.split("<h2>By specialty</h2>")[1].split("</table>")[0]
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in section.split("<tr>")[1:]]
    head, *body = lines
    assert head == ["specialty", "cases", *(w for n in "1234" for w in (n, "calls", "tokens"))]
    assert sorted(row[0] for row in body) == list(SPECIALTIES)
    for row in body:
        assert row[1] == "4"
        for number, run in enumerate(runs):
            score, calls, tokens = row[2 + 3 * number : 5 + 3 * number]
            own = [r for r in read_records(run) if r["tags"]["specialty"] == row[0]]
            times = {t["item"]: t for t in read_times(run)}
            right = sum(r["scores"]["correct"] for r in own) / 4
            assert score.startswith(f"{100 * right:.1f}") or score.startswith(f"{right:.2f}"), score
            assert calls == f"{sum(times[r['item']]['calls'] for r in own) / 4:.1f}"
            spent = [times[r["item"]]["prompt_tokens"] + times[r["item"]]["completion_tokens"] for r in own]
            assert tokens == f"{sum(spent) / 4:,.0f}"
    assert {row[3] for row in body} == {"7.0"}  # a debate of three and one who decides
