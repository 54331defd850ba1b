"""FHIR resources, bundles and bulk lines (R4, and R5, STU3 or DSTU2 where they agree) to a Case about one patient.

Findings keep a span into `Case.text`, which is made of the displays and notes that were read, one per line. Resources
of other patients and of kinds that hold no finding are set aside, and that is said. Source: hl7.org/fhir/R4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from osler.case import Case, Demographics, Sex, opaque_id
from osler.errors import InputError
from osler.findings.fhir_record import Record
from osler.findings.fhir_resources import HANDLERS, SILENT
from osler.findings.labs import findings_from
from osler.findings.values import (
    Notes,
    age_at,
    date_of,
    dict_of,
    dicts_of,
    possible_age,
    text_of,
    today,
)
from osler.ontology import Ontology

MAX_BUNDLE_DEPTH = 4
_SEXES: dict[str, Sex] = {"male": "male", "female": "female", "other": "other"}
_IDENTIFYING = ("name", "identifier", "address", "telecom", "photo", "contact")


def looks_like_fhir(value: Any) -> bool:
    """Whether a parsed value is a FHIR resource, or a list (JSON lines) of them."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) and "resourceType" in item for item in value)
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def parse_fhir(
    value: Any, ontology: Ontology | None = None, nested: bool = False, max_text: int | None = None
) -> Case:
    """Read a resource, a Bundle, or a list of resources.

    `ontology` judges how narrow a normal laboratory result's term is; `nested` also keeps matches inside longer ones.
    `max_text` limits the characters of its free text. Raises InputError when nothing in it can be read, or when it is about several patients.
    """
    notes = Notes()
    found = [
        pair for item in (value if isinstance(value, list) else [value]) for pair in _resources(item, notes)
    ]
    if not found:
        raise InputError("this FHIR record holds no resources; export the patient's record with its entries")
    index = _index(found)
    patient, kept = _of_one_patient([resource for _, resource in found], index, notes)
    record = Record(notes=notes, index=index, birth=_birth(patient, notes), nested=nested, max_text=max_text)
    unread: Counter[str] = Counter()
    for resource in kept:
        kind = text_of(resource, "resourceType")
        handler = HANDLERS.get(kind)
        if handler is not None:
            handler(record, resource)
        elif kind not in SILENT:
            unread[kind if kind.isalnum() and len(kind) < 40 else "unknown"] += 1
    if unread:
        names = ", ".join(f"{kind} {count}" for kind, count in unread.most_common(12))
        notes.add("resource-set-aside", f"resources of kinds that hold no finding were set aside: {names}")
    if patient is None and not any(text_of(r, "resourceType") in HANDLERS for r in kept):
        raise InputError(
            "this FHIR record holds no resource that Osler reads; see docs/inputs.md for the kinds"
        )
    return _case(record, patient, ontology)


