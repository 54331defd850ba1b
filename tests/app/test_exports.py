"""What each view saves as a table: the same as it shows, with words as they were read, for the browser that holds it alone."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from planted_errors import planted_run
from starlette.testclient import TestClient

from osler.app import answer_table
from osler.app.main import create_app
from osler.app.settings import Settings
from osler.app.shown import Cited
from osler.knowledge.retrieval.sources import Sources
from osler.trace import Answer, AtPath, AtPointer, AtSpan, Evidence
from tests.evaluation.language_runs import questions
from tests.evaluation.language_runs import run as language_run

PARTIAL = {"x-osler-partial": "1", "accept": "text/html"}
LETTER = "Ectopia lentis on\nthe left. No seizure. =cmd scoliosis. Creatinine 178 µmol/L (59-104)."


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with a run over questions of some organs, and one with planted errors and its graph."""
    folder = planted_run(tmp_path_factory.mktemp("runs"))
    language_run(folder / "weak", questions(folder / "own.jsonl", 40), "accuracy=0.4,seed=1")
    return folder


@pytest.fixture(scope="module")
def app(knowledge, root):
    return create_app(Settings(runs=root, sources=Sources(graph=str(root / "toy.csv")), per_minute=100_000))


@pytest.fixture(scope="module")
def running(app):
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


@pytest.fixture
def client(running):
    """A browser that nobody knows yet; all share one running server."""
    running.cookies.clear()
    running.headers.pop("x-osler-csrf", None)
    token = re.search(r'name="csrf" content="([^"]+)"', running.get("/case").text)
    assert token is not None
    running.headers["x-osler-csrf"] = token[1]
    return running


def table(reply: Any) -> list[dict[str, str]]:
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(reply.text)))


def test_a_case_is_saved_with_the_words_and_places_it_was_read_from(client) -> None:
    client.post("/case", files={"file": ("", b"")}, data={"text": LETTER})
    assert 'href="/case.csv?case=' in client.get("/case").text

    rows = table(client.get("/case.csv"))
    by_name = {(row["kind"], row["name"]): row for row in rows}

    lens = by_name["finding", "Ectopia lentis"]
    assert (lens["status"], lens["id"], lens["source"]) == ("present", "HP:0001083", "text")
    start, end = map(int, lens["place"].split(":"))
    assert LETTER[start:end] == lens["words"] == "Ectopia lentis"
    assert by_name["finding", "Seizure"]["status"] == "absent"
    measured = by_name["measurement", "creatinine"]
    assert (measured["value"], measured["unit"]) == ("178", "umol/L")
    assert (measured["usual low"], measured["usual high"]) == ("59.0", "104.0")


def test_the_questions_are_saved_with_the_answers_given(client) -> None:
    client.get("/case?present=HP:0001083&present=HP:0001166&age=24&sex=male")
    shown = re.findall(r'id="question-\d">([^<]+)<', client.get("/next").text)

    rows = table(client.get("/next.csv"))
    assert [row["question"] for row in rows[: len(shown)]] == shown
    assert len(rows) > len(shown)
    assert float(rows[0]["gain in bits"]) > 0 and rows[0]["cost"] and rows[0]["id"].startswith("HP:")

    case = re.search(r"case=(case-[0-9a-f]+)", client.get("/next").text)
    assert case is not None
    client.post("/next", data={"case": case[1], "term": rows[0]["id"], "answer": "unknown"}, headers=PARTIAL)
    again = table(client.get("/next.csv"))
    assert (again[0]["id"], again[0]["answer"]) == (rows[0]["id"], "Don’t know")
    assert rows[0]["id"] not in {row["id"] for row in again[1:]}


def test_an_answer_is_saved_with_what_speaks_for_and_against_it(client) -> None:
    client.get("/case?present=HP:0001083&present=HP:0001166&absent=HP:0001250&age=24&sex=male")
    case = re.search(r"case=(case-[0-9a-f]+)", client.get("/case").text)
    assert case is not None
    reply = client.post("/ask", data={"case": case[1], "method": "embedded"}, headers=PARTIAL)
    job = re.search(r"job=([\w-]+)", reply.text)
    assert job is not None
    client.get(f"/ask/stream?job={job[1]}")
    assert f'href="/ask/answer.csv?job={job[1]}"' in client.get(f"/ask?job={job[1]}").text

    rows = table(client.get(f"/ask/answer.csv?job={job[1]}"))
    assert rows[0]["place"] == "1" and float(rows[0]["probability"]) > 0
    assert {row["evidence"] for row in rows if row["place"]} >= {"for"}
    assert rows[-1]["answer"] == "none of the known diseases fits"


