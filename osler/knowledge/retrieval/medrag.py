"""Fusion as in the MedRAG toolkit: each way of searching pools its corpora by score, and the ways are fused by rank.

Source: Xiong et al. 2024 (arXiv 2402.13178), checked against the released code: score(passage) = Σ over ways 1 / (k + rank) with
k = 100, ranks from 1, each way giving max(2 · top, 100) candidates. Scores of one way are compared across corpora, as there.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from osler.knowledge.retrieval.fusion import rrf
from osler.knowledge.retrieval.hybrid import CANDIDATES, Hybrid
from osler.knowledge.retrieval.several import Several
from osler.passages import Filters, Fit, Passage, Retriever

RRF_K = 100


class Pooled:
    """A run's corpora searched as the toolkit does. Corpora by words and vectors count as two ways; so do unlike services."""

    def __init__(self, whole: Retriever, k: float = RRF_K) -> None:
        self.name, self.k, self._whole = whole.name, k, whole
        self.slow = getattr(whole, "slow", False)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages. Raises as the corpora do."""
        ways = self._ways(filters)
        if not ways:  # no corpus of that name: the run's own retriever says so
            return self._whole.search(query, top, filters)
        if filters is not None and filters.corpus is not None:
            filters = replace(filters, corpus=None)
        many = top if len(ways) == 1 else max(2 * top, CANDIDATES)
        lists = []
        for parts in ways.values():
            found = chain.from_iterable(part.search(query, many, filters) for part in parts)
            lists.append(sorted(found, key=lambda passage: -passage.score)[:many])
        return (lists[0] if len(lists) == 1 else rrf(lists, self.k))[:top]

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage against the question, as its corpus does."""
        return self._whole.fit(question, passage)

    def _ways(self, filters: Filters | None) -> dict[str, list[Retriever]]:
        """The retrievers by the way they search; corpora that a filter leaves out are left out."""
        wanted = filters.corpus if filters is not None else None
        corpora = self._whole.retrievers.values() if isinstance(self._whole, Several) else [self._whole]
        ways: dict[str, list[Retriever]] = {}
        for corpus in corpora:
            if wanted is None or corpus.name == wanted:
                for part in (corpus.words, corpus.vectors) if isinstance(corpus, Hybrid) else (corpus,):
                    ways.setdefault(type(part).__name__, []).append(part)
        return ways
