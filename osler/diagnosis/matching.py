"""One query against one model: what all rankers look at, computed once and shared.

Knows nothing of how a ranker weighs it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from osler.diagnosis.model import Model
from osler.diagnosis.query import Query


class Matching:
    """Where a query's findings meet the closed profiles of a model; every part is computed on first use."""

    def __init__(self, model: Model, query: Query):
        self.model, self.query = model, query
        self.present = query.present
        self.absent = query.absent
        self._below: dict[int, np.ndarray] = {}

    @cached_property
    def postings(self) -> np.ndarray:
        """Posting of the most informative common ancestor of each present finding and disease (int32[k, n], -1: none)."""
        if not len(self.present):
            return np.empty((0, self.model.n), np.int32)
        return np.stack([self.model.best_posting(int(term)) for term in self.present])

    @cached_property
    def closure(self) -> np.ndarray:
        """The present findings and their phenotypic ancestors, by rising information (int32)."""
        if not len(self.present):
            return np.empty(0, np.int32)
        terms = np.unique(np.concatenate([self.model.climb.row(int(t)) for t in self.present]))
        return terms[np.argsort(self.model.information[terms], kind="stable")]

    @cached_property
    def in_closure(self) -> np.ndarray:
        """Whether a term lies in the closure (bool[terms])."""
        inside = np.zeros(self.model.terms, bool)
        inside[self.closure] = True
        return inside

    @cached_property
    def reach(self) -> np.ndarray:
        """Largest information of an ancestor of each term that lies in the closure (float32[terms]).

        Walked down from the least informative: each ancestor overwrites what lies under it.
        """
        information, below = self.model.information, self.model.ontology.descendants
        result = np.zeros(self.model.terms, np.float32)
        for term in self.closure.tolist():
            result[below.indices[below.indptr[term] : below.indptr[term + 1]]] = information[term]
        return result

    @cached_property
    def denied(self) -> np.ndarray:
        """Whether a term is an absent finding or lies under one (bool[terms])."""
        return self._under(self.absent)

    @cached_property
    def looked_for(self) -> np.ndarray:
        """The same for the absent findings that a case report lists as excluded (bool[terms])."""
        return self._under(self.query.looked_for)

    @cached_property
    def stated_absent(self) -> np.ndarray:
        """The same for the absent findings that were said or asked one by one (bool[terms])."""
        return self._under(np.setdiff1d(self.absent, self.query.looked_for))

    def _under(self, terms: np.ndarray) -> np.ndarray:
        below = self.model.ontology.descendants
        result = np.zeros(self.model.terms, bool)
        for term in terms.tolist():
            result[below.row(term)] = True
        return result

    def best_sum(self, name: str, values: np.ndarray) -> np.ndarray:
        """Sum over the present findings of a posting value at their best matches (float64[n], 0 where nothing is shared).

        `name` is what the model keeps the rows of lately used terms under.
        """
        total = np.zeros(self.model.n)
        for term in self.present.tolist():
            total += self.model.best_values(name, values, term)
        return total

    def best_of(self, values: np.ndarray, disease: int) -> np.ndarray:
        """Posting values at the best matches of each present finding in one disease (float64[k])."""
        rows = [self.model.best_posting(term) for term in self.present.tolist()]
        posting = np.array([row[disease] for row in rows], np.int64)
        return (
            np.where(posting >= 0, values[posting], 0.0).astype(np.float64)
            if len(values)
            else np.zeros(len(rows))
        )

    def below(self, term: int) -> np.ndarray:
        """Which terms are `term` or lie under it (bool[terms]), kept for the next asking."""
        if term not in self._below:
            self._below[term] = self._under(np.array([term]))
        return self._below[term]
