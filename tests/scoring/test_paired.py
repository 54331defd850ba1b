"""Two systems on the same cases."""

import numpy as np
import pytest

from osler.scoring.paired import compare_hits, compare_scores, mcnemar_exact, sign_flip_test


def test_exact_mcnemar_is_the_binomial_of_the_discordant_pairs():
    assert mcnemar_exact(9, 1) == pytest.approx(2 * (1 + 10) / 2**10)
    assert mcnemar_exact(5, 5) == 1.0
    assert mcnemar_exact(0, 0) == 1.0


def test_hits_are_compared_with_wins_losses_and_ties():
    first = [1, 0, 0, 0, 1]
    second = [1, 1, 1, 0, 0]
    result = compare_hits(first, second, groups=list("aabbc"))
    assert (result.wins, result.losses, result.ties) == (2, 1, 2)
    assert result.difference == pytest.approx(0.2)
    assert result.ci.low <= result.difference <= result.ci.high
    assert result.test == "mcnemar-exact" and result.p == 1.0


def test_the_difference_is_second_minus_first():
    first, second = np.zeros(50), np.ones(50)
    assert compare_scores(first, second, groups=range(50)).difference == 1
    assert compare_scores(second, first, groups=range(50)).difference == -1


def test_one_publication_that_changes_is_no_evidence_however_many_cases_it_has():
    first = np.zeros(100)
    second = np.r_[np.ones(50), np.zeros(50)]
    one_publication_changed = ["a"] * 50 + ["b"] * 50
    assert sign_flip_test(first, second, one_publication_changed) == 1.0
    assert sign_flip_test(first, second, range(100)) < 0.001


def test_two_equal_systems_do_not_differ():
    result = compare_scores([0.5, 1.0], [0.5, 1.0], groups=["a", "b"])
    assert (result.difference, result.p, result.wins, result.losses, result.ties) == (0, 1.0, 0, 0, 2)


def test_p_is_uniform_when_nothing_differs_in_truth():
    rng = np.random.default_rng(3)
    ps = [sign_flip_test(rng.random(30), rng.random(30), range(30), permutations=199) for _ in range(200)]
    assert 0.01 <= np.mean(np.array(ps) <= 0.05) <= 0.1


def test_different_cases_on_the_two_sides_are_refused():
    with pytest.raises(ValueError, match="same cases"):
        compare_hits([1, 0], [1], groups=["a", "b"])
