"""Words and vectors together: BM25's list and the nearest vectors' list of one corpus, fused by rank."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import numpy as np

from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import RRF_K, rrf, rrf_top, weighted
from osler.passages import Filters, Fit, Passage, Retriever, Texts, VectorRetriever

if TYPE_CHECKING:
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.dense.retriever import DenseRetriever

# Each list gives at least so many candidates, and at least twice what is asked for (as the MedRAG toolkit does).
CANDIDATES = 100


# hybrid fuses by rank, hybrid-score by scores; a number is the weight of the vectors' list, where that of the words' is 1.
_WAY = re.compile(r"hybrid(-score)?(?::(\d{1,3}(?:\.\d{1,3})?))?")


def is_hybrid(way: str) -> bool:
    """Whether a way of retrieving is both: hybrid, hybrid:2, hybrid-score:0.5 …"""
    return _WAY.fullmatch(way) is not None


class Hybrid:
    """A corpus searched both ways. `weights` are those of the words' list and of the vectors' list."""

    def __init__(
        self,
        words: Retriever,
        vectors: VectorRetriever,
        k: float = RRF_K,
        weights: tuple[float, float] = (1.0, 1.0),
        by: str = "rank",
    ) -> None:
        if by not in ("rank", "score"):
            raise UsageError(f"lists are fused by rank or by score, not by {by!r}")
        self.words, self.vectors, self.k, self.weights, self.by = words, vectors, k, weights, by
        self.name, self.encoder = words.name, vectors.encoder
        self._one_corpus = _same_corpus(words, vectors)
        self.about = {**getattr(vectors, "about", {}), "retrieval": "hybrid"}
        self.slow = getattr(words, "slow", False) or getattr(vectors, "slow", False)

    @classmethod
    def of(cls, words: Retriever, vectors: VectorRetriever, way: str = "hybrid") -> Hybrid:
        """As a way of retrieving says: `hybrid`, `hybrid:WEIGHT`, `hybrid-score` or `hybrid-score:WEIGHT`."""
        found = _WAY.fullmatch(way)
        if found is None:
            raise UsageError(f"{way!r} is no way of searching both ways; write hybrid or hybrid:WEIGHT")
        weight = float(found[2]) if found[2] else 1.0
        made = cls(words, vectors, weights=(1.0, weight), by="score" if found[1] else "rank")
        made.about["retrieval"] = way
        return made

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, best first by both lists together. Raises as the two retrievers do."""
        many = max(2 * top, CANDIDATES)
        if self._one_corpus and self.by == "rank":
            return self._by_number(query, top, many, filters)
        lists = [one.search(query, many, filters) for one in (self.words, self.vectors)]
        fused = rrf(lists, self.k, self.weights) if self.by == "rank" else weighted(lists, self.weights)
        return fused[:top]

    def _by_number(self, query: str, top: int, many: int, filters: Filters | None) -> list[Passage]:
        """The same by the passages' numbers in their corpus: only those that are given back are read from it."""
        words, vectors = cast("LexicalRetriever", self.words), cast("DenseRetriever", self.vectors)
        by_words = [number for _, number in words.numbers(query, many, filters)]
        fused = rrf_top(by_words, vectors.order(query, many, filters), top, self.k, self.weights)
        return [vectors.passage(number, score) for number, score in fused]

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to a vector: words have no say in it."""
        return self.vectors.nearest(vector, top, filters)

    def text_of(self, passage: Passage) -> str | None:
        """The whole text of a passage's document, where the list by words or by vectors can give it."""
        owner = next((one for one in (self.words, self.vectors) if isinstance(one, Texts)), None)
        return owner.text_of(passage) if owner is not None else None

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage against the question by its words, whose calibration is known."""
        return self.words.fit(question, passage)


def _same_corpus(words: Retriever, vectors: VectorRetriever) -> bool:
    """Whether both are Osler's own over one corpus, so that their numbers name the same passages."""
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.dense.retriever import DenseRetriever

    own = type(words) is LexicalRetriever and type(vectors) is DenseRetriever
    return own and words.name == vectors.name
