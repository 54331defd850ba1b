"""Searches terms or diseases again and again, for search as somebody types: the plain search, from an index."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import MOST_QUERY, Match, diseases_among, search_among
from osler.knowledge.word_index import WordIndex
from osler.ontology.hpo import Ontology


def diseases_of_terms(knowledge: Knowledge) -> np.ndarray:
    """How many diseases are said to have each term itself (int[terms])."""
    pairs = knowledge.pairs
    return np.bincount(pairs.term[pairs.negated == 0], minlength=len(knowledge.ontology))


class TermSearch:
    """Labels and synonyms of an ontology. Made once (a quarter of a second for the HPO), then quick.

    `search` gives what `osler.knowledge.search.search_terms` gives: the index only narrows down what is compared. With `knowledge`,
    of terms that match alike those that more of its diseases have come first.
    """

    def __init__(self, ontology: Ontology, knowledge: Knowledge | None = None) -> None:
        self.ontology = ontology
        self._common = None if knowledge is None else diseases_of_terms(knowledge)
        self.labels: list[str] = ontology.labels.tolist()
        entries = [(i, label, "name") for i, label in enumerate(self.labels)]
        self._index = WordIndex(entries + [(i, text, "synonym") for i, text in ontology.synonym_texts()])

    def search(self, query: str, limit: int = 10) -> list[Match]:
        """Terms for a query over ids, labels and synonyms, best first."""
        return search_among(self.ontology, query, self._index.near(query), self.labels, limit, self._common)


class DiseaseSearch:
    """Names of the diseases, and what else they are called: `others` are positions with a name.

    Without `others`, `search` gives what `osler.knowledge.search.search_diseases` gives.
    """

    def __init__(self, knowledge: Knowledge, others: Iterable[tuple[int, str]] = ()) -> None:
        self.knowledge = knowledge
        self.names: list[str] = knowledge.disease_names.tolist()
        entries = [(i, name, "name") for i, name in enumerate(self.names)]
        self._index = WordIndex(entries + [(i, text, "synonym") for i, text in others])

    def search(self, query: str, limit: int = 10) -> list[Match]:
        """Diseases for a query over ids and names, best first."""
        if len(query) > MOST_QUERY:
            return []
        return diseases_among(self.knowledge, query, self._index.near(query), self.names, limit)
