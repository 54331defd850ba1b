"""One function per FHIR resource type: what it says of the patient goes into the Record. `HANDLERS` names them all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from osler.case import Condition, Encounter, Medication, Status
from osler.findings.fhir_observation import observation
from osler.findings.fhir_record import Record
from osler.findings.fhir_values import (
    answer_of,
    attachment_text,
    code_of,
    concept_of,
    moment_of,
    onset_of,
    plain_text,
)
from osler.findings.values import dict_of, dicts_of, text_of

Resource = dict[str, Any]
MAX_ITEM_DEPTH = 20

_VERIFICATION: dict[str, Status] = {
    "refuted": "absent",
    "unconfirmed": "uncertain",
    "provisional": "uncertain",
    "differential": "uncertain",
    "presumed": "uncertain",
}
_OVER = ("inactive", "resolved", "remission")
_DRUG_STATUS: dict[str, Literal["active", "stopped", "planned"]] = {
    "active": "active", "in-progress": "active", "recorded": "active",
    "completed": "stopped", "stopped": "stopped", "cancelled": "stopped", "ended": "stopped",
    "intended": "planned", "draft": "planned", "on-hold": "planned", "not-started": "planned",
}  # fmt: skip


def in_error(record: Record, resource: Resource) -> bool:
    """Whether a resource was withdrawn as entered in error; noted."""
    wrong = "entered-in-error"
    if wrong in (code_of(resource.get("verificationStatus")), code_of(resource.get("status"))):
        record.notes.add("entered-in-error", "entries marked as entered in error were set aside")
        return True
    return False


def clinical_status(resource: Resource) -> Status:
    """Present, absent, uncertain or historical by verificationStatus, clinicalStatus and abatement."""
    verified = _VERIFICATION.get(code_of(resource.get("verificationStatus")))
    if verified is not None:
        return verified
    clinical = code_of(resource.get("clinicalStatus"))
    abated = any(key.startswith("abatement") and value for key, value in resource.items())
    over = clinical in _OVER or (abated and resource.get("abatementBoolean") is not False and not clinical)
    return "historical" if over else "present"


def condition(record: Record, resource: Resource) -> None:
    """A problem or diagnosis: a finding where its words or codes are in the HPO, else a stated condition."""
    if in_error(record, resource):
        return
    concept, status = concept_of(resource.get("code")), clinical_status(resource)
    onset = onset_of(resource, record.birth, record.notes)
    record.saw(
        moment_of(resource, "recordedDate", "dateRecorded", "assertedDate", "onsetDateTime", "onsetPeriod")
    )
    for evidence in dicts_of(resource, "evidence"):
        record.concept(concept_of(evidence.get("code")), "Evidence", status)
    if not concept.label and not concept.codes and not concept.hpo:
        record.notes.add("entry-broken", "entries without a readable resource were set aside")
    elif not record.concept(concept, "Condition", status, onset):
        if concept.label:
            record.line("Condition", concept.label)
        record.conditions.append(Condition(term=concept.term, status=status, onset=onset, source="fhir"))
        record.notes.add(
            "condition-uncoded", "stated conditions that are no HPO terms were kept as conditions"
        )
    for note in dicts_of(resource, "note"):
        record.note(text_of(note, "text"), "Note")


def family_member_history(record: Record, resource: Resource) -> None:
    """Conditions of a relative: findings of status `family`, and family conditions."""
    if in_error(record, resource):
        return
    relation = concept_of(resource.get("relationship")).label or "relative"
    record.saw(moment_of(resource, "date"))
    for item in dicts_of(resource, "condition"):
        concept = concept_of(item.get("code"))
        if not record.concept(concept, f"Family history ({relation})", "family") and concept.label:
            record.line(f"Family history ({relation})", concept.label)
            record.family.append(Condition(term=concept.term, status="family", text=relation, source="fhir"))
    for note in dicts_of(resource, "note"):
        record.note(text_of(note, "text"), f"Family history ({relation})", "family")


def medication(record: Record, resource: Resource) -> None:
    """A drug that is taken, was ordered, given or dispensed; one that is not taken is set aside."""
    if in_error(record, resource):
        return
    status = code_of(resource.get("status"))
    if (
        status in ("not-taken", "not-done")
        or resource.get("doNotPerform") is True
        or resource.get("wasNotTaken") is True
    ):
        record.notes.add("medication-not-taken", "drugs recorded as not taken were set aside")
        return
    node = resource.get("medicationCodeableConcept") or resource.get("medication")
    if node is None or (isinstance(node, dict) and "reference" in node):
        target = record.resolve(node or resource.get("medicationReference"))
        node = target.get("code") or text_of(resource.get("medicationReference"), "display")
    concept = concept_of(node)
    when = record.saw(
        moment_of(
            resource,
            "effectiveDateTime",
            "effectivePeriod",
            "authoredOn",
            "dateWritten",
            "occurrenceDateTime",
        )
    )
    if not concept.label and not concept.codes:
        record.notes.add("entry-broken", "entries without a readable resource were set aside")
        return
    doses = dicts_of(resource, "dosage") + dicts_of(resource, "dosageInstruction")
    record.medications.append(
        Medication(
            term=concept.term,
            status=_drug_status(resource, status),
            dose_text=next((text_of(dose, "text") for dose in doses if text_of(dose, "text")), None),
            when=when,
            source="fhir",
        )
    )


def _drug_status(resource: Resource, status: str) -> Literal["active", "stopped", "planned", "unknown"]:
    if status in ("active", "draft") and text_of(resource, "intent") in ("plan", "proposal"):
        return "planned"
    return _DRUG_STATUS.get(status, "unknown")


def allergy(record: Record, resource: Resource) -> None:
    """An allergy: a stated condition, with past reactions as historical findings."""
    if in_error(record, resource):
        return
    status = clinical_status(resource)
    concept = concept_of(resource.get("code") or resource.get("substance"))
    record.saw(moment_of(resource, "recordedDate", "lastOccurrence", "assertedDate"))
    for reaction in dicts_of(resource, "reaction"):
        for manifestation in _each(reaction.get("manifestation")):
            record.concept(
                concept_of(manifestation),
                "Allergic reaction",
                "absent" if status == "absent" else "historical",
            )
    if concept.hpo:
        record.concept(concept, "Allergy", status)
    elif concept.label:
        record.line("Allergy", concept.label)
        record.conditions.append(Condition(term=concept.term, status=status, text="allergy", source="fhir"))


def encounter(record: Record, resource: Resource) -> None:
    """A visit: an event of the timeline; what it was for, as findings that were present then."""
    if in_error(record, resource) or code_of(resource.get("status")) in ("cancelled", "planned"):
        return
    when = record.saw(moment_of(resource, "period", "actualPeriod"))
    kind = concept_of(resource.get("class")).label or concept_of(resource.get("type")).label
    reasons = [concept_of(reason) for key in ("reasonCode", "reason") for reason in _each(resource.get(key))]
    for reason in reasons:
        record.concept(
            reason,
            "Reason for the visit",
            "historical" if code_of(resource.get("status")) == "finished" else "present",
        )
    words = "; ".join(
        dict.fromkeys([concept_of(resource.get("type")).label, *(r.label for r in reasons)])
    ).strip("; ")
    record.events.append(
        Encounter(id="", when=when, age_days=record.age(when), kind=kind or "encounter", text=words)
    )


def immunization(record: Record, resource: Resource) -> None:
    """A vaccination that was given: an event of the timeline."""
    if in_error(record, resource) or code_of(resource.get("status")) == "not-done":
        return
    when = record.saw(moment_of(resource, "occurrenceDateTime", "date"))
    words = concept_of(resource.get("vaccineCode")).label
    if words:
        record.events.append(
            Encounter(id="", when=when, age_days=record.age(when), kind="immunization", text=words)
        )


def procedure(record: Record, resource: Resource) -> None:
    """A procedure: an event of the timeline; its reasons and complications, as findings."""
    if in_error(record, resource) or code_of(resource.get("status")) in ("not-done", "cancelled"):
        return
    when = record.saw(
        moment_of(resource, "performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod")
    )
    words = concept_of(resource.get("code")).label
    for key, heading in (("reasonCode", "Reason for a procedure"), ("complication", "Complication")):
        for item in _each(resource.get(key)):
            record.concept(concept_of(item), heading, "historical")
    if words:
        record.events.append(
            Encounter(id="", when=when, age_days=record.age(when), kind="procedure", text=words)
        )
    for note in dicts_of(resource, "note"):
        record.note(text_of(note, "text"), "Note")


def diagnostic_report(record: Record, resource: Resource) -> None:
    """A report: its conclusion, conclusion codes and attached texts. Genetic reports are set aside."""
    if in_error(record, resource) or code_of(resource.get("status")) == "cancelled":
        return
    categories = {code_of(item) for item in _each(resource.get("category"))}
    if categories & {"ge", "genetics", "cg", "cytogenetics"}:
        record.notes.add("genotype-set-aside", "genetic findings in the file were set aside")
        return
    record.saw(moment_of(resource, "effectiveDateTime", "effectivePeriod", "issued"))
    heading = concept_of(resource.get("code")).label or "Report"
    record.note(text_of(resource, "conclusion"), heading)
    for key in ("conclusionCode", "codedDiagnosis"):
        for item in _each(resource.get(key)):
            record.concept(concept_of(item), heading)
    for attachment in dicts_of(resource, "presentedForm"):
        record.note(attachment_text(attachment, record.notes), heading)


def clinical_impression(record: Record, resource: Resource) -> None:
    """A clinician's assessment: description, summary and findings."""
    if in_error(record, resource):
        return
    record.saw(moment_of(resource, "effectiveDateTime", "effectivePeriod", "date"))
    for key in ("description", "summary"):
        record.note(text_of(resource, key), "Clinical impression")
    for item in dicts_of(resource, "finding"):
        record.concept(concept_of(item.get("itemCodeableConcept") or item.get("item")), "Clinical impression")
    for note in dicts_of(resource, "note"):
        record.note(text_of(note, "text"), "Note")


