"""What would change the order: the fewest findings whose change puts the second disease before the first.

A change is one of: a known finding the other way round ("flip": present to absent, or absent to present), a known finding
unknown again ("remove"), or one more finding present, of those that the second disease's profile names ("add").

    counterfactual(engine, query)                      # the first two of the differential
    counterfactual(engine, query, kinds=("flip", "remove"))  # among what is known alone

The search goes by size. Sets of one are all tried. Pairs and triples are tried exactly among the changes that move the pair
most by themselves (`POOLS`: 24 for pairs, 12 for triples); only where none of them flips is a larger set grown greedily.
So a set of one is smallest for certain; a larger one is smallest among the pool, and `exact` says whether the pool was
everything. The two diseases are scored in a model of their own (scores of a disease do not depend on the others),
and each set that is told was checked with all diseases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np
from pydantic import BaseModel

from osler.diagnosis.engine import Engine
from osler.diagnosis.fusion import Fusion
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import part_of
from osler.diagnosis.next_question import open_terms
from osler.diagnosis.query import Query
from osler.diagnosis.ranker import PerDisease
from osler.errors import UsageError

Kind = Literal["flip", "remove", "add"]
KINDS: tuple[Kind, ...] = ("flip", "remove", "add")
# Two questions: what of the known, were it otherwise; and what of the unknown, were it found.
ASKED: tuple[tuple[Kind, ...], ...] = (("flip", "remove"), ("add",))
# How many changes are combined exactly, by the size of the sets; the others have too little effect or would take too long.
POOLS: dict[int, int] = {2: 24, 3: 12}
GREEDY, ADDED = 6, 80
# For each set that is shown so many are checked with all diseases, in search of those after which the second itself leads.
CHECKED = 8


@dataclass(frozen=True, slots=True)
class Move:
    """One change: the term (position), what it was and what it becomes."""

    kind: Kind
    term: int
    before: str
    after: str


class Change(BaseModel):
    """One change in words: `before` and `after` are present, absent or unknown."""

    kind: Kind
    id: str
    label: str
    before: str
    after: str


class Flip(BaseModel):
    """A set of changes that puts the second disease before the first, with the probabilities and the new first place."""

    changes: list[Change]
    first_probability: float
    second_probability: float
    new_first_id: str
    new_first: str


class Counterfactual(BaseModel):
    """The smallest sets found: those after which the second itself leads before those after which a third does, and of each the
    most decisive first; none where the order stands against all that was tried.

    `exact`: no smaller set exists among the changes of these kinds, and the sets of this size were all tried.
    """

    first_id: str
    first: str
    first_probability: float
    second_id: str
    second: str
    second_probability: float
    flips: list[Flip]
    size: int | None
    exact: bool
    tried: int
    kinds: list[Kind]


def counterfactual(
    engine: Engine,
    query: Query,
    first: int | None = None,
    second: int | None = None,
    kinds: Sequence[Kind] = KINDS,
    shown: int = 3,
    pools: dict[int, int] | None = None,
) -> Counterfactual:
    """The fewest changes that put `second` before `first` (positions of diseases; default: the first two now).

    Raises UsageError where there are not two diseases to compare.
    """
    duel = Duel(engine, query, first, second)
    moves = duel.moves(kinds)
    size, sets, exact = _search(duel, moves, pools or POOLS)
    told = [flip for flip in (duel.checked(one) for one in sets[: CHECKED * shown]) if flip is not None]
    second_id = engine.knowledge.disease_ids[int(duel.pair[1])]
    told.sort(key=lambda flip: flip.new_first_id != second_id)
    return Counterfactual(
        **duel.about(),
        flips=told[:shown],
        size=size if told else None,
        exact=exact and (bool(told) or not sets),
        tried=duel.tried,
        kinds=list(kinds),
    )


def counterfactuals(
    engine: Engine, query: Query, first: int | None = None, second: int | None = None
) -> list[Counterfactual]:
    """What people are shown: the fewest changes among what is known, and those among what is not (`ASKED`)."""
    return [counterfactual(engine, query, first, second, kinds=kinds) for kinds in ASKED]


class Duel:
    """Two diseases under changing findings. `lead` of the second over the first is above zero where the order flips."""

    def __init__(self, engine: Engine, query: Query, first: int | None, second: int | None) -> None:
        self.engine, self.query = engine, query
        self._scores = engine.scores(query)
        self._probability, _ = engine.posterior(self._scores, query)
        if first is None or second is None:
            order = np.lexsort((-self._scores, -self._probability))[:2]
            if len(order) < 2 or not np.isfinite(self._scores[order]).all():
                raise UsageError("there are no two diseases to compare")
            first, second = int(order[0]), int(order[1])
        if first == second:
            raise UsageError("give two different diseases to compare")
        self.pair = np.array([first, second])
        self.tried = 0

    @cached_property
    def _model(self):
        """The two diseases alone, where their scores do not depend on the others; None where they do."""
        alone = isinstance(self.engine.ranker, (Fusion, PerDisease)) and self.engine.memory is None
        return part_of(self.engine.model, np.sort(self.pair)) if alone else None

    def lead(self, moves: Sequence[Move]) -> float:
        """By how much the second disease is before the first after some changes."""
        self.tried += 1
        query = self.changed(moves)
        if self._model is None:
            scores = self.engine.scores(query)[self.pair]
        else:
            scores = self.engine.ranker.scores(Matching(self._model, query))
            scores = scores if self.pair[0] < self.pair[1] else scores[::-1]
        values = self.engine.values(scores, self.pair)
        return float(values[1] - values[0])

    def changed(self, moves: Sequence[Move]) -> Query:
        """The query after some changes."""
        present, absent = set(self.query.present.tolist()), set(self.query.absent.tolist())
        for move in moves:
            present.discard(move.term)
            absent.discard(move.term)
            if move.after != "unknown":
                (present if move.after == "present" else absent).add(move.term)
        return self.query.with_findings(present, absent, self.engine.knowledge.ontology)

    def moves(self, kinds: Sequence[Kind]) -> list[Move]:
        """All changes of these kinds."""
        known = [(term, "present", "absent") for term in self.query.present.tolist()]
        known += [(term, "absent", "present") for term in self.query.absent.tolist()]
        found = [Move("flip", *one) for one in known] if "flip" in kinds else []
        if "remove" in kinds:
            found += [Move("remove", term, before, "unknown") for term, before, _ in known]
        if "add" in kinds:
            found += [Move("add", term, "unknown", "present") for term in self._addable()]
        return found

    def _addable(self) -> list[int]:
        """Terms of the second disease's profile that are open, the most frequent first."""
        model = self.engine.model
        part = slice(*model.prof_indptr[self.pair[1] : self.pair[1] + 2].tolist())
        term, share = model.prof_term[part], model.prof_frequency[part]
        order = np.lexsort((term, -share))
        asked = open_terms(Matching(model, self.query))
        return [int(term[i]) for i in order if asked[term[i]]][:ADDED]

    def checked(self, moves: Sequence[Move]) -> Flip | None:
        """What a set of changes does with all diseases in play; None where it does not flip the pair after all."""
        query = self.changed(moves)
        scores = self.engine.scores(query)
        probability, _ = self.engine.posterior(scores, query)
        values = self.engine.values(scores[self.pair], self.pair)
        if not values[1] > values[0]:
            return None
        base, leader = self.engine.knowledge, int(np.lexsort((-scores, -probability))[0])
        labels, ids = base.ontology.labels, base.ontology.ids
        told = [
            Change(kind=m.kind, id=ids[m.term], label=labels[m.term], before=m.before, after=m.after)
            for m in moves
        ]
        return Flip(
            changes=told,
            first_probability=float(probability[self.pair[0]]),
            second_probability=float(probability[self.pair[1]]),
            new_first_id=base.disease_ids[leader],
            new_first=base.disease_names[leader],
        )

    def about(self) -> dict:
        """Names and probabilities of the two as they stand."""
        base, found = self.engine.knowledge, {}
        for name, place in zip(("first", "second"), self.pair.tolist(), strict=True):
            found[f"{name}_id"], found[name] = base.disease_ids[place], base.disease_names[place]
            found[f"{name}_probability"] = float(self._probability[place])
        return found


