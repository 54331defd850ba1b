"""A differential as FHIR R4 resources: a draft for research, never a final report. Knows nothing of how it was computed.

    report_bundle(case, diagnosis)   # Bundle of Patient, Observations, RiskAssessment, DiagnosticReport, Device

The patient has a sex and no identity; the age is an Observation (LOINC 30525-0). Present, past and absent findings are Observations with HPO codes. The
RiskAssessment holds the probabilities (in percent, as FHIR has them) under the condition that the notices state; the
DiagnosticReport is `preliminary` and points to all. Every resource carries the security label HRESCH and a tag that says draft.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from osler import __version__
from osler.case import Case, Finding
from osler.runtime import Diagnosis

SYSTEMS = {
    "HP": "http://human-phenotype-ontology.org",
    "OMIM": "https://omim.org",
    "ORPHA": "http://www.orpha.net",
    "MONDO": "http://purl.obolibrary.org/obo/mondo.owl",
    "LOINC": "http://loinc.org",
}
ABSENT = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "code": "NEG",
    "display": "Negative",
}
PRESENT = {**ABSENT, "code": "POS", "display": "Positive"}
RESEARCH = {
    "security": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
            "code": "HRESCH",
            "display": "healthcare research",
        }
    ],
    "tag": [{"system": "urn:osler:use", "code": "research-draft", "display": "Research draft, not for care"}],
}
WARNING = "Draft for research and education. Not a medical device; not for decisions on care."


def report_bundle(case: Case, found: Diagnosis, at: datetime | None = None) -> dict[str, Any]:
    """A collection Bundle with the report and all it refers to. `at` is the time to state (default now, UTC)."""
    moment = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    patient, device = _patient(case), _device(found)
    findings = [f for f in case.findings if f.status in ("present", "historical", "absent") and f.id]
    subject = {"reference": _urn(case, "patient")}
    observations = _age(case, subject) | {
        f"finding-{number}": _observation(finding, subject, moment) for number, finding in enumerate(findings)
    }
    basis = [{"reference": _urn(case, name)} for name in observations]
    performer = {"reference": _urn(case, "device")}
    risk = _risk(found, subject, basis, performer, moment)
    report = _report(found, subject, basis, moment, _urn(case, "risk"))
    resources = {"patient": patient, "device": device, **observations, "risk": risk, "report": report}
    return {
        "resourceType": "Bundle",
        "meta": RESEARCH,
        "type": "collection",
        "timestamp": moment,
        "entry": [
            {"fullUrl": _urn(case, name), "resource": {**resource, "meta": RESEARCH}}
            for name, resource in resources.items()
        ],
    }


def _urn(case: Case, name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'osler:{case.id}:{name}')}"


def _patient(case: Case) -> dict[str, Any]:
    return {"resourceType": "Patient", "gender": case.demographics.sex or "unknown"}


def _age(case: Case, subject: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The age as an observation, so that no birth date is made up; nothing where it is not known."""
    years = case.demographics.age_years
    if years is None:
        return {}
    unit = {"unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
    code = {"coding": [{"system": SYSTEMS["LOINC"], "code": "30525-0", "display": "Age"}], "text": "Age"}
    about = {"resourceType": "Observation", "status": "preliminary", "code": code, "subject": subject}
    return {"age": {**about, "valueQuantity": {"value": round(years, 4), **unit}}}


def _device(found: Diagnosis) -> dict[str, Any]:
    return {
        "resourceType": "Device",
        "deviceName": [{"name": "Osler", "type": "model-name"}],
        "version": [
            {"value": __version__},
            {
                "type": {"text": "knowledge"},
                "value": f"{found.knowledge.name} {found.knowledge.release} {found.knowledge.checksum}",
            },
            {"type": {"text": "method"}, "value": found.method},
        ],
        "note": [{"text": WARNING}],
    }


def _observation(finding: Finding, subject: dict[str, Any], moment: str) -> dict[str, Any]:
    absent = finding.status == "absent"
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": _concept([finding.id], finding.label),
        "subject": subject,
        "valueBoolean": not absent,
        "interpretation": [{"coding": [ABSENT if absent else PRESENT]}],
    }
    if finding.status == "historical":
        made["note"] = [{"text": "In the past."}]
    else:
        made["effectiveDateTime"] = moment
    return made


def _risk(
    found: Diagnosis,
    subject: dict[str, Any],
    basis: list[dict[str, Any]],
    performer: dict[str, Any],
    moment: str,
) -> dict[str, Any]:
    predictions = [
        {
            "outcome": _concept([one.id, *one.xrefs], one.name),
            "probabilityDecimal": round(100 * one.probability, 4),
            "rationale": "For: " + (", ".join(_said(r) for r in one.support[:8]) or "nothing"),
        }
        for one in found.differential
    ]
    if found.none_fits is not None:
        none = {"text": "None of the profiled diseases"}
        predictions.append({"outcome": none, "probabilityDecimal": round(100 * found.none_fits, 4)})
    conditions = [notice.text for notice in found.notices if notice.code != "memory"]
    return {
        "resourceType": "RiskAssessment",
        "status": "preliminary",
        "method": {"text": f"Osler {__version__}, {found.method}"},
        "code": {"text": "Ranked differential diagnosis (research)"},
        "subject": subject,
        "occurrenceDateTime": moment,
        "performer": performer,
        **({"basis": basis} if basis else {}),
        "prediction": predictions,
        "note": [{"text": WARNING}, *({"text": text} for text in conditions)],
    }


def _report(
    found: Diagnosis, subject: dict[str, Any], results: list[dict[str, Any]], moment: str, risk: str
) -> dict[str, Any]:
    # No disease is named here: a reader that takes conclusions for findings would read the opinion back as fact.
    ranked = (
        f"{len(found.differential)} diseases are ranked in the risk assessment that this report points to."
    )
    return {
        "resourceType": "DiagnosticReport",
        "status": "preliminary",
        "code": {"text": "Differential diagnosis, research draft"},
        "subject": subject,
        "issued": moment,
        **({"result": results} if results else {}),
        "conclusion": f"{WARNING} {ranked}",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/diagnosticReport-risk",
                "valueReference": {"reference": risk},
            }
        ],
    }


def _said(reason: Any) -> str:
    return f"no {reason.label}" if reason.status == "absent" else reason.label


def _concept(ids: list[str], text: str) -> dict[str, Any]:
    codings = []
    for one in ids:
        prefix, _, code = one.partition(":")
        if prefix in SYSTEMS:
            codings.append({"system": SYSTEMS[prefix], "code": one if prefix in ("HP", "MONDO") else code})
    codings = codings[:1] and [{**codings[0], "display": text}, *codings[1:]]
    return {**({"coding": codings} if codings else {}), "text": text}
