"""Calibration of a stated probability of being right: ECE, Brier score and skill, AUROC, the reliability table.

All functions take `confidence` (n,), the probability stated for the answer given, and `correct` (n,), whether that
answer was right. Bins are of equal width on [0, 1], 15 unless told otherwise (Guo et al. 2017); a bin holds its
lower edge, the last one both edges; empty bins count nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer

BINS = 15


@dataclass(frozen=True)
class Reliability:
    """One bin of the reliability table: its edges, how many answers, their mean confidence and share right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float

    def as_dict(self) -> dict[str, float | int]:
        """The row as plain JSON values."""
        return asdict(self)


def _checked(confidence: ArrayLike, correct: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    stated = np.asarray(confidence, dtype=float)
    right = np.asarray(correct, dtype=float)
    if stated.shape != right.shape or stated.ndim != 1:
        raise ValueError(
            f"confidence and correct must be two lists of one length, got {stated.shape} and {right.shape}"
        )
    if stated.size and (np.isnan(stated).any() or stated.min() < 0 or stated.max() > 1):
        raise ValueError("a confidence must be a probability between 0 and 1")
    return stated, right


def reliability_table(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> list[Reliability]:
    """The non-empty bins, lowest first."""
    stated, right = _checked(confidence, correct)
    place = np.minimum((stated * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    mean_stated = np.bincount(place, stated, bins) / np.maximum(count, 1)
    mean_right = np.bincount(place, right, bins) / np.maximum(count, 1)
    return [
        Reliability(i / bins, (i + 1) / bins, int(count[i]), float(mean_stated[i]), float(mean_right[i]))
        for i in np.flatnonzero(count)
    ]


@scorer("ECE", source="Naeini et al. 2015; bins as Guo et al. 2017")
def ece(confidence: ArrayLike, correct: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error (Naeini et al. 2015): |confidence - accuracy| per bin, weighted by its size.

    nan without answers.
    """
    rows = reliability_table(confidence, correct, bins)
    total = sum(row.n for row in rows)
    return sum(row.n * abs(row.confidence - row.accuracy) for row in rows) / total if total else float("nan")


def brier(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Brier score (Brier 1950): mean of (confidence - correct)²; 0 is best, nan without answers."""
    stated, right = _checked(confidence, correct)
    return float(np.mean((stated - right) ** 2)) if stated.size else float("nan")


@scorer("Brier skill", source="Brier 1950")
def brier_skill(confidence: ArrayLike, correct: ArrayLike) -> float:
    """1 - Brier / Brier of always stating the observed share right. Above 0 beats that constant; nan if it is perfect."""
    stated, right = _checked(confidence, correct)
    if not stated.size:
        return float("nan")
    constant = float(right.mean() * (1 - right.mean()))
    return 1 - brier(stated, right) / constant if constant > 0 else float("nan")


@scorer("AUROC", source="Hanley & McNeil 1982")
def auroc(score: ArrayLike, positive: ArrayLike) -> float:
    """Chance that a random positive scores above a random negative, ties one half (Hanley & McNeil 1982).

    nan unless both kinds are there. `score` may be any real number.
    """
    values = np.asarray(score, dtype=float)
    is_positive = np.asarray(positive, dtype=bool)
    n_positive, n_negative = int(is_positive.sum()), int((~is_positive).sum())
    if not n_positive or not n_negative:
        return float("nan")
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    average_rank = np.cumsum(count) - (count - 1) / 2
    rank_sum = float(average_rank[place][is_positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)
