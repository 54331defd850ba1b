"""Risk–coverage figures by hand, and what ties, perfect order and reversed order do to them."""

import math

import numpy as np
import pytest

from osler.scoring.selective import aurc, excess_aurc, risk_coverage, selective_accuracy


def test_curve_and_area_by_hand():
    confidence, correct = [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]
    assert risk_coverage(confidence, correct).tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert aurc(confidence, correct) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert selective_accuracy(confidence, correct, 0.5) == 0.5
    assert selective_accuracy(confidence, correct, 0.25) == 1.0
    assert selective_accuracy(confidence, correct, 1.0) == 0.5


def test_a_perfect_order_has_no_excess_and_a_reversed_one_the_most():
    correct = np.array([1, 1, 1, 0, 0])
    assert excess_aurc(correct, correct) == pytest.approx(0)
    shuffled = excess_aurc([0.5, 0.1, 0.9, 0.2, 0.8], correct)
    assert 0 < shuffled < excess_aurc(1 - correct, correct)


def test_ties_do_not_depend_on_the_order_of_rows():
    confidence, correct = np.full(6, 0.7), np.array([1, 1, 1, 0, 0, 0])
    assert aurc(confidence, correct) == pytest.approx(0.5) == pytest.approx(aurc(confidence, correct[::-1]))
    assert selective_accuracy(confidence, correct, 0.5) == pytest.approx(0.5)


def test_nothing_gives_nan_and_bad_input_an_error():
    assert math.isnan(aurc([], [])) and math.isnan(selective_accuracy([], [], 0.5))
    with pytest.raises(ValueError, match="coverage"):
        selective_accuracy([1], [1], 0)
    with pytest.raises(ValueError, match="one length"):
        aurc([1, 2], [1])
