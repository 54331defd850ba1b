"""A disease by its name from the index: the same as the best of a full search, for every way of writing it."""

from __future__ import annotations

import random

import pytest

from osler.knowledge.search import best, named_disease, search_diseases


def test_it_finds_what_the_search_finds_best(knowledge):
    luck = random.Random(7)
    asked = ["gout", "Marfan", "OMIM:154700", "orpha 558", "", "?", "syndrome", "DEE", "Type 2 diabetes"]
    for name in luck.sample(knowledge.disease_names.tolist(), 6):
        asked += [
            name,
            name.upper(),
            name.rsplit(" ", 1)[0],
            name.replace(" syndrome", ""),
            name[: len(name) // 2],
        ]
    for words in asked:
        found, wanted = named_disease(knowledge, words), best(search_diseases(knowledge, words))
        assert (found and (found.id, found.kind)) == (wanted and (wanted.id, wanted.kind)), words


@pytest.mark.parametrize("words", ["Marfan syndrome", "marfan's syndrome", "MARFAN", "OMIM:154700"])
def test_marfan_by_several_names(knowledge, words):
    found = named_disease(knowledge, words)
    assert found is not None and found.id == "OMIM:154700"
