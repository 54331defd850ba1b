"""The ask view without a browser: runs and their streams, evidence that opens, the dialogue, the chat, and hostile words."""

from __future__ import annotations

import json
import re

import pytest
from corpora import Toy, passage
from starlette.testclient import TestClient
from toy_graph import toy

from osler.app import shown
from osler.app.main import create_app
from osler.app.pages.rendering import counted
from osler.app.settings import Settings
from osler.case import Case
from osler.knowledge.retrieval.sources import Opened
from osler.trace import Answer, AtFormula, AtPath, AtSpan, Evidence, Step, Trace

PARTIAL = {"x-osler-partial": "1", "accept": "text/html"}
MARFAN = "/case?present=HP:0001083&present=HP:0001166&present=HP:0002650&absent=HP:0001250&age=24&sex=male"
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def app(knowledge):
    made = create_app(Settings(per_minute=100_000))
    made.state.desk.opened = Opened(
        graph=toy(),
        retriever=Toy(
            [
                passage(
                    "1",
                    f"Is it safe to fly after surgery? Two weeks is usual. {SCRIPT}",
                    title="Is it safe to fly after surgery?",
                )
            ]
        ),
    )
    return made


@pytest.fixture(scope="module")
def running(app):
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


@pytest.fixture
def client(running):
    """A browser that nobody knows yet; all share one running server."""
    anew(running)
    return running


def anew(client):
    client.cookies.clear()
    client.headers.pop("x-osler-csrf", None)
    token = re.search(r'name="csrf" content="([^"]+)"', client.get("/ask").text)
    assert token is not None
    client.headers["x-osler-csrf"] = token[1]


@pytest.fixture
def case(client):
    found = re.search(r"case=(case-[0-9a-f]+)", client.get(MARFAN).text)
    assert found is not None
    return found[1]


def run(client, **form):
    """The id of a run that was begun."""
    reply = client.post("/ask", data=form, headers=PARTIAL)
    assert reply.status_code == 200, reply.text
    found = re.search(r"job=([\w-]+)", reply.text)
    assert found is not None
    return found[1]


def told(client, job, **headers):
    """The events of a run's stream: (number, name, data)."""
    reply = client.get(f"/ask/stream?job={job}", headers=headers)
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = re.findall(r"(?:id: (\d+)\n)event: (\w+)\ndata: (.*)\n", reply.text)
    return [(int(number), name, json.loads(data)) for number, name, data in found]


def test_the_steps_of_a_run_come_as_events_and_then_the_whole_answer(client, case) -> None:
    job = run(client, case=case, method="embedded", **{"-top": "3"})
    events = told(client, job)

    assert [name for _, name, _ in events][-1] == "ended"
    new = [data for _, name, data in events if name == "step" and "under" in data]
    assert [data["id"] for data in new] == ["step-0", "step-1", "step-2"]
    assert client.get(f"/ask/run?job={job}", headers=PARTIAL).text.count("For and against") == 3
    reply = client.get(f"/ask/trace.json?job={job}")
    assert reply.json()["method"] == "embedded(top=3)"
    assert len(reply.json()["answer"]["differential"]) == 3
    assert "attachment" in reply.headers["content-disposition"]


def test_a_lost_connection_goes_on_after_the_last_event_seen(client, case) -> None:
    job = run(client, case=case, method="embedded")
    whole = told(client, job)
    rest = told(client, job, **{"last-event-id": str(whole[2][0])})

    assert rest == whole[3:]


def test_a_run_is_its_own_sessions_alone(client, case) -> None:
    job = run(client, case=case, method="embedded")
    told(client, job)

    anew(client)
    for address in (f"/ask/run?job={job}", f"/ask/stream?job={job}", f"/ask/trace.json?job={job}"):
        assert client.get(address).status_code == 404


def test_what_the_server_cannot_run_is_listed_with_the_reason(client) -> None:
    text = client.get("/ask").text

    assert "<strong>zero-shot-cot</strong>: asks a language model" in text
    assert re.search(r'<option value="embedded" selected', text)
    assert not re.search(r'<option value="zero-shot-cot"', text)
    reply = client.post("/ask", data={"method": "zero-shot-cot", "question": "What is it?"}, headers=PARTIAL)
    assert reply.status_code == 400
    assert "asks a language model" in reply.text


@pytest.mark.parametrize(
    "method", ["./evil.py:run", "/etc/passwd", "no-such", "fhir-record-qa(selector=/etc/passwd)"]
)
def test_a_method_is_one_of_the_servers_own(client, case, method) -> None:
    assert client.post("/ask", data={"method": method, "case": case}, headers=PARTIAL).status_code == 400


