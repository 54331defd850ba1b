"""Search as somebody types: the index finds what the plain search finds, in the same order."""

from __future__ import annotations

import pytest

from osler.knowledge.load import other_names
from osler.knowledge.search import named_disease, search_diseases, search_terms
from osler.knowledge.term_search import DiseaseSearch, TermSearch


@pytest.fixture(scope="module")
def index(knowledge) -> TermSearch:
    return TermSearch(knowledge.ontology)


@pytest.mark.parametrize(
    "words",
    [
        "seiz",
        "arachnodactyly",
        "Long slender fingers",
        "abnormality of the eye",
        "Abnormality",
        "big head",
        "HP:0001166",
        "hp_1166",
        "arachnodactily",
        "Alzheimer's",
        "loss hear",
        "x",
        "",
        "?!",
        "syndrome",
    ],
)
def test_the_index_finds_what_the_plain_search_finds(knowledge, index, words) -> None:
    assert index.search(words) == search_terms(knowledge.ontology, words)


def test_lay_words_find_the_term(index) -> None:
    assert "Arachnodactyly" in [match.name for match in index.search("spider fing")]


@pytest.mark.parametrize(
    "words", ["marfan", "ehlers danl", "OMIM:154700", "fibrosis cystic", "marfann", "syndrome", "", "?"]
)
def test_diseases_are_found_as_the_plain_search_finds_them(knowledge, words) -> None:
    assert DiseaseSearch(knowledge).search(words) == search_diseases(knowledge, words)


def test_another_name_finds_its_disease(knowledge) -> None:
    marfan = knowledge.disease_index("OMIM:154700")

    found = DiseaseSearch(knowledge, [(marfan, "Contractural habitus of Antoine")]).search("antoine")

    assert [(one.name, one.matched) for one in found] == [
        ("Marfan syndrome", "Contractural habitus of Antoine")
    ]


def test_a_name_of_another_source_finds_its_disease(data_dir, knowledge) -> None:
    found = DiseaseSearch(knowledge, other_names(knowledge)).search("freeman-sheldon")

    assert found[0].id == "OMIM:193700"
    assert found[0].matched == "Freeman-Sheldon syndrome"


@pytest.mark.parametrize(
    ("words", "first"),
    [("tall", "Tall stature"), ("short", "Short stature"), ("seiz", "Seizure"), ("gout", "Gout")],
)
def test_what_most_people_mean_comes_first(data_dir, knowledge, words, first) -> None:
    assert TermSearch(knowledge.ontology, knowledge).search(words)[0].name == first


def test_a_word_that_is_only_begun_comes_after_the_whole_word(knowledge) -> None:
    others = [(knowledge.disease_index("OMIM:154700"), "Gouters of old"), (0, "What is like gout")]

    found = DiseaseSearch(knowledge, others).search("gout")

    names = [one.matched for one in found if one.kind == "words"]
    assert "What is like gout" in names
    whole = [("gout" in name.lower().replace(",", " ").split()) for name in names]
    assert whole == sorted(whole, reverse=True)


@pytest.mark.parametrize("number", ["154700", " 154700 "])
def test_the_bare_number_of_omim_is_an_id(knowledge, number) -> None:
    for found in (search_diseases(knowledge, number), DiseaseSearch(knowledge).search(number)):
        assert [(one.id, one.kind) for one in found] == [("OMIM:154700", "id")]
    assert named_disease(knowledge, number).id == "OMIM:154700"


@pytest.mark.parametrize("words", ["15470", "999999", "1547000"])
def test_other_numbers_are_no_ids(knowledge, words) -> None:
    assert not [one for one in search_diseases(knowledge, words) if one.kind == "id"]
