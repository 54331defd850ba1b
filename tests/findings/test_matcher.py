"""Names in texts: normalisation, word order, coordination, longest and nested matches, exact spans."""

from __future__ import annotations

import numpy as np
import pytest

from osler.findings.lexicon import Name, _usable, load_lexicon
from osler.findings.matcher import CHUNK, find_matches


@pytest.fixture(scope="module")
def lexicon(knowledge):
    return load_lexicon(knowledge.ontology)


@pytest.fixture(scope="module")
def found(lexicon):
    """A function: text → [(text of the match, label)]."""

    def find(text, nested=False):
        labels = lexicon.ontology.labels
        return [(text[m.start : m.end], labels[m.term]) for m in find_matches(text, lexicon, nested)]

    return find


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("seizures", "Seizure"),
        ("SEIZURE", "Seizure"),
        ("microcephalic", "Microcephaly"),
        ("ataxic", "Ataxia"),
        ("anaemia", "Anemia"),
        ("oedema", "Edema"),
        ("œdema", "Edema"),
        ("tumour", "Neoplasm"),
        ("brain tumours", "Brain neoplasm"),
        ("pre-auricular pit", "Preauricular pit"),
        ("low set ears", "Low-set ears"),
        ("low\u2013set ears", "Low-set ears"),
        ("cafe\u0301-au-lait spots", "Cafe-au-lait spot"),
        ("café-au-lait spots", "Cafe-au-lait spot"),
        ("calcification of the basal ganglia", "Basal ganglia calcification"),
        ("stature short", "Short stature"),
        ("cardiac malformations", "Abnormal heart morphology"),
        ("nosebleeds", "Epistaxis"),
        ("deaf", "Hearing impairment"),
        ("fifth finger clinodactyly", "Clinodactyly of the 5th finger"),
        ("ocular manifestations", "Abnormality of the eye"),
    ],
)
def test_variants_of_a_name(found, text, label):
    assert [name for _, name in found(f"Noted: {text}.")] == ([label] if label else [])


def test_the_longest_name_wins_and_nested_shows_all(found):
    text = "severe intellectual disability"
    assert found(text) == [(text, "Intellectual disability, severe")]
    assert ("intellectual disability", "Intellectual disability") in found(text, nested=True)


def test_a_coordination_gives_both_findings(found):
    assert ("palmar and plantar pits", "Palmar pits") in found("He has palmar and plantar pits.")
    assert ("plantar pits", "Plantar pits") in found("He has palmar and plantar pits.")
    assert ("cleft lip and palate", "Cleft palate") in found("cleft lip and palate", nested=True)
    labels = [name for _, name in found("conductive, sensorineural or mixed hearing loss")]
    assert labels == [
        "Conductive hearing impairment",
        "Sensorineural hearing impairment",
        "Mixed hearing impairment",
    ]


def test_a_finding_in_a_list_lends_its_head_to_nobody(found):
    assert [name for _, name in found("short stature, low-set ears and nail pits")] == [
        "Short stature", "Low-set ears", "Nail pits",
    ]  # fmt: skip


def test_names_do_not_reach_across_sentences_brackets_or_lists(found):
    assert found("His stature. Short of money.") == []
    assert found("the palate (cleft") == []
    assert found("- hearing\n- loss of a friend") == []


def test_abbreviations_only_in_capitals_and_only_where_they_mean_one_thing(found):
    assert found("VSD was closed") == [("VSD", "Ventricular septal defect")]
    assert found("several vsd") == []
    assert found("ASD was found") == []  # atrial septal defect or autism spectrum disorder


def test_an_abbreviation_of_two_terms_is_dropped():
    two = [Name("ABCD", 1, 20), Name("ABCD", 2, 20), Name("EFGH", 3, 20), Name("XY", 4, 20)]
    assert [name.text for name in _usable(two)] == ["EFGH"]


def test_everyday_words_are_no_findings(found):
    assert (
        found(
            "He was slow to answer; collecting stamps, cutting bread. The corn was fed to the affected animals."
        )
        == []
    )


def test_typed_names_are_not_articles(found):
    assert found("brachydactyly type A") == [("brachydactyly type A", "Type A brachydactyly")]
    assert [name for _, name in found("a type of brachydactyly")] == ["Brachydactyly"]


def test_offsets_hold_in_texts_longer_than_a_chunk(lexicon):
    text = ("Über 20 µm – no “pain”. " * 60 + "\r\nseizures\r\n") * (2 * CHUNK // 1440 + 2)
    matches = [m for m in find_matches(text, lexicon) if text[m.start : m.end] == "seizures"]
    assert len(matches) == text.count("seizures") and len(text) > 2 * CHUNK


def test_the_lexicon_survives_the_cache(knowledge, private_cache):
    first, second = load_lexicon(knowledge.ontology), load_lexicon(knowledge.ontology)
    assert np.array_equal(first.bags, second.bags) and len(second.vocabulary) > 10_000
    assert [p.name for p in (private_cache / "osler").glob("lexicon-hpo-*.arrays")]