def test_a_file_of_the_server_is_never_run(client, case, tmp_path) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    name = f"{tmp_path}/evil.py:run"
    for reply in (
        client.post("/ask", data={"method": name, "case": case}, headers=PARTIAL),
        client.post("/ask", data={"method": f"self-consistency({name})", "case": case}, headers=PARTIAL),
        client.post("/ask", data={"method": "self-consistency", "-of": name, "case": case}, headers=PARTIAL),
        client.get("/ask", params={"method": name}),
        client.get("/ask/options", params={"method": name}, headers=PARTIAL),
    ):
        assert reply.status_code < 500
    assert not mark.exists()


def test_a_forgotten_case_takes_its_runs_with_it(client, case) -> None:
    job = run(client, case=case, method="embedded")
    told(client, job)
    client.post("/case/forget", data={"case": case})

    assert client.get(f"/ask/trace.json?job={job}").status_code == 404


def test_a_finding_opens_the_case_at_its_words(client) -> None:
    text = f"A man with ectopia lentis and scoliosis. {SCRIPT}"
    found = re.search(r"case=(case-[0-9a-f]+)", str(client.post("/case", data={"text": text}).url))
    assert found is not None
    job = run(client, case=found[1], method="embedded")
    told(client, job)

    opened = client.get(f"/ask/evidence?job={job}&ref=s0-0", headers=PARTIAL).text
    assert '<mark id="here">ectopia lentis</mark>' in opened
    assert SCRIPT not in opened
    assert client.get(f"/ask/evidence?job={job}&ref=c0-0", headers=PARTIAL).status_code == 200
    assert client.get(f"/ask/evidence?job={job}&ref=s9-9", headers=PARTIAL).status_code == 404


def test_a_passage_opens_at_its_words_and_only_from_a_corpus_of_the_server(
    client, private_cache, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    from osler.knowledge.corpus.ingest import add

    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "one.txt").write_text(f"Metformin treats diabetes. {SCRIPT} It is taken with meals.", "utf-8")
    add("toytexts", str(folder))
    from osler.knowledge.retrieval import across

    _, [found] = across.search("metformin", ["toytexts"], top=1)
    one = found.passage
    address = f"/passage?corpus=toytexts&document={one.document}&at=0:26"
    reply = client.get(address)
    assert '<mark id="here">Metformin treats diabetes.</mark>' in reply.text
    assert SCRIPT not in reply.text
    assert "&lt;script&gt;" in reply.text
    for wrong in ("corpus=other&document=1&at=0:1", "corpus=toytexts&document=none&at=0:1",
                  "corpus=toytexts&document=..%2Fone.txt&at=0:1", f"corpus=toytexts&document={one.document}&at=0:999999",
                  f"corpus=toytexts&document={one.document}&at=x"):  # fmt: skip
        reply = client.get(f"/passage?{wrong}")
        assert reply.status_code == (400 if "at=x" in wrong or "999999" in wrong else 404), wrong
        assert 'href="/ask">Back to Ask</a>' in reply.text


def test_the_dialogue_is_kept_with_the_case_and_forgotten_with_it(client, case) -> None:
    for question in (
        "Why is it first?",
        f"why not Loeys-Dietz syndrome? {SCRIPT}",
        "What if the scoliosis were absent?",
    ):
        reply = client.post("/ask/why", data={"case": case, "question": question}, headers=PARTIAL)
        assert reply.status_code == 200
    assert reply.text.count('<p class="said">') == 3
    assert SCRIPT not in reply.text
    assert "<q>" in reply.text
    assert reply.text.count("<td>") > 3
    page = client.get(f"/ask?case={case}").text
    assert page.count('<p class="said">') == 3

    reply = client.post("/ask/why", data={"case": case, "question": "x", "forget": "yes"}, headers=PARTIAL)
    assert '<p class="said">' not in reply.text
    client.post("/case/forget", data={"case": case})
    assert (
        client.post("/ask/why", data={"case": case, "question": "why?"}, headers=PARTIAL).status_code == 404
    )


def test_the_chat_shows_the_edge_of_the_graph_or_the_nearest_stored_answer(client) -> None:
    reply = client.post(
        "/ask/chat", data={"question": "Which medicines treat adult-onset diabetes?"}, headers=PARTIAL
    )
    assert 'aria-label="Metformin –treats→ Type 2 diabetes"' in reply.text
    assert reply.text.count('<svg class="path"') == 3

    reply = client.post(
        "/ask/chat", data={"question": "When is it safe to fly after surgery?"}, headers=PARTIAL
    )
    assert "Two weeks is usual." in reply.text
    assert "the nearest stored question" in reply.text
    assert SCRIPT not in reply.text


@pytest.mark.parametrize("field", ["question", "choices", "method", "kind", "-top"])
def test_script_in_a_field_stays_text(client, case, field) -> None:
    form = {"method": "embedded", "case": case, field: f"{SCRIPT}\n{SCRIPT}"}
    reply = client.post("/ask", data=form, headers=PARTIAL)
    assert reply.status_code < 500
    assert SCRIPT not in reply.text
    assert SCRIPT not in client.get("/ask", params={"question": SCRIPT, "method": SCRIPT}).text


