"""Osler's own case file, whole and short, and the phenopacket made from a case."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.case import Case, Demographics, Finding, Measurement, Onset, Quantity, Term
from osler.errors import InputError
from osler.findings.casefile import parse_case
from osler.findings.export import duration, to_phenopacket
from osler.findings.phenopacket import parse_phenopacket
from osler.findings.reader import read_case
from osler.findings.values import days_of_duration

SEIZURE = Term(id="HP:0001250", label="Seizure")


def test_a_case_survives_its_own_json():
    case = Case(
        text="Seizures since birth.",
        findings=[Finding(term=SEIZURE, onset=Onset(age_days=0))],
        demographics=Demographics(age_days=400, sex="male"),
    )
    assert read_case(case.to_json()) == case


def test_the_short_form_of_osler_findings_is_read_back():
    short = {
        "findings": [
            {"id": "HP:0001250", "label": "Seizure", "status": "absent", "text": "fits", "start": 3, "end": 7}
        ],
        "measurements": [{"label": "potassium", "value": 2.9, "unit": "mmol/L", "code": "LOINC:2823-3"}],
        "demographics": {"age_days": 100, "sex": "female"},
        "notices": [],
    }
    case = read_case(short)
    assert (case.findings[0].status, case.measurements[0].quantity.value) == ("absent", 2.9)
    assert case.demographics.sex == "female"
    assert read_case({"findings": ["HP:0001250", "HP_0001252"]}).findings[1].id == "HP:0001252"


def test_a_case_in_yaml():
    case = read_case("schema_version: osler.case/1\nquestion: Why?\nfindings:\n- term: {id: 'HP:0001250'}\n")
    assert (case.question, case.findings[0].label) == ("Why?", "Seizure")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"schema_version": "osler.case/99"}, "update Osler"),
        ({"schema_version": "osler.case/1", "colour": "red"}, "colour"),
        ({"schema_version": "osler.case/1", "demographics": {"age_days": 99999}}, "demographics.age_days"),
        ({"findings": [{"id": "HP:0001250", "status": "maybe"}]}, "unknown status"),
        ({"findings": [""]}, "no id"),
        ({"findings": [], "demographics": {"sex": "x"}}, "demographics.sex"),
    ],
)
def test_what_does_not_fit_is_named(value, says):
    with pytest.raises(InputError, match=says):
        parse_case(value)


def test_a_case_becomes_a_phenopacket_and_back():
    case = Case(
        findings=[
            Finding(term=SEIZURE, onset=Onset(age_days=days_of_duration("P2Y3M"))),
            Finding(term=Term(id="HP:0000252", label="Microcephaly"), status="absent"),
            Finding(term=Term(id="HP:0002315", label="Headache"), status="family"),
        ],
        demographics=Demographics(age_days=days_of_duration("P12Y6M4D"), sex="female", deceased=False),
        measurements=[
            Measurement(
                term=Term(id="LOINC:2823-3", label="Potassium"),
                quantity=Quantity(value=2.9, unit="mmol/L"),
                reference_low=3.5,
                reference_high=5.1,
            )
        ],
    )
    packet = json.loads(json.dumps(to_phenopacket(case, "2025-01-16")))
    back, aside = parse_phenopacket(packet)
    assert [(f.id, f.status) for f in back.findings] == [("HP:0001250", "present"), ("HP:0000252", "absent")]
    assert back.demographics.sex == "female" and back.demographics.deceased is False
    assert round(back.demographics.age_days) == round(case.demographics.age_days)
    assert back.measurements[0].quantity == case.measurements[0].quantity
    assert aside.diseases == () and "diseases" not in packet and "interpretations" not in packet


@given(st.integers(0, 47_000))
def test_durations_are_exact_to_the_day(days):
    assert abs(days_of_duration(duration(days)) - days) <= 0.5
