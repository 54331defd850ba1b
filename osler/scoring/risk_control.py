"""How many retrieved passages may a model see if its risk of error is to stay under a bound, with a stated confidence?

Source: Xia et al. 2024 (RULE, arXiv 2407.05131; from its abstract and the theory it names): for each number k the hypothesis "the risk
at k is above alpha" is tested on calibration cases, and the k whose hypotheses are rejected are safe at level delta (Learn then
Test, Angelopoulos et al. 2021, arXiv 2110.01052). The p-value is Hoeffding–Bentkus (Bates et al. 2021, arXiv 2101.02703):
min(exp(−n·h(min(r, alpha), alpha)), e·P(Bin(n, alpha) ≤ ⌈n·r⌉)), with h(a, b) = a·ln(a/b) + (1 − a)·ln((1 − a)/(1 − b)). Error over
all k together is held by Bonferroni. Losses lie from 0 to 1; calibration cases must be independent of each other and of the
cases the choice is used on. Knows nothing of retrieval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from osler.errors import UsageError
from osler.registry import scorer


@dataclass(frozen=True)
class Controlled:
    """The choice. `safe` are the settings whose risk is under `alpha` with confidence 1 − `delta`; `chosen` has the lowest
    calibration risk among them (of equal ones the first), None where none is safe. `risks` and `p` are by setting.
    """

    alpha: float
    delta: float
    n: int
    risks: dict[int, float]
    p: dict[int, float]
    safe: tuple[int, ...]
    chosen: int | None


@scorer("Hoeffding-Bentkus p-value", source="Bates et al. 2021 (arXiv 2101.02703)")
def hoeffding_bentkus(risk: float, n: int, alpha: float) -> float:
    """p-value of "the true risk is above `alpha`", given the mean loss `risk` of `n` cases with losses from 0 to 1. 1 without cases."""
    if n == 0:
        return 1.0
    from scipy.special import bdtr

    hoeffding = math.exp(-n * _divergence(min(risk, alpha), alpha))
    bentkus = math.e * float(bdtr(min(n, math.ceil(n * risk - 1e-9)), n, alpha))
    return min(1.0, hoeffding, bentkus)


@scorer("risk control", source="Angelopoulos et al. 2021 (Learn then Test); Xia et al. 2024 (RULE)")
def controlled(losses: Mapping[int, Sequence[float]], alpha: float, delta: float = 0.1) -> Controlled:
    """The settings (numbers of passages) whose risk is under `alpha` with confidence 1 − `delta`, and the best of them.

    `losses` has, for each setting, the loss of every calibration case. Raises UsageError for bounds outside 0 to 1, losses
    outside 0 to 1, or settings over different numbers of cases.
    """
    if not (0 < alpha < 1 and 0 < delta < 1):
        raise UsageError("the bound on the risk and its level lie between 0 and 1")
    table = {setting: np.asarray(values, dtype=float) for setting, values in losses.items()}
    sizes = {len(values) for values in table.values()}
    if len(sizes) != 1 or not table:
        raise UsageError("risk is controlled over the same calibration cases at every setting")
    if any(((values < 0) | (values > 1)).any() for values in table.values()):
        raise UsageError("a loss lies from 0 to 1")
    (n,) = sizes
    risks = {setting: float(values.mean()) if n else float("nan") for setting, values in table.items()}
    p = {setting: hoeffding_bentkus(risk, n, alpha) for setting, risk in risks.items()}
    safe = tuple(setting for setting in table if p[setting] <= delta / len(table))
    return Controlled(alpha, delta, n, risks, p, safe, min(safe, key=lambda one: risks[one], default=None))


def _divergence(a: float, b: float) -> float:
    """Kullback–Leibler divergence of two coins, a from b."""
    first = a * math.log(a / b) if a > 0 else 0.0
    return first + ((1 - a) * math.log((1 - a) / (1 - b)) if a < 1 else 0.0)
