"""Flips: cases that went from right to wrong and from wrong to right between two sets of answers, always both.

The two sets may be two runs, or a method's first and last answer on each case. A net gain can hide many harmed cases.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer
from osler.scoring.intervals import Interval
from osler.scoring.paired import mcnemar_exact
from osler.scoring.resampling import estimate


@dataclass(frozen=True)
class Flips:
    """Counts of cases by right or wrong before and after, shares of all cases with intervals, McNemar's p.

    `harm` is the share right before and wrong after; `rescue` the share wrong before and right after; `changed` counts cases
    whose answer changed at all, right or not (None where the answers were not given).
    """

    n: int
    kept_right: int
    kept_wrong: int
    right_to_wrong: int
    wrong_to_right: int
    harm: float
    rescue: float
    harm_ci: Interval
    rescue_ci: Interval
    p: float
    changed: int | None = None


@scorer("flips", source="McNemar 1947 for the test")
def flips(
    before: ArrayLike,
    after: ArrayLike,
    groups: Sequence[Hashable],
    answers: tuple[Sequence[object], Sequence[object]] | None = None,
) -> Flips:
    """Flips between two lists of right (1) and wrong (0) over the same cases, in the same order.

    `answers` are what was said before and after, to count changed answers. Raises ValueError for lists of unequal length.
    """
    first, last = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    if first.shape != last.shape or len(first) != len(groups):
        raise ValueError("flips need the same cases before and after")
    lost, won = first & ~last, ~first & last
    harm, rescue = estimate(lost, groups), estimate(won, groups)
    changed = None
    if answers is not None:
        changed = sum(said != now for said, now in zip(*answers, strict=True))
    return Flips(
        n=len(first),
        kept_right=int((first & last).sum()),
        kept_wrong=int((~first & ~last).sum()),
        right_to_wrong=int(lost.sum()),
        wrong_to_right=int(won.sum()),
        harm=harm.value,
        rescue=rescue.value,
        harm_ci=harm.ci,
        rescue_ci=rescue.ci,
        p=mcnemar_exact(int(won.sum()), int(lost.sum())),
        changed=changed,
    )
