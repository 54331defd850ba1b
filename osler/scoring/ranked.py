"""Ranked lists: where the right answer stands, R@k and MRR. Knows nothing about diseases or runs.

Tie rule, everywhere in Osler: **pessimistic rank**. The right answer stands behind every other candidate that scored
at least as high as it did. A ranker that gives all candidates one score therefore earns nothing, the figure does not
depend on the order in which candidates happen to be stored, and it is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from osler.registry import scorer

Rank = int | None  # 1 is best; None is a miss (no score, or not in the list at all)


def pessimistic_rank(scores: ArrayLike, index: int) -> Rank:
    """Rank of candidate `index` (1 = best) among `scores` (n_candidates,), ties counted against it.

    None when its own score is not finite: a candidate that was not scored is a miss. Others that are not finite
    are never ahead of it.
    """
    values = np.asarray(scores)
    own = values[index]
    if not np.isfinite(own):
        return None
    return int(np.count_nonzero(values >= own))  # counts itself, which makes the best rank 1


def best_rank(scores: ArrayLike, members: Sequence[int] | np.ndarray) -> Rank:
    """Rank of the best-placed of several right candidates, ties with outsiders counted against them.

    Used for group hits (any member of a numbered series) and for cases with several accepted diagnoses.
    """
    chosen = np.asarray(members, dtype=np.intp)
    values = np.asarray(scores)
    own = values[chosen]
    own = own[np.isfinite(own)]
    if own.size == 0:
        return None
    best = own.max()
    ahead = np.count_nonzero(values >= best) - np.count_nonzero(own >= best)
    return int(ahead) + 1


@scorer("R@k", source="recall at k, one right answer per case; ties count against it")
def recall_at(ranks: Sequence[Rank], k: int) -> np.ndarray:
    """1.0 where the rank is k or better, else 0.0 (misses too); shape (n,). Its mean is R@k (one right answer each)."""
    return np.array([rank is not None and rank <= k for rank in ranks], dtype=float)


def reciprocal_ranks(ranks: Sequence[Rank]) -> np.ndarray:
    """1 / rank, 0 for a miss; shape (n,). No cut-off: the whole list counts."""
    return np.array([0.0 if rank is None else 1.0 / rank for rank in ranks], dtype=float)


@scorer("MRR", source="Voorhees 1999")
def mean_reciprocal_rank(ranks: Sequence[Rank]) -> float:
    """MRR (Voorhees 1999): the mean of 1 / rank, 0 for a miss; nan for no ranks."""
    return float(reciprocal_ranks(ranks).mean()) if len(ranks) else float("nan")
