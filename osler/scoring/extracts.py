"""Extracts of a text against the gold ones: exact match of spans and of words, and their overlap in characters and words.

A span is right exactly when start and end are; `span_exact` is whether all spans of an answer are the gold ones. Overlap is F1 of
the characters in any span, and of the words (each as often as both have it). Strings are compared without letter case,
punctuation and layout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from osler.registry import scorer
from osler.scoring.rouge import words
from osler.scoring.spans import Counts

Place = tuple[str, int, int]  # note, start, end


@scorer(
    "extracts",
    source="exact match and word overlap, as Toward Human Centered Interactive Clinical QA 2025 reports them",
)
def extracts(said: Sequence[Place], gold: Sequence[Place], texts: dict[str, str]) -> dict[str, float]:
    """`span_exact`, `text_exact`, and F1 of overlap in characters and in words, 0 to 1. `texts` are the notes by id."""
    one, other = _letters(said), _letters(gold)
    mine, right = _said(said, texts), _said(gold, texts)
    both = sum((Counter(mine) & Counter(right)).values())
    return {
        "span_exact": float(set(said) == set(gold)),
        "text_exact": float(mine == right),
        "character_overlap": Counts(len(one & other), len(one - other), len(other - one)).f1,
        "word_overlap": Counts(both, len(mine) - both, len(right) - both).f1,
    }


def _letters(places: Iterable[Place]) -> set[tuple[str, int]]:
    return {(note, at) for note, start, end in places for at in range(start, end)}


def _said(places: Iterable[Place], texts: dict[str, str]) -> list[str]:
    return [word for note, start, end in sorted(places) for word in words(texts[note][start:end])]
