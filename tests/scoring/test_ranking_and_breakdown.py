"""Rankings of systems by pairs, the accuracy–cost front, breakdowns by tag, and picking hard items."""

import numpy as np
import pytest

from osler.benchmarks.hard import hard_items
from osler.errors import UsageError
from osler.scoring.breakdown import breakdown
from osler.scoring.ranking import compare_many, pareto_front, rank_systems


def hits(share, n=200, seed=0):
    return (np.random.default_rng(seed).random(n) < share).astype(float)


def test_systems_are_ranked_and_compared_with_the_best():
    systems = {"low": hits(0.3, seed=1), "high": hits(0.9, seed=2), "same as high": hits(0.9, seed=2)}
    ranking = rank_systems(systems, range(200))
    assert [(row.place, row.name) for row in ranking] == [(1, "high"), (1, "same as high"), (3, "low")]
    assert ranking[1].against_best.verdict == "tie" and ranking[1].against_best.paired.p == 1.0
    low = ranking[2].against_best
    assert low.verdict == "loss" and low.p_holm < 1e-6 and low.odds_ratio.value < 1


def test_p_is_adjusted_over_all_comparisons():
    rng = np.random.default_rng(3)
    base = hits(0.5)
    systems = {"base": base} | {f"s{i}": np.where(rng.random(200) < 0.05, 1 - base, base) for i in range(6)}
    for one in compare_many(systems, "base", range(200)).values():
        assert one.p_holm >= one.paired.p


def test_graded_outcomes_are_compared_by_sign_flips_without_odds():
    rng = np.random.default_rng(4)
    a, b = rng.random(80), rng.random(80)
    found = compare_many({"a": a, "b": b}, "a", range(80))["b"]
    assert (
        found.paired.test == "cluster-sign-flip-permutation" and found.h is None and found.odds_ratio is None
    )


def test_the_front_holds_what_nothing_beats_in_both():
    points = {"cheap": (1, 0.5), "middle": (2, 0.7), "worse": (3, 0.6), "dear": (9, 0.9), "twin": (2, 0.7)}
    assert pareto_front(points) == ["cheap", "middle", "twin", "dear"]
    assert pareto_front({}) == []


def test_hard_items_are_those_that_few_models_answer():
    answers = {"a": [1, 0, 0, 1], "b": [1, 0, 1, 0], "c": [1, 0, 0, 1]}
    assert hard_items(answers, list("wxyz")) == ["x", "y"]
    assert hard_items(answers, list("wxyz"), below=0.2) == ["x"]
    with pytest.raises(UsageError, match="each item"):
        hard_items({"a": [1]}, list("wx"))


def test_a_weak_slice_is_flagged_and_noise_is_not():
    country = ["KE", "NG", "GH"] * 60
    rng = np.random.default_rng(5)
    rows = [{"correct": float(rng.random() < (0.3 if c == "KE" else 0.9))} for c in country]
    found = {one.value: one for one in breakdown(rows, [{"country": c} for c in country], range(180))}
    assert (found["KE"].flag, found["KE"].n) == ("weak", 60) and found["KE"].p < 0.01
    noise = [{"correct": float(rng.random() < 0.6)} for _ in country]
    tags = [{"country": c, "letter": str(i % 20)} for i, c in enumerate(country)]
    assert not any(one.flag for one in breakdown(noise, tags, range(180)))


def test_a_slice_made_of_few_groups_is_no_evidence():
    # 30 rows of one vignette, all wrong: one group cannot be told from chance.
    rows = [{"correct": 0.0}] * 30 + [{"correct": float(i % 2)} for i in range(30)]
    tags = [{"part": "odd"}] * 30 + [{"part": "rest"}] * 30
    groups = ["one vignette"] * 30 + [f"v{i}" for i in range(30)]
    assert not any(one.flag for one in breakdown(rows, tags, groups))


def test_rows_without_the_tag_or_the_metric_are_left_out():
    rows = [{"correct": 1.0}, {"other": 1.0}, {"correct": 0.0}]
    found = breakdown(rows, [{"a": "x"}, {"a": "x"}, {}], range(3))
    assert [(one.value, one.n, one.figure) for one in found] == [("x", 1, 1.0)]
