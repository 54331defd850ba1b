"""Who reads which case in which arm, and in what order: balanced within each reader and within each case, drawn by a seed.

A case's readers follow each other through the arms, so that it is read as often in one arm as in another. Which arm they begin with is the
one that leaves the readers' own numbers of cases in each arm most alike. Each reader's cases come in rounds that hold each arm once,
and the arm that begins a round moves on from round to round, so that no arm is met early or late.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from osler.errors import UsageError

Plan = dict[str, list[tuple[str, str]]]


def allocate(
    cases: Sequence[str], readers: Sequence[str], arms: Sequence[str], seed: int, per_case: int | None = None
) -> Plan:
    """For each reader the cases in reading order, each with its arm. `per_case` readers read each case; default all.

    Raises UsageError where there is no case, reader or arm, or fewer readers than a case is to have.
    """
    if not (cases and readers and arms):
        raise UsageError("a study has at least one case, one reader and one arm")
    wanted = len(readers) if per_case is None else per_case
    if not 1 <= wanted <= len(readers):
        raise UsageError(f"each case is to be read by {wanted} readers, but there are {len(readers)}")
    chance = random.Random(seed)
    order = chance.sample(list(cases), len(cases))
    row = chance.sample(list(readers), len(readers))
    count: Counter[str] = Counter()
    in_arm: Counter[tuple[str, str]] = Counter()
    given: dict[str, dict[str, list[str]]] = {reader: {arm: [] for arm in arms} for reader in readers}
    for case in order:
        ties = {reader: chance.random() for reader in row} if wanted < len(row) else {}
        chosen = sorted(row, key=lambda reader: (count[reader], ties.get(reader, 0)))[:wanted]
        chosen.sort(key=row.index)
        begin = min(range(len(arms)), key=lambda first: (_uneven(chosen, arms, first, in_arm), first))
        for place, reader in enumerate(chosen):
            arm = arms[(begin + place) % len(arms)]
            given[reader][arm].append(case)
            in_arm[reader, arm] += 1
            count[reader] += 1
    return {reader: _rounds(given[reader], arms, number) for number, reader in enumerate(readers)}


def _uneven(readers: Sequence[str], arms: Sequence[str], first: int, in_arm: Counter[tuple[str, str]]) -> int:
    """How many cases the readers would have had in the arms that are theirs if the first one's is `first`."""
    return sum(in_arm[reader, arms[(first + place) % len(arms)]] for place, reader in enumerate(readers))


def _rounds(given: dict[str, list[str]], arms: Sequence[str], number: int) -> list[tuple[str, str]]:
    """A reader's cases in rounds of one from each arm; the reader's number moves the first arm on."""
    left = {arm: list(cases) for arm, cases in given.items()}
    made: list[tuple[str, str]] = []
    turn = number
    while any(left.values()):
        for place in range(len(arms)):
            arm = arms[(turn + place) % len(arms)]
            if left[arm]:
                made.append((left[arm].pop(0), arm))
        turn += 1
    return made
