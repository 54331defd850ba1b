"""The Case: round trips, refusals, and an id that tells nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.case import (
    Blob,
    Case,
    Demographics,
    Document,
    Encounter,
    Finding,
    Measurement,
    Medication,
    Onset,
    Option,
    Quantity,
    Span,
    Term,
    opaque_id,
)
from osler.errors import InputError

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
number = st.floats(-1e6, 1e6, allow_nan=False)
terms = st.builds(Term, id=text, label=text)
spans = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda p: Span(start=min(p), end=max(p)))
onsets = st.builds(
    Onset, age_days=st.none() | st.floats(0, 40_000), term=st.none() | terms, text=st.none() | text
)
findings = st.builds(
    Finding,
    term=terms,
    status=st.sampled_from(["present", "absent", "uncertain", "family", "historical", "hypothetical"]),
    text=st.none() | text,
    span=st.none() | spans,
    spans=st.lists(spans, max_size=3),
    onset=st.none() | onsets,
    modifiers=st.lists(terms, max_size=2),
    mentions=st.integers(1, 9),
)
quantities = st.builds(Quantity, value=number, unit=text, comparator=st.sampled_from(["", "<", ">="]))
measurements = st.builds(
    Measurement, term=terms, quantity=st.none() | quantities, reference_low=st.none() | number
)
medications = st.builds(Medication, term=terms, status=st.sampled_from(["active", "stopped"]), dose_text=text)
people = st.builds(
    Demographics,
    age_days=st.none() | st.floats(0, 45_000),
    sex=st.sampled_from([None, "male", "female", "other"]),
    pregnant=st.sampled_from([None, True, False]),
)
blobs = st.builds(Blob, sha256=st.just("0" * 64), media_type=st.just("image/png"), caption=st.none() | text)
encounters = st.builds(
    Encounter, id=text, text=text, findings=st.lists(findings, max_size=1), images=st.lists(blobs, max_size=1)
)
options = st.lists(text, max_size=5, unique=True).map(lambda keys: [Option(key=k, text=k) for k in keys])
cases = st.builds(
    Case,
    text=text,
    findings=st.lists(findings, max_size=3),
    demographics=people,
    measurements=st.lists(measurements, max_size=2),
    medications=st.lists(medications, max_size=2),
    images=st.lists(blobs, max_size=2),
    timeline=st.lists(encounters, max_size=2),
    documents=st.lists(st.builds(Document, id=text, text=text), max_size=2),
    question=st.none() | text,
    options=options,
    answer_kind=st.sampled_from(["differential", "choice", "number", "text", "plan"]),
)


@given(cases)
def test_a_case_survives_json(case):
    assert Case.from_json(case.to_json()) == case


@given(cases)
def test_the_json_names_its_schema_first_and_is_stable(case):
    written = case.to_json()
    assert written.startswith('{"schema_version":"osler.case/1"')
    assert Case.from_json(written).to_json() == written


@given(
    st.recursive(st.none() | st.booleans() | number | text, lambda x: st.lists(x) | st.dictionaries(text, x))
)
def test_arbitrary_json_is_a_case_or_a_clear_refusal(value):
    try:
        Case.from_json(json.dumps(value))
    except InputError as error:
        assert "not a valid Osler case" in str(error)


def test_a_refusal_names_the_place_but_not_the_patients_words():
    with pytest.raises(InputError, match=r"findings\.0\.status") as caught:
        Case.from_json('{"findings": [{"term": {"id": "HP:1"}, "status": "secret words"}]}')
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        '{"schema_version": "osler.case/99"}',
        '{"demographics": {"age_days": -1}}',
        '{"demographics": {"age_days": 99999}}',
        '{"text": "a", "unknown_field": 1}',
        '{"findings": [{"term": {"id": "HP:1"}, "span": {"start": 5, "end": 2}}]}',
        '{"options": [{"key": "A", "text": "x"}, {"key": "A", "text": "y"}]}',
        '{"text": "cut off',
        "",
    ],
)
def test_what_does_not_fit_is_refused(broken):
    with pytest.raises(InputError):
        Case.from_json(broken)


def test_two_new_cases_have_different_ids_and_an_opaque_id_is_stable():
    assert Case().id != Case().id
    assert opaque_id("PMID_1_patient") == opaque_id("PMID_1_patient")
    assert "PMID" not in opaque_id("PMID_1_patient")
    assert opaque_id("ab", "c") != opaque_id("a", "bc")


def test_findings_are_picked_by_status():
    case = Case(
        findings=[
            Finding(term=Term(id="HP:1")),
            Finding(term=Term(id="HP:2"), status="absent"),
            Finding(term=Term(id="HP:3"), status="family"),
        ]
    )
    assert [f.id for f in case.with_status("present", "absent")] == ["HP:1", "HP:2"]
