"""TF-IDF: the cosine between the patient's and the disease's closed sets of terms, a plain baseline."""

from __future__ import annotations

import numpy as np

from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.ranker import Contribution, PerDisease, present_contributions, spread
from osler.registry import ranker


@ranker("tfidf", source="Salton & Buckley 1988, over closed HPO terms", fidelity="osler")
class TfIdf(PerDisease):
    """Cosine of closed term vectors: frequency times information content on the disease's side, information on the query's.

    score(d) = Σ_t IC(t)² f(t, d) / ( |IC over the query's closure| · |IC·f over d's closed profile| ).
    """

    score_unit = "cosine"
    contribution_unit = "parts of the cosine"
    additive = True

    def scores(self, matching: Matching) -> np.ndarray:
        """Cosine of each disease, 0 to 1 (float64[n])."""
        model = matching.model
        dots = closure_sums(matching, model.derived("tfidf", _products))
        return dots / (_query_norm(matching) * norms(model))

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """Each shared term's part of the cosine, shared out among the findings below it."""
        model = matching.model
        part = slice(int(model.closed_indptr[disease]), int(model.closed_indptr[disease + 1]))
        terms, share = model.closed_term[part], model.closed_frequency[part]
        shared = matching.in_closure[terms]
        norm = _query_norm(matching) * float(norms(model)[disease])
        values = model.information[terms[shared]].astype(np.float64) ** 2 * share[shared] / norm
        return present_contributions(matching, disease, spread(matching, terms[shared], values))


def closure_sums(matching: Matching, values: np.ndarray) -> np.ndarray:
    """Σ over the closure's terms of a value kept per posting (float64[n])."""
    model = matching.model
    parts = [model.posting(term) for term in matching.closure.tolist()]
    if not parts:
        return np.zeros(model.n)
    diseases = np.concatenate([model.post_disease[part] for part in parts])
    return np.bincount(diseases, np.concatenate([values[part] for part in parts]), model.n)


def _products(model: Model) -> np.ndarray:
    return model.post_information**2 * model.post_frequency


def norms(model: Model) -> np.ndarray:
    """Length of each disease's closed vector (float64[n]), computed once per model."""
    return model.derived("tfidf_norms", _norms)


def _norms(model: Model) -> np.ndarray:
    squares = (model.post_information * model.post_frequency).astype(np.float64) ** 2
    return np.sqrt(np.bincount(model.post_disease, squares, model.n)) + 1e-9


def _query_norm(matching: Matching) -> float:
    return float(np.sqrt((matching.model.information[matching.closure].astype(np.float64) ** 2).sum())) + 1e-9
