"""An answer without a language model: the best passages as they stand, the words that speak for them, and how sure that is.

Nothing is put into words here: what is shown is quoted, with its place. How sure: the probability that the best passage is
about what was asked, a logistic function of two figures that do not depend on a corpus's size,

    rarest     share of the question's heaviest third of words (names of diseases and drugs, mostly), each by its BM25 weight,
               that the passage holds
    strength   the passage's score as a share of the most that BM25 can give to all words of the question

fitted on MedQuAD (see docs/corpora.md and perf/not_found.py): half of its topics were indexed, answers only, and questions on
topics of either half asked. The method says "not found" below one half.

A corpus of pages (each about one thing that its title names: profiles, drugs, calculators) answers in lists, not in sentences
that repeat the question, so that its strength is low however well it fits. There other figures count, without the words that only
say what is asked ("which drugs treat …"), fitted on questions about either half of those three corpora:

    coverage   share of the words, by weight, that the passage, its title and its section hold
    whole      1 where they hold all of them
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple, Protocol

from osler.knowledge.corpus.unspaced import joined, spaced, words_at
from osler.passages import Fit, Passage

INTERCEPT, RAREST, STRENGTH = -5.8, 1.5, 7.3
PAGES_INTERCEPT, COVERAGE, WHOLE = -7.7, 7.4, 2.6
# Words that say what is asked about a thing, not which thing: a page of findings or drugs rarely repeats them.
_ASKING = """
drug drugs medicine medicines medication medications treat treats treated treating treatment treatments therapy therapies relieve
relieves help helps against cause causes caused causing symptom symptoms sign signs feature features finding findings use used uses
useful indication indications indicated effective inherit inherited inheritance mean means meaning meant define definition definitions
calculate calculated calculates calculator formula input inputs interpret interpreted interpretation hold holds work works often occur
occurs happen happens disease diseases condition conditions disorder disorders information common outlook people affected
diagnose diagnosed diagnosis risk prevent prevented prevention
"""
ASKING = frozenset(_ASKING.split())
_MOST = 2.2  # k1 + 1: what a word of weight 1 gives at most
_WORD = re.compile(r"[^\W_]+")


class Weigher(Protocol):
    """What is asked of a retriever besides searching: a query's words, their stems and weights.

    `pages` is true where each document is about one thing that its title names.
    """

    pages: bool

    def content_words(self, text: str) -> list[str]:
        """The words of a query that count."""
        ...

    def stems(self, word: str) -> tuple[str, ...]:
        """A word's stems."""
        ...

    def weight(self, stem: str) -> float:
        """A stem's BM25 weight."""
        ...

    def writings(self, word: str) -> list[tuple[str, ...]]:
        """The stems of each writing of a word, its own first."""
        ...


class Figures(NamedTuple):
    """`rarest` and `strength` of a passage, or its `coverage` (see above), and the stems of the question's words that it holds."""

    rarest: float
    strength: float
    held: frozenset[str]
    coverage: float = 0.0
    pages: bool = False

    @property
    def probability(self) -> float:
        """That the passage is about what was asked."""
        if self.pages:
            whole = WHOLE if self.coverage > 0.999 else 0.0
            return 1 / (1 + math.exp(-(PAGES_INTERCEPT + COVERAGE * self.coverage + whole)))
        return 1 / (1 + math.exp(-(INTERCEPT + RAREST * self.rarest + STRENGTH * self.strength)))


def fit(question: str, passage: Passage, weigher: Weigher) -> Fit:
    """Hold a passage against a question: how probably it is about it, and where the question's words stand in it."""
    found = figures(question, passage, weigher)
    spans = [
        (start, end)
        for start, end, word in words_at(passage.text)
        if any(stem in found.held for stem in weigher.stems(word.lower()))
    ]
    return Fit(found.probability, joined(spans))


def figures(question: str, passage: Passage, weigher: Weigher) -> Figures:
    """The figures of a passage; its title and section count. A word of the question is held in any of its writings."""
    words = weigher.content_words(question)
    if weigher.pages:
        words = [word for word in words if word not in ASKING] or words
    writings = {word: found for word in words if (found := weigher.writings(word))}
    weights = {word: max(weigher.weight(stem) for stem in found[0]) for word, found in writings.items()}
    there = {stem for one in (passage.title, passage.section, passage.text) for stem in _stems(one, weigher)}
    held = {word for word, found in writings.items() if any(there.issuperset(stems) for stems in found)}
    heavy = sorted(weights, key=lambda word: (-weights[word], word))[: max(1, math.ceil(len(weights) / 3))]
    stems = frozenset(stem for word in held for one in writings[word] for stem in one)
    whole, most = sum(weights[word] for word in heavy), _MOST * sum(weights.values())
    rarest = sum(weights[word] for word in heavy if word in held) / whole if whole else 0.0
    every = sum(weights.values())
    coverage = sum(weights[word] for word in held) / every if every else 0.0
    return Figures(
        rarest, min(1.0, passage.score / most) if most else 0.0, stems, min(1.0, coverage), weigher.pages
    )


def _stems(text: str, weigher: Weigher) -> set[str]:
    return {stem for word in set(_WORD.findall(spaced(text.lower()))) for stem in weigher.stems(word)}
