"""A Case as a GA4GH phenopacket, version 2 (plain objects, ready for JSON). Knows nothing of differentials.

Findings that are present, historical or absent are written; family history, uncertain and hypothetical findings have no
place in a phenopacket's features and are left out. No text, name or date of the case is written. The result holds no
diagnosis: a differential is an opinion, and `diseases` and `interpretations` state facts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from osler.case import DAYS_PER_YEAR, Case, Demographics, Finding, Measurement, Onset, Term

SCHEMA_VERSION = "2.0"
_SEXES = {"male": "MALE", "female": "FEMALE", "other": "OTHER_SEX", None: "UNKNOWN_SEX"}
_HPO = {
    "id": "hp",
    "name": "Human Phenotype Ontology",
    "url": "http://purl.obolibrary.org/obo/hp.owl",
    "namespacePrefix": "HP",
    "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
}
_LOINC = {
    "id": "loinc",
    "name": "Logical Observation Identifiers Names and Codes",
    "url": "https://loinc.org",
    "namespacePrefix": "LOINC",
    "iriPrefix": "https://loinc.org/",
}


def to_phenopacket(case: Case, hpo_release: str = "", created: datetime | None = None) -> dict[str, Any]:
    """The case as a phenopacket v2 object.

    `hpo_release` is the release that the ids belong to, `created` the time to state (default now, UTC). Reading the
    result with `parse_phenopacket` gives the same present and absent findings, age, sex and measurements.
    """
    findings = [f for f in case.findings if f.status in ("present", "historical", "absent") and f.id]
    measurements = [m for m in case.measurements if m.term.id and m.quantity]
    created = (created or datetime.now(UTC)).astimezone(UTC)
    resources = [{**_HPO, "version": hpo_release or "unknown"}]
    if any(m.term.id.startswith("LOINC:") for m in measurements):
        resources.append({**_LOINC, "version": "unknown"})
    packet: dict[str, Any] = {
        "id": case.id,
        "subject": _subject(case.demographics),
        "phenotypicFeatures": [_feature(finding) for finding in findings],
        "measurements": [_measurement(measurement) for measurement in measurements],
        "medicalActions": [
            {"treatment": {"agent": _term(drug.term)}} for drug in case.medications if drug.term.id
        ],
        "metaData": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "createdBy": "osler",
            "resources": resources,
            "phenopacketSchemaVersion": SCHEMA_VERSION,
        },
    }
    return {key: value for key, value in packet.items() if value}


def duration(days: float) -> str:
    """An age in days as an ISO 8601 duration of years, months and days (`P3Y2M`), exact to the day."""
    total = round(days)
    years = int(total / DAYS_PER_YEAR)
    rest = total - years * DAYS_PER_YEAR
    months = int(rest / (DAYS_PER_YEAR / 12))
    left = round(rest - months * DAYS_PER_YEAR / 12)
    parts = ((years, "Y"), (months, "M"), (left, "D"))
    return "P" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0D")


def _subject(person: Demographics) -> dict[str, Any]:
    subject: dict[str, Any] = {"id": "patient", "sex": _SEXES[person.sex]}
    if person.age_days is not None:
        subject["timeAtLastEncounter"] = {"age": {"iso8601duration": duration(person.age_days)}}
    elif person.gestational_age_weeks is not None:
        weeks = int(person.gestational_age_weeks)
        days = round((person.gestational_age_weeks - weeks) * 7)
        subject["timeAtLastEncounter"] = {"gestationalAge": {"weeks": weeks, "days": days}}
    if person.deceased is not None:
        subject["vitalStatus"] = {"status": "DECEASED" if person.deceased else "ALIVE"}
    return subject


def _feature(finding: Finding) -> dict[str, Any]:
    feature: dict[str, Any] = {"type": _term(finding.term)}
    if finding.status == "absent":
        feature["excluded"] = True
    if finding.severity is not None:
        feature["severity"] = _term(finding.severity)
    if finding.modifiers:
        feature["modifiers"] = [_term(modifier) for modifier in finding.modifiers]
    onset = _onset(finding.onset)
    if onset:
        feature["onset"] = onset
    return feature


def _onset(onset: Onset | None) -> dict[str, Any]:
    if onset is None:
        return {}
    if onset.age_days is not None:
        return {"age": {"iso8601duration": duration(onset.age_days)}}
    return {"ontologyClass": _term(onset.term)} if onset.term is not None else {}


def _measurement(measurement: Measurement) -> dict[str, Any]:
    assert measurement.quantity is not None
    unit = {"id": f"UCUM:{measurement.quantity.unit or '1'}", "label": measurement.quantity.unit or "1"}
    quantity: dict[str, Any] = {"unit": unit, "value": measurement.quantity.value}
    low, high = measurement.reference_low, measurement.reference_high
    if low is not None or high is not None:
        bounds = {"low": low, "high": high}
        known = {side: bound for side, bound in bounds.items() if bound is not None}
        quantity["referenceRange"] = {"unit": unit, **known}
    return {"assay": _term(measurement.term), "value": {"quantity": quantity}}


def _term(term: Term) -> dict[str, str]:
    return {"id": term.id, "label": term.label}
