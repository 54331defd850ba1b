"""Whether a judge favours its own answers, on grades known by heart."""

from __future__ import annotations

import pytest

from osler.scoring.self_judging import self_judging


def test_a_judge_that_favours_itself_has_a_bias_and_a_better_author_has_none() -> None:
    # "good" is better by 2 in everybody's eyes; "vain" alone finds itself as good.
    grades = [
        ("good", "good", 5), ("good", "vain", 3),
        ("vain", "good", 5), ("vain", "vain", 5),
        ("neutral", "good", 5), ("neutral", "vain", 3),
    ]  # fmt: skip
    found = self_judging(grades)

    assert found.preference == {"good": 2.0, "vain": 0.0}
    assert found.bias["vain"] == pytest.approx(2.0)
    assert found.bias["good"] == pytest.approx(2.0 - (0 + 2) / 2)
    assert found.table()[0] == ["judge", "good", "vain", "bias"]
    assert found.table()[2] == ["vain", "5.00", "5.00", "+2.00"]


def test_without_other_judges_there_is_no_bias_to_tell() -> None:
    found = self_judging([("a", "a", 5), ("a", "b", 3)])

    assert found.preference == {"a": 2.0}
    assert found.bias == {"a": None}
