"""Pieces of the dialogue's replies: reasons as evidence, findings with their contributions, and places in words."""

from __future__ import annotations

from collections.abc import Sequence

from osler.diagnosis.contrast import SAME
from osler.diagnosis.dialogue.turn import State
from osler.diagnosis.result import Missing, Reason
from osler.diagnosis.shares import signed
from osler.trace import Evidence

MOST_FOR, MOST_AGAINST, MOST_MISSING = 5, 4, 3


def as_quoted(one: Evidence, state: State) -> Evidence:
    """Evidence of a run; the score of a search is no contribution, so it is left out."""
    if one.score_unit == state.engine.ranker.contribution_unit:
        return one
    return one.model_copy(update={"score": None, "supports": None})


def quoted(
    state: State,
    disease: int,
    support: Sequence[Reason],
    against: Sequence[Reason],
    missing: Sequence[Missing],
) -> list[Evidence]:
    """What speaks for a disease, what against, and what is typical of it, as evidence; nothing that counts zero."""
    return [
        *(state.evidence(disease, one, True) for one in telling(support)[:MOST_FOR]),
        *(state.evidence(disease, one, False) for one in telling(against)[:MOST_AGAINST]),
        *(state.evidence(disease, one, None) for one in missing[:MOST_MISSING]),
    ]


def listed(found: Sequence[Reason], most: int) -> str:
    """Findings with their contributions."""
    return ", ".join(f"{said(one.label, one.status)} ({signed(one.contribution)})" for one in found[:most])


def telling(found: Sequence[Reason]) -> list[Reason]:
    """Those that count: a contribution that rounds to zero tells nothing."""
    return [one for one in found if abs(one.contribution) >= SAME]


def said(label: str, status: str) -> str:
    """A finding in words."""
    return f"no {label}" if status == "absent" else label


def ordinal(place: int) -> str:
    """A place in words."""
    names = ("first", "second", "third")
    return names[place - 1] if place <= 3 else f"at place {place:,}"


def short(text: str, most: int = 160) -> str:
    """The beginning of a text."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 2]} …"
