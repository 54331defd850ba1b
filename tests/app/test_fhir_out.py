"""The FHIR draft: what it holds, that it is marked as research, and that Osler reads its findings back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

import osler
from osler.app.fhir_out import report_bundle
from osler.findings.reader import read_case


@pytest.fixture(scope="module")
def diagnosis(knowledge):
    return osler.diagnose(present=["HP:0001083", "HP:0001166"], absent=["HP:0001250"], age=24, sex="male")


@pytest.fixture(scope="module")
def bundle(diagnosis):
    return report_bundle(diagnosis.case, diagnosis, at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def of(bundle, kind) -> list[dict]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [resource for resource in found if resource["resourceType"] == kind]


def test_every_resource_is_marked_as_research_and_none_is_final(bundle) -> None:
    for entry in bundle["entry"]:
        resource = entry["resource"]
        assert resource["meta"]["security"][0]["code"] == "HRESCH"
        assert resource["meta"]["tag"][0]["code"] == "research-draft"
        assert resource.get("status", "preliminary") == "preliminary"
    assert "not for decisions on care" in of(bundle, "DiagnosticReport")[0]["conclusion"]


def test_probabilities_are_percentages_and_none_fits_is_among_them(bundle, diagnosis) -> None:
    (risk,) = of(bundle, "RiskAssessment")

    first, last = risk["prediction"][0], risk["prediction"][-1]
    assert first["probabilityDecimal"] == pytest.approx(100 * diagnosis.differential[0].probability, abs=1e-3)
    assert first["outcome"]["coding"][0]["code"] == diagnosis.differential[0].id.split(":")[1]
    assert last["outcome"] == {"text": "None of the profiled diseases"}
    assert sum(one["probabilityDecimal"] for one in risk["prediction"]) <= 100
    assert any("profiled diseases" in note["text"] for note in risk["note"])


def test_every_reference_leads_to_a_resource_of_the_bundle(bundle) -> None:
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    text = json.dumps(bundle)
    used = {word.split('"')[0] for word in text.split('"reference": "')[1:]}

    assert used
    assert used <= known


def test_nothing_identifies_the_patient(bundle) -> None:
    (patient,) = of(bundle, "Patient")

    assert patient == {"resourceType": "Patient", "gender": "male", "meta": patient["meta"]}


def test_osler_reads_the_findings_back(bundle, diagnosis) -> None:
    again = read_case(json.dumps(bundle).encode())

    before = {(finding.id, finding.status) for finding in diagnosis.case.findings}
    assert {(finding.id, finding.status) for finding in again.findings} == before
    assert again.demographics.sex == "male"
