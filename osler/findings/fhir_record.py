"""What the FHIR handlers write into: one patient's text, findings, measurements and events as they are read.

`Case.text` grows line by line here, so that every finding has a span in it. Knows nothing of resource types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from osler.case import Condition, Encounter, Finding, Measurement, Medication, Onset, Span, Status, Term
from osler.findings.decode import too_many_words
from osler.findings.fhir_values import DISEASE_SPACES, Concept, status_of_both
from osler.findings.values import Notes, age_at, date_of, joined, possible_age, text_of, today

_P = TypeVar("_P", Finding, Measurement)
# Of several statuses that one term has in a record, the first here stands.
_ORDER: tuple[Status, ...] = ("present", "historical", "uncertain")


@dataclass
class Record:
    """One patient's record while it is read. `index` finds resources by address, `last` is the latest past date seen."""

    notes: Notes
    index: dict[str, dict[str, Any]]
    birth: date | None = None
    nested: bool = False
    max_text: int | None = None
    last: date | None = None
    findings: list[Finding] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    medications: list[Medication] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    family: list[Condition] = field(default_factory=list)
    events: list[Encounter] = field(default_factory=list)
    _lines: dict[tuple[str, str], int] = field(default_factory=dict)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _said: int = 0
    _read: dict[str, list[Finding]] = field(default_factory=dict)

    def text(self) -> str:
        """Everything that was read as text, one line or note after the other."""
        return "".join(self._parts)

    def line(self, heading: str, words: str) -> int:
        """Add `heading: words` to the text, once, and return where the words start."""
        key = heading, words
        if key not in self._lines:
            lead = f"{heading}:\n" if "\n" in words else f"{heading}: "
            self._lines[key] = self._length + len(lead)
            self._parts.append(f"{lead}{words}\n")
            self._length += len(lead) + len(words) + 1
        return self._lines[key]

    def saw(self, when: str | None) -> str | None:
        """Remember a date for the age at the last event; a future date is noted and None is returned."""
        day = date_of(when) if when else None
        if day is None:
            return None
        if day > today():
            self.notes.add("date-future", "dates in the future were dropped")
            return None
        self.last = day if self.last is None or day > self.last else self.last
        return when

    def age(self, when: str | None) -> float | None:
        """Age in days at a date, where both are known and possible."""
        days = age_at(self.birth, date_of(when)) if when else None
        return days if possible_age(days) else None

    def concept(
        self, concept: Concept, heading: str, status: Status = "present", onset: Onset | None = None
    ) -> bool:
        """Add the findings that a concept names: by its HPO codes, else by its words. False when it names none."""
        if any(code.id.partition(":")[0] in DISEASE_SPACES for code in concept.codes) and not concept.hpo:
            self.notes.add("diagnosis-set-aside", "diagnoses coded in OMIM, Orphanet or Mondo were set aside")
            return True
        for term in concept.hpo:
            self._coded(term, heading, status, onset)
        if concept.hpo:
            return True
        return any(self._words(words, heading, status, onset) for words in concept.words)

    def note(self, text: str, heading: str, status: Status = "present") -> None:
        """Read a free text: its findings and its measurements."""
        if not text.strip():
            return
        from osler.findings.numbers import read_measurements

        at = self.line(heading, text)
        self._words(text, heading, status, None)
        self.measurements += [shifted(measurement, at) for measurement in read_measurements(text)]

    def merged(self) -> list[Finding]:
        """The findings, one per term and status; a term present at any time is not also historical or uncertain."""
        groups: dict[tuple[str, Status], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.id, finding.status), []).append(finding)
        merged = {key: joined(group) for key, group in groups.items()}
        for term_id in dict.fromkeys(term_id for term_id, _ in groups):
            held: list[Status] = [status for status in _ORDER if (term_id, status) in merged]
            for status in held[1:]:
                mentions = merged[term_id, held[0]].mentions + merged.pop((term_id, status)).mentions
                merged[term_id, held[0]] = merged[term_id, held[0]].model_copy(update={"mentions": mentions})
        return list(merged.values())

    def timeline(self) -> list[Encounter]:
        """The events in order of time, numbered; their addresses in the record are not kept."""
        ordered = sorted(self.events, key=lambda event: event.when or "")
        return [event.model_copy(update={"id": f"{number}"}) for number, event in enumerate(ordered, 1)]

    def resolve(self, node: Any) -> dict[str, Any]:
        """The resource that a Reference points to, {} where it is not in the record."""
        reference = text_of(node, "reference")
        return self.index.get(reference) or self.index.get("/".join(reference.split("/")[-2:])) or {}

    def _coded(self, term: Term, heading: str, status: Status, onset: Onset | None) -> None:
        span = None
        if term.label:
            at = self.line(heading, term.label)
            span = Span(start=at, end=at + len(term.label))
        self.findings.append(
            Finding(
                term=term,
                status=status,
                text=term.label or None,
                span=span,
                spans=[span] if span else [],
                source="fhir",
                onset=onset,
            )
        )

    def _words(self, words: str, heading: str, status: Status, onset: Onset | None) -> bool:
        if words not in self._read:
            from osler.findings.text import find_findings

            self._said += len(words)
            if self.max_text is not None and self._said > self.max_text:
                raise too_many_words(self.max_text)
            self._read[words] = find_findings(words, nested=self.nested)
        found = self._read[words]
        if not found:
            return False
        at = self.line(heading, words)
        for finding in found:
            both = status_of_both(status, finding.status)
            if both is not None:
                made = shifted(finding, at)
                changed = {"status": both, "source": "fhir", "onset": onset or made.onset}
                self.findings.append(made.model_copy(update=changed))
        return True


def shifted(part: _P, by: int) -> _P:
    """A copy of a finding or measurement with its spans moved by some characters."""
    changed: dict[str, Any] = {}
    if part.span is not None:
        changed["span"] = Span(start=part.span.start + by, end=part.span.end + by)
    if isinstance(part, Finding):
        changed["spans"] = [Span(start=span.start + by, end=span.end + by) for span in part.spans]
    return part.model_copy(update=changed)
