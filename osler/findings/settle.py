"""The last step of every reader: ids brought to the ontology's release, repeats joined, contradictions decided.

Rules. A term that is both present and absent takes the status of its most specific source (the user, then a coded
record, then a laboratory result, then free text); where those are equal it is uncertain. A term that is absent while
one under it is present is uncertain, because the narrower term implies it.
"""

from __future__ import annotations

from itertools import islice

from osler.case import Finding, Status, Term
from osler.findings.values import Notes, joined
from osler.ontology import Ontology

_MOST_NAMED = 20  # terms that one notice names
_SOURCES = {"user": 0, "phenopacket": 1, "fhir": 1, "lab": 2, "text": 3}


def settle(findings: list[Finding], notes: Notes, ontology: Ontology | None) -> list[Finding]:
    """Findings with ids of the release, one per term and status, and no open contradiction.

    Order of first mention is kept. Without an ontology ids stay as they are. Everything changed is noted.
    """
    if ontology is not None:
        findings = [resolved for finding in findings if (resolved := _resolved(finding, notes, ontology))]
    findings = _decided(_joined(findings), notes)
    return findings if ontology is None else _hierarchy(findings, notes, ontology)


def _resolved(finding: Finding, notes: Notes, ontology: Ontology) -> Finding | None:
    """The finding with a current id and label; an unknown id is kept out and reported."""
    if not finding.id.startswith("HP:"):
        notes.add(
            "term-foreign", "findings coded in another vocabulary than the HPO were kept but are not ranked"
        )
        return finding
    found = ontology.resolve(finding.id)
    if found.id is None:
        notes.add("term-unknown", f"{found.note[:200]}; it was set aside", about=finding.id)
        return None
    label = ontology.labels[found.index]
    if found.id == finding.id and finding.label == label:
        return finding
    note = finding.note
    if found.note:
        notes.add("term-replaced", found.note, about=finding.id)
        note = f"{note}; {found.note}" if note else found.note
    return finding.model_copy(update={"term": Term(id=found.id, label=label), "note": note})


def _joined(findings: list[Finding]) -> list[Finding]:
    """One finding per term, status and source, in order of first mention."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.id, finding.status, finding.source), []).append(finding)
    return [joined(group) for group in groups.values()]


def _decided(findings: list[Finding], notes: Notes) -> list[Finding]:
    """Settle terms that are both present and absent."""
    held: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.status in ("present", "absent"):
            held.setdefault(finding.id, []).append(finding)
    disputed = {term_id for term_id, said in held.items() if len({f.status for f in said}) == 2}
    if not disputed:
        return findings
    verdicts: dict[str, Status] = {term_id: _verdict(held[term_id]) for term_id in sorted(disputed)}
    _note_disputes(findings, verdicts, notes)
    settled = []
    for finding in findings:
        if finding.id in disputed and finding.status in ("present", "absent"):
            finding = finding.model_copy(
                update={"status": verdicts[finding.id], "note": "stated both as present and as absent"}
            )
        settled.append(finding)
    return _one_each(settled, disputed)


def _note_disputes(findings: list[Finding], verdicts: dict[str, Status], notes: Notes) -> None:
    """One notice that names the disputed terms by their label in the ontology and what they now count as."""
    labels = {f.id: f.label or f.id for f in findings}
    named = "; ".join(
        f"{labels[term_id]} ({term_id}) counts as {status}"
        for term_id, status in islice(verdicts.items(), _MOST_NAMED)
    )
    more = len(verdicts) - _MOST_NAMED
    named += f"; and {more} more" if more > 0 else ""
    notes.add("contradictory-findings", f"stated both as present and as absent, check which holds: {named}")


def _verdict(findings: list[Finding]) -> Status:
    best: dict[Status, int] = {}
    for finding in findings:
        if finding.status in ("present", "absent"):
            rank = _SOURCES.get(finding.source, 3)
            best[finding.status] = min(best.get(finding.status, 9), rank)
    if best["present"] == best["absent"]:
        return "uncertain"
    return min(best, key=lambda status: best[status])


def _one_each(findings: list[Finding], terms: set[str]) -> list[Finding]:
    """Join what a verdict has made equal, whatever its source; the first keeps its place."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for number, finding in enumerate(findings):
        key = (finding.id, finding.status) if finding.id in terms else ("", str(number))
        groups.setdefault(key, []).append(finding)
    return [joined(group) for group in groups.values()]


def _hierarchy(findings: list[Finding], notes: Notes, ontology: Ontology) -> list[Finding]:
    """Mark as uncertain what is absent although a term under it is present."""
    absent = {f.id for f in findings if f.status == "absent" and f.id in ontology}
    present = [ontology.index(f.id) for f in findings if f.status == "present" and f.id in ontology]
    if not absent or not present:
        return findings
    implied = {ontology.ids[above] for index in present for above in ontology.ancestors.row(index).tolist()}
    disputed = absent & implied
    if disputed:
        text = "findings stated as absent although a narrower one is present count as uncertain"
        notes.add("contradictory-narrower", text, len(disputed))
    return [
        f.model_copy(
            update={"status": "uncertain", "note": "stated as absent, but a narrower finding is present"}
        )
        if f.status == "absent" and f.id in disputed
        else f
        for f in findings
    ]
