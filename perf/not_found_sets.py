"""Questions and passages of five kinds, and small corpora drawn from them, to fit and test when an extractive answer is sure.

Kinds: MedQuAD's answers (a passage is right where its page is on the question's topic), the same strictly (only where it is of the
question's own answer, among answers on the same topics), PubMedQA's abstracts, their conclusions, and K-QA's single statements.
"""

from __future__ import annotations

import json
import math
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from not_found import bit, rows

from osler.knowledge.corpus.chunks import chunks
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.passages import Passage

SIZES = (5, 10, 30, 100, 1000, 10_000)
ANSWERS, TOPICS, LONGEST = (
    5000,
    600,
    6,
)  # answers drawn from MedQuAD, topics of the strict kind, passages of one answer


class Words(LexicalRetriever):
    """The words and stems of a retriever that has no index; `use` says how many passages it counts in, and how often each stem."""

    pages = False

    def __init__(self) -> None:
        self._stems: dict[str, tuple[str, ...]] = {}
        self._n, self._frequencies = 0, Counter[str]()

    def use(self, n: int, frequencies: Counter[str]) -> None:
        """Weigh by these passages from now on."""
        self._n, self._frequencies = n, frequencies

    @property
    def size(self) -> int:
        """The number of passages."""
        return self._n

    def frequency(self, stem: str) -> int:
        """In how many passages a stem is."""
        return self._frequencies[stem]

    def weight(self, stem: str) -> float:
        """BM25's weight of a stem."""
        n = self._frequencies[stem]
        return math.log1p((self._n - n + 0.5) / (n + 0.5))

    def stems_of(self, text: str) -> list[str]:
        """The stems of a text."""
        from osler.knowledge.corpus.extract import _stems

        return _stems(text, self)


class Pool:
    """All passages of a kind, and its questions with the documents that answer them."""

    def __init__(self, passages: list[Passage], questions: list[tuple[str, frozenset[str]]], words: Words):
        self.passages, self.questions, self.words = passages, questions, words
        self.counts = [Counter(words.stems_of(one.text)) for one in passages]
        self.lengths = np.array([one.total() for one in self.counts])
        self.holders: dict[str, list[int]] = defaultdict(list)
        self.of: dict[str, list[int]] = defaultdict(list)
        for at, (passage, count) in enumerate(zip(passages, self.counts, strict=True)):
            self.of[passage.document].append(at)
            for stem in count:
                self.holders[stem].append(at)

    def best(self, question: str, among: Sequence[int], top: int = 1) -> list[tuple[float, int]]:
        """BM25 score and place of the best of some passages; the words weigh by these passages afterwards."""
        chosen, n = set(among), len(among)
        usual = float(self.lengths[list(among)].mean())
        words = (one for word in self.words.content_words(question) for one in self.words.writings(word))
        stems = dict.fromkeys(stem for one in words for stem in one)
        hits = {stem: [at for at in self.holders.get(stem, ()) if at in chosen] for stem in stems}
        self.words.use(n, Counter({stem: len(found) for stem, found in hits.items()}))
        scores: dict[int, float] = defaultdict(float)
        for stem, found in hits.items():
            for at in found:
                often = self.counts[at][stem]
                norm = 1.2 * (0.25 + 0.75 * self.lengths[at] / usual)
                scores[at] += self.words.weight(stem) * often * 2.2 / (often + norm)
        return sorted(((score, at) for at, score in scores.items()), key=lambda one: (-one[0], one[1]))[:top]


