"""`osler disease` and `osler term` as people and scripts use them."""

import pytest


def test_a_profile_for_people(osler):
    ran = osler("disease", "marfan")
    assert ran.code == 0 and "Marfan syndrome" in ran.out and "OMIM:154700" in ran.out
    assert "Autosomal dominant inheritance" in ran.out and "PMID:" in ran.out and "hpo 2025-01-16" in ran.out


def test_a_profile_for_scripts(osler):
    found = osler("disease", "marfan", "--json").json
    assert found["id"] == "OMIM:154700" and found["matched_by"] == "short name"
    assert found["knowledge"]["release"] == "2025-01-16"
    lens = next(item for item in found["phenotypes"] if item["id"] == "HP:0001083")
    assert lens["references"] and 0 < lens["frequency"] <= 1 and lens["stated"]


def test_a_term_for_people_and_scripts(osler):
    ran = osler("term", "ectopia lentis")
    assert "Lens subluxation" in ran.out and "diseases have it" in ran.out
    found = osler("term", "ectopia lentis", "--json").json
    assert found["id"] == "HP:0001083" and found["diseases"] > 50 and len(found["most_frequent"]) == 10


def test_a_replaced_id_is_said(osler):
    ran = osler("term", "HP:0000057")
    assert ran.code == 0 and "is now HP:0008665" in ran.err


@pytest.mark.parametrize("words", [["disease", "epileptic encephalopathy"], ["term", "abnormality of the"]])
def test_several_are_listed_not_guessed(osler, words):
    ran = osler(*words)
    assert ran.code == 2 and "Perhaps one of these" in ran.err and ran.out == ""
    listed = osler(*words, "--json")
    assert listed.code == 2 and len(listed.json["suggestions"]) > 1


@pytest.mark.parametrize("words", [["disease", "xyzzy plugh"], ["term", "xyzzy plugh"], ["term", ""]])
def test_nothing_found_says_so(osler, words):
    ran = osler(*words)
    assert ran.code == 2 and "try an id, or other words" in ran.err
