"""Ranked lists by name: levels of sameness apart, places in the list, length and duplicates."""

import pytest

from osler.scoring.names import NameMatcher, folded
from osler.scoring.ranked_names import RankedNames, reward
from osler.scoring.references import DiagnosisReference
from osler.trace import Answer, Candidate


@pytest.fixture(scope="module")
def matcher(knowledge):
    return NameMatcher(knowledge)


def listed(*names, **about):
    return Answer(kind="differential", differential=[Candidate(id="", name=name) for name in names], **about)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("", "marfan SYNDROME"), ("", "Marfan syndrome"), "exact"),
        (("OMIM:154700", ""), ("OMIM:154700", ""), "exact"),
        (("ORPHA:558", ""), ("OMIM:154700", ""), "synonym"),
        (("", "Marfan's disease"), ("OMIM:154700", ""), "synonym"),
        (("", "Aneurysm, abdominal aortic"), ("", "Abdominal aortic aneurysm"), "synonym"),
        (("", "heart attack"), ("", "Myocardial infarction"), "synonym"),
        (("", "Stargardt disease 4"), ("OMIM:248200", ""), "group"),
        (("", "Stargardt disease"), ("OMIM:248200", ""), "group"),
        (("", "Noonan syndrome"), ("OMIM:154700", ""), None),
        (("", ""), ("", ""), None),
    ],
)
def test_levels(matcher, one, other, level):
    assert matcher.level(one, other) == level
    assert matcher.level(other, one) == level


def test_ranks_are_kept_apart_by_level(matcher):
    right = DiagnosisReference(("Stargardt disease 1",), ("OMIM:248200",))
    answer = listed("Gout", "Stargardt disease 3", "Disease, Stargardt, type 1", "Stargardt disease 1")
    found = RankedNames.score(right, answer, matcher)
    assert [found[f"rank {level}"] for level in ("exact", "synonym", "group")] == [4, 3, 2]
    assert found["correct"] == 0.0 and found["length"] == 4


def test_synonyms_are_counted_as_duplicates_and_keep_their_places(matcher):
    right = DiagnosisReference(("Gout",))
    found = RankedNames.score(right, listed("Marfan syndrome", "Marfan's disease", "Gout"), matcher)
    assert found["duplicates"] == 1 and found["rank exact"] == 3


def test_the_reward_falls_with_rank_and_with_length():
    assert reward(1, 1) == 1.0
    assert reward(1, 10) == pytest.approx(1 - 0.02 * 9)
    assert reward(2, 2) == 0.5 > reward(3, 3) > reward(3, 10)
    assert reward(None, 10) == 0.0


def test_figures_by_hand(matcher):
    right = DiagnosisReference(("Gout",))
    rows = [
        RankedNames.score(right, answer, matcher)
        for answer in (listed("Gout"), listed("Lupus", "Gout"), Answer(kind="differential", unreadable=True))
    ]
    found = RankedNames.summarise(rows, range(3))
    assert found["R@1"] == pytest.approx(1 / 3) and found["R@3"] == pytest.approx(2 / 3)
    assert found["MRR"] == pytest.approx(0.5) and found["length"] == 1.0
    assert found["format_failures"] == 1 and found["levels"]["exact"]["R@1"] == found["R@1"]


def test_the_embedded_engines_candidates_match_by_id(matcher):
    right = DiagnosisReference((), ("ORPHA:558",))
    answer = Answer(kind="differential", differential=[Candidate(id="OMIM:154700", name="Marfan syndrome")])
    assert RankedNames.score(right, answer, matcher)["correct"] == 1.0


def test_folding():
    assert folded("Crohn’s disease") == folded("crohn's  Disease") == folded("Crohn disease")
    assert folded("Sjögren") == "sjogren" and folded("病") == "病"
