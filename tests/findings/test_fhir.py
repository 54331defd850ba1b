"""FHIR records: statuses, spans, values, and what is set aside and said."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from osler.errors import InputError
from osler.findings.reader import read_case

RECORDS = Path(__file__).parent.parent / "fixtures" / "records"


@pytest.fixture(scope="module")
def case():
    return read_case(RECORDS / "bundle.json")


def bundle(*resources):
    return {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}


def condition(text="Scoliosis", **more):
    return {"resourceType": "Condition", "code": {"text": text}, **more}


def observation(loinc, display="", **more):
    coding = {"system": "http://loinc.org", "code": loinc, "display": display}
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, **more}


def statuses(case):
    return {finding.label: finding.status for finding in case.findings}


def codes(case):
    return {notice.code for notice in case.notices}


def test_conditions_by_their_status(case):
    found = statuses(case)
    assert found["Seizure"] == "present"
    assert found["Hypertension"] == "present"
    assert found["Scoliosis"] == "absent"
    assert found["Hepatomegaly"] == "uncertain"
    assert found["Pneumonia"] == "historical"
    assert "Cataract" not in found
    assert found["Migraine"] == "family"


def test_notes_are_read(case):
    assert statuses(case)["Ataxia"] == "present"
    assert statuses(case)["Nystagmus"] == "absent"


def test_every_span_points_to_its_words(case):
    assert any(finding.span for finding in case.findings)
    for finding in case.findings:
        if finding.span:
            assert case.text[finding.span.start : finding.span.end] == finding.text


def test_person_and_onsets(case):
    assert case.demographics.sex == "female"
    assert case.demographics.age_years == pytest.approx(30, abs=0.01)
    onsets = {f.label: f.onset.age_days for f in case.findings if f.onset}
    assert onsets["Seizure"] == pytest.approx(25 * 365.25, abs=1)
    assert onsets["Hypertension"] == 24 * 365.25


def test_values_drugs_and_laboratory_findings(case):
    potassium, systolic = case.measurements
    assert (potassium.term.id, potassium.quantity.value, potassium.reference_low) == (
        "LOINC:2823-3",
        2.9,
        3.5,
    )
    assert (systolic.quantity.unit, round(systolic.age_days / 365.25)) == ("mm[Hg]", 30)
    assert statuses(case)["Hypokalemia"] == "present"
    (drug,) = case.medications
    assert (drug.term.label, drug.status, drug.dose_text) == (
        "Lisinopril 10 mg",
        "active",
        "one tablet daily",
    )


def test_what_was_set_aside_is_said(case):
    assert codes(case) >= {
        "entered-in-error",
        "diagnosis-set-aside",
        "genotype-set-aside",
        "identity-set-aside",
        "value-missing",
        "resource-set-aside",
        "entry-broken",
    }
    said = next(n.text for n in case.notices if n.code == "resource-set-aside")
    assert "Claim 1" in said and "Telepathy 1" in said


def test_nothing_set_aside_reaches_the_case(case):
    text = case.to_json()
    assert not [
        s for s in ("Testperson", "Ada", "MRN-0001", "Marfan", "154700", "FBN1", "urn:uuid") if s in text
    ]


def test_bulk_lines_and_single_resources():
    case = read_case(RECORDS / "bulk.ndjson")
    assert statuses(case) == {"Scoliosis": "present"}
    assert case.demographics.age_years == pytest.approx(10, abs=0.01)
    assert statuses(read_case(condition())) == {"Scoliosis": "present"}


def test_records_of_several_patients_are_refused():
    one, two = ({"resourceType": "Patient", "id": i} for i in ("a", "b"))
    about = [condition(subject={"reference": f"Patient/{i}"}) for i in ("a", "b")]
    with pytest.raises(InputError, match="about 2 patients"):
        read_case(bundle(one, two, *about))
    with pytest.raises(InputError, match="about 2 patients"):
        read_case(bundle(*about))
    case = read_case(bundle(one, *about))
    assert "other-patient-set-aside" in codes(case)
    assert case.findings[0].mentions == 1


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"valueBoolean": True}, "present"),
        ({"valueBoolean": False}, "absent"),
        ({"valueCodeableConcept": {"coding": [{"code": "LA9634-2", "display": "Absent"}]}}, "absent"),
        ({"valueCodeableConcept": {"coding": [{"code": "373066001", "display": "Yes"}]}}, "present"),
        ({"valueString": "no"}, "absent"),
        ({"interpretation": [{"coding": [{"code": "NEG"}]}]}, "absent"),
        ({}, "present"),
    ],
)
def test_an_observed_phenotype(value, status):
    coding = {"system": "http://human-phenotype-ontology.org", "code": "HP:0001250", "display": "Seizure"}
    case = read_case(
        {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, **value}
    )
    assert statuses(case) == {"Seizure": status}


def test_a_symptom_given_as_the_value():
    case = read_case(observation("75325-1", "Symptom", valueCodeableConcept={"text": "Ataxia"}))
    assert statuses(case) == {"Ataxia": "present"}


@pytest.mark.parametrize(
    ("status", "code"), [("refuted", "absent"), ("confirmed", "present"), ("differential", "uncertain")]
)
def test_statuses_as_older_versions_write_them(status, code):
    assert statuses(read_case(condition(verificationStatus=status))) == {"Scoliosis": code}


def test_negated_words_in_a_refuted_condition_are_uncertain():
    assert statuses(read_case(condition("No scoliosis", verificationStatus="refuted"))) == {
        "Scoliosis": "uncertain"
    }
    assert statuses(read_case(condition("No scoliosis"))) == {"Scoliosis": "absent"}


def test_impossible_values_and_units_are_dropped_and_said():
    def vital(code, value, unit):
        quantity = {"value": value, "code": unit, "unit": unit, "system": "http://unitsofmeasure.org"}
        return read_case(observation(code, valueQuantity=quantity))

    assert "unit-impossible" in codes(vital("8302-2", 170, "mm[Hg]"))
    assert "value-impossible" in codes(vital("8310-5", 98.6, "Cel"))
    odd = vital("2823-3", 4.0, "bananas")
    assert "unit-unknown" in codes(odd) and odd.measurements[0].quantity.unit == "bananas"


def test_ranges_in_other_units_and_in_words():
    glucose = {"value": 5.5, "code": "mmol/L"}
    ranged = [{"low": {"value": 390, "code": "umol/L"}, "high": {"value": 610, "code": "umol/L"}}]
    case = read_case(observation("2345-7", "Glucose", valueQuantity=glucose, referenceRange=ranged))
    assert (case.measurements[0].reference_low, case.measurements[0].reference_high) == (0.39, 0.61)
    case = read_case(
        observation("2345-7", valueQuantity=glucose, referenceRange=[{"text": "3.9 - 6.1 mmol/L"}])
    )
    assert case.measurements[0].reference_high == 6.1


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        ({"birthDate": "2999-01-01"}, "birth-impossible"),
        ({"birthDate": "1990-13-45"}, "birth-impossible"),
        ({"birthDate": "1990"}, "age-approximate"),
        ({"birthDate": "1700-01-01"}, "age-impossible"),
        ({"birthDate": "2020-01-01"}, "age-impossible"),
    ],
)
def test_birth_dates_that_cannot_be(patient, code):
    case = read_case(bundle({"resourceType": "Patient", **patient}, condition(recordedDate="2011-01-01")))
    assert code in codes(case)
    assert code == "age-approximate" or case.demographics.age_days is None


def test_future_dates_are_dropped():
    case = read_case(
        bundle({"resourceType": "Patient", "birthDate": "2000-01-01"}, condition(recordedDate="2999-01-01"))
    )
    assert codes(case) >= {"date-future", "age-from-today"}


def test_attachments():
    def document(**attachment):
        return {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}

    def packed(data):
        return base64.b64encode(data).decode()

    html = packed(b"<p>She has <b>ataxia</b> &amp; tremor.</p><script>scoliosis</script>")
    assert set(statuses(read_case(document(contentType="text/html", data=html)))) == {"Ataxia", "Tremor"}
    assert "attachment-unread" in codes(
        read_case(document(contentType="application/pdf", data=packed(b"%PDF-")))
    )
    assert "attachment-unread" in codes(read_case(document(data=packed(b"\x00\x01\x02"))))
    assert "attachment-not-fetched" in codes(read_case(document(url="https://example.org/x.txt")))


def test_questionnaires():
    def item(text, **answer):
        return {"text": text, "answer": [answer]}

    form = {
        "resourceType": "QuestionnaireResponse",
        "item": [
            item("Seizures?", valueBoolean=True),
            {"text": "Eyes", "item": [item("Nystagmus", valueCoding={"code": "LA32-8", "display": "No"})]},
            item("Anything else?", valueString="Has scoliosis."),
        ],
    }
    assert statuses(read_case(form)) == {"Seizure": "present", "Nystagmus": "absent", "Scoliosis": "present"}


def test_drugs_by_reference_and_not_taken():
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Phenytoin"}}
    order = {
        "resourceType": "MedicationRequest",
        "status": "stopped",
        "medicationReference": {"reference": "Medication/m1"},
    }
    never = {
        "resourceType": "MedicationStatement",
        "status": "not-taken",
        "medicationCodeableConcept": {"text": "Aspirin"},
    }
    case = read_case(bundle(drug, order, never))
    assert [(m.term.label, m.status) for m in case.medications] == [("Phenytoin", "stopped")]
    assert "medication-not-taken" in codes(case)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"resourceType": "Bundle"}, "no resources"),
        ({"resourceType": "Bundle", "entry": "x"}, "no resources"),
        ({"resourceType": "Telepathy"}, "no resource that Osler reads"),
        (bundle({"resourceType": "OperationOutcome"}), "no resource that Osler reads"),
    ],
)
def test_records_with_nothing_to_read(record, says):
    with pytest.raises(InputError, match=says):
        read_case(record)


def test_sample_bundles(data_dir):
    import zipfile

    archive = zipfile.ZipFile(data_dir / "fhir-sample" / "bundles.zip")
    name = sorted(n for n in archive.namelist() if n.endswith(".json"))[0]
    record = json.loads(archive.read(name))
    case = read_case(record)
    quantities = [e for e in record["entry"] if "valueQuantity" in e["resource"]]
    assert len(case.measurements) >= len(quantities)
    assert case.demographics.age_days and case.demographics.sex
    family = next(
        e["resource"]["name"][0]["family"]
        for e in record["entry"]
        if e["resource"]["resourceType"] == "Patient"
    )
    assert family not in case.to_json()


def test_a_visit_with_reports_and_notes():
    case = read_case(RECORDS / "visit.json")
    found = statuses(case)
    assert {name for name, status in found.items() if status == "present"} >= {
        "Tremor",
        "Cerebral atrophy",
        "Gait ataxia",
        "Dysarthria",
    }
    assert (found["Hydrocephalus"], found["Nystagmus"]) == ("absent", "absent")
    assert (found["Chorea"], found["Urticaria"], found["Headache"]) == (
        "uncertain",
        "historical",
        "historical",
    )
    assert "Scoliosis" not in found and any("reflexia" in name for name in found)
    assert [(m.term.label, m.status, m.dose_text) for m in case.medications] == [
        ("Levodopa", "active", "100 mg three times a day")
    ]
    assert [(c.term.label, c.text) for c in case.conditions] == [("Penicillin", "allergy")]
    assert [(e.id, e.kind) for e in case.timeline] == [
        ("1", "immunization"),
        ("2", "procedure"),
        ("3", "ambulatory"),
    ]
    assert case.demographics.deceased is True and case.demographics.age_years == pytest.approx(60, abs=0.01)
    assert "genotype-set-aside" in codes(case) and "HTT" not in case.to_json()
