"""Chooses the interval that fits: Wilson, bootstrap over groups, or over groups and then epochs; also of ratios such as F1.

Cases of one group (vignette, publication, trial) are resampled together. Where a case was run in several epochs, whole groups
are drawn first, then epochs within each drawn case (two-stage bootstrap, Davison & Hinkley 1997, section 3.8; drawing the
second stage with replacement, as here, is slightly wide rather than narrow).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer
from osler.scoring.intervals import (
    REPLICATES,
    Interval,
    group_index,
    percentile_interval,
    wilson,
)

Statistic = Callable[[np.ndarray], np.ndarray]
_CELLS = 4_000_000


class Estimate(NamedTuple):
    """A mean with its interval and the way the interval was made."""

    value: float
    ci: Interval
    how: str


def estimate(
    values: ArrayLike,
    groups: Sequence[Hashable],
    cases: Sequence[Hashable] | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Mean of `values` (n,) with the 95 % interval that fits.

    Wilson when the values are 0 or 1 and every row is its own group; the cluster bootstrap when rows share groups or are
    graded; the hierarchical bootstrap when `cases` names a case more than once (epochs). Where every row is 0, or every
    row 1, there is nothing to resample: Wilson over the groups. nan without rows, and with one group of several rows.
    """
    table = np.asarray(values, dtype=float)
    if not len(table):
        return Estimate(float("nan"), Interval(float("nan"), float("nan")), "none")
    mean = float(table.mean())
    if cases is not None and len(set(cases)) < len(cases):
        ci = hierarchical_bootstrap(table, groups, cases, replicates, seed)
        return Estimate(mean, ci, "hierarchical bootstrap")
    if len(set(groups)) == len(groups) and np.isin(table, (0.0, 1.0)).all():
        return Estimate(mean, wilson(int(table.sum()), len(table)), "Wilson")
    if len(set(groups)) > 1 and mean in (0.0, 1.0) and (table == mean).all():
        count = len(set(groups))
        return Estimate(mean, wilson(int(mean) * count, count), "Wilson over groups")
    counts = np.column_stack([table, np.ones(len(table))])
    _, ci = statistic_interval(counts, groups, lambda sums: sums[:, 0] / sums[:, 1], replicates, seed)
    return Estimate(mean, ci, "cluster bootstrap")


def means(
    rows: Sequence[Mapping[str, Any]],
    names: Iterable[str],
    groups: Sequence[Hashable],
    cases: Sequence[Hashable] | None = None,
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """The mean of each named figure over the rows that have it, and the intervals; a figure that no row has is left out."""
    values: dict[str, float] = {}
    intervals: dict[str, list[float]] = {}
    for name in names:
        places = [place for place, row in enumerate(rows) if row.get(name) is not None]
        if places:
            own = None if cases is None else [cases[place] for place in places]
            found = estimate([rows[p][name] for p in places], [groups[p] for p in places], own)
            values[name], intervals[name] = found.value, list(found.ci)
    return values, intervals


@scorer("hierarchical bootstrap", source="Davison & Hinkley 1997, section 3.8")
def hierarchical_bootstrap(
    values: ArrayLike,
    groups: Sequence[Hashable],
    cases: Sequence[Hashable],
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """95 % interval of the mean over rows (n,) that are epochs of cases, which lie in groups.

    Groups are drawn with replacement, and within each drawn case as many epochs as it has, with replacement.
    nan bounds with fewer than two groups.
    """
    table = np.asarray(values, dtype=float)
    if len(set(groups)) < 2:
        return Interval(float("nan"), float("nan"))
    case_of, n_cases = group_index(cases)
    order = np.argsort(case_of, kind="stable")
    table, case_of = table[order], case_of[order]
    epochs = np.bincount(case_of, minlength=n_cases)
    first = np.cumsum(epochs) - epochs
    group_of, n_groups = group_index([groups[i] for i in order[first]])
    sizes = np.bincount(group_of, epochs, n_groups)
    rng = np.random.default_rng(seed)
    means = np.empty(replicates)
    drawn_cells = np.empty(0)
    for replicate in range(replicates):
        times = np.bincount(rng.integers(n_groups, size=n_groups), minlength=n_groups)
        # Every draw of a case draws its epochs anew: `times` draws of all its epochs at once.
        rows = np.repeat(np.arange(n_cases), times[group_of] * epochs)
        drawn_cells = table[first[rows] + (rng.random(len(rows)) * epochs[rows]).astype(np.intp)]
        means[replicate] = drawn_cells.sum() / (times @ sizes)
    return percentile_interval(means[:, None])[0]


def case_means(
    values: ArrayLike, cases: Sequence[Hashable], groups: Sequence[Hashable]
) -> tuple[list[Hashable], np.ndarray, list[Hashable]]:
    """Epochs averaged by case, for paired comparison: (cases in order of first appearance, means, their groups)."""
    index, n_cases = group_index(cases)
    means = np.bincount(index, np.asarray(values, dtype=float), n_cases) / np.bincount(
        index, minlength=n_cases
    )
    first = {case: place for place, case in reversed(list(enumerate(cases)))}
    names = sorted(first, key=lambda case: first[case])
    return names, means, [groups[first[case]] for case in names]


def statistic_interval(
    counts: ArrayLike,
    groups: Sequence[Hashable],
    statistic: Statistic,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> tuple[float, Interval]:
    """A figure of summed counts (F1, macro F1, …) and its 95 % interval, groups resampled whole.

    `counts` (n, m) are the per-case counts whose sums the figure is made of; `statistic` maps sums (r, m) to figures (r,).
    nan bounds with fewer than two groups.
    """
    table = np.asarray(counts, dtype=float)
    if not len(table):
        return float("nan"), Interval(float("nan"), float("nan"))
    index, n_groups = group_index(groups)
    if n_groups < 2:
        value = float(statistic(table.sum(axis=0, keepdims=True))[0])
        return value, Interval(float("nan"), float("nan"))
    sums = np.zeros((n_groups, table.shape[1]))
    np.add.at(sums, index, table)
    # Groups with equal sums are interchangeable: drawing how often each kind comes is the same bootstrap, and much faster.
    kinds, size = np.unique(sums, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    figures = np.empty(replicates)
    step = max(1, _CELLS // len(kinds))
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        times = rng.multinomial(n_groups, size / n_groups, size=rows)
        figures[start : start + rows] = statistic(times @ kinds)
    value = float(statistic(table.sum(axis=0, keepdims=True))[0])
    return value, percentile_interval(figures[:, None])[0]


def f1_of(true: np.ndarray, false: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """F1 from counts, 0 where nothing is right; shapes as given."""
    below = 2 * true + false + missed
    return np.divide(2 * true, below, out=np.zeros_like(below, dtype=float), where=below > 0)


def macro_f1(confusion: np.ndarray) -> np.ndarray:
    """Macro F1 from confusion counts (r, k, k + 1): gold by said, the last column being unreadable or something else.

    The mean is over the labels that the gold has, as usual; unreadable replies count as missed.
    """
    k = confusion.shape[1]
    true = np.diagonal(confusion[:, :, :k], axis1=1, axis2=2)
    gold, said = confusion.sum(axis=2), confusion[:, :, :k].sum(axis=1)
    scores = f1_of(true, said - true, gold - true)
    there = gold > 0
    return (scores * there).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