def corpus(pool: Pool, size: int, chance: random.Random) -> tuple[str, frozenset[str], list[int]]:
    """A question and a corpus of about `size` passages: by one coin with one of its documents, by another with near misses."""
    question, right = chance.choice(pool.questions)
    inside, hard = chance.random() < 0.5, chance.random() < 0.5
    taken: set[int] = set()
    if hard:
        near = pool.best(question, range(len(pool.passages)), 60 + min(300, 2 * size))
        wrong = [at for _, at in near if pool.passages[at].document not in right]
        half = min(len(wrong), max(1, size // 2))
        taken.update(wrong[:half] if chance.random() < 0.5 else chance.sample(wrong, half))
    if inside and right:
        taken.update(pool.of[chance.choice(sorted(right))][: max(3, size)])
    documents = list(pool.of)
    for document in chance.sample(documents, min(len(documents), size)):
        if len(taken) >= size:
            break
        if document not in right:
            taken.update(pool.of[document])
    return question, right, sorted(taken)


def cut(document: str, text: str) -> Iterator[Passage]:
    """The first passages of a document."""
    for one, _ in zip(chunks(text), range(LONGEST), strict=False):
        yield Passage(text[one.start : one.end], document, one.start, one.end, "", 0.0)


def medquad(data: Path, chance: random.Random) -> tuple[list[Passage], list[tuple[str, frozenset[str]]]]:
    """MedQuAD by topic; topics of one coin, so that the other's are left to test whole corpora."""
    kept = [row for row in rows(data / "medquad" / "medquad.zip") if row.answer and not bit(row, 1)]
    kept = chance.sample(kept, min(ANSWERS, len(kept)))
    named: dict[str, set[str]] = defaultdict(set)
    for n, row in enumerate(kept):
        for name in row.names:
            named[name].add(str(n))
    asked = [(row.question, frozenset().union(*(named[name] for name in row.names))) for row in kept]
    return [one for n, row in enumerate(kept) for one in cut(str(n), row.answer)], asked


def strict(data: Path, chance: random.Random) -> tuple[list[Passage], list[tuple[str, frozenset[str]]]]:
    """MedQuAD by the question's own answer."""
    topics: dict[str, list] = defaultdict(list)
    for row in rows(data / "medquad" / "medquad.zip"):
        if row.answer:
            topics[min(row.names)].append(row)
    kept = [row for topic in chance.sample(sorted(topics), TOPICS) for row in topics[topic][:8]]
    asked = [(row.question, frozenset([str(n)])) for n, row in enumerate(kept)]
    return [one for n, row in enumerate(kept) for one in cut(str(n), row.answer)], asked


def pubmedqa(data: Path, whole: bool) -> tuple[list[Passage], list[tuple[str, frozenset[str]]]]:
    """PubMedQA: the parts of each abstract, or its conclusion alone."""
    given = json.loads((data / "pubmedqa" / "data" / "ori_pqal.json").read_text())
    asked = [(one["QUESTION"], frozenset([key])) for key, one in given.items()]
    texts = [
        (key, text)
        for key, one in given.items()
        for text in (one["CONTEXTS"] if whole else [one["LONG_ANSWER"]])
    ]
    return [Passage(text, key, 0, len(text), "", 0.0) for key, text in texts], asked


def kqa(data: Path) -> tuple[list[Passage], list[tuple[str, frozenset[str]]]]:
    """K-QA: each statement that an answer must or may hold."""
    lines = (data / "k-qa" / "dataset" / "questions_w_answers.jsonl").read_text().splitlines()
    given = [json.loads(line) for line in lines]
    asked = [(one["Question"], frozenset([str(n)])) for n, one in enumerate(given)]
    texts = [
        (str(n), text)
        for n, one in enumerate(given)
        for text in one["Must_have"] + one.get("Nice_to_have", [])
    ]
    return [Passage(text, key, 0, len(text), "", 0.0) for key, text in texts], asked


def pools(seed: int) -> dict[str, Pool]:
    """The five kinds."""
    data, chance, words = Path(os.environ["OSLER_DATA"]), random.Random(seed), Words()
    made = {
        "MedQuAD, topic": medquad(data, chance),
        "MedQuAD, own answer": strict(data, chance),
        "PubMedQA, abstract": pubmedqa(data, True),
        "PubMedQA, conclusion": pubmedqa(data, False),
        "K-QA, statement": kqa(data),
    }
    return {name: Pool(*one, words) for name, one in made.items()}
