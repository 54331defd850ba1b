"""An answer as a table to save: each disease, statement or choice with the evidence that holds it, one piece a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from osler.app.shown import Cited, claims_of
from osler.trace import Answer, AtFormula, AtPath, AtSpan, Evidence

HEAD = ("place", "answer", "id", "probability", "verdict", "evidence", "source", "record", "at", "quote", "score", "score unit", "references")  # fmt: skip
_NONE: tuple[Any, ...] = (None,) * 8


def rows(answer: Answer | None, cited: Sequence[Cited], plain: str) -> Iterator[Sequence[Any]]:
    """The rows under `HEAD`; `plain` is an answer that is neither a differential nor statements, in words."""
    if answer is None:
        return
    for place, one in enumerate(answer.differential, 1):
        about = (place, one.name, one.id, one.probability, None)
        yield from ((*about, *cells) for cells in _evidence(one.evidence))
    if answer.none_fits is not None:
        yield (None, "none of the known diseases fits", None, answer.none_fits, None, *_NONE)
    if answer.differential:
        return
    claims = claims_of(answer, cited)
    for place, claim in enumerate(claims, 1):
        about = (place, claim.text, None, None, claim.verdict)
        yield from ((*about, *cells) for cells in _evidence([cited[n - 1].evidence for n in claim.by]))
    if not claims:
        said = "no answer" if answer.abstained or answer.unreadable else plain
        about = (1, said, None, answer.confidence, answer.note)
        yield from ((*about, *cells) for cells in _evidence([one.evidence for one in cited]))


def _evidence(found: Sequence[Evidence]) -> Iterator[Sequence[Any]]:
    if not found:
        yield _NONE
    for one in found:
        says = {True: "for", False: "against", None: ""}[one.supports]
        yield (
            says,
            one.source,
            one.record,
            _at(one),
            one.quote,
            one.score,
            one.score_unit,
            " ".join(one.references),
        )


def _at(one: Evidence) -> str:
    """The place within the record: characters, node ids, a formula, or a pointer."""
    place = one.locator
    if isinstance(place, AtSpan):
        return f"{place.start}:{place.end}"
    if isinstance(place, AtPath):
        return " ".join(place.nodes)
    if isinstance(place, AtFormula):
        return place.expression
    named = place.model_dump() if place is not None else {}
    return "; ".join(f"{name} {value}" for name, value in named.items() if name != "at")
