"""Each ranker gives what its formula says, whatever the order of the findings, and its parts add up."""

import numpy as np
import pytest
from diagnosis_brute import FORMULAS
from hypothesis import given, settings
from hypothesis import strategies as st

from osler import registry
from osler.diagnosis.matching import Matching
from osler.diagnosis.query import Query
from osler.diagnosis.rrf import fuse

METHODS = ("resnik", "likelihood-ratio", "boqa", "tfidf", "rrf", "embedded")


def query_of(knowledge, present, absent=()):
    ids = knowledge.ontology.ids
    return Query.of(knowledge, [ids[t] for t in present], [ids[t] for t in absent])


terms = st.lists(st.integers(1, 59), max_size=8)


def test_the_six_rankers_are_registered_with_their_sources():
    parts = {part.name: part for part in registry.parts("ranker")}
    assert set(METHODS) <= set(parts)
    assert (
        "Resnik" in parts["resnik"].source
        and "Bauer" in parts["boqa"].source
        and "Cormack" in parts["rrf"].source
    )
    assert all(part.summary.endswith((".", ";", ":")) or part.summary for part in parts.values())


@pytest.mark.parametrize("method", sorted(FORMULAS))
@settings(max_examples=25)
@given(present=terms, absent=terms)
def test_the_fast_ranking_equals_the_formula(toy, toy_engine, method, present, absent):
    engine, query = toy_engine(method), query_of(toy, present, absent)
    scores = engine.ranker.scores(Matching(engine.model, query))
    expected = [FORMULAS[method](engine.model, query, d) for d in range(engine.model.n)]
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)


def test_reciprocal_ranks_by_hand():
    # Ranks 1, 2.5, 2.5 and 3, 2, 1.
    fused = fuse([np.array([5.0, 1.0, 1.0]), np.array([0.1, 0.2, 0.3])])
    np.testing.assert_allclose(fused, [1 / 61 + 1 / 63, 1 / 62.5 + 1 / 62, 1 / 62.5 + 1 / 61])


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15)
@given(present=terms, absent=terms, seed=st.integers(0, 99))
def test_order_and_repetition_of_findings_change_nothing(toy, toy_engine, method, present, absent, seed):
    rng = np.random.default_rng(seed)
    engine = toy_engine(method)
    again = query_of(
        toy, rng.permutation(present + present).astype(int), rng.permutation(absent + absent).astype(int)
    )
    np.testing.assert_array_equal(engine.scores(query_of(toy, present, absent)), engine.scores(again))


@pytest.mark.parametrize("method", METHODS)
def test_a_batch_gives_what_single_queries_give(toy, toy_engine, method):
    engine, rng = toy_engine(method), np.random.default_rng(3)
    queries = [query_of(toy, rng.integers(1, 60, 5), rng.integers(1, 60, 2)) for _ in range(6)]
    withheld = [
        None,
        frozenset({"PMID:0"}),
        frozenset({"PMID:100", "PMID:201"}),
        None,
        frozenset({"PMID:9999"}),
        frozenset(),
    ]
    batch = engine.rank_batch(queries, withheld)
    assert batch.shape == (6, engine.model.n)
    for row, query, hidden in zip(batch, queries, withheld, strict=True):
        np.testing.assert_array_equal(row, engine.scores(query, hidden))


@pytest.mark.parametrize("method", ["likelihood-ratio", "tfidf", "boqa"])
@settings(max_examples=15)
@given(present=st.lists(st.integers(1, 59), min_size=1, max_size=8), absent=terms, disease=st.integers(0, 24))
def test_contributions_of_additive_rankers_sum_to_the_score(
    toy, toy_engine, method, present, absent, disease
):
    engine, query = toy_engine(method), query_of(toy, present, absent)
    assert engine.ranker.additive
    matching = Matching(engine.model, query)
    parts = engine.ranker.explain(matching, disease)
    assert sum(part.value for part in parts) == pytest.approx(
        engine.ranker.scores(matching)[disease], abs=1e-4
    )


def test_no_common_term_means_no_information(toy, toy_engine):
    engine = toy_engine("resnik")
    assert np.all(engine.ranker.scores(Matching(engine.model, query_of(toy, []))) == 0)