def _resources(node: Any, notes: Notes, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource with its full address, from bundles inside bundles and from `contained`."""
    if not isinstance(node, dict) or not text_of(node, "resourceType"):
        notes.add("entry-broken", "entries without a readable resource were set aside")
        return
    if node["resourceType"] != "Bundle":
        yield "", node
        for inner in dicts_of(node, "contained"):
            yield f"#{text_of(inner, 'id')}", inner
        return
    entries = node.get("entry")
    if depth >= MAX_BUNDLE_DEPTH or (entries is not None and not isinstance(entries, list)):
        notes.add("entry-broken", "entries without a readable resource were set aside")
        return
    for entry in entries or ():
        if text_of(dict_of(entry, "request"), "method") == "DELETE":
            notes.add("deleted-set-aside", "entries marked as deleted were set aside")
            continue
        resource = entry.get("resource") if isinstance(entry, dict) else None
        address = text_of(entry, "fullUrl")
        for inner_address, inner in _resources(resource, notes, depth + 1):
            yield inner_address or address, inner


def _index(found: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Resources by full address and by `Type/id`."""
    index: dict[str, dict[str, Any]] = {}
    for address, resource in found:
        if address:
            index.setdefault(address, resource)
        if text_of(resource, "id"):
            index.setdefault(f"{text_of(resource, 'resourceType')}/{text_of(resource, 'id')}", resource)
    return index


def _of_one_patient(
    resources: list[dict[str, Any]], index: dict[str, dict[str, Any]], notes: Notes
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The patient and the resources about that patient. InputError where several patients have records."""
    patients = [resource for resource in resources if text_of(resource, "resourceType") == "Patient"]
    clinical = [
        r
        for r in resources
        if text_of(r, "resourceType") in HANDLERS and text_of(r, "resourceType") != "Patient"
    ]
    subjects = {id(resource): _subject(resource, index) for resource in clinical}
    about = Counter(subject for subject in subjects.values() if subject)
    if (len(patients) > 1 and len(about) != 1) or (len(about) > 1 and not patients):
        count = max(len(patients), len(about))
        raise InputError(f"this FHIR record is about {count} patients; give one file per patient")
    if not patients:
        return None, resources
    patient = next((p for p in patients if f"id:{id(p)}" in about), patients[0])
    own = {"", f"id:{id(patient)}"}
    if not text_of(patient, "id") and not any(value is patient for value in index.values()):
        own |= set(about)  # nothing can refer to this patient by address
    kept = [r for r in resources if id(r) not in subjects or subjects[id(r)] in own]
    if len(kept) < len(resources):
        text = "resources about another patient than the one in the record were set aside"
        notes.add("other-patient-set-aside", text, len(resources) - len(kept))
    return patient, kept


def _subject(resource: dict[str, Any], index: dict[str, dict[str, Any]]) -> str:
    """A key for whom a resource is about; "" where it does not say."""
    reference = text_of(dict_of(resource, "subject") or dict_of(resource, "patient"), "reference")
    if not reference:
        return ""
    short = "/".join(reference.split("/_history")[0].split("/")[-2:])
    target = index.get(reference) or index.get(short)
    return f"id:{id(target)}" if target is not None else short


def _birth(patient: dict[str, Any] | None, notes: Notes) -> date | None:
    born = text_of(patient, "birthDate")
    birth = date_of(born)
    if born and birth is None:
        notes.add("birth-impossible", "a birth date that is no date was dropped")
    elif birth is not None and birth > today():
        notes.add("birth-impossible", "a birth date in the future was dropped")
        return None
    elif birth is not None and len(born) < 10:
        notes.add("age-approximate", "the birth date is only a year or a month; ages are approximate")
    return birth


def _case(record: Record, patient: dict[str, Any] | None, ontology: Ontology | None) -> Case:
    notes = record.notes
    if patient is not None and any(patient.get(key) for key in _IDENTIFYING):
        notes.add(
            "identity-set-aside", "names, identifiers, addresses and other personal data were set aside"
        )
    findings = record.merged() + findings_from(record.measurements, notes, ontology)
    case = Case(
        text=record.text(),
        findings=findings,
        demographics=_demographics(record, patient),
        measurements=record.measurements,
        medications=record.medications,
        conditions=record.conditions,
        family=record.family,
        timeline=record.timeline(),
        notices=notes.notices(),
    )
    case.id = opaque_id(case.model_dump_json(exclude={"id", "notices"}, exclude_defaults=True))
    return case


def _demographics(record: Record, patient: dict[str, Any] | None) -> Demographics:
    """Age at the last dated event (at death, where that came first); today's age where nothing is dated."""
    died = date_of(text_of(patient, "deceasedDateTime"))
    dead = True if died else patient.get("deceasedBoolean") if patient else None
    last = min((when for when in (record.last, died) if when is not None), default=None)
    if record.birth is not None and last is None:
        record.notes.add("age-from-today", "nothing in the record is dated; the age is that of today")
        last = today()
    days = age_at(record.birth, last)
    if days is not None and not possible_age(days):
        record.notes.add("age-impossible", "an age before birth or beyond 130 years was dropped")
        days = None
    onsets = [
        f.onset.age_days
        for f in record.findings
        if f.status == "present" and f.onset and f.onset.age_days is not None
    ]
    return Demographics(
        age_days=days,
        onset_age_days=min(onsets, default=None),
        sex=_SEXES.get(text_of(patient, "gender").lower()),
        deceased=dead if isinstance(dead, bool) else None,
    )
