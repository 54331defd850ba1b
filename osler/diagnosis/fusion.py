"""The fitted fusion, Osler's default ranking: a quick score chooses candidates, a weighted sum of features ranks them."""

from __future__ import annotations

import numpy as np

from osler.diagnosis.features import FIXED, FIXED_NAMES, NAMES, features, first_stage
from osler.diagnosis.likelihood_ratio import LikelihoodRatio
from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Contribution, LeftOut
from osler.diagnosis.weights import Weights, fold_of, packaged
from osler.errors import SourceError
from osler.registry import ranker

__all__ = ["CANDIDATES", "Fusion", "fold_of"]

CANDIDATES = 200


@ranker(
    "embedded",
    source="Osler: conditional-logit fusion of resnik, likelihood-ratio, boqa, tfidf and profile features",
    fidelity="osler",
)
class Fusion:
    """Fitted fusion, the default: features of the best 200 candidates of a quick score, weighted and summed.

    score(d) = Σ_j w_j · clip((x_j(d) − mean_j) / scale_j, ±6) + Σ_k v_k x_k(d), x_j as listed in `features.FEATURES`, x_k
    in `features.FIXED`; diseases beyond the 200 follow in the order of the quick score. The weights maximise the likelihood of the true disease among the
    candidates (McFadden 1974, conditional logit) under the features' signs; see perf/fit_fusion.py.
    """

    variant = "embedded"
    score_unit = "fitted log odds"
    contribution_unit = LikelihoodRatio.contribution_unit
    additive = False

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = weights or packaged()
        unknown = set(self.weights.features) - set(NAMES)
        if unknown:
            raise SourceError(
                f"the weights were fitted on features that are gone: {', '.join(sorted(unknown))}"
            )
        self._fixed = np.array([len(NAMES) + i for i in range(len(FIXED_NAMES))])
        self._fixed_weights = np.array([weight for _, weight in FIXED])
        self._columns = np.array([NAMES.index(name) for name in self.weights.features])
        self._parts = LikelihoodRatio()

    def scores(self, matching: Matching, key: str | None = None) -> np.ndarray:
        """Score of each disease (float64[n]); `key` chooses out-of-fold weights for a case that was fitted on."""
        return self._scores(matching, None, key)

    def scores_without(self, matching: Matching, left_out: LeftOut, key: str | None = None) -> np.ndarray:
        """The same with some diseases' rows withheld (float64[n])."""
        return self._scores(matching, left_out, key)

    def _scores(self, matching: Matching, left_out: LeftOut | None, key: str | None) -> np.ndarray:
        chosen, found, first = candidates(matching, left_out)
        weights = self.weights.for_case(key).fusion[self.variant]
        fused = self.weights.scaled(found[:, self._columns]).astype(np.float64) @ weights
        fused += found[:, self._fixed].astype(np.float64) @ self._fixed_weights
        # The others come after the last candidate, in the order of the quick score.
        scores = first + (fused.min() - 1 - first[chosen].min() if len(chosen) else 0.0)
        scores[chosen] = fused
        return scores

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """Log likelihood ratios of the findings: features are sums over findings, so no exact parts exist."""
        return self._parts.explain(matching, disease)


@ranker(
    "embedded-strict",
    source="Osler: as `embedded`, without the features that read a report's list of excluded findings",
    fidelity="osler",
)
class StrictFusion(Fusion):
    """Fitted fusion that takes no hint from what a case report lists as excluded; such findings only speak against."""

    variant = "embedded-strict"


def candidates(
    matching: Matching, left_out: LeftOut | None = None, count: int = CANDIDATES
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best diseases by the quick score, their features, and the quick score of all.

    Returns int64[count] (sorted), float32[count, features], float64[n]. Emptied profiles are never chosen.
    """
    model = matching.model
    first = first_stage(matching)
    first[model.sizes == 0] = -np.inf
    if left_out is not None:
        first[left_out.diseases] = first_stage(left_out.matching)
        first[left_out.diseases[left_out.matching.model.sizes == 0]] = -np.inf
    count = min(count, int(np.isfinite(first).sum()))
    chosen = np.sort(np.argpartition(-first, count - 1)[:count]) if count else np.empty(0, np.int64)
    found = features(matching, chosen)
    if left_out is not None:
        replaced = np.flatnonzero(np.isin(chosen, left_out.diseases))
        if len(replaced):
            own = np.searchsorted(left_out.diseases, chosen[replaced])
            found[replaced] = features(left_out.matching, own)
    return chosen, found, first
