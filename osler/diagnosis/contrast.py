"""Two diseases side by side: how each known finding and each typical one tells them apart, the most telling first."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from osler.diagnosis.engine import Engine
from osler.diagnosis.explain import reasons
from osler.diagnosis.matching import Matching
from osler.diagnosis.query import Query
from osler.diagnosis.ranker import stated_frequency
from osler.diagnosis.result import Reason

# A difference in contribution below this (in the ranker's unit) tells nothing apart.
SAME = 0.005


class Telling(BaseModel):
    """One finding in both diseases: contributions and frequencies (None: not stated); `difference` is first minus second.

    `status` is present, absent, or unknown for one that was not mentioned (its difference is one of frequencies).
    """

    id: str
    label: str
    status: Literal["present", "absent", "unknown"]
    first: float | None = None
    second: float | None = None
    first_frequency: float | None = None
    second_frequency: float | None = None
    difference: float


class Contrast(BaseModel):
    """Known findings, those that tell the two apart most first, and typical open ones, likewise."""

    first_id: str
    first: str
    second_id: str
    second: str
    unit: str
    known: list[Telling]
    open: list[Telling]


def contrast(engine: Engine, query: Query, first: int, second: int) -> Contrast:
    """Hold two diseases (positions) side by side for a query."""
    matching, base = Matching(engine.model, query), engine.knowledge
    told = [reasons(engine.ranker, matching, disease) for disease in (first, second)]
    mine, theirs = ({one.id: one for one in (*support, *against)} for support, against, _ in told)
    known = [_known(reason, theirs.get(reason.id)) for reason in mine.values()]
    typical = {one.id: one.label for _, _, missing in told for one in missing}
    asked = [_open(matching, term, label, first, second) for term, label in typical.items()]
    return Contrast(
        first_id=base.disease_ids[first],
        first=base.disease_names[first],
        second_id=base.disease_ids[second],
        second=base.disease_names[second],
        unit=engine.ranker.contribution_unit,
        known=sorted(known, key=_most_telling),
        open=sorted(asked, key=_most_telling),
    )


def _known(mine: Reason, theirs: Reason | None) -> Telling:
    other = theirs.contribution if theirs else 0.0
    return Telling(
        id=mine.id,
        label=mine.label,
        status="absent" if mine.status == "absent" else "present",
        first=mine.contribution,
        second=other,
        first_frequency=mine.frequency,
        second_frequency=theirs.frequency if theirs else None,
        difference=round(mine.contribution - other, 4),
    )


def _open(matching: Matching, term: str, label: str, first: int, second: int) -> Telling:
    place = matching.model.ontology.index(term)
    stated = [stated_frequency(matching, disease, place) for disease in (first, second)]
    # To four digits, as a disease's own reasons give it: the same share is then written the same way.
    shares = [None if share is None else round(share, 4) for share in stated]
    return Telling(
        id=term,
        label=label,
        status="unknown",
        first_frequency=shares[0],
        second_frequency=shares[1],
        difference=round((shares[0] or 0.0) - (shares[1] or 0.0), 4),
    )


def _most_telling(one: Telling) -> tuple[float, str]:
    return -abs(one.difference), one.id
