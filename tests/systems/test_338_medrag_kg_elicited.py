"""Row 338, MedRAG (KG-elicited): on DDXPlus-format rows and a toy graph two look-alikes are separated by their
distinguishing feature; when it is absent the follow-up asks for it; plain retrieval is compared."""

import json
import re

import pytest
from corpora import Toy, passage
from spoken import Spoken, through
from toy_graph import toy

from osler.benchmarks.ddxplus import Patient, read_definitions, read_patients, write_patients
from osler.case import Case, Finding, Term

EVIDENCES = {
    "E_1": "pain in the chest", "E_2": "cough at night", "E_3": "acid taste in the mouth", "E_4": "pain on effort",
}  # fmt: skip
PROFILES = {"Reflux": ("E_1", "E_2", "E_3"), "Angina": ("E_1", "E_2", "E_4")}
TELLING = {"Reflux": "E_3", "Angina": "E_4"}


def row(pathology, *codes):
    return Patient(50, "M", pathology, {pathology: 1.0}, codes, codes[0])


@pytest.fixture
def patients(tmp_path):
    """Rows in the published layout: four that state the feature that tells, then two that do not."""
    evidences = {
        code: {"name": code, "question_en": f"Do you have {text}?"} for code, text in EVIDENCES.items()
    }
    conditions = {name: {"condition_name": name} for name in PROFILES}
    (tmp_path / "release_evidences.json").write_text(json.dumps(evidences))
    (tmp_path / "release_conditions.json").write_text(json.dumps(conditions))
    rows = [row(name, *codes) for name, codes in PROFILES.items() for _ in range(2)]
    rows += [row(name, "E_1", "E_2") for name in PROFILES]
    write_patients(tmp_path / "release_test_patients.csv", rows)
    read = list(read_patients(tmp_path / "release_test_patients.csv", read_definitions(tmp_path)))
    assert read == rows
    return read


def case_of(patient):
    found = [
        Finding(term=Term(id=f"DDXPLUS:{c}", label=EVIDENCES[c]), source="ddxplus") for c in patient.evidences
    ]
    return Case(findings=found, question="Which disease is it?", answer_kind="differential")


def graph():
    triples = [(name, "has_phenotype", EVIDENCES[code]) for name, codes in PROFILES.items() for code in codes]
    triples += [(name, "is_a", "Pain of the chest") for name in PROFILES]
    ids = {text: f"DDXPLUS:{code}" for code, text in EVIDENCES.items()}
    return toy(*triples, kinds=dict.fromkeys(PROFILES, "disease"), ids=ids)


def records():
    """Earlier patients as notes; those with reflux are told at length, so that words in common favour them."""
    long = "Pain in the chest and cough at night, findings at night in the chest, on effort or not."
    return Toy([passage("1", f"{long} Diagnosis: Reflux."), passage("2", "Pain, cough. Diagnosis: Angina.")])


def reader(text, schema):
    """Believes a feature that only one disease has and this patient shows, else the nearest record."""
    told = dict(re.findall(r"^(Reflux|Angina): (.*)$", text, re.M))
    shown = [name for name, features in told.items() if "(only here, present)" in features]
    nearest = re.findall(r"Diagnosis: (\w+)", text)[0]
    return {"reasoning": "", "follow_up": [], "citations": [1], "answer": shown[:1] or [nearest]}


def diagnosed(patient, method="kg-elicited"):
    trace = through(method, case_of(patient), Spoken(reader), graph=graph(), retriever=records())
    assert trace.answer is not None
    return trace.answer.differential[0].name, trace


def test_two_look_alikes_are_separated_by_their_distinguishing_feature_and_plain_retrieval_is_not_enough(
    patients,
):
    told = patients[:4]
    right = {
        method: sum(diagnosed(one, method)[0] == one.pathology for one in told) / len(told)
        for method in ("kg-elicited", "kg-elicited(elicit=no)")
    }
    assert right == {"kg-elicited": 1.0, "kg-elicited(elicit=no)": 0.5}
    for patient in told:
        _, trace = diagnosed(patient)
        [step] = [step for step in trace.steps if step.label == "diagnose"]
        feature = EVIDENCES[TELLING[patient.pathology]]
        assert f"{patient.pathology}: {feature} (only here, present)" in step.data["prompt"]


def test_when_it_is_absent_the_follow_up_asks_for_it(patients):
    for patient in patients[4:]:
        _, trace = diagnosed(patient)
        assert trace.answer is not None and trace.answer.note is not None
        assert trace.answer.note == f"to ask next: Is there {EVIDENCES['E_3']}?"
        [step] = [step for step in trace.steps if step.label == "follow-up"]
        assert step.evidence[0].locator.nodes[1] == "DDXPLUS:E_3"
    _, plain = diagnosed(patients[4], "kg-elicited(elicit=no)")
    assert plain.answer is not None and plain.answer.note is None
