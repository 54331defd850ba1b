"""Words and vectors together: BM25's list and the nearest vectors' list of one corpus, fused by rank."""

from __future__ import annotations

import numpy as np

from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import RRF_K, rrf, weighted, with_own_score
from osler.passages import Filters, Fit, Passage, Retriever, VectorRetriever

# Each list gives at least so many candidates, and at least twice what is asked for (as the MedRAG toolkit does).
CANDIDATES = 100


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
        self.about = {**getattr(vectors, "about", {}), "retrieval": "hybrid"}
        self.slow = getattr(words, "slow", False) or getattr(vectors, "slow", False)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, best first by both lists together. Raises as the two retrievers do."""
        many = max(2 * top, CANDIDATES)
        lists = [one.search(query, many, filters) for one in (self.words, self.vectors)]
        fused = rrf(lists, self.k, self.weights) if self.by == "rank" else weighted(lists, self.weights)
        return fused[:top]

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to a vector: words have no say in it."""
        return self.vectors.nearest(vector, top, filters)

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage against the question by its words: the calibration is that of BM25's scores."""
        return self.words.fit(question, with_own_score(self.words, question, passage, CANDIDATES))