def document_reference(record: Record, resource: Resource) -> None:
    """A document: the text of its attachments."""
    if in_error(record, resource):
        return
    record.saw(moment_of(resource, "date", "created"))
    heading = concept_of(resource.get("type")).label or "Document"
    for content in dicts_of(resource, "content"):
        record.note(attachment_text(dict_of(content, "attachment"), record.notes), heading)


def composition(record: Record, resource: Resource) -> None:
    """A document of sections: their narratives, where a section has no entries that say the same in codes."""
    if in_error(record, resource):
        return
    record.saw(moment_of(resource, "date"))
    sections = deque((section, 0) for section in dicts_of(resource, "section"))
    while sections:
        section, depth = sections.popleft()
        if not section.get("entry"):
            record.note(
                plain_text(text_of(dict_of(section, "text"), "div")), text_of(section, "title") or "Section"
            )
        if depth < MAX_ITEM_DEPTH:
            sections += [(inner, depth + 1) for inner in dicts_of(section, "section")]


def questionnaire_response(record: Record, resource: Resource) -> None:
    """Answers to a form: a question answered yes or no is a finding present or absent; text answers are read."""
    if in_error(record, resource):
        return
    record.saw(moment_of(resource, "authored"))
    items = deque((item, 0) for item in dicts_of(resource, "item"))
    while items:
        item, depth = items.popleft()
        for answer in dicts_of(item, "answer"):
            _answer(record, text_of(item, "text"), answer)
            if depth < MAX_ITEM_DEPTH:
                items += [(inner, depth + 1) for inner in dicts_of(answer, "item")]
        if depth < MAX_ITEM_DEPTH:
            items += [(inner, depth + 1) for inner in dicts_of(item, "item")]


