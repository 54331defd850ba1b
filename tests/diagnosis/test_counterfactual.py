"""The fewest findings that flip the first two: the same as trying everything, and checked with all diseases in play."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from diagnosis_toy import make_knowledge, term_id

from osler.diagnosis.counterfactual import Duel, counterfactual
from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query
from osler.errors import UsageError

EVERYTHING = {2: 10_000, 3: 10_000}


def some_query(base, seed, present=4, absent=2) -> Query:
    terms = np.random.default_rng(seed).choice(np.arange(1, 60), present + absent, replace=False)
    ids = [term_id(int(t)) for t in terms]
    return Query.of(base, ids[:present], ids[present:])


def order(engine, query) -> list[int]:
    scores = engine.scores(query)
    probability, _ = engine.posterior(scores, query)
    return np.lexsort((-scores, -probability)).tolist()


def smallest_by_brute_force(engine, query, kinds, most=2) -> tuple[int | None, set[frozenset]]:
    """Every set of changes up to `most`, each ranked among all diseases."""
    duel = Duel(engine, query, None, None)
    first, second = duel.pair.tolist()
    moves = duel.moves(kinds)
    for size in range(1, most + 1):
        found = set()
        for chosen in combinations(moves, size):
            if len({move.term for move in chosen}) < size:
                continue
            changed = duel.changed(chosen)
            values = engine.values(engine.scores(changed), np.arange(len(engine.knowledge)))
            if values[second] > values[first]:
                found.add(frozenset((move.kind, engine.knowledge.ontology.ids[move.term]) for move in chosen))
        if found:
            return size, found
    return None, set()


@pytest.mark.parametrize("method", ["embedded", "likelihood-ratio", "rrf"])
@pytest.mark.parametrize("kinds", [("flip", "remove"), ("add",), ("flip", "remove", "add")])
def test_the_smallest_sets_are_those_that_trying_everything_finds(toy_engine, toy, method, kinds) -> None:
    engine = toy_engine(method)
    sizes = []
    for seed in range(4):
        query = some_query(toy, seed)
        size, sets = smallest_by_brute_force(engine, query, kinds)
        found = counterfactual(engine, query, kinds=kinds, shown=10_000, pools=EVERYTHING)
        sizes.append(size)
        if size is None:
            assert found.size is None or found.size > 2
            continue
        told = {frozenset((change.kind, change.id) for change in flip.changes) for flip in found.flips}
        assert (found.size, found.exact, told) == (size, True, sets)
    assert any(sizes)


def test_two_scored_alone_get_the_scores_they_have_among_all(toy_engine, toy) -> None:
    engine, query = toy_engine(), some_query(toy, 1)
    duel = Duel(engine, query, None, None)

    among_all = engine.values(engine.scores(query)[duel.pair], duel.pair)

    assert duel.lead([]) == pytest.approx(among_all[1] - among_all[0], abs=1e-5)


def test_a_chosen_pair_is_told_with_its_names_and_what_leads_then(toy_engine, toy) -> None:
    engine, query = toy_engine(), some_query(toy, 2)
    places = order(engine, query)

    found = counterfactual(engine, query, places[0], places[3])

    assert (found.first_id, found.second_id) == (toy.disease_ids[places[0]], toy.disease_ids[places[3]])
    for flip in found.flips:
        assert flip.second_probability >= flip.first_probability
        assert flip.new_first_id in list(toy.disease_ids)


def test_the_pair_must_be_two(toy_engine, toy) -> None:
    with pytest.raises(UsageError, match="two different"):
        counterfactual(toy_engine(), some_query(toy, 3), 1, 1)


def test_a_single_disease_has_nothing_to_be_compared_with(toy_cache) -> None:
    base = make_knowledge(seed=5, terms=20, diseases=1)

    with pytest.raises(UsageError, match="no two diseases"):
        counterfactual(Engine(base, "likelihood-ratio"), Query.of(base, [term_id(3)]))


def test_a_denied_hallmark_lets_the_next_disease_lead(knowledge) -> None:
    marfan = ["HP:0001083", "HP:0001166", "HP:0002616", "HP:0001634", "HP:0000767"]
    query = Query.of(knowledge, marfan)
    engine = Engine(knowledge)

    found = counterfactual(engine, query, kinds=("flip", "remove"))

    leading = [one.name for one in engine.differential(query, explain=False).differential[:2]]
    assert [found.first, found.second] == leading
    assert found.flips
    assert {change.before for flip in found.flips for change in flip.changes} == {"present"}
    assert all(flip.second_probability > flip.first_probability for flip in found.flips)


def test_changes_after_which_the_second_itself_leads_come_first(toy_engine, toy) -> None:
    engine, orders = toy_engine("embedded"), []
    for seed in range(12):
        found = counterfactual(engine, some_query(toy, seed), shown=4)
        orders.append([flip.new_first_id == found.second_id for flip in found.flips])

    assert all(leads == sorted(leads, reverse=True) for leads in orders)
    assert any(leads and leads[0] and not leads[-1] for leads in orders)
