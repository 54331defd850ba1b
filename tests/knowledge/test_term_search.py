"""Search as somebody types: the index finds what the plain search finds, in the same order."""

from __future__ import annotations

import pytest

from osler.knowledge.search import search_terms
from osler.knowledge.term_search import TermSearch


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
