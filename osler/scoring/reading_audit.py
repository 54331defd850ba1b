"""The reading audit: how much of a score is the parser. The same replies are read three times and scored each time.

Strict, standard and lenient reading are those of `osler.llm.choices`. Published scores have differed by 30 points for this
alone. Every reply that standard reading cannot read is listed, with what the other two made of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from osler.llm.choices import Mode, read_choice
from osler.registry import scorer
from osler.scoring.intervals import Interval
from osler.scoring.paired import paired_bootstrap
from osler.scoring.references import ChoiceReference
from osler.scoring.resampling import Estimate, estimate

MODES: tuple[Mode, ...] = ("strict", "standard", "lenient")


@dataclass(frozen=True)
class ReplyToRead:
    """A model's reply to a choice question, with what is needed to read and score it; `case` names it in the list."""

    case: str
    text: str
    options: Mapping[str, str]
    reference: ChoiceReference
    group: Hashable = None


@dataclass(frozen=True)
class Unreadable:
    """A reply that standard reading could not read: its case, its text, and what strict and lenient reading made of it."""

    case: str
    text: str
    strict: str | None
    lenient: str | None


@dataclass(frozen=True)
class ReadingAudit:
    """Accuracy under each reading, how many replies each could not read, and differences from standard with intervals."""

    n: int
    accuracy: dict[str, Estimate]
    unreadable_count: dict[str, int]
    difference: dict[str, tuple[float, Interval]]
    unreadable: list[Unreadable] = field(default_factory=list)


@scorer("reading audit", source="osler: strict, standard and lenient reading of the same replies")
def audit_reading(replies: Sequence[ReplyToRead]) -> ReadingAudit:
    """Read and score every reply three ways. A reply that is not read is wrong in that reading."""
    keys = [tuple(reply.options) for reply in replies]
    read = {
        mode: [
            read_choice(reply.text, own, mode, reply.options).key
            for reply, own in zip(replies, keys, strict=True)
        ]
        for mode in MODES
    }
    right = {
        mode: [float(key == reply.reference.key) for key, reply in zip(found, replies, strict=True)]
        for mode, found in read.items()
    }
    groups = [reply.case if reply.group is None else reply.group for reply in replies]
    listed = [
        Unreadable(reply.case, reply.text, read["strict"][i], read["lenient"][i])
        for i, reply in enumerate(replies)
        if read["standard"][i] is None
    ]
    return ReadingAudit(
        n=len(replies),
        accuracy={mode: estimate(values, groups) for mode, values in right.items()},
        unreadable_count={mode: sum(key is None for key in found) for mode, found in read.items()},
        difference={
            mode: _difference(right["standard"], right[mode], groups) for mode in ("strict", "lenient")
        },
        unreadable=listed,
    )


def _difference(
    standard: Sequence[float], other: Sequence[float], groups: Sequence[Hashable]
) -> tuple[float, Interval]:
    if not standard:
        return float("nan"), Interval(float("nan"), float("nan"))
    change = sum(b - a for a, b in zip(standard, other, strict=True)) / len(standard)
    return change, paired_bootstrap(standard, other, groups)
