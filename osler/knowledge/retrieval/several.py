"""Several corpora as one: each is searched, and what fits the query best stands first, whichever corpus it is from.

How probably a passage fits compares across corpora (see `by_fit`), their scores do not. For a vector alone there is no question to
hold a passage against: those lists are fused by rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import by_fit, rrf
from osler.passages import Encoder, Filters, Fit, Passage, Retriever, Texts, VectorRetriever


class Several:
    """The corpora of a run behind one name. `Filters.corpus` picks one of them. One alone keeps its scores."""

    def __init__(self, retrievers: Sequence[Retriever]) -> None:
        self.retrievers = {one.name: one for one in retrievers}
        self.name = ", ".join(self.retrievers)
        self.slow = any(getattr(one, "slow", False) for one in retrievers)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages of all the corpora, best first. Raises UsageError for a corpus that the run has not."""
        lists = self._lists(filters, lambda one, rest: one.search(query, top, rest))
        if len(lists) == 1:
            return lists[0]
        order = by_fit(query, lists, list(self.retrievers.values()))[:top]
        return [lists[place][rank]._replace(score=sure) for sure, place, rank in order]

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage against the question, by the corpus that it comes from."""
        owner = self.retrievers.get(passage.corpus) or next(iter(self.retrievers.values()))
        return owner.fit(question, passage)

    def text_of(self, passage: Passage) -> str | None:
        """The whole text of a passage's document, where its corpus can give it."""
        owner = self.retrievers.get(passage.corpus)
        return owner.text_of(passage) if isinstance(owner, Texts) else None

    def _lists(
        self, filters: Filters | None, find: Callable[[Retriever, Filters | None], list[Passage]]
    ) -> list[list[Passage]]:
        """What each corpus finds, or the one that the filters name."""
        if filters is not None and filters.corpus is not None:
            owner, rest = self._named(filters.corpus), replace(filters, corpus=None)
            return [find(owner, rest if rest != Filters() else None)]
        rest = filters if filters != Filters() else None
        return [find(one, rest) for one in self.retrievers.values()]

    def _named(self, name: str) -> Retriever:
        if name not in self.retrievers:
            raise UsageError(f"the run has no corpus {name!r} (it has: {self.name}); name it with --corpus")
        return self.retrievers[name]


class SeveralVectors(Several):
    """Corpora that all have vectors, by one encoder."""

    def __init__(self, retrievers: Sequence[VectorRetriever]) -> None:
        super().__init__(retrievers)
        self.encoder: Encoder = retrievers[0].encoder

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages of all the corpora, the nearest first; `vector` is float32 [dimensions]."""
        lists = self._lists(filters, lambda one, rest: one.nearest(vector, top, rest))  # type: ignore[attr-defined]
        return lists[0] if len(lists) == 1 else rrf(lists)[:top]


def together(retrievers: Sequence[Retriever]) -> Several:
    """Corpora as one retriever; with vectors where all have them."""
    vectors = [one for one in retrievers if isinstance(one, VectorRetriever)]
    return SeveralVectors(vectors) if len(vectors) == len(retrievers) else Several(retrievers)
