"""Rare-disease cases told as text: nothing but what was observed, ages and onsets in words, the same text every time."""

import json

import pytest

from osler.benchmarks.phenopackets_text import PhenopacketsText, age_in_words, told_case
from osler.case import Case, Finding, Onset, Term


def packet(identifier="PMID_1_proband", sex="MALE"):
    return {
        "id": identifier,
        "subject": {"id": "proband", "sex": sex, "timeAtLastEncounter": {"age": {"iso8601duration": "P7Y"}}},
        "phenotypicFeatures": [
            {"type": {"id": "HP:0001250", "label": "Seizure"}, "onset": {"age": {"iso8601duration": "P4M"}}},
            {"type": {"id": "HP:0001166", "label": "Arachnodactyly"}},
            {"type": {"id": "HP:0000518", "label": "Cataract"}, "excluded": True},
        ],
        "interpretations": [
            {"id": "i", "diagnosis": {"disease": {"id": "OMIM:154700", "label": "Marfan syndrome"}, "genomicInterpretations": []}}
        ],
        "metaData": {"externalReferences": [{"id": "PMID:123", "reference": "x", "description": "Marfan syndrome paper"}]},
    }  # fmt: skip


def read(tmp_path, content):
    (tmp_path / "one.json").write_text(json.dumps(content))
    return next(PhenopacketsText.items(tmp_path))


def test_a_case_is_told_in_words(tmp_path):
    item = read(tmp_path, packet())
    text = item.case.text
    for words in ("boy aged 7 years", "seizure (from the age of 4 months)", "arachnodactyly", "cataract"):
        assert words in text
    assert text.index("cataract") > text.index("arachnodactyly")
    assert item.reference.names == ("Marfan syndrome",) and item.reference.diseases == ("OMIM:154700",)


def test_publication_diagnosis_and_names_do_not_reach_the_case_nor_change_it(tmp_path):
    one = read(tmp_path, packet())
    assert not any(word in one.case.to_json() for word in ("Marfan", "154700", "PMID", "123"))
    other = packet("PMID_9_other")
    other["interpretations"][0]["diagnosis"]["disease"] = {"id": "OMIM:1", "label": "Gout"}
    other["metaData"]["externalReferences"][0]["id"] = "PMID:77"
    two = read(tmp_path, other)
    assert two.case == one.case and two.key == one.key and two.group == "PMID:77"


def test_wording_varies_between_cases_and_not_between_readings(tmp_path):
    case = Case(findings=[Finding(term=Term(id=f"HP:{i:07d}", label=f"Sign {i}")) for i in range(9)])
    told = {told_case(case, f"case-{i}") for i in range(20)}
    assert len(told) > 10
    assert told_case(case, "case-1") == told_case(case, "case-1")


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "0 days"), (1, "1 day"), (20, "2 weeks"), (90, "2 months"), (400, "13 months"), (731, "2 years"), (14610, "40 years")],
)  # fmt: skip
def test_ages_in_the_unit_that_says_them_well(days, words):
    assert age_in_words(days) == words


def test_onset_terms_and_birth_are_words():
    finding = Finding(
        term=Term(id="HP:1", label="HIV infection"),
        onset=Onset(term=Term(id="HP:2", label="Infantile onset")),
    )
    born = Finding(term=Term(id="HP:3", label="Cleft palate"), onset=Onset(age_days=0))
    text = told_case(Case(findings=[finding, born]), "k")
    assert "HIV infection (infantile onset)" in text and "cleft palate (from birth)" in text


def test_real_packets_read_and_tell_no_secret(data_dir):
    items = PhenopacketsText.items(data_dir / "phenopackets" / "pheval-lirical.zip")
    told = list(items)
    assert len(told) == 385
    assert not any("OMIM" in item.case.to_json() or "PMID" in item.case.to_json() for item in told)
