"""Tunes the tiny model that chooses FHIR resources for a question, on questions with their relevant resources marked. numpy only.

Logistic regression with an L2 penalty by full-batch gradient descent with momentum; nothing is random, so the same pairs give the
same model. Rare positives weigh as much as negatives together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from osler.case import Document
from osler.errors import UsageError
from osler.methods.resource_selector import Selector, features


def train(
    marked: Sequence[tuple[str, Sequence[Document], Collection[str]]],
    *,
    steps: int = 400,
    rate: float = 0.5,
    penalty: float = 1e-3,
) -> Selector:
    """A model from (question, resources, ids of the relevant ones). Raises UsageError without a relevant and an irrelevant one."""
    rows = [features(question, resources) for question, resources, _ in marked]
    gold = [[float(one.id in relevant) for one in resources] for _, resources, relevant in marked]
    x, y = np.concatenate(rows or [np.zeros((0, 1))]), np.array([value for row in gold for value in row])
    if not y.any() or y.all():
        raise UsageError("mark at least one resource that bears on a question, and leave one that does not")
    weight = np.where(y == 1, 0.5 / y.sum(), 0.5 / (1 - y).sum())
    w, b = np.zeros(x.shape[1]), 0.0
    speed_w, speed_b = np.zeros_like(w), 0.0
    for _ in range(steps):
        off = (1 / (1 + np.exp(-(x @ w + b))) - y) * weight
        speed_w = 0.9 * speed_w - rate * (x.T @ off + penalty * w)
        speed_b = 0.9 * speed_b - rate * off.sum()
        w, b = w + speed_w, b + speed_b
    model = Selector(w, float(b))
    return Selector(w, float(b), _threshold(model, marked))


def _threshold(model: Selector, marked: Sequence[tuple[str, Sequence[Document], Collection[str]]]) -> float:
    """The threshold with the best F1 on what it was tuned on."""
    pairs = [
        (float(p), one.id in relevant)
        for question, resources, relevant in marked
        for p, one in zip(model.probabilities(question, resources), resources, strict=True)
    ]

    def f1(least: float) -> float:
        true = sum(p >= least and right for p, right in pairs)
        said, there = sum(p >= least for p, _ in pairs), sum(right for _, right in pairs)
        return 2 * true / (said + there) if true else 0.0

    return max((round(0.05 * n, 2) for n in range(2, 19)), key=lambda least: (f1(least), -abs(least - 0.5)))
