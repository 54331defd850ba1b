"""Measures of retrieval against figures worked out by hand, and against ir-measures (which stands on trec_eval)."""

import math
import random

import pytest

from osler.errors import UsageError
from osler.scoring.retrieval import RetrievalScorer, measure, ndcg_at, scores

JUDGED = {"a": 3.0, "b": 2.0, "c": 0.0, "d": 1.0}


def test_the_ideal_order_gives_one_and_nothing_relevant_gives_nought():
    assert ndcg_at(["a", "b", "d", "c"], JUDGED) == pytest.approx(1.0)
    assert ndcg_at(["c", "x"], JUDGED) == 0.0 and ndcg_at(["a"], {"a": 0.0}) == 0.0


def test_a_ranking_worked_out_by_hand():
    # gains 0, 2, 3 at ranks 1, 2, 3: 2/log2(3) + 3/log2(4) = 1.261860 + 1.5; ideal 3 + 2/log2(3) + 1/2 = 4.761860
    assert ndcg_at(["c", "b", "a"], JUDGED) == pytest.approx(2.761860 / 4.761860, abs=1e-6)


def test_only_the_first_k_count_and_the_ideal_is_cut_too():
    assert ndcg_at(["b", "a"], JUDGED, k=1) == pytest.approx(2 / 3)


def test_an_id_that_stands_twice_counts_once():
    assert ndcg_at(["b", "b", "a"], JUDGED) == ndcg_at(["b", "a"], JUDGED)
    assert ndcg_at(["b", "a"], {"a": 3, "b": 2}) == pytest.approx(
        (2 + 3 / math.log2(3)) / (3 + 2 / math.log2(3))
    )


def test_the_other_measures_worked_out_by_hand():
    # relevant: a, b, d; found at places 2 (b) and 4 (a) of five
    ranked = ["x", "b", "c", "a", "y"]
    found = scores(
        ranked, JUDGED, ["R@2", "R@100", "P@2", "P@10", "AP", "RR", "RR@1", "Success@1", "Success@2"]
    )
    assert found == pytest.approx({
        "R@2": 1 / 3, "R@100": 2 / 3, "P@2": 1 / 2, "P@10": 2 / 10, "AP": (1 / 2 + 2 / 4) / 3, "RR": 1 / 2, "RR@1": 0.0,
        "Success@1": 0.0, "Success@2": 1.0,
    })  # fmt: skip


def test_names_that_are_no_measure_are_refused():
    for name in ("ndcg", "R", "P", "MRR", "nDCG@0", "R@-1"):
        with pytest.raises(UsageError, match="no measure"):
            measure(name)


def test_every_measure_equals_that_of_ir_measures():
    ir_measures = pytest.importorskip("ir_measures")
    names = [
        "nDCG@10",
        "nDCG@3",
        "nDCG",
        "R@5",
        "R@100",
        "P@5",
        "P@20",
        "AP",
        "AP@5",
        "RR",
        "RR@3",
        "Success@1",
    ]
    rng = random.Random(0)
    documents = [f"d{number:02}" for number in range(40)]
    judged = {
        f"q{number}": {one: rng.choice([0, 0, 1, 2, 3]) for one in rng.sample(documents, 15)}
        for number in range(50)
    }
    judged = {query: gains for query, gains in judged.items() if any(gains.values())}
    ranked = {query: rng.sample(documents, rng.randint(1, 40)) for query in judged}
    qrels = [
        ir_measures.Qrel(query, one, gain) for query, gains in judged.items() for one, gain in gains.items()
    ]
    run = [
        ir_measures.ScoredDoc(query, one, -float(place))
        for query, ranking in ranked.items()
        for place, one in enumerate(ranking)
    ]
    wanted = ir_measures.iter_calc([ir_measures.parse_measure(name) for name in names], qrels, run)
    for one in wanted:
        own = measure(str(one.measure))(ranked[one.query_id], judged[one.query_id])
        assert own == pytest.approx(one.value, abs=1e-9), (one.measure, one.query_id)


def test_means_have_intervals_and_queries_of_one_group_are_resampled_together():
    rows = [{"RR": 1.0, "AP": 0.2}, {"RR": 0.5, "AP": 0.4}, {"RR": 0.0}]
    found = RetrievalScorer.summarise(rows, ["a", "a", "b"])
    assert found["n"] == 3 and found["RR"] == 0.5 and found["AP"] == pytest.approx(0.3)
    low, high = found["ci"]["RR"]
    assert low == 0.0 and high == 0.75  # all draws of b alone, of a alone
