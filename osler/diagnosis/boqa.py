"""BOQA: a Bayesian network of ontology terms, with frequencies."""

from __future__ import annotations

import numpy as np

from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.ranker import Contribution, PerDisease, present_contributions, spread, stated_frequency
from osler.diagnosis.tfidf import closure_sums
from osler.registry import ranker

# Rates at which a term is observed without the disease's having it, and not observed although it has.
FALSE_POSITIVE = 0.002
FALSE_NEGATIVE = 0.3


@ranker(
    "boqa",
    source="Bauer et al. 2012; frequencies are marginalised term by term instead of over whole configurations",
    fidelity="paper",
)
class Boqa(PerDisease):
    """Bayesian network over terms (BOQA): hidden terms of the disease, observed terms of the patient.

    An observed term can be on only when all its parents are. With p = f (1 − β) + (1 − f) α, f the closed frequency,
    score(d) = Σ over observed t of ln(p / α) + Σ over unobserved t with all parents observed of ln((1 − p) / (1 − α)),
    the log likelihood against a disease without findings. α = 0.002, β = 0.3.
    """

    score_unit = "nats (log likelihood against an empty profile)"
    contribution_unit = "nats (log likelihood against an empty profile)"
    additive = True

    def scores(self, matching: Matching) -> np.ndarray:
        """Log likelihood of each disease against an empty profile, in nats (float64[n])."""
        hits, misses = matching.model.derived("boqa", _tables)
        model, edge = matching.model, frontier(matching)
        parts = [model.posting(term) for term in edge.tolist()]
        score = closure_sums(matching, hits)
        if parts:
            diseases = np.concatenate([model.post_disease[part] for part in parts])
            score += np.bincount(diseases, np.concatenate([misses[part] for part in parts]), model.n)
        return score

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """Hits shared out among the findings below them, and each term that could have been observed and was not."""
        model = matching.model
        part = slice(int(model.closed_indptr[disease]), int(model.closed_indptr[disease + 1]))
        terms = model.closed_term[part]
        hit, miss = log_odds(model.closed_frequency[part])
        seen = matching.in_closure[terms]
        found = present_contributions(matching, disease, spread(matching, terms[seen], hit[seen]))
        unseen = np.isin(terms, frontier(matching))
        for term, value in zip(terms[unseen].tolist(), miss[unseen].tolist(), strict=True):
            frequency = stated_frequency(matching, disease, term)
            found.append(Contribution(term, value, "missing", term, frequency))
        return found


def frontier(matching: Matching) -> np.ndarray:
    """Terms outside the query's closure all of whose parents lie in it (int32, sorted)."""
    ontology, inside = matching.model.ontology, matching.in_closure
    if not len(matching.closure):
        return np.empty(0, np.int32)
    children = np.unique(np.concatenate([ontology.children.row(int(t)) for t in matching.closure]))
    children = children[~inside[children]]
    parents = ontology.parents
    kept = [
        t
        for t in children.tolist()
        if inside[parents.indices[parents.indptr[t] : parents.indptr[t + 1]]].all()
    ]
    return np.array(kept, np.int32)


def _tables(model: Model) -> tuple[np.ndarray, np.ndarray]:
    return log_odds(model.post_frequency)


def log_odds(frequency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ln(p / α) and ln((1 − p) / (1 − α)) of closed frequencies (float64)."""
    share = np.asarray(frequency, np.float64)
    chance = share * (1 - FALSE_NEGATIVE) + (1 - share) * FALSE_POSITIVE
    return np.log(chance / FALSE_POSITIVE), np.log((1 - chance) / (1 - FALSE_POSITIVE))
