"""A query: what a ranker is told about one patient, as term positions of one ontology. No text, no identity.

Knows nothing of diseases. What could not be used is told in `notices`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from osler.case import Case, Finding, Notice
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology

_INHERITANCE = "HP:0000005"


@dataclass(frozen=True, eq=False)
class Query:
    """What is known of one patient, in positions of the knowledge's ontology (int32, sorted, each once).

    `present` and `absent` findings; `looked_for`, those of the absent ones that a structured case report lists as
    excluded (what such a list holds tells what was suspected; an answer or a note's "no fever" does not); `age_days` at examination; `onset_days` of the first symptom, or `onset_term`
    (position of an onset term) where only that is known; `sex` "male" or "female"; `inheritance` terms that the
    family history shows; `notices` on findings that could not be used.
    """

    present: np.ndarray
    absent: np.ndarray
    age_days: float | None = None
    onset_days: float | None = None
    onset_term: int = -1
    sex: str | None = None
    inheritance: tuple[int, ...] = ()
    looked_for: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    notices: tuple[Notice, ...] = ()

    @classmethod
    def of(
        cls,
        knowledge: Knowledge,
        present: Iterable[str] = (),
        absent: Iterable[str] = (),
        looked_for: Iterable[str] = (),
        **about,
    ) -> Query:
        """A query from term ids; ids that the ontology does not know are told in `notices`.

        `looked_for` names those of `absent` that a case report's own list excludes. `about` takes `age_days`, `onset_days`, `onset_term`, `sex`.
        """
        notices: list[Notice] = []
        there = _positions(present, knowledge.ontology, notices)
        missing = _positions(absent, knowledge.ontology, notices)
        there, missing, inheritance = _sorted_out(there, missing, knowledge.ontology, notices)
        listed = {knowledge.ontology.resolve(term_id).index for term_id in looked_for}
        return cls(
            np.array(there, np.int32),
            np.array(missing, np.int32),
            inheritance=inheritance,
            looked_for=np.array([t for t in missing if t in listed], np.int32),
            notices=tuple(notices),
            **about,
        )

    @classmethod
    def from_case(cls, case: Case, knowledge: Knowledge) -> Query:
        """The query of a case: its present, historical and absent findings, age, sex and onset.

        A profile is of a whole life, so what the patient once had counts as present. Findings of relatives, uncertain and
        hypothetical ones do not count.
        """
        about = case.demographics
        days, term = _onset(case.with_status("present"), knowledge.ontology)
        if about.onset_age_days is not None:
            days = about.onset_age_days if days is None else min(days, about.onset_age_days)
        return cls.of(
            knowledge,
            [finding.id for finding in case.with_status("present", "historical")],
            [finding.id for finding in case.with_status("absent")],
            [finding.id for finding in case.with_status("absent") if finding.source == "phenopacket"],
            age_days=about.age_days,
            onset_days=days,
            onset_term=term,
            sex=about.sex if about.sex in ("male", "female") else None,
        )

    def with_answer(self, term: int, present: bool) -> Query:
        """The query after one more finding is known to be present or absent."""
        grown = np.union1d(self.present if present else self.absent, [term]).astype(np.int32)
        own = {"present": grown} if present else {"absent": grown}
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Query(**{**kept, **own})

    def with_findings(self, present: Iterable[int], absent: Iterable[int], ontology: Ontology) -> Query:
        """The query with other findings (positions); contradictions are settled as `of` does, without a notice."""
        there, missing, _ = _sorted_out(list(present), list(absent), ontology, [])
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        own = {
            "present": np.array(there, np.int32),
            "absent": np.array(missing, np.int32),
            "looked_for": np.intersect1d(self.looked_for, missing).astype(np.int32),
        }
        return Query(**{**kept, **own})

    @property
    def empty(self) -> bool:
        """Whether no finding is known at all."""
        return len(self.present) == 0 and len(self.absent) == 0


def _positions(ids: Iterable[str], ontology: Ontology, notices: list[Notice]) -> list[int]:
    found = []
    for term_id in ids:
        resolved = ontology.resolve(term_id)
        if resolved.note:
            code = "term-replaced" if resolved.index >= 0 else "term-unknown"
            text = resolved.note if resolved.index >= 0 else f"{resolved.note}; it was not used"
            notices.append(Notice(code=code, text=text))
        if resolved.index >= 0:
            found.append(resolved.index)
    return found


def _sorted_out(
    present: list[int], absent: list[int], ontology: Ontology, notices: list[Notice]
) -> tuple[list[int], list[int], tuple[int, ...]]:
    """Phenotypes apart from modes of inheritance and other terms, contradictions taken out; sorted, each once."""
    there, missing = set(present), set(absent)
    inheritance = {t for t in there if _under(t, _INHERITANCE, ontology)}
    others = {t for t in there | missing if not ontology.phenotypic[t]} - inheritance
    if others:
        names = ", ".join(ontology.labels[t] for t in sorted(others))
        notices.append(
            Notice(code="not-a-phenotype", text=f"not a finding that diseases are ranked by: {names}")
        )
    there, missing = there - inheritance - others, missing - inheritance - others
    both = there & missing
    if both:
        names = ", ".join(ontology.labels[t] for t in sorted(both))
        notices.append(
            Notice(code="contradictory", text=f"stated as present and as absent, so used as neither: {names}")
        )
    there, missing = there - both, missing - both
    above = {int(a) for t in there for a in ontology.ancestors.row(t)} & missing
    if above:
        names = ", ".join(ontology.labels[t] for t in sorted(above))
        text = f"stated as absent although a special form of it is present, so taken as present: {names}"
        notices.append(Notice(code="contradictory", text=text))
    return sorted(there), sorted(missing - above), tuple(sorted(inheritance))


def _under(term: int, root: str, ontology: Ontology) -> bool:
    return root in ontology and ontology.is_a(term, ontology.index(root))


def _onset(findings: list[Finding], ontology: Ontology) -> tuple[float | None, int]:
    """Earliest age of onset in days among the findings, and an onset term where no age is given (-1: none)."""
    known = [finding.onset for finding in findings if finding.onset is not None]
    days = [onset.age_days for onset in known if onset.age_days is not None]
    terms = [ontology.resolve(onset.term.id).index for onset in known if onset.term is not None]
    return min(days, default=None), next((t for t in sorted(terms) if t >= 0), -1)