def _search(
    duel: Duel, moves: Sequence[Move], pools: dict[int, int]
) -> tuple[int | None, list[tuple[Move, ...]], bool]:
    """Size of the smallest flipping sets found, the sets (most decisive first), and whether the search was exact."""
    alone = {move: duel.lead([move]) for move in moves}
    flipping = sorted((m for m in moves if alone[m] > 0), key=lambda m: -alone[m])
    if flipping:
        return 1, [(move,) for move in flipping], True
    ranked = sorted(moves, key=lambda m: -alone[m])
    exact = True
    for size in sorted(pools):
        pool = ranked[: pools[size]]
        exact = exact and len(pool) == len(ranked)
        leads = {
            chosen: duel.lead(chosen)
            for chosen in combinations(pool, size)
            if len({move.term for move in chosen}) == size
        }
        found = sorted((one for one in leads if leads[one] > 0), key=lambda one: -leads[one])
        if found:
            return size, found, exact
    grown = _greedy(duel, ranked[: pools.get(2, len(ranked))])
    return (len(grown), [grown], False) if grown else (None, [], False)


def _greedy(duel: Duel, moves: Sequence[Move]) -> tuple[Move, ...]:
    """The best change at a time until the order flips; empty where it does not within `GREEDY` changes."""
    chosen: tuple[Move, ...] = ()
    while len(chosen) < GREEDY:
        taken = {move.term for move in chosen}
        leads = {move: duel.lead([*chosen, move]) for move in moves if move.term not in taken}
        if not leads:
            return ()
        best = max(leads, key=lambda move: leads[move])
        chosen = (*chosen, best)
        if leads[best] > 0:
            return chosen
    return ()
