"""A turn of the dialogue about a differential, and a case as the engine ranks it for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from pydantic import BaseModel, Field

from osler.case import Case, Term
from osler.diagnosis.dialogue.asked import Kind
from osler.diagnosis.dialogue.families import Family
from osler.diagnosis.dialogue.supposed import Supposition
from osler.diagnosis.engine import Engine
from osler.diagnosis.explain import reasons
from osler.diagnosis.matching import Matching
from osler.diagnosis.query import Query
from osler.diagnosis.result import Missing, Reason
from osler.diagnosis.shares import percent
from osler.trace import Evidence, Trace


class Row(BaseModel):
    """A disease's probability before and after a change."""

    name: str
    before: float
    after: float


class Turn(BaseModel):
    """A question and its reply: lines of text, the evidence they quote, and a table for a what-if.

    `about` are ids of the diseases it was about, and `suppose` what it supposed, for the turns after it; `answered` is false where it
    was not understood, and `choices` are then names that may have been meant; `names` are those of the diseases that the evidence is
    about, by id.
    """

    question: str
    kind: Kind
    about: list[str] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)
    table: list[Row] = Field(default_factory=list)
    answered: bool = True
    names: dict[str, str] = Field(default_factory=dict)
    suppose: Supposition | None = None
    choices: list[str] = Field(default_factory=list)


@dataclass
class State:
    """A case as the engine ranks it."""

    engine: Engine
    case: Case

    def __post_init__(self) -> None:
        base = self.engine.knowledge
        self.query = Query.from_case(self.case, base)
        self.matching = Matching(self.engine.model, self.query)
        self.scores = self.engine.scores(self.query)
        self.probability, self.none_fits = self.engine.posterior(self.scores, self.query)
        self.order = np.lexsort((-self.scores, -self.probability))

    @cached_property
    def conditional(self) -> str:
        """What the differential is conditional on, in the words of its notice."""
        found = self.engine.differential(self.query, top=1, explain=False, next_questions=0).notices
        return next((one.text for one in found if one.code == "conditional"), "")

    @cached_property
    def profiled(self) -> int:
        """How many diseases have a profile: the number that notices, API and command line give too."""
        return self.engine.used().diseases

    def name(self, disease: int) -> str:
        return str(self.engine.knowledge.disease_names[disease])

    def place(self, disease: int) -> int:
        return int(np.flatnonzero(self.order == disease)[0]) + 1

    def share(self, disease: int) -> str:
        return percent(float(self.probability[disease]))

    def together(self, family: Family) -> str:
        """The probability that it is one of a family."""
        return percent(float(self.probability[list(family.members)].sum()))

    def reasons(self, disease: int) -> tuple[list[Reason], list[Reason], list[Missing]]:
        return reasons(self.engine.ranker, self.matching, disease)

    def ids(self, diseases: Sequence[int]) -> list[str]:
        return [self.engine.knowledge.disease_ids[one] for one in diseases]

    def evidence(self, disease: int, one: Reason | Missing, supports: bool | None) -> Evidence:
        base = self.engine.knowledge
        about = {"source": f"{base.name} {base.release}", "supports": supports}
        own = base.disease_ids[disease]
        if isinstance(one, Missing):
            return Evidence(
                record=f"{own} {one.id}",
                quote=one.label,
                score=one.frequency,
                score_unit="frequency",
                **about,
            )
        return Evidence(
            record=f"{own} {one.matched_id or one.id}",
            quote=f"no {one.label}" if one.status == "absent" else one.label,
            score=one.contribution,
            score_unit=self.engine.ranker.contribution_unit,
            references=one.references,
            **about,
        )


@dataclass(frozen=True)
class Asking:
    """What a question asks, as it was read: diseases (positions) and findings that it names, and those of the turn before it."""

    question: str
    named: list[int]
    findings: list[Term]
    known: list[int]
    trace: Trace | None
    suppose: Supposition | None = None
    follows: bool = False
    families: dict[int, Family] = field(default_factory=dict)
