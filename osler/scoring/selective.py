"""Answering only where confident: risk–coverage curve, AURC, selective accuracy; and all calibration figures of a run.

    coverage           share of cases answered, the most confident first
    selective accuracy accuracy over those
    AURC               area under the curve of error over coverage (Geifman & El-Yaniv 2017), lower is better
    E-AURC             AURC minus that of a perfect order with the same accuracy (Geifman et al. 2019)

Cases of equal confidence share their mean error, so the figures do not depend on how rows are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer
from osler.scoring.calibration import auroc, brier, brier_skill, ece

COVERAGES = (0.2, 0.5, 0.8)


def risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> np.ndarray:
    """Error rate among the k most confident cases, k = 1 … n; shape (n,). Ties are averaged, not ordered."""
    stated, right = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=float)
    if stated.shape != right.shape or stated.ndim != 1:
        raise ValueError("confidence and correct must be two lists of one length")
    if not stated.size:
        return np.empty(0)
    order = np.argsort(-stated, kind="stable")
    _, level, size = np.unique(-stated[order], return_inverse=True, return_counts=True)
    wrong = np.bincount(level, 1 - right[order]) / size
    return np.cumsum(wrong[level]) / np.arange(1, len(stated) + 1)


@scorer("AURC", source="Geifman & El-Yaniv 2017")
def aurc(confidence: ArrayLike, correct: ArrayLike) -> float:
    """Area under the risk–coverage curve: mean over k of the error among the k most confident. nan without cases."""
    curve = risk_coverage(confidence, correct)
    return float(curve.mean()) if curve.size else float("nan")


def excess_aurc(confidence: ArrayLike, correct: ArrayLike) -> float:
    """E-AURC (Geifman et al. 2019): AURC above the best that any confidence could reach with these answers; 0 is best."""
    right = np.asarray(correct, dtype=float)
    return aurc(confidence, right) - aurc(right, right)


@scorer("selective accuracy", source="El-Yaniv & Wiener 2010")
def selective_accuracy(confidence: ArrayLike, correct: ArrayLike, coverage: float) -> float:
    """Accuracy over the most confident share `coverage` (0 to 1) of cases, at least one. nan without cases."""
    if not 0 < coverage <= 1:
        raise ValueError("coverage is a share above 0, at most 1")
    curve = risk_coverage(confidence, correct)
    if not curve.size:
        return float("nan")
    return 1 - float(curve[max(1, round(coverage * len(curve))) - 1])


def calibration_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All calibration figures over the rows that state a confidence, as `{"calibration": {…}}`; {} where none does.

    An unreadable or abstained answer states none. `n` says over how many rows the figures are.
    """
    stated = [(row["confidence"], row["correct"]) for row in rows if row.get("confidence") is not None]
    if not stated:
        return {}
    confidence, correct = (np.array(column, dtype=float) for column in zip(*stated, strict=True))
    figures = {
        "n": len(stated),
        "ece": ece(confidence, correct),
        "brier": brier(confidence, correct),
        "brier_skill": brier_skill(confidence, correct),
        "auroc": auroc(confidence, correct),
        "aurc": aurc(confidence, correct),
        "e_aurc": excess_aurc(confidence, correct),
        "selective_accuracy": {str(c): selective_accuracy(confidence, correct, c) for c in COVERAGES},
    }
    return {"calibration": figures}