def test_statements_are_saved_with_their_verdict_and_evidence() -> None:
    held = Evidence(
        source="notes", record="n1", locator=AtSpan(start=3, end=9), quote="The fever lasted two days."
    )
    path = Evidence(
        source="graph", record="r", locator=AtPath(nodes=["A", "B"]), quote="A –treats→ B", supports=False
    )
    text = "The fever lasted two days. The spleen was removed."
    rows = list(answer_table.rows(Answer(kind="text", text=text), [Cited("s0-0", held), Cited("s0-1", path)], ""))  # fmt: skip

    assert [(row[1], row[4], row[8]) for row in rows] == [
        ("The fever lasted two days.", "supported", "3:9"),
        ("The spleen was removed.", "unsupported", None),
    ]
    number = Evidence(source="record", record="p", locator=AtPointer(pointer="/age"), supports=False)
    [row] = answer_table.rows(Answer(kind="number", number=4), [Cited("s0-0", number)], "4 mg")
    assert row[1] == "4 mg" and row[5] == "against" and row[8] == "pointer /age"


def test_answers_from_notes_are_saved_with_their_places(client) -> None:
    note = "Medications: metformin 500 mg twice daily. Blood pressure was 152/94 mmHg."
    client.post("/notes", data={"text": note, "title": "Visit"}, headers=PARTIAL)
    client.post("/notes/ask", data={"question": "What was the blood pressure?"}, headers=PARTIAL)
    client.post("/notes/ask", data={"question": "Who is the president?"}, headers=PARTIAL)

    rows = table(client.get("/notes/answers.csv"))
    assert rows[0]["note"] == "Visit"
    assert note[int(rows[0]["start"]) : int(rows[0]["end"])] == rows[0]["words"]
    assert "152/94" in rows[0]["words"]
    assert rows[-1]["question"] == "Who is the president?" and rows[-1]["start"] == ""


def test_a_runs_groups_and_confusions_are_saved(client) -> None:
    page = client.get("/runs/run?name=weak").text
    assert 'href="/runs/figures.csv?name=weak"' in page and 'href="/runs/confusion.csv?name=weak' in page

    figures = table(client.get("/runs/figures.csv?name=weak"))
    assert figures[0]["figure"] == "accuracy" and figures[0]["cases"] == "40"
    organs = [row for row in figures if row["by"] == "organ"]
    assert sum(int(row["cases"]) for row in organs) == 40
    pairs = table(client.get("/runs/confusion.csv?name=weak"))
    assert sum(int(row["cases"]) for row in pairs) == 40
    right = sum(int(row["cases"]) for row in pairs if row["right"] == row["said"])
    assert right / 40 == pytest.approx(float(figures[0]["value"]))
    one = {"name": "weak", "by": "organ", "group": organs[0]["group"]}
    of_one = table(client.get("/runs/confusion.csv", params=one))
    assert sum(int(row["cases"]) for row in of_one) == int(organs[0]["cases"])


def test_the_debuggers_cases_are_saved_as_they_are_chosen(client) -> None:
    every = table(client.get("/debugger/cases.csv?run=planted"))
    assert [row["item"] for row in every] == ["0", "1", "2", "3", "4"]
    relation = table(client.get("/debugger/cases.csv?run=planted&kind=relation"))
    assert {row["class"] for row in relation} == {"relation"} and len(relation) < len(every)
    assert client.get("/debugger/cases.csv?run=planted&kind=none-such").status_code == 400


@pytest.mark.parametrize("address", ["/case.csv", "/next.csv", "/ask/answer.csv?job=x"])
def test_without_a_case_or_a_run_the_reply_says_so(client, address) -> None:
    assert client.get(address).status_code == 404


def test_a_text_without_findings_says_what_to_do_next(client) -> None:
    client.post("/case", files={"file": ("", b"")}, data={"text": "We spoke about the weather."})
    page = client.get("/case").text

    assert "No finding was recognised in this text" in page
    assert "searching above" in page and 'href="/case?new=true">paste more' in page
    assert [row["kind"] for row in table(client.get("/case.csv"))] == []


def test_what_went_wrong_is_said_for_the_page_not_for_a_terminal(client) -> None:
    asked = client.post("/ask", data={"question": "?", "method": "no-such"}, headers=PARTIAL)
    assert asked.status_code == 400 and 'id="ask-problem" role="alert"' in asked.text
    assert "osler list methods" not in asked.text and "no-such" in asked.text
    whole = client.post("/ask", data={"question": "Which is it?", "method": "no-such"})
    assert whole.status_code == 400 and ">Which is it?</textarea>" in whole.text
