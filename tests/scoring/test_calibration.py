"""Calibration figures on answers whose value can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.scoring.calibration import auroc, brier, brier_skill, ece, reliability_table


def test_ece_weighs_each_bins_gap_by_its_size():
    confidence = [0.9, 0.9, 0.9, 0.1]
    correct = [1, 1, 0, 0]
    assert ece(confidence, correct, bins=10) == pytest.approx(3 / 4 * abs(0.9 - 2 / 3) + 1 / 4 * 0.1)


def test_the_reliability_table_keeps_only_bins_with_answers():
    rows = reliability_table([0.05, 0.95, 1.0], [0, 1, 1], bins=10)
    assert [(row.low, row.n) for row in rows] == [(0.0, 1), (0.9, 2)]
    assert rows[1].confidence == pytest.approx(0.975)


def test_brier_skill_compares_with_always_stating_the_base_rate():
    correct = [1, 0, 0, 0]
    assert brier([0.25] * 4, correct) == pytest.approx(0.1875)
    assert brier_skill([0.25] * 4, correct) == pytest.approx(0)
    assert brier_skill([1, 0, 0, 0], correct) == pytest.approx(1)
    assert brier_skill([1, 1, 1, 1], correct) < 0


def test_auroc_counts_ties_one_half():
    assert auroc([0.9, 0.8, 0.2], [1, 1, 0]) == 1
    assert auroc([0.5, 0.5], [1, 0]) == 0.5
    assert np.isnan(auroc([0.1, 0.2], [1, 1]))


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=40))
def test_auroc_equals_counting_pairs(answers):
    score = [s for s, _ in answers]
    positive = [p for _, p in answers]
    pairs = [(a > b) + (a == b) / 2 for a, p in answers for b, q in answers if p and not q]
    expected = sum(pairs) / len(pairs) if pairs else float("nan")
    assert auroc(score, positive) == pytest.approx(expected, nan_ok=True)


def test_a_confidence_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        ece([1.2], [1])


def test_no_answers_give_no_figure():
    assert np.isnan(ece([], [])) and np.isnan(brier([], [])) and np.isnan(brier_skill([], []))
