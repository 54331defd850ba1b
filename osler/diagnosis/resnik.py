"""Best-match information content: how specific are the ancestors that the patient's and the disease's findings share?"""

from __future__ import annotations

import numpy as np

from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Contribution, PerDisease, present_contributions
from osler.registry import ranker

# The disease's side counts less: a patient rarely shows everything that is known of a disease.
DISEASE_WEIGHT = 0.3


@ranker(
    "resnik",
    source="Resnik 1995; Köhler et al. 2009 (best-match average); the asymmetric weight is Osler's",
    fidelity="paper",
)
class Resnik(PerDisease):
    """Best-match information content (Resnik), query side in full and disease side at weight 0.3.

    score(d) = mean over findings q of max IC(a), a an ancestor of q in the closed profile of d
             + 0.3 · mean over profile terms t, weighted by frequency, of max IC(a), a an ancestor of t and of a finding.
    """

    score_unit = "nats of shared information content"
    contribution_unit = "nats of shared information content"
    additive = False

    def scores(self, matching: Matching) -> np.ndarray:
        """Score of each disease in nats (float64[n])."""
        return self.query_side(matching) + DISEASE_WEIGHT * disease_side(matching)

    @staticmethod
    def query_side(matching: Matching) -> np.ndarray:
        """Mean over the findings of the best shared information (float64[n])."""
        if not len(matching.present):
            return np.zeros(matching.model.n)
        return matching.best_sum("information", matching.model.post_information) / len(matching.present)

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """Each finding's share of the query side. The disease side belongs to no single finding and is left out."""
        best = matching.best_of(matching.model.post_information, disease)
        return present_contributions(matching, disease, best / max(len(best), 1))


def disease_side(matching: Matching) -> np.ndarray:
    """Mean over each profile's terms, weighted by frequency, of the best information shared with the query (float64[n])."""
    return (matching.model.weights @ matching.reach).astype(np.float64)
