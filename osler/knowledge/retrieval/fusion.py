"""Ranked lists of passages made into one: by their ranks (reciprocal rank fusion), or by weighted scores.

Two lists may hold the same passage; it is the same where corpus, document and place are. Equal sums stand in the order in which
the lists first name them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from osler.errors import UsageError
from osler.passages import Passage, Retriever

RRF_K = 60


def place_of(passage: Passage) -> tuple[str, str, int, int]:
    """What makes a passage the same in two lists."""
    return passage.corpus, passage.document, passage.start, passage.end


def rrf(
    lists: Sequence[Sequence[Passage]], k: float = RRF_K, weights: Sequence[float] | None = None
) -> list[Passage]:
    """Reciprocal rank fusion: score = Σ weight / (k + rank), ranks from 1. Source: Cormack et al. 2009 (k = 60).

    A large `k` lets agreement between lists count for more than a first place in one. Raises UsageError where `weights`
    are not one for each list.
    """
    gains = [
        [(passage, weight / (k + rank)) for rank, passage in enumerate(found, 1)]
        for found, weight in zip(lists, _weights(lists, weights), strict=True)
    ]
    return _summed(gains)


def rrf_top(
    one: Sequence[int],
    other: Sequence[int],
    top: int,
    k: float = RRF_K,
    weights: Sequence[float] | None = None,
) -> list[tuple[int, float]]:
    """The first `top` that `rrf` gives for two lists of numbers, with their scores. Raises as `rrf` does.

    Whoever is in one list only, and there not among the first `top`, has `top` others before it. So the sums are only made for
    the first of each list and for those in both, which is several times as fast where the lists are long.
    """
    weight, its_weight = _weights((one, other), weights)
    ranks = {number: rank for rank, number in enumerate(one, 1)}
    its_ranks = {number: rank for rank, number in enumerate(other, 1)}
    scored = []
    for number in {*one[:top], *other[:top], *(ranks.keys() & its_ranks.keys())}:
        rank, its_rank = ranks.get(number), its_ranks.get(number)
        gain = weight / (k + rank) if rank else 0.0
        its_gain = its_weight / (k + its_rank) if its_rank else 0.0
        # Of equal sums, the one that either list ranked higher stands first; of those, the one of the first list.
        before = min(2 * rank if rank else math.inf, 2 * its_rank + 1 if its_rank else math.inf)
        scored.append((-(gain + its_gain), before, number))
    return [(number, -score) for score, _, number in sorted(scored)[:top]]


def weighted(lists: Sequence[Sequence[Passage]], weights: Sequence[float] | None = None) -> list[Passage]:
    """Weighted sum of scores, each list's scaled to 0…1 between its last and its best; a passage that a list lacks has 0 of it.

    Source: Fox and Shaw 1994 (CombSUM over min–max scores). Raises UsageError as `rrf` does.
    """
    gains = []
    for found, weight in zip(lists, _weights(lists, weights), strict=True):
        low = min((passage.score for passage in found), default=0.0)
        width = max((passage.score for passage in found), default=0.0) - low
        gains.append([(one, weight * ((one.score - low) / width if width else 1.0)) for one in found])
    return _summed(gains)


def by_fit(
    question: str, lists: Sequence[Sequence[Passage]], owners: Sequence[Retriever]
) -> list[tuple[float, int, int]]:
    """Lists of several corpora as one, best first: the probability, the list and the rank of each passage.

    Scores of different corpora do not compare; how probably a passage fits the question does (`Retriever.fit`). Of the lists' first
    passages the one that fits best is taken, again and again, so that each corpus keeps the order of its own search, by meaning
    too; a passage counts with the least probability down to it. Ranks decide between equals.
    """
    rows = []
    for place, (found, owner) in enumerate(zip(lists, owners, strict=True)):
        sure = accumulate((owner.fit(question, passage).probability for passage in found), min)
        rows += [(-one, rank, place) for rank, one in enumerate(sure)]
    return [(-one, place, rank) for one, rank, place in sorted(rows)]


def _weights(lists: Sequence[Sequence[object]], weights: Sequence[float] | None) -> Sequence[float]:
    if weights is None:
        return [1.0] * len(lists)
    if len(weights) != len(lists) or any(weight < 0 for weight in weights):
        raise UsageError(f"fusing {len(lists)} lists takes {len(lists)} weights of 0 or more")
    return weights


def _summed(gains: Sequence[Sequence[tuple[Passage, float]]]) -> list[Passage]:
    first: dict[tuple[str, str, int, int], Passage] = {}
    total: dict[tuple[str, str, int, int], float] = {}
    # Rank by rank over all lists, so that of equal sums the one that any list ranked higher stands first.
    for rank in range(max(map(len, gains), default=0)):
        for found in gains:
            if rank < len(found):
                passage, gain = found[rank]
                key = place_of(passage)
                first.setdefault(key, passage)
                total[key] = total.get(key, 0.0) + gain
    order = sorted(first, key=lambda key: -total[key])
    return [first[key]._replace(score=total[key]) for key in order]
