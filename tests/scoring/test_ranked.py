"""Ranks of the right answer, and what a tie costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.scoring.ranked import best_rank, mean_reciprocal_rank, pessimistic_rank, recall_at


def test_the_best_score_ranks_first():
    assert pessimistic_rank([0.1, 0.9, 0.5], 1) == 1
    assert pessimistic_rank([0.1, 0.9, 0.5], 0) == 3


def test_a_tie_counts_against_the_right_answer():
    assert pessimistic_rank([0.5, 0.5, 0.1], 0) == 2
    assert pessimistic_rank([0.5, 0.5, 0.1], 1) == 2


def test_a_ranker_that_says_the_same_of_everything_earns_nothing():
    assert pessimistic_rank(np.zeros(1000), 3) == 1000


def test_a_candidate_without_a_score_is_a_miss_and_never_ahead():
    assert pessimistic_rank([-np.inf, 1.0], 0) is None
    assert pessimistic_rank([np.nan, 1.0], 0) is None
    assert pessimistic_rank([np.nan, 1.0, -np.inf], 1) == 1


def test_a_group_is_hit_by_its_best_member_and_members_do_not_compete():
    scores = [0.9, 0.8, 0.8, 0.7]
    assert best_rank(scores, [1, 2]) == 2
    assert best_rank(scores, [2, 3]) == 3  # tied with candidate 1, an outsider
    assert best_rank([-np.inf, 1.0], [0]) is None


def test_recall_and_mrr_count_a_miss_as_zero():
    ranks = [1, 2, None, 10]
    assert recall_at(ranks, 1).tolist() == [1, 0, 0, 0]
    assert recall_at(ranks, 10).mean() == 0.75
    assert mean_reciprocal_rank(ranks) == pytest.approx((1 + 0.5 + 0 + 0.1) / 4)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_rank_does_not_depend_on_the_order_of_storage(scores, random):
    order = list(range(len(scores)))
    random.shuffle(order)
    shuffled = [scores[i] for i in order]
    assert pessimistic_rank(shuffled, order.index(0)) == pessimistic_rank(scores, 0)
