"""Reciprocal-rank fusion of three rankers: no weights to fit, hard to beat."""

from __future__ import annotations

import numpy as np

from osler.diagnosis.boqa import Boqa
from osler.diagnosis.likelihood_ratio import LikelihoodRatio
from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Contribution, LeftOut
from osler.diagnosis.resnik import Resnik
from osler.registry import ranker

K = 60


@ranker(
    "rrf", source="Cormack, Clarke & Büttcher 2009; of resnik, likelihood-ratio and boqa", fidelity="paper"
)
class ReciprocalRank:
    """Reciprocal-rank fusion of resnik, likelihood-ratio and boqa.

    score(d) = Σ 1 / (60 + rank of d); diseases of equal score share their mean rank.
    """

    score_unit = "summed reciprocal ranks"
    contribution_unit = LikelihoodRatio.contribution_unit
    additive = False

    def __init__(self) -> None:
        self.parts = (Resnik(), LikelihoodRatio(), Boqa())

    def scores(self, matching: Matching) -> np.ndarray:
        """Summed reciprocal ranks of each disease (float64[n])."""
        return fuse([part.scores(matching) for part in self.parts])

    def scores_without(self, matching: Matching, left_out: LeftOut) -> np.ndarray:
        """The same over scores with some diseases' rows withheld (float64[n])."""
        return fuse([part.scores_without(matching, left_out) for part in self.parts])

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """Ranks have no parts, so the likelihood ratio's contributions are shown."""
        return self.parts[1].explain(matching, disease)


def fuse(scores: list[np.ndarray]) -> np.ndarray:
    """Summed reciprocal ranks of several score vectors of equal length."""
    return np.sum([1.0 / (K + _mean_ranks(-values)) for values in scores], axis=0)


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, smallest first; equal values share their mean rank. (scipy.stats has it too, and takes a second to import.)"""
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return (last - (size - 1) / 2.0)[group]
