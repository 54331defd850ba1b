"""FHIR resources as texts: what they say, what is left out, and what is refused."""

from __future__ import annotations

import json

import pytest

from osler.errors import InputError
from osler.findings.fhir_text import documents_of, is_fhir

PRESSURE = {
    "resourceType": "Observation",
    "id": "bp",
    "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure"}]},
    "effectiveDateTime": "2024-03-12",
    "component": [
        {"code": {"text": "Systolic"}, "valueQuantity": {"value": 152, "unit": "mmHg"}},
        {"code": {"text": "Diastolic"}, "valueQuantity": {"value": 94, "unit": "mmHg"}},
    ],
}


def test_a_resource_reads_as_its_fields() -> None:
    [one] = documents_of(json.dumps(PRESSURE))

    assert (one.id, one.section, one.title) == ("Observation/bp", "Observation", "Blood pressure")
    assert "Code: Blood pressure" in one.text
    assert "152 mmHg" in one.text
    assert "2024-03-12" in one.text


def test_names_and_identifiers_of_the_patient_are_left_out() -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Miller"}], "identifier": [{"value": "12345"}],
               "telecom": [{"value": "555"}], "birthDate": "1957-01-01"}  # fmt: skip
    [one] = documents_of(json.dumps(patient))

    assert "Miller" not in one.text
    assert "12345" not in one.text
    assert "1957-01-01" in one.text


def test_bundles_lists_and_lines_are_opened() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PRESSURE}, {"resource": None}, "x"]}
    assert len(documents_of(json.dumps(bundle))) == 1
    assert len(documents_of(json.dumps([PRESSURE, PRESSURE]))) == 2
    assert len(documents_of(f"{json.dumps(PRESSURE)}\n{json.dumps(PRESSURE)}\n")) == 2


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"resourceType": "Bundle"}', "[" * 5000, '{"resourceType": 3}']
)
def test_what_holds_no_resource_is_refused(text) -> None:
    with pytest.raises(InputError):
        documents_of(text)


def test_fhir_is_told_from_other_texts() -> None:
    assert is_fhir(json.dumps(PRESSURE))
    assert not is_fhir("the word resourceType in a note")
    assert not is_fhir("")


def test_half_a_character_becomes_a_sign_for_it_wherever_it_stands() -> None:
    [one] = documents_of(
        r'{"resourceType": "Con\ud800", "id": "\udfff", "note": {"k\ud800": "half \ud800 of one"}}'
    )

    assert "half \ufffd of one" in one.text
    for words in (one.id, one.section, one.title, one.text):
        words.encode()
