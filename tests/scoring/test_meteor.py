"""METEOR on sentences worked out by hand."""

from __future__ import annotations

import pytest

from osler.scoring.meteor import align, chunks, meteor


def test_the_same_sentence_loses_only_the_penalty_of_one_chunk() -> None:
    assert meteor("the cat sat on the mat", "the cat sat on the mat") == pytest.approx(1 - 0.5 / 6**3)


def test_nothing_in_common_is_zero() -> None:
    assert meteor("aspirin", "metformin daily") == 0.0
    assert meteor("", "") == 0.0


def test_recall_weighs_nine_times_as_much_as_precision() -> None:
    # Two of four words match, of two in the reference: P 0.5, R 1, one chunk of two.
    f = 0.5 * 1 / (0.9 * 0.5 + 0.1 * 1)
    assert meteor("takes metformin daily now", "metformin daily") == pytest.approx(
        f * (1 - 0.5 * (1 / 2) ** 3)
    )


def test_words_of_one_stem_match_after_the_exact_ones() -> None:
    assert align(["treats", "treated"], ["treated", "fever"]) == [(1, 0)]
    assert align(["treats"], ["treated"]) == [(0, 0)]


def test_words_in_another_order_are_more_chunks() -> None:
    assert chunks(align(["on", "the", "mat"], ["the", "mat", "on"])) == 2
    assert meteor("mat the on", "on the mat") < meteor("on the mat", "on the mat")