# --- what is shown of a trace -------------------------------------------------------------------------------------------
def cited(quote, supports=None):
    return shown.Cited("s0-0", Evidence(source="toy", record="1", quote=quote, supports=supports))


def test_claims_are_supported_contradicted_or_without_evidence() -> None:
    answer = Answer(
        kind="text", text="Metformin lowers glucose. Aspirin cures diabetes. Insulin lowers weight."
    )
    evidence = [
        cited("Metformin lowers glucose in most patients."),
        cited("Insulin never lowers weight.", False),
    ]

    claims = shown.claims_of(answer, evidence)
    assert [(one.verdict, one.by) for one in claims] == [
        ("supported", (1,)), ("unsupported", ()), ("contradicted", (2,)),
    ]  # fmt: skip


def test_a_step_stands_below_the_nearest_step_around_it() -> None:
    steps = [Step(path=path, kind="ask") for path in ((0,), (0, 1, 0), (2, 3), (0, 1, 0, 5))]
    [first, second] = shown.tree(steps)

    assert second.step.path == (2, 3)
    assert first.below[0].step.path == (0, 1, 0)
    assert first.below[0].below[0].step.path == (0, 1, 0, 5)


def test_a_path_is_drawn_with_the_directions_of_its_edges() -> None:
    evidence = Evidence(
        source="graph", record="r", quote="Metformin –treats→ Diabetes ←causes– Obesity",
        locator=AtPath(nodes=["a", "b", "c"], relations=["treats", "^causes"]),
    )  # fmt: skip
    one = shown.opened(evidence, Case(), [])
    assert one.nodes == ("Metformin", "Diabetes", "Obesity")
    assert one.hops == (shown.Hop("treats", False), shown.Hop("causes", True))


def test_a_formula_opens_with_its_inputs_and_a_span_of_elsewhere_as_a_record() -> None:
    formula = Evidence(
        source="calculator", record="bmi", locator=AtFormula(expression="w/h²", inputs={"w": "71 kg"})
    )
    assert shown.opened(formula, Case(), []).inputs == {"w": "71 kg"}
    lost = Evidence(source="web", record="x", quote="words", locator=AtSpan(start=5, end=10))
    assert shown.opened(lost, Case(text="another text altogether"), []).pieces == ()


def test_evidence_that_is_not_there_is_refused() -> None:
    trace = Trace(case_id="c", method="m", steps=[Step(path=(0,), kind="ask")])
    from osler.errors import UsageError

    for ref in ("s0-0", "s1-0", "c0-0", "x", "s0", "s0-0-0", "s" + "1." * 30 + "1-0"):
        with pytest.raises(UsageError):
            shown.find(trace, ref)


def test_a_graph_that_is_open_already_answers_without_the_servers_own_being_built(
    app, client, monkeypatch
) -> None:
    built = []
    monkeypatch.setattr(app.state.desk, "graph", built.append)

    reply = client.post(
        "/ask/chat", data={"question": "Which medicines treat adult-onset diabetes?"}, headers=PARTIAL
    )

    assert "Metformin" in reply.text
    assert built == []


def test_methods_stand_by_what_they_need_and_each_says_what_it_is(client) -> None:
    text = client.get("/ask").text
    box = text[text.index('<select id="method"') : text.index("</select>", text.index('<select id="method"'))]
    groups = {name: re.findall(r'value="([^"]+)"', own) for name, own in re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', box, re.S)}  # fmt: skip

    assert next(iter(groups)) == "To begin with" and groups["To begin with"][0] == "embedded"
    assert "resnik" in groups["No model: ranks diseases"]
    assert not any("model" in name and "No model" not in name for name in groups)  # this server has none
    every = [one for own in groups.values() for one in own]
    assert len(every) == len(set(every))
    assert "differential" in client.get("/ask/options?method=resnik", headers=PARTIAL).text


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 calls"), (1, "1 call"), (2, "2 calls"), (1200, "1,200 calls")]
)
def test_one_thing_is_not_said_as_several(number, words) -> None:
    assert counted(number, "call") == words


def test_who_abstained_is_said_to_have_abstained_and_states_no_confidence(client, case, monkeypatch) -> None:
    from osler.app import asking

    usual = asking.outcome

    async def abstaining(*given):
        found = await usual(*given)
        found.trace.answer = found.answer = Answer(
            kind="text", abstained=True, confidence=0.006, note="too unsure"
        )
        return found

    monkeypatch.setattr("osler.app.reasoning.outcome", abstaining)
    job = run(client, case=case, method="embedded")
    told(client, job)
    text = client.get(f"/ask?job={job}").text

    assert "Abstained" in text and "too unsure" in text
    assert "Confidence" not in text
    assert "0 calls" in text and "1 calls" not in text
