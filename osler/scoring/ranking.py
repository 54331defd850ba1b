"""Several systems on the same cases, best first, each compared with the best by pairs; and the front of accuracy over cost."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer
from osler.scoring.effect import OddsRatio, Verdict, cohen_h, paired_odds_ratio, verdict
from osler.scoring.holm import holm
from osler.scoring.intervals import Interval
from osler.scoring.paired import Paired, compare_hits, compare_scores
from osler.scoring.resampling import estimate


@dataclass(frozen=True)
class Comparison:
    """Two systems by pairs: the test, its adjusted p, effect sizes (None for graded outcomes), and what it comes to."""

    paired: Paired
    p_holm: float
    h: float | None
    odds_ratio: OddsRatio | None
    verdict: Verdict


@dataclass(frozen=True)
class Ranked:
    """One system of a ranking: place (equal figures share one), figure with interval, comparison with the best (None for it)."""

    place: int
    name: str
    figure: float
    ci: Interval
    against_best: Comparison | None


def compare_many(
    outcomes: Mapping[str, ArrayLike], against: str, groups: Sequence[Hashable], seed: int = 0
) -> dict[str, Comparison]:
    """Every other system against one, by pairs; p adjusted over all of them (Holm 1979). Differences are other minus one.

    `outcomes` are per case, in one order for all systems; yes/no outcomes are tested by McNemar, others by sign flips.
    """
    base = np.asarray(outcomes[against], dtype=float)
    found: dict[str, Paired] = {}
    for name, values in outcomes.items():
        if name != against:
            other = np.asarray(values, dtype=float)
            test = compare_hits if _is_hit(base) and _is_hit(other) else compare_scores
            found[name] = test(base, other, groups, seed)
    adjusted = holm({name: one.p for name, one in found.items()})
    return {
        name: _comparison(one, adjusted[name], base, np.asarray(outcomes[name], dtype=float))
        for name, one in found.items()
    }


@scorer("ranking", source="paired tests against the best, Holm 1979")
def rank_systems(
    outcomes: Mapping[str, ArrayLike], groups: Sequence[Hashable], seed: int = 0
) -> list[Ranked]:
    """The systems by mean outcome, best first; names break no ties but give a stable order."""
    means = {name: float(np.mean(np.asarray(values, dtype=float))) for name, values in outcomes.items()}
    order = sorted(means, key=lambda name: (-means[name], name))
    compared = compare_many(outcomes, order[0], groups, seed) if order else {}
    ranked = []
    for name in order:
        found = estimate(np.asarray(outcomes[name], dtype=float), groups)
        place = 1 + sum(means[other] > means[name] for other in order)
        ranked.append(Ranked(place, name, found.value, found.ci, compared.get(name)))
    return ranked


def pareto_front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names of the (cost, accuracy) points that no other beats in both (at least as good in each, better in one); cheapest first."""
    front = [
        name
        for name, (cost, value) in points.items()
        if not any(
            other_cost <= cost and other_value >= value and (other_cost, other_value) != (cost, value)
            for other_cost, other_value in points.values()
        )
    ]
    return sorted(front, key=lambda name: (*points[name], name))


def _comparison(paired: Paired, p_holm: float, base: np.ndarray, other: np.ndarray) -> Comparison:
    hits = _is_hit(base) and _is_hit(other)
    return Comparison(
        paired,
        p_holm,
        cohen_h(float(base.mean()), float(other.mean())) if hits else None,
        paired_odds_ratio(paired.wins, paired.losses) if hits else None,
        verdict(paired.ci),
    )


def _is_hit(values: np.ndarray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())
