"""Precision, recall and F1 of annotated spans, per mention and per document. Knows nothing about what they mean."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Mention = tuple[int, int, str]  # start, end (half-open), id
_H = TypeVar("_H", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives; adds up over documents (micro average)."""

    true: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.true + other.true, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 0 where nothing was found."""
        return self.true / (self.true + self.false) if self.true else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 0 where nothing is there."""
        return self.true / (self.true + self.missed) if self.true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.true / (2 * self.true + self.false + self.missed) if self.true else 0.0

    def figures(self) -> dict[str, float]:
        """`{"P", "R", "F1"}`, rounded to four digits."""
        return {"P": round(self.precision, 4), "R": round(self.recall, 4), "F1": round(self.f1, 4)}


def count(found: Iterable[_H], gold: Iterable[_H]) -> Counts:
    """Compare two collections as sets."""
    found_set, gold_set = set(found), set(gold)
    both = len(found_set & gold_set)
    return Counts(both, len(found_set) - both, len(gold_set) - both)


def mention_counts(found: Sequence[Iterable[Mention]], gold: Sequence[Iterable[Mention]]) -> Counts:
    """Micro counts over documents, where a mention is right when start, end and id are."""
    return sum((count(f, g) for f, g in zip(found, gold, strict=True)), Counts())


def document_counts(found: Sequence[Iterable[Mention]], gold: Sequence[Iterable[Mention]]) -> Counts:
    """Micro counts over documents of the distinct ids in each, wherever they stand."""
    pairs = zip(found, gold, strict=True)
    return sum((count({m[2] for m in f}, {m[2] for m in g}) for f, g in pairs), Counts())
