"""Row 282, Private FHIR Record QA: on a synthetic bundle resource-selection F1 and METEOR are computed with a tiny tuned model, no
network call happens, and a self-judging bias table prints."""

import asyncio
import json
import socket

import pytest

from osler.case import Case
from osler.compose import compose
from osler.context import Context
from osler.findings.fhir_text import documents_of
from osler.scoring.meteor import meteor
from osler.scoring.self_judging import self_judging
from osler.scoring.spans import Counts, count
from osler.services import Services
from osler.trace import Recorder, replay
from osler.training.resource_selector import train


def bundle(*resources):
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]})


def condition(id, name):
    return {"resourceType": "Condition", "id": id, "code": {"text": name}}


def drug(id, name):
    return {"resourceType": "MedicationRequest", "id": id, "medicationCodeableConcept": {"text": name}}


def device(id, name):
    return {"resourceType": "Device", "id": id, "type": {"text": name}}


TRAIN = documents_of(
    bundle(
        condition("1", "Asthma"),
        drug("1", "Salbutamol inhaler"),
        device("1", "Insulin pump"),
        device("2", "Hip prosthesis"),
    )
)
TEST = documents_of(
    bundle(
        condition("8", "Hypertension"),
        condition("9", "Gout"),
        drug("8", "Allopurinol 100 mg"),
        device("8", "Cardiac pacemaker"),
    )
)
MARKED = [
    ("Which gadgets does the patient carry?", TRAIN, {"Device/1", "Device/2"}),
    ("What gadgets are implanted?", TRAIN, {"Device/1", "Device/2"}),
    ("What medication was prescribed?", TRAIN, {"MedicationRequest/1"}),
    ("Which diagnoses does the patient have?", TRAIN, {"Condition/1"}),
]  # fmt: skip
ASKED = [
    ("Which gadgets does she carry?", {"Device/8"}, "She carries a cardiac pacemaker."),
    ("What medication is prescribed?", {"MedicationRequest/8"}, "Allopurinol 100 mg is prescribed."),
    ("Which diagnoses are known?", {"Condition/8", "Condition/9"}, "Hypertension and gout."),
]


def answered(question, method="fhir-record-qa"):
    """The answer over the test bundle, and the resources that were chosen."""
    recorder = Recorder()
    case = Case(question=question, documents=TEST, answer_kind="text")
    answer = asyncio.run(compose(method).call(case, Context(Services(), recorder)))
    [chosen] = [step.data["selected"] for step in replay(recorder.events) if "selected" in step.data]
    return answer, set(chosen)


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to reach another machine fails the test."""

    def refuse(*_):
        raise AssertionError("a network call")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_resources_are_chosen_by_a_tuned_model_and_answered_from(no_network, tmp_path):
    train(MARKED).save(tmp_path / "selector.json")
    tuned, plain, meteors = Counts(), Counts(), []
    for question, relevant, gold in ASKED:
        answer, chosen = answered(question, f"fhir-record-qa(selector={tmp_path / 'selector.json'})")
        tuned += count(chosen, relevant)
        plain += count(answered(question)[1], relevant)
        meteors.append(meteor(answer.text, gold))

    assert tuned.figures() == {"P": 1.0, "R": 1.0, "F1": 1.0}
    assert plain.f1 < tuned.f1
    assert all(0.3 < one < 1 for one in meteors)


def test_a_self_judging_bias_table_prints(capsys):
    """Two answerers grade each other's answers by METEOR against their own: each finds its own perfect."""
    said = {"words": [answered(question)[0].text or "" for question, _, _ in ASKED],
            "gold": [gold for _, _, gold in ASKED]}  # fmt: skip
    grades = [
        (judge, author, meteor(theirs, own))
        for judge in said
        for author in said
        for own, theirs in zip(said[judge], said[author], strict=True)
        if own
    ]
    found = self_judging([*grades, ("neutral", "words", 0.5), ("neutral", "gold", 0.5)])
    for row in found.table():
        print("\t".join(row))

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "judge\twords\tgold\tbias"
    assert found.bias["gold"] is not None and found.bias["gold"] > 0
