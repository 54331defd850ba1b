"""Naive Bayes over complete tables: for knowledge that states the probability of every finding in every disease."""

from __future__ import annotations

import numpy as np

from osler.diagnosis.likelihood_ratio import posting_of
from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Contribution, PerDisease, stated_frequency
from osler.registry import ranker

# A table drawn from patients calls impossible what it never saw.
FLOOR = 1e-3


@ranker(
    "naive-bayes",
    source="Warner et al. 1961; for tables of P(finding | disease) such as DDXPlus",
    fidelity="osler",
)
class NaiveBayes(PerDisease):
    """Naive Bayes over complete tables: log likelihood of the present and the absent findings.

    score(d) = Σ over present of ln f(t, d) + Σ over absent of ln(1 − f(t, d)), f kept within 0.001 and 0.999. Made for knowledge whose tables are complete; the default on such knowledge. Priors enter the posterior.
    """

    score_unit = "nats (log likelihood)"
    contribution_unit = "nats (log likelihood ratio to the mean disease)"
    additive = False

    def scores(self, matching: Matching) -> np.ndarray:
        """Log likelihood of the findings in each disease, in nats (float64[n])."""
        model = matching.model
        score = np.zeros(model.n)
        for terms, there in ((matching.present, True), (matching.absent, False)):
            for term in terms.tolist():
                share = np.zeros(model.n)
                part = model.posting(term)
                share[model.post_disease[part]] = model.post_frequency[part]
                score += _log(share, there)
        return score

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """ln of each finding's probability in the disease over its mean probability in all diseases."""
        model, found = matching.model, []
        for terms, there in ((matching.present, True), (matching.absent, False)):
            for term in terms.tolist():
                posting = posting_of(model, term, disease)
                share = np.array([model.post_frequency[posting] if posting >= 0 else 0.0])
                usual = np.array([float(model.post_frequency[model.posting(term)].sum()) / max(model.n, 1)])
                value = float((_log(share, there) - _log(usual, there))[0])
                frequency = stated_frequency(matching, disease, term) if posting >= 0 else None
                kind = "present" if there else "absent"
                found.append(Contribution(term, value, kind, term if posting >= 0 else -1, frequency))
        return found


def _log(share: np.ndarray, there: bool) -> np.ndarray:
    kept = np.clip(share.astype(np.float64), FLOOR, 1 - FLOOR)
    return np.log(kept) if there else np.log1p(-kept)
