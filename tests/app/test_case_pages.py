"""The case, differential and next views without a browser: what they take, refuse, keep and send."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from osler import runtime
from osler.app import casework, edits
from osler.app.desk import Desk
from osler.app.main import create_app
from osler.app.pages.next_questions import _after_another
from osler.app.sessions import Held, Sessions
from osler.app.settings import Settings
from osler.case import Case, Finding, Span, Term
from osler.diagnosis.result import NextQuestion

PARTIAL = {"x-osler-partial": "1", "accept": "text/html"}
MARFAN = "/case?present=HP:0001083&present=HP:0001166&absent=HP:0001250&family=HP:0002647&age=24&sex=male"


@pytest.fixture(scope="module")
def app(knowledge):
    return create_app(Settings(max_mb=0.2, per_minute=100_000))


@pytest.fixture
def client(app):
    made = TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"})
    token = re.search(r'name="csrf" content="([^"]+)"', made.get("/case").text)
    assert token is not None
    made.headers["x-osler-csrf"] = token[1]
    return made


def case_id(text: str) -> str:
    found = re.search(r"case=(case-[0-9a-f]+)", text)
    assert found is not None
    return found[1]


def test_the_name_of_a_file_of_the_server_is_only_text(client, tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("seizures and arachnodactyly")

    reply = client.post("/case", files={"file": ("", b"")}, data={"text": str(secret)})

    assert "Arachnodactyly" not in reply.text
    assert str(secret) in reply.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("empty", b""),
        ("broken JSON", b'{"resourceType": "Bundle", "entry": ['),
        ("binary", bytes(range(256)) * 10),
        ("another thing", b'{"a": 1}'),
    ],
)
def test_what_cannot_be_read_is_a_page_that_says_why(client, kind, body) -> None:
    reply = client.post("/case", files={"file": ("x", body)}, data={"text": ""})

    assert reply.status_code == 422
    assert 'role="alert"' in reply.text


def test_a_body_over_the_limit_is_refused(client) -> None:
    assert client.post("/case", files={"file": ("x", b"a" * 300_000)}).status_code == 413


def test_a_text_just_under_the_limit_is_read_from_the_field(client) -> None:
    reply = client.post("/case", files={"file": ("", b"")}, data={"text": "no fever. " * 15_000})

    assert reply.status_code == 200
    assert "more characters were read and are not shown" in reply.text


def test_a_link_spells_the_case_and_the_case_spells_the_link(client) -> None:
    page = client.get(MARFAN)
    link = re.search(r'id="link" href="([^"]+)"', page.text)

    assert link is not None
    assert link[1].replace("&amp;", "&") == MARFAN
    assert page.url.query.decode() == f"case={case_id(page.text)}"


def test_a_link_with_a_term_that_is_none_is_refused(client) -> None:
    reply = client.get("/case?present=HP:9999999")

    assert reply.status_code == 422
    assert "not one term" in reply.text


def test_an_edit_sends_the_parts_that_changed(client) -> None:
    case = case_id(client.get(MARFAN).text)

    reply = client.post(
        "/case/status", data={"case": case, "key": "HP-0001250", "status": "present"}, headers=PARTIAL
    )

    assert [name for name in ("reading", "findings", "beside", "person", "status") if f'id="{name}"' in reply.text] == [
        "reading", "findings", "beside", "person", "status",
    ]  # fmt: skip
    assert "<html" not in reply.text


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/case/status", {"key": "HP-0001250", "status": "sure"}, 400),
        ("/case/status", {"key": "HP-0000000", "status": "absent"}, 400),
        ("/case/remove", {"key": "../x"}, 400),
        ("/case/add", {"words": "no such thing at all", "status": "present"}, 422),
        ("/case/person", {"age": "300", "sex": ""}, 422),
        ("/next", {"term": "HP:0001250", "answer": "maybe"}, 400),
        ("/next", {"term": "nothing", "answer": "yes"}, 400),
        ("/next/undo", {}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client, path, data, status) -> None:
    case = case_id(client.get(MARFAN).text)

    reply = client.post(path, data={"case": case, **data}, headers=PARTIAL)

    assert reply.status_code == status
    assert 'role="alert"' in reply.text


def test_another_session_cannot_see_the_case(client, app) -> None:
    case = case_id(client.get(MARFAN).text)

    other = TestClient(app, base_url="http://127.0.0.1:8080")
    for path in ("/case", "/differential", "/next", "/differential.csv", "/differential/fhir.json"):
        assert other.get(path, params={"case": case}).status_code == 404


def test_forgotten_means_gone(client) -> None:
    case = case_id(client.get(MARFAN).text)

    client.post("/case/forget", data={"case": case})

    for view, name in (("/case", "Case"), ("/differential", "Differential"), ("/next", "Next")):
        reply = client.get(view, params={"case": case})
        assert reply.status_code == 404
        assert "not held any more" in reply.text and "The request is wrong" not in reply.text
        assert f'href="{view}">Back to {name}</a>' in reply.text


def test_the_table_holds_what_the_list_shows(client, knowledge) -> None:
    client.get(MARFAN)

    rows = list(csv.DictReader(io.StringIO(client.get("/differential.csv").text)))

    assert rows[0]["rank"] == "1"
    assert rows[0]["name"] in client.get("/differential").text
    assert rows[-1]["name"] == "none of the known diseases fits"
    assert 0 < sum(float(row["probability"]) for row in rows) <= 1.001


def test_a_case_with_nothing_to_rank_by_says_so(client) -> None:
    client.post("/case", files={"file": ("", b"")}, data={"text": "Well today."})

    assert "Nothing to rank by" in client.get("/case").text
    assert "nothing can be ranked" in client.get("/differential").text
    assert client.get("/next").status_code == 200
    assert client.get("/differential.csv").status_code == 400


def test_the_phenopacket_gives_back_the_findings(client) -> None:
    client.get(MARFAN)

    packet = client.get("/case/phenopacket.json").json()

    features = {one["type"]["id"]: one.get("excluded", False) for one in packet["phenotypicFeatures"]}
    assert features == {"HP:0001083": False, "HP:0001166": False, "HP:0001250": True}


def test_overlapping_mentions_cut_the_text_into_pieces_that_make_it_up_again() -> None:
    from osler.app.casework import pieces

    text = "severe hearing loss today"
    spans = [(0, 19, 1), (7, 19, 2), (7, 14, 3)]
    case = Case(
        text=text,
        findings=[
            Finding(term=Term(id=f"HP:{n}", label=f"Sign {n}"), spans=[Span(start=a, end=b)])
            for a, b, n in spans
        ],
    )

    found = list(pieces(case))

    assert "".join(piece.text for piece in found) == text
    assert [(piece.text, piece.keys) for piece in found] == [
        ("severe ", ("HP-1",)),
        ("hearing", ("HP-3", "HP-2", "HP-1")),
        (" loss", ("HP-2", "HP-1")),
        (" today", ()),
    ]


def test_pages_are_compressed_and_event_streams_are_not() -> None:
    from fastapi.responses import StreamingResponse

    async def stream():
        async def events():
            for number in range(200):
                yield f"id: {number}\ndata: {'x' * 100}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    made = create_app(Settings())
    made.add_api_route("/stream", stream)
    with TestClient(made, base_url="http://127.0.0.1:8080", headers={"accept-encoding": "gzip"}) as client:
        assert client.get("/case").headers["content-encoding"] == "gzip"
        assert "content-encoding" not in client.get("/stream").headers


def test_the_pages_own_files_are_asked_about_and_not_sent_again(client) -> None:
    first = client.get("/static/osler.css")

    again = client.get("/static/osler.css", headers={"if-none-match": first.headers["etag"]})

    assert (first.headers["cache-control"], again.status_code) == ("no-cache", 304)


def test_a_case_changed_while_it_is_ranked_leaves_each_ranking_with_its_own_findings(
    knowledge, monkeypatch
) -> None:
    """A ranking that waits for a thread is of the case as it was asked for, and is not kept for another."""
    held = Held(runtime.case_from(present=["HP:0001083", "HP:0001166"], base=knowledge))
    desk = Desk(Settings())
    request = SimpleNamespace(state=SimpleNamespace(session=Sessions(5).begin()))
    inner = desk.compute

    async def late(work, *given, **named):
        edits.remove(held, "HP-0001083")
        edits.add(held, Term(id="HP:0001250", label="Seizure"))
        monkeypatch.setattr(desk, "compute", inner)
        return await inner(work, *given, **named)

    async def both():
        before = casework.snapshot(request, held)
        monkeypatch.setattr(desk, "compute", late)
        first = await casework.ranking(desk, held, before)
        after = casework.snapshot(request, held)
        return before, first, after, await casework.ranking(desk, held, after)

    before, first, after, second = asyncio.run(both())
    desk.close()

    for case, found in ((before, first), (after, second)):
        assert found is not None
        own = runtime.diagnose(case, base=knowledge, explain=False)
        assert found.differential[0].id == own.differential[0].id
        assert found.differential[0].probability == pytest.approx(own.differential[0].probability)
    assert [one.id for one in before.findings] == ["HP:0001083", "HP:0001166"]
    assert [one.id for one in after.findings] == ["HP:0001166", "HP:0001250"]


@pytest.mark.parametrize(("share", "said"), [(0.9997, ">99.9 %"), (0.0002, "<0.1 %")])
def test_what_is_read_out_never_says_all_or_none_by_rounding(share, said) -> None:
    first = SimpleNamespace(name="Marfan syndrome", probability=share)
    words = casework.standing(SimpleNamespace(differential=[first], none_fits=1 - share))

    assert f"Marfan syndrome, {said}." in words
    assert "100" not in words
    assert " 0 %" not in words


@pytest.mark.parametrize(
    "record",
    [
        r'{"resourceType": "Condition", "id": "c\ud800", "code": {"text": "Seizure \ud800"}}',
        r'{"id": "p\ud800", "phenotypicFeatures": [{"type": {"id": "HP:0001250", "label": "Seiz\ud800ure"}, "description": "\udfff"}]}',
        r'{"text": "a seizure \ud800", "findings": [{"id": "HP:0001250", "status": "present", "text": "\ud800"}]}',
    ],
    ids=["FHIR", "phenopacket", "Osler case"],
)
def test_half_a_character_in_a_record_leaves_the_case_and_its_exports_readable(client, record) -> None:
    opened = client.post("/case", data={"text": record})
    assert opened.status_code in (200, 422)
    if opened.status_code == 200:
        held = case_id(str(opened.url))
        for path in ("/case", "/case.csv", "/case/phenopacket.json", "/differential", "/privacy"):
            assert client.get(path, params={"case": held}).status_code == 200


def test_after_an_answer_the_first_question_is_not_nearly_the_same_again(knowledge) -> None:
    ontology = knowledge.ontology
    asked = [
        NextQuestion(id=one, label=ontology.label(one), question="?", gain=gain, cost="history")
        for one, gain in (("HP:0012378", 0.5), ("HP:0001250", 0.4), ("HP:0001251", 0.3))
    ]

    after_chronic_fatigue = _after_another(asked, "HP:0012432", ontology)
    after_ataxia_once_more = _after_another(asked, "HP:0001251", ontology)

    assert [one.label for one in after_chronic_fatigue] == ["Seizure", "Fatigue", "Ataxia"]
    assert after_ataxia_once_more == asked == _after_another(asked, "", ontology)
    assert _after_another(asked[:1], "HP:0012432", ontology) == asked[:1]
    assert _after_another([], "HP:0012432", ontology) == []
