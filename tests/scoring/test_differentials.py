"""DDXPlus metrics on one patient, worked out by hand."""

import pytest

from osler.scoring.differentials import differential_scores, evidence_scores


def test_sets_above_one_percent_are_compared():
    truth = {"URTI": 0.6, "Influenza": 0.3, "Bronchitis": 0.1, "Ebola": 0.005}
    predicted = {"Influenza": 0.7, "URTI": 0.28, "GERD": 0.02, "Bronchitis": 0.0}
    scores = differential_scores(predicted, truth, pathology="URTI")
    assert scores["DDR"] == pytest.approx(2 / 3) and scores["DDP"] == pytest.approx(2 / 3)
    assert scores["DDF1"] == pytest.approx(2 / 3)
    assert (scores["GTPA"], scores["GTPA@1"], scores["GTPA@3"]) == (1, 0, 1)


def test_a_pathology_below_the_threshold_is_not_in_the_differential():
    scores = differential_scores({"GERD": 0.995, "URTI": 0.005}, {"URTI": 1.0}, pathology="URTI")
    assert scores == {"DDR": 0, "DDP": 0, "DDF1": 0, "GTPA": 0, "GTPA@1": 0, "GTPA@3": 0, "GTPA@5": 0}


def test_evidence_recall_counts_what_was_inquired_about():
    scores = evidence_scores(inquired={"E_91", "E_53", "E_1", "E_2"}, present={"E_91", "E_53", "E_77"})
    assert scores["PER"] == pytest.approx(2 / 3) and scores["PEP"] == 0.5
    assert evidence_scores(set(), {"E_1"}) == {"PER": 0, "PEP": 0, "PEF1": 0}
