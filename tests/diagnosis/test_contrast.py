"""Two diseases side by side: what tells them apart comes first, each way round."""

from __future__ import annotations

from osler.diagnosis.contrast import contrast
from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query

MARFAN, HOMOCYSTINURIA = "OMIM:154700", "OMIM:236200"


def side_by_side(knowledge, first, second):
    query = Query.of(knowledge, ["HP:0001083", "HP:0001166", "HP:0002616"], ["HP:0001249"])
    places = [knowledge.disease_index(one) for one in (first, second)]
    return contrast(Engine(knowledge), query, *places)


def test_the_finding_that_tells_most_comes_first(knowledge) -> None:
    found = side_by_side(knowledge, MARFAN, HOMOCYSTINURIA)

    sizes = [abs(one.difference) for one in found.known]
    assert sizes == sorted(sizes, reverse=True)
    assert found.known[0].label == "Aortic root aneurysm"
    assert found.known[0].difference > 0
    assert {one.status for one in found.known} == {"present", "absent"}


def test_every_known_finding_is_in_it_and_no_known_one_is_called_open(knowledge) -> None:
    found = side_by_side(knowledge, MARFAN, HOMOCYSTINURIA)

    assert {one.id for one in found.known} == {"HP:0001083", "HP:0001166", "HP:0002616", "HP:0001249"}
    assert found.open
    assert not {one.id for one in found.open} & {one.id for one in found.known}


def test_the_other_way_round_the_differences_change_sign(knowledge) -> None:
    one, other = (
        side_by_side(knowledge, MARFAN, HOMOCYSTINURIA),
        side_by_side(knowledge, HOMOCYSTINURIA, MARFAN),
    )

    assert {t.id: t.difference for t in one.known} == {t.id: -t.difference for t in other.known}
    assert {t.id: t.difference for t in one.open} == {t.id: -t.difference for t in other.open}
