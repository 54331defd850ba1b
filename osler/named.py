"""A method's own differential (names, perhaps without ids or probabilities) in the shape that `osler diagnose --json` prints.

Names are tied to profiles where exactly one disease is meant; what is not found keeps its name and an empty id. Knows no
models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from osler.case import Notice
from osler.diagnosis.result import Reason
from osler.trace import Answer, Candidate, Evidence

if TYPE_CHECKING:
    from osler.knowledge.profiles import Knowledge


class NamedDisease(BaseModel):
    """One candidate as `RankedDisease` has it; probability and score are null where the method states none."""

    rank: int
    id: str
    xrefs: list[str]
    name: str
    group: str | None = None
    group_probability: float | None = None
    probability: float | None = None
    score: float | None = None
    support: list[Reason] = Field(default_factory=list)
    against: list[Reason] = Field(default_factory=list)
    missing: list[Reason] = Field(default_factory=list)


def named_differential(answer: Answer, knowledge: Knowledge, top: int) -> tuple[dict[str, Any], list[Notice]]:
    """The fields of a Diagnosis that come from the answer alone, and what the user must know of it."""
    entries = [_entry(rank, entry, knowledge) for rank, entry in enumerate(answer.differential[:top], 1)]
    units = [item.score_unit for entry in answer.differential for item in entry.evidence if item.score_unit]
    fields = {
        "differential": entries,
        "none_fits": answer.none_fits,
        "next": [],
        "score_unit": units[0] if units else None,
    }
    return fields, _notices(answer, entries)


def _entry(rank: int, entry: Candidate, knowledge: Knowledge) -> NamedDisease:
    from osler.knowledge.search import named_disease

    identity, xrefs = entry.id, list(entry.xrefs)
    if not identity and (match := named_disease(knowledge, entry.name)) is not None:
        identity, xrefs = match.id, list(knowledge.xrefs[match.index])
    sides = {
        # What a model cites and the case does not hold is no typical finding that was not mentioned.
        supports: [
            _reason(item)
            for item in entry.evidence
            if item.supports is supports and not (supports is None and item.source == "model")
        ]
        for supports in (True, False, None)
    }
    return NamedDisease(
        rank=rank,
        id=identity,
        xrefs=xrefs,
        name=entry.name,
        group=entry.group,
        probability=entry.probability,
        score=entry.score,
        support=sides[True],
        against=sides[False],
        missing=sides[None],
    )


def _reason(item: Evidence) -> Reason:
    return Reason(
        id=item.record.rpartition(" ")[2] if ":" in item.record else "",
        label=item.quote or item.record,
        contribution=item.score or 0.0,
        references=list(item.references),
    )


def _notices(answer: Answer, entries: list[NamedDisease]) -> list[Notice]:
    found = [
        Notice(
            code="research",
            text="The list is a model's and its probabilities, where there are any, are not calibrated. For research and "
            "education; not a medical device.",
        )
    ]
    if answer.unreadable:
        found.append(Notice(code="unreadable", text="the model's reply could not be read as an answer"))
    if answer.abstained:
        found.append(Notice(code="abstained", text="the method withheld an answer"))
    if answer.note:
        found.append(Notice(code="method", text=answer.note))
    if unknown := [entry.name for entry in entries if not entry.id]:
        found.append(Notice(code="no-profile", text=f"not tied to one known disease: {'; '.join(unknown)}"))
    return found
