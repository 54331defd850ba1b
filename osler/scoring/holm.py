"""Many comparisons at once: Holm's step-down adjustment of p-values, and which differences stand."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from osler.registry import scorer

_K = TypeVar("_K", bound=Hashable)


@scorer("Holm", source="Holm 1979")
def holm(p_values: Mapping[_K, float]) -> dict[_K, float]:
    """Adjusted p-values by name (Holm 1979): the i-th smallest of m times (m - i + 1), never falling, at most 1.

    Keeps the chance of any false finding below the level, whatever the dependence between the tests. A p that is nan (nothing
    to test) stays nan and is not counted. Raises ValueError for a p outside 0 … 1.
    """
    tested = {name: p for name, p in p_values.items() if p == p}
    if any(not 0 <= p <= 1 for p in tested.values()):
        raise ValueError("a p-value lies between 0 and 1")
    adjusted = dict(p_values)
    highest = 0.0
    for place, (name, p) in enumerate(sorted(tested.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(tested) - place) * p))
        adjusted[name] = highest
    return adjusted


def standing(p_values: Mapping[_K, float], level: float = 0.05) -> list[_K]:
    """The names whose difference stands at `level` after Holm's adjustment, the smallest p first."""
    adjusted = holm(p_values)
    return sorted((name for name, p in adjusted.items() if p < level), key=lambda name: p_values[name])
