"""Figures from records that can be checked by hand."""

import pytest

from osler.evaluation.report import (
    calibration,
    coverage_by_year,
    cpu_figures,
    figures,
    none_fits_by_regime,
    none_fits_figures,
    regime_figures,
)
from osler.evaluation.store import RunStore

REGIMES = ["as-is", "not-cited", "not-cited-clean", "leave-out"]


def record(
    item,
    rank,
    *,
    left=None,
    cited=False,
    clean=True,
    listed=True,
    profile=True,
    p=0.5,
    group=None,
    masked=0.9,
):
    """One case whose diagnosis ranked `rank` with the full knowledge and `left` without its publication."""

    def view(rank):
        top = [{"id": "OMIM:1", "probability": p}]
        return {"rank": rank, "group_rank": rank and max(1, rank - 1), "none_fits": 0.2, "top": top}

    made = {
        "item": item,
        "id": f"case-{item}",
        "group": group or f"PMID:{item}",
        "year": 2000 + item,
        "reference": ["OMIM:1"],
        "present": 3,
        "absent": 0,
        "standing": {"listed": listed, "profile": profile, "cited": cited, "clean": clean, "emptied": False},
        "views": {"full": view(rank), "leave-out": view(left)},
    }
    return made | ({"none_fits_masked": masked} if profile else {})


def test_each_regime_ranks_its_own_cases_with_its_own_view():
    cases = [record(0, 1, left=4, cited=True), record(1, 2, left=2, clean=False), record(2, 1, left=1)]
    assert regime_figures(cases, "as-is")["R@1"] == pytest.approx(2 / 3, abs=1e-5)
    assert regime_figures(cases, "not-cited")["n"] == 2
    assert regime_figures(cases, "not-cited")["R@1"] == 0.5
    assert regime_figures(cases, "not-cited-clean")["R@1"] == 1
    assert regime_figures(cases, "leave-out")["R@1"] == pytest.approx(1 / 3, abs=1e-5)
    assert regime_figures(cases, "leave-out")["R@5"] == 1


def test_a_miss_counts_zero_and_a_group_hit_is_kept_apart():
    found = regime_figures([record(0, None), record(1, 2)], "as-is")
    assert (found["R@10"], found["MRR"], found["group_R@1"]) == (0.5, 0.25, 0.5)


def test_intervals_are_clustered_by_publication():
    apart = regime_figures([record(i, 1 + i % 2) for i in range(40)], "as-is")
    together = regime_figures([record(i, 1 + i % 2, group=f"PMID:{i % 2}") for i in range(40)], "as-is")
    assert apart["R@1"] == together["R@1"] == 0.5
    assert together["ci"]["R@1"] == [0, 1]
    assert apart["ci"]["R@1"][0] > 0.3
    assert together["publications"] == 2


def test_no_hit_at_all_is_not_certainty():
    found = regime_figures([record(i, 50) for i in range(10)], "as-is")
    assert found["R@1"] == 0 and found["ci"]["R@1"][0] == 0 and 0.2 < found["ci"]["R@1"][1] < 0.4


def test_one_publication_has_no_interval():
    found = regime_figures([record(i, i + 1, group="PMID:1") for i in range(4)], "as-is")
    assert found["R@1"] == 0.25 and found["ci"]["R@1"] == [None, None]


def test_no_cases_give_null_and_not_zero():
    found = regime_figures([], "as-is")
    assert found["n"] == 0 and found["R@1"] is None and found["ci"]["R@1"] == [None, None]


def test_calibration_is_of_the_first_ranked_disease():
    found = calibration([record(0, 1, p=0.9), record(1, 1, p=0.9), record(2, 5, p=0.1)], "as-is")
    assert found["auroc"] == 1 and found["ece"] == pytest.approx(0.1) and found["brier_skill"] > 0
    assert [row["n"] for row in found["reliability"]] == [1, 2]


def test_none_fits_compares_the_same_cases_with_and_without_their_disease():
    uncited = [record(0, 1, masked=0.9), record(1, 1, masked=0.1)]
    found = none_fits_figures([*uncited, record(2, None, profile=False)], uncited)
    assert (found["n"], found["auroc"], found["n_unprofiled"]) == (2, 0.5, 1)


def test_none_fits_is_told_for_both_regimes():
    cases = [record(0, 1, masked=0.9, cited=True), record(1, 1, masked=0.1), record(2, None, profile=False)]
    found = none_fits_by_regime(cases, cases[:2])
    assert {regime: figures["n"] for regime, figures in found.items()} == {"as-is": 2, "not-cited": 1}


def test_coverage_by_year():
    rows = coverage_by_year([record(5, 1), record(5, None, profile=False), record(7, 1)])
    assert rows == [{"year": 2005, "n": 2, "coverage": 0.5}, {"year": 2007, "n": 1, "coverage": 1.0}]


def test_time_is_that_of_cases_that_were_ranked():
    times = [{"item": i, "rank_ms": ms, "total_ms": 10.0} for i, ms in enumerate([1.0, 3.0, 2.0, 0.0])]
    assert cpu_figures(times)["median"] == 2.0


def test_figures_of_a_run_folder(tmp_path):
    manifest = {
        "benchmark": "phenopackets",
        "method": "toy",
        "items": 4,
        "arguments": {"regimes": REGIMES},
        "weights": "none",
        "knowledge": {},
    }
    with RunStore.create(tmp_path, manifest) as store:
        store.append([record(0, 1, left=1), record(1, None, listed=False, profile=False)], [])
        store.append([{"item": 2, "file": "broken.json", "error": "is not valid JSON"}], [])
    found = figures(tmp_path)
    assert (found["n"], found["rankable"], found["coverage"], found["unfinished"]) == (2, 1, 0.5, 1)
    assert found["regimes"]["as-is"]["R@1"] == 1 and found["all"]["as-is"]["R@1"] == 0.5
    assert found["failures"] == [{"file": "broken.json", "error": "is not valid JSON"}]
    assert set(found["regimes"]) == set(found["all"]) == set(REGIMES)
    assert {"ece", "brier_skill", "auroc"} <= set(found["calibration"])
