"""Maximal marginal relevance: results that are near the query and not near each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def mmr(
    relevance: np.ndarray,
    similarity: np.ndarray,
    top: int,
    penalty: float | Callable[[int], float] = 0.5,
) -> list[int]:
    """Places of the chosen items, in order of choice; the most relevant one first.

    Each further one has the highest (1 − penalty) · relevance − penalty · (its greatest similarity to one chosen). `penalty`
    lies between 0 (relevance alone) and 1, or is a function of how many are chosen already. `relevance` is [n], `similarity`
    [n, n], both of one scale (cosines). Equal ones keep their order. Source: Carbonell and Goldstein 1998.
    """
    n = len(relevance)
    chosen: list[int] = []
    nearest = np.full(n, -np.inf)
    left = np.ones(n, bool)
    for _ in range(min(top, n)):
        share = penalty(len(chosen)) if callable(penalty) else penalty
        value = (1 - share) * relevance - share * nearest if chosen else relevance.astype(float)
        place = int(np.argmax(np.where(left, value, -np.inf)))
        chosen.append(place)
        left[place] = False
        nearest = np.maximum(nearest, similarity[place])
    return chosen
