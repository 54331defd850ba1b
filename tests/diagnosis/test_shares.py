"""How a probability is written: never none or all by rounding, and the same everywhere."""

from __future__ import annotations

import pytest

from osler.diagnosis.shares import percent, signed


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "<0.1 %"),
        (0.0004, "<0.1 %"),
        (0.0123, "1.2 %"),
        (0.0996, "10 %"),
        (0.5, "50 %"),
        (0.994, "99.4 %"),
        (0.9987, "99.9 %"),
        (0.9996, ">99.9 %"),
        (1.0, ">99.9 %"),
        (None, "–"),
    ],
)
def test_a_probability_is_never_none_or_all_by_rounding(share, said) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.234, "+1.23"), (-1.234, "−1.23"), (-0.005, "−0.01"), (0.004, "0.00"), (-0.004, "0.00"), (0, "0.00")],
)
def test_a_contribution_has_its_sign_and_a_true_minus(value, said) -> None:
    assert signed(value) == said
