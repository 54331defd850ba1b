"""Entity spans with classes scored in three ways; builds on the counts of spans.py. Knows no corpus.

strict    start, end and class are the gold's
partial   same class and at least one character shared; each gold and each found span is used once
token     every word inside a span carries its class; words are compared one by one
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from osler.registry import scorer
from osler.scoring.spans import Counts, count

_WORD = re.compile(r"\w+|[^\w\s]")


class Entity(NamedTuple):
    """A half-open range of characters and a class."""

    start: int
    end: int
    label: str


Spans = Sequence[Sequence[Entity]]


@scorer("entity F1, strict", source="exact boundaries and class (CoNLL-2003)")
def strict_counts(found: Spans, gold: Spans) -> Counts:
    """Micro counts over documents of spans with the gold's boundaries and class."""
    return sum((count(f, g) for f, g in zip(found, gold, strict=True)), Counts())


@scorer("entity F1, partial", source="overlap with the right class, one to one")
def partial_counts(found: Spans, gold: Spans) -> Counts:
    """Micro counts over documents of spans that share a character and the class with a gold span of their own."""
    return sum((_overlapping(set(f), set(g)) for f, g in zip(found, gold, strict=True)), Counts())


@scorer("entity F1, token", source="word-level labels")
def token_counts(found: Spans, gold: Spans, texts: Sequence[str]) -> Counts:
    """Micro counts over documents of (word, class) pairs; a word is in a span when it overlaps it."""
    total = Counts()
    for f, g, text in zip(found, gold, texts, strict=True):
        words = [match.span() for match in _WORD.finditer(text)]
        total += count(_labelled(words, f), _labelled(words, g))
    return total


def _overlapping(found: set[Entity], gold: set[Entity]) -> Counts:
    """Pair spans from left to right, by their ends: with intervals this gives the most pairs."""
    free = sorted(gold, key=lambda entity: (entity.end, entity.start))
    pairs = 0
    for span in sorted(found, key=lambda entity: (entity.end, entity.start)):
        mate = next(
            (g for g in free if g.label == span.label and g.start < span.end and span.start < g.end), None
        )
        if mate is not None:
            free.remove(mate)
            pairs += 1
    return Counts(pairs, len(found) - pairs, len(gold) - pairs)


def _labelled(words: Sequence[tuple[int, int]], entities: Sequence[Entity]) -> set[tuple[int, str]]:
    return {(start, e.label) for start, end in words for e in entities if e.start < end and start < e.end}
