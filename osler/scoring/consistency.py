"""Does a system choose the same option when options stand in another order? And does it favour a place?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

from osler.registry import scorer
from osler.scoring.resampling import Estimate, estimate


@dataclass(frozen=True)
class Consistency:
    """`same`: share of cases answered alike in every order. `agreement`: share of pairs of orders that agree, per case, meaned.

    `places`: how often each place in the list was chosen, over all orders; even shares mean no favourite.
    """

    same: Estimate
    agreement: Estimate
    places: tuple[float, ...]


@scorer("consistency under shuffling", source="Zheng et al. 2024 (position bias of option choice)")
def consistency(
    answers: Sequence[Sequence[str | None]],
    places: Sequence[Sequence[int | None]],
    groups: Sequence[Hashable],
) -> Consistency:
    """Consistency over orders. `answers[i][j]` is the text chosen for case i in order j, None for an unreadable reply.

    `places[i][j]` is the place (from 0) at which that text stood. An unreadable reply agrees with nothing.
    """
    if not len(answers) == len(places) == len(groups):
        raise ValueError("answers, places and groups must be of the same cases")
    pairs = [list(combinations(own, 2)) for own in answers]
    agreement = [sum(a is not None and a == b for a, b in own) / len(own) if own else 1.0 for own in pairs]
    counted = Counter(place for own in places for place in own if place is not None)
    total, most = sum(counted.values()), max(counted, default=-1)
    return Consistency(
        estimate([float(share == 1.0) for share in agreement], groups),
        estimate(agreement, groups),
        tuple(counted[place] / total for place in range(most + 1)),
    )
