"""An answer without a language model: the best passages as they stand, the words that speak for them, and how sure that is.

Nothing is put into words here: what is shown is quoted, with its place. How sure: the probability that the best passage is
about what was asked, a logistic function of figures that hold for three passages as for 100,000. Each word of the question
weighs what it tells (word_weights.py: rarity in the corpus, blended with that in medical writing at large); words that only say
what is asked ("which drugs treat …") do not count unless there are no others. A word is held by the passage, its title or its
section, in any of its writings; four fifths where only its stem's ending differs.

    coverage   share of the weight that is held
    sentence   the same, within the passage's best sentence and its headings
    strength   the BM25 score by these weights, as a share of the most that it can be
    told       ln(1 + weight held): one rare word by chance is less than three
    heaviest   weight of the heaviest word that is held
    size       ln of the number of passages: among many, more fit by chance

fitted on passages of MedQuAD, abstracts and conclusions of PubMedQA and statements of K-QA, drawn as corpora of 5 to 10,000
passages, with and without the passage asked for (see docs/corpora.md and perf/not_found_sizes.py). The method says "not found"
below one half.

A corpus of pages (each about one thing that its title names: profiles, drugs, calculators) answers in lists, not in sentences
that repeat the question. There two figures count, by the corpus's own weights, fitted on questions about either half of those
three corpora (perf/not_found_pages.py):

    coverage   share of the words, by weight, that the passage, its title and its section hold
    whole      1 where they hold all of them
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection
from operator import mul
from typing import NamedTuple, Protocol

from osler.knowledge.corpus.unspaced import joined, spaced, words_at
from osler.knowledge.corpus.word_weights import blended
from osler.passages import Fit, Passage

# Intercept, coverage, sentence, strength, told, heaviest, size.
WEIGHTS = (-7.302, 0.429, 1.271, 2.584, 2.062, 0.315, -0.292)
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
_K1, _B, _USUAL = 1.2, 0.75, 107  # BM25's, and a passage's usual number of words
_NEARLY = 0.8
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\n+")


class Weigher(Protocol):
    """What is asked of a retriever besides searching: a query's words, their stems, and in how many passages those are.

    `pages` is true where each document is about one thing that its title names; `size` is the number of passages.
    """

    pages: bool

    @property
    def size(self) -> int:
        """The number of passages."""
        ...

    def content_words(self, text: str) -> list[str]:
        """The words of a query that count."""
        ...

    def stems(self, word: str) -> tuple[str, ...]:
        """A word's stems."""
        ...

    def frequency(self, stem: str) -> int:
        """In how many passages a stem is."""
        ...

    def weight(self, stem: str) -> float:
        """A stem's BM25 weight."""
        ...

    def writings(self, word: str) -> list[tuple[str, ...]]:
        """The stems of each writing of a word, its own first."""
        ...


class Figures(NamedTuple):
    """The figures of a passage (see above), and the stems that speak for it. `size` is a logarithm."""

    coverage: float = 0.0
    sentence: float = 0.0
    strength: float = 0.0
    told: float = 0.0
    heaviest: float = 0.0
    size: float = 0.0
    held: frozenset[str] = frozenset()
    pages: bool = False

    @property
    def probability(self) -> float:
        """That the passage is about what was asked."""
        if self.pages:
            whole = WHOLE if self.coverage > 0.999 else 0.0
            return 1 / (1 + math.exp(-(PAGES_INTERCEPT + COVERAGE * self.coverage + whole)))
        return 1 / (1 + math.exp(-sum(map(mul, WEIGHTS, (1.0, *self[:6])))))


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
    all_words = weigher.content_words(question)
    words = [word for word in all_words if word not in ASKING] or all_words
    heads = Counter(_stems(f"{passage.title} {passage.section}", weigher))
    counts = heads + Counter(_stems(passage.text, weigher))
    if weigher.pages:
        return _of_page(words, counts, weigher)
    near = _Near(counts)
    wanted = {word: found for word in words if (found := weigher.writings(word))}
    weights = {
        word: max(blended(stem, weigher.frequency(stem), weigher.size) for stem in found[0])
        for word, found in wanted.items()
    }
    held = {word: near.held(found, counts) for word, found in wanted.items()}
    every = sum(weights.values()) or 1.0
    gained = {word: weights[word] * share for word, share in held.items() if share}
    told = sum(gained.values())
    sentences = (
        heads.keys() | set(_stems(one, weigher)) for one in _SENTENCE.split(passage.text) if one.strip()
    )
    best = max(
        (sum(weights[word] * near.held(wanted[word], one) for word in gained) for one in sentences),
        default=0.0,
    )
    norm = _K1 * (1 - _B + _B * counts.total() / _USUAL)
    often = {word: max(_NEARLY, *(min(counts[s] for s in one) for one in wanted[word])) for word in gained}
    score = sum(weights[word] * n / (n + norm) for word, n in often.items())
    speak = (stem for word in all_words for one in weigher.writings(word) for stem in one)
    return Figures(
        told / every, best / every, score / every, math.log1p(told), max((weights[w] for w in gained), default=0.0),
        math.log(max(1, weigher.size)), frozenset(speak) | near.met,
    )  # fmt: skip


def _of_page(words: list[str], counts: Counter[str], weigher: Weigher) -> Figures:
    """The coverage of a page, by the corpus's own weights."""
    writings = {word: found for word in words if (found := weigher.writings(word))}
    weights = {word: max(weigher.weight(stem) for stem in found[0]) for word, found in writings.items()}
    held = {word for word, found in writings.items() if any(counts.keys() >= set(stems) for stems in found)}
    every = sum(weights.values())
    coverage = sum(weights[word] for word in held) / every if every else 0.0
    stems = frozenset(stem for word in held for one in writings[word] for stem in one)
    return Figures(min(1.0, coverage), held=stems, pages=True)


class _Near:
    """Which stems of a passage differ from a question's in their ending only; those that were met are kept."""

    def __init__(self, there: Collection[str]) -> None:
        self._there, self._known = there, dict[str, frozenset[str]]()
        self.met: set[str] = set()

    def held(self, writings: list[tuple[str, ...]], among: Collection[str]) -> float:
        """1 where one of the writings is among the stems, `_NEARLY` where one nearly is, else 0."""
        if any(all(stem in among for stem in one) for one in writings):
            return 1.0
        if any(all(any(other in among for other in self._like(stem)) for stem in one) for one in writings):
            self.met.update(other for one in writings for stem in one for other in self._like(stem))
            return _NEARLY
        return 0.0

    def _like(self, stem: str) -> frozenset[str]:
        if (known := self._known.get(stem)) is None:
            known = frozenset(other for other in self._there if stem == other or _alike(stem, other))
            self._known[stem] = known
        return known


def _alike(one: str, other: str) -> bool:
    """Whether two stems begin alike and differ in at most three letters at the end: pregnant and pregnancy, not aspirin and aspirate."""
    if one[:6] != other[:6] or len(one) < 6:
        return False
    longest, both = max(len(one), len(other)), min(len(one), len(other))
    same = next((at for at in range(6, both) if one[at] != other[at]), both)
    return same >= longest - 3 and same >= 0.75 * longest


def _stems(text: str, weigher: Weigher) -> list[str]:
    return [stem for word in _WORD.findall(spaced(text.lower())) for stem in weigher.stems(word)]
