"""Flips, Holm, effect sizes and power against published or hand-worked values."""

import json
import math

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from osler.cli.power import power
from osler.errors import UsageError
from osler.scoring.effect import cohen_h, paired_odds_ratio, verdict
from osler.scoring.flips import flips
from osler.scoring.holm import holm, standing
from osler.scoring.intervals import Interval
from osler.scoring.paired import mcnemar_exact
from osler.scoring.power import (
    cases_paired,
    cases_unpaired,
    independent_discordance,
    power_paired,
    smallest_difference,
)


def test_flips_both_ways():
    found = flips([1, 1, 1, 0, 0], [1, 0, 1, 1, 0], range(5), (list("AAABB"), list("ACAAC")))
    assert (found.kept_right, found.right_to_wrong, found.wrong_to_right, found.kept_wrong) == (2, 1, 1, 1)
    assert found.harm == found.rescue == 0.2 and found.p == 1.0 and found.changed == 3
    assert found.harm_ci.low <= 0.2 <= found.harm_ci.high


def test_flips_need_the_same_cases():
    with pytest.raises(ValueError, match="same cases"):
        flips([1, 0], [1], range(2))


def test_holms_own_procedure_by_hand():
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert standing({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == ["d", "a"]


def test_holm_leaves_out_what_was_not_tested():
    adjusted = holm({"a": 0.04, "b": math.nan})
    assert adjusted["a"] == 0.04 and math.isnan(adjusted["b"])
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm({"a": 1.2})


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_lowers_a_p_nor_changes_the_order(values):
    raw = dict(enumerate(values))
    adjusted = holm(raw)
    assert all(raw[i] <= adjusted[i] <= 1 for i in raw)
    assert sorted(raw, key=lambda i: (raw[i], i)) == sorted(raw, key=lambda i: (adjusted[i], raw[i], i))


def test_cohens_h():
    assert cohen_h(0.5, 0.5) == 0
    assert cohen_h(0.25, 0.5) == pytest.approx(2 * (math.pi / 4 - math.pi / 6))
    assert cohen_h(0.5, 0.25) == -cohen_h(0.25, 0.5)


def test_odds_ratio_of_matched_pairs():
    found = paired_odds_ratio(20, 5)
    assert found.value == 4
    # Clopper–Pearson of 20 of 25: 0.5930 to 0.9317.
    assert found.ci == pytest.approx((0.5930 / 0.4070, 0.9317 / 0.0683), rel=2e-3)
    assert paired_odds_ratio(3, 0).value == math.inf and paired_odds_ratio(3, 0).ci.high == math.inf
    assert math.isnan(paired_odds_ratio(0, 0).value)


def test_the_odds_ratios_interval_leaves_out_one_where_mcnemar_finds_a_difference():
    for wins, losses in ((20, 5), (12, 9), (9, 1), (30, 12)):
        ci = paired_odds_ratio(wins, losses).ci
        assert (mcnemar_exact(wins, losses) < 0.05) == (not ci.low <= 1 <= ci.high)


def test_win_tie_loss():
    assert verdict(Interval(0.01, 0.2)) == "win" and verdict(Interval(-0.3, -0.1)) == "loss"
    assert verdict(Interval(-0.01, 0.2)) == "tie" == verdict(Interval(0.01, 0.2), margin=0.02)


def test_paired_sample_size_by_hand():
    # Connor 1987 with ψ = .3, δ = .1: (1.95996 √.3 + .84162 √.29)² / .01.
    assert cases_paired(0.1, 0.3) == math.ceil((1.959964 * 0.3**0.5 + 0.841621 * 0.29**0.5) ** 2 / 0.01)
    assert cases_paired(0.1, 0.3, design_effect=2) == pytest.approx(2 * cases_paired(0.1, 0.3), abs=2)
    assert cases_paired(-0.1, 0.3) == cases_paired(0.1, 0.3)


def test_unpaired_sample_size_of_the_textbook():
    assert (
        cases_unpaired(0.1, 0.6) == 356
    )  # Fleiss's formula without continuity correction, 60 % against 70 %


def test_the_size_gives_the_power_that_was_asked_for_in_simulation():
    n, rng = cases_paired(0.1, 0.3), np.random.default_rng(0)
    draws = rng.multinomial(n, [0.2, 0.1, 0.7], size=600)  # wins, losses, ties: δ = .1, ψ = .3
    # The formula is that of the asymptotic test: z² = (b − c)² / (b + c).
    z = (draws[:, 0] - draws[:, 1]) / np.sqrt(draws[:, 0] + draws[:, 1])
    assert (np.abs(z) > 1.96).mean() == pytest.approx(0.8, abs=0.05)


def test_power_and_smallest_difference_invert_the_size():
    n = cases_paired(0.02, 0.15)
    assert power_paired(n, 0.02, 0.15) == pytest.approx(0.8, abs=1e-3)
    assert smallest_difference(n, 0.15) == pytest.approx(0.02, rel=0.02)
    assert smallest_difference(3, 0.1) is None


def test_impossible_questions_are_refused():
    for call in (
        lambda: cases_paired(0.2, 0.1),
        lambda: cases_paired(0, 0.1),
        lambda: cases_paired(2, 0.5),
        lambda: cases_unpaired(0.3, 0.8),
        lambda: cases_paired(0.1, 0.2, power=1),
        lambda: cases_paired(0.1, 0.2, design_effect=0.5),
    ):
        with pytest.raises(UsageError):
            call()


def test_independent_errors_disagree_most():
    assert independent_discordance(0.7, 0.02) == pytest.approx(0.7 * 0.28 + 0.72 * 0.3)


def test_the_command_answers_both_questions():
    app = typer.Typer()
    app.command()(power)
    run = CliRunner().invoke
    needed = json.loads(run(app, ["--difference", "0.02", "--discordance", "0.15", "--json"]).stdout)
    assert needed["paired"] == cases_paired(0.02, 0.15) and not needed["discordance_assumed"]
    seen = json.loads(run(app, ["--cases", "1000", "--json"]).stdout)
    assert seen["discordance_assumed"] and 0 < seen["smallest_difference"] < 0.1
    assert "cases" in run(app, ["--difference", "0.02"]).stdout
    assert isinstance(run(app, []).exception, UsageError)
