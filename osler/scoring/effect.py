"""How large a difference is, beside whether it is there: Cohen's h, odds ratios; and win, tie or loss from an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from osler.registry import scorer
from osler.scoring.intervals import Interval

Verdict = Literal["win", "tie", "loss"]


@scorer("Cohen's h", source="Cohen 1988, chapter 6")
def cohen_h(first: float, second: float) -> float:
    """2·asin √second − 2·asin √first for two shares (Cohen 1988): about 0.2 is small, 0.5 medium, 0.8 large."""
    for share in (first, second):
        if not 0 <= share <= 1:
            raise ValueError("a share lies between 0 and 1")
    return 2 * math.asin(math.sqrt(second)) - 2 * math.asin(math.sqrt(first))


@dataclass(frozen=True)
class OddsRatio:
    """Odds of the second being right alone against the first alone, with an exact 95 % interval."""

    value: float
    ci: Interval


@scorer("matched-pairs odds ratio", source="Agresti 2013, section 11.2; Clopper & Pearson 1934")
def paired_odds_ratio(wins: int, losses: int, level: float = 0.95) -> OddsRatio:
    """Conditional odds ratio of matched pairs, wins / losses; its interval follows from the exact one of wins / (wins + losses).

    nan and (0, inf) when nothing is discordant; inf without losses.
    """
    from scipy.special import betaincinv  # a tenth of a second that an evaluation need not spend

    n, tail = wins + losses, (1 - level) / 2
    if n == 0:
        return OddsRatio(math.nan, Interval(0.0, math.inf))
    low = float(betaincinv(wins, losses + 1, tail)) if wins else 0.0
    high = float(betaincinv(wins + 1, losses, 1 - tail)) if losses else 1.0
    return OddsRatio(wins / losses if losses else math.inf, Interval(_odds(low), _odds(high)))


def verdict(difference: Interval, margin: float = 0.0) -> Verdict:
    """`win` when the whole interval of a difference lies above `margin`, `loss` when it lies below -margin, else `tie`."""
    if difference.low > margin:
        return "win"
    return "loss" if difference.high < -margin else "tie"


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf
