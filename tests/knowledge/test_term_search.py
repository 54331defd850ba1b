"""Search as somebody types: the index finds what the plain search finds, in the same order."""

from __future__ import annotations

import pytest

from osler.knowledge.load import other_names
from osler.knowledge.search import search_diseases, search_terms
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
