"""Holds chosen diseases against a case: what supports each, what contradicts it, what is typical and was not mentioned.

Made to check a diagnosis that somebody proposed. A profile is never complete, so a finding that it merely lacks speaks
neither way and is left out. Nothing here ranks.
"""

from __future__ import annotations

import numpy as np

from osler.diagnosis.explain import REFERENCES, reasons
from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Ranker
from osler.diagnosis.result import Missing, Reason
from osler.trace import Candidate, Evidence

# In the ranker's unit (nats for likelihood ratios): a finding met only at a distant ancestor stays below this.
SUPPORTS = 1.0
# A finding present in the patient contradicts a disease that shows it in this share or less.
HARDLY_EVER = 0.05
# A finding absent in the patient contradicts a disease that shows it in this share or more.
TYPICAL = 0.5


def review(ranker: Ranker, matching: Matching, disease: int) -> Candidate:
    """One disease with its evidence: `supports` True, False, or None for what is typical and was not mentioned.

    Evidence is quoted as the finding's label ("no …" where the patient lacks it), each kind strongest first; `score` is
    the contribution in the ranker's unit, for what was not mentioned its frequency (0 to 1).
    """
    knowledge = matching.model.knowledge
    support, against, missing = reasons(ranker, matching, disease)
    present = [reason for reason in (*support, *against) if reason.status == "present"]
    absent = [reason for reason in (*support, *against) if reason.status == "absent"]
    excluded = _excluded(matching, disease)
    source, unit = f"{knowledge.name} {knowledge.release}", ranker.contribution_unit
    ours = knowledge.disease_ids[disease]
    evidence = [
        _evidence(source, ours, reason, unit, True)
        for reason in present
        if reason.contribution >= SUPPORTS and not _rare(reason) and reason.id not in excluded
    ]
    evidence += [
        _evidence(source, ours, reason, unit, False, excluded.get(reason.id))
        for reason in present
        if _rare(reason) or reason.id in excluded
    ]
    evidence += [
        _evidence(source, ours, reason, unit, False)
        for reason in absent
        if reason.frequency is not None and reason.frequency >= TYPICAL
    ]
    evidence += [_typical(source, ours, item) for item in missing]
    return Candidate(
        id=ours,
        name=knowledge.disease_names[disease],
        xrefs=[other for other in knowledge.xrefs[disease] if other != ours],
        evidence=evidence,
    )


def _rare(reason: Reason) -> bool:
    return reason.matched_id is None and reason.frequency is not None and reason.frequency <= HARDLY_EVER


def _excluded(matching: Matching, disease: int) -> dict[str, list[str]]:
    """Present findings at or below a term that the profile says the disease does not show: id to citations.

    A term that is negated in some rows and affirmed in others is not excluded.
    """
    knowledge = matching.model.knowledge
    part = knowledge.pairs.of(disease)
    denied = knowledge.pairs.term[part][knowledge.pairs.negated[part]]
    found: dict[str, list[str]] = {}
    for term in denied[matching.in_closure[denied]].tolist():
        below = matching.below(term)
        for finding in matching.query.present.tolist():
            if below[finding]:
                found[knowledge.ontology.ids[finding]] = _cited_against(matching, disease, term)
    return found


def _cited_against(matching: Matching, disease: int, term: int) -> list[str]:
    """Citations of the rows by which the profile excludes a term."""
    knowledge = matching.model.knowledge
    part = knowledge.rows_of(disease)
    rows = np.flatnonzero(knowledge.rows.negated[part] & (knowledge.rows.term[part] == term)) + part.start
    return list(dict.fromkeys(r for row in rows.tolist() for r in knowledge.references_of(row)))[:REFERENCES]


def _evidence(
    source: str, disease: str, reason: Reason, unit: str, supports: bool, cited: list[str] | None = None
) -> Evidence:
    return Evidence(
        source=source,
        record=f"{disease} {reason.matched_id or reason.id}",
        quote=f"no {reason.label}" if reason.status == "absent" else reason.label,
        score=reason.contribution,
        score_unit=unit,
        supports=supports,
        references=reason.references if cited is None else cited,
    )


def _typical(source: str, disease: str, missing: Missing) -> Evidence:
    return Evidence(
        source=source,
        record=f"{disease} {missing.id}",
        quote=missing.label,
        score=missing.frequency,
        score_unit="frequency",
    )
