"""Any one disease in its place among all: what the list says of it, also far beyond what a list would show."""

from __future__ import annotations

import pytest

from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query


@pytest.fixture(scope="module")
def engine(knowledge) -> Engine:
    return Engine(knowledge)


@pytest.fixture(scope="module")
def marfan(knowledge) -> Query:
    return Query.of(knowledge, present=["HP:0001083", "HP:0001166"], absent=["HP:0001250"])


def test_a_disease_of_the_list_is_as_the_list_says(engine, marfan) -> None:
    listed = engine.differential(marfan, top=30, next_questions=0).differential

    assert [engine.placed(marfan, engine.knowledge.disease_index(one.id)) for one in listed] == listed


def test_a_disease_far_down_has_its_place_and_what_speaks_against_it(engine, marfan) -> None:
    cystic_fibrosis = engine.knowledge.disease_index("OMIM:219700")

    found = engine.placed(marfan, cystic_fibrosis)

    assert found is not None
    assert found.rank > 50
    assert {one.label for one in (*found.support, *found.against)} >= {"Ectopia lentis", "Arachnodactyly"}
    assert found.missing


def test_a_disease_without_a_profile_has_no_place(engine, marfan) -> None:
    bare = next(i for i, size in enumerate(engine.model.sizes) if size == 0)

    assert engine.placed(marfan, bare) is None