def _answer(record: Record, question: str, answer: Resource) -> None:
    value = answer.get("valueBoolean")
    concept = concept_of(answer.get("valueCoding") or answer.get("valueString") or "")
    said = {True: "yes", False: "no"}[value] if isinstance(value, bool) else answer_of(concept)
    status: dict[str, Status] = {"yes": "present", "no": "absent"}
    if said in status and question:
        record.concept(concept_of(question.rstrip("? ")), "Question", status[said])
    elif said is None and isinstance(answer.get("valueString"), str):
        record.note(concept.label, question or "Answer")
    elif said is None:
        record.concept(concept, question or "Answer")


def genetic(record: Record, resource: Resource) -> None:
    """Sequences and genomic studies are set aside."""
    record.notes.add("genotype-set-aside", "genetic findings in the file were set aside")


def _each(node: Any) -> list[Any]:
    return node if isinstance(node, list) else [] if node is None else [node]


HANDLERS: dict[str, Callable[[Record, Resource], None]] = {
    "AllergyIntolerance": allergy,
    "ClinicalImpression": clinical_impression,
    "Composition": composition,
    "Condition": condition,
    "DiagnosticReport": diagnostic_report,
    "DocumentReference": document_reference,
    "Encounter": encounter,
    "FamilyMemberHistory": family_member_history,
    "GenomicStudy": genetic,
    "Immunization": immunization,
    "MedicationAdministration": medication,
    "MedicationDispense": medication,
    "MedicationOrder": medication,
    "MedicationRequest": medication,
    "MedicationStatement": medication,
    "MedicationUsage": medication,
    "MolecularSequence": genetic,
    "Observation": observation,
    "Procedure": procedure,
    "QuestionnaireResponse": questionnaire_response,
    "Sequence": genetic,
}

# Read elsewhere (the patient, a drug that an order points to) or without content of their own.
SILENT = frozenset(("Patient", "Medication", "Bundle"))
