"""Picks the hard items of a set: those that few of several models answer, as MedAgentsBench picks its subsets (Tang et al. 2025)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from osler.errors import UsageError

BELOW = 0.5


def hard_items(
    correct: Mapping[str, Sequence[float]], keys: Sequence[str], below: float = BELOW
) -> list[str]:
    """Keys of the items whose share of right answers over models is under `below`, in order.

    `correct` holds, by model, 1.0 or 0.0 for each item in the order of `keys`. The models that pick must not be those that
    are then compared: a model that took part in picking is at a disadvantage. Raises UsageError for lists of other lengths.
    """
    if not correct or any(len(values) != len(keys) for values in correct.values()):
        raise UsageError("every model needs one outcome for each item, and there must be a model")
    share = np.mean([np.asarray(values, dtype=float) for values in correct.values()], axis=0)
    return [key for key, value in zip(keys, share, strict=True) if value < below]
