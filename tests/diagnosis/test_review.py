"""Review: a proposed disease held against its profile, in three kinds of evidence, each with its source."""

from __future__ import annotations

import pytest

from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query
from osler.knowledge.search import best, search_diseases

LENS, FINGERS, ROOT, SEIZURE = "HP:0001083", "HP:0001166", "HP:0002616", "HP:0001250"


@pytest.fixture(scope="module")
def engine(knowledge):
    return Engine(knowledge, "likelihood-ratio")


def index(knowledge, name):
    found = best(search_diseases(knowledge, name))
    assert found is not None
    return found.index


def test_marfan_is_supported_by_its_findings_with_citations(engine, knowledge):
    query = Query.of(knowledge, [LENS, FINGERS, ROOT])
    [found] = engine.review(query, [index(knowledge, "Marfan syndrome")])
    assert found.id == "OMIM:154700"
    support = {item.quote: item for item in found.evidence if item.supports}
    assert set(support) == {"Ectopia lentis", "Arachnodactyly", "Aortic root aneurysm"}
    assert all(item.references and item.score and item.score > 1 for item in support.values())
    assert not any(item.supports is False for item in found.evidence)


def test_typical_findings_not_mentioned_come_without_a_direction(engine, knowledge):
    query = Query.of(knowledge, [LENS, FINGERS])
    [found] = engine.review(query, [index(knowledge, "Marfan syndrome")])
    missing = [item for item in found.evidence if item.supports is None]
    assert missing and all(item.score_unit == "frequency" and item.score >= 0.5 for item in missing)
    assert not {item.quote for item in missing} & {"Ectopia lentis", "Arachnodactyly"}


def test_a_typical_finding_that_the_patient_lacks_contradicts(engine, knowledge):
    query = Query.of(knowledge, [LENS], [ROOT])
    [found] = engine.review(query, [index(knowledge, "Marfan syndrome")])
    assert [item.quote for item in found.evidence if item.supports is False] == ["no Aortic root aneurysm"]


def test_a_finding_that_the_profile_lacks_or_meets_only_far_up_speaks_neither_way(engine, knowledge):
    query = Query.of(knowledge, [LENS, SEIZURE])
    [found] = engine.review(query, [index(knowledge, "Marfan syndrome")])
    assert "Seizure" not in {item.quote for item in found.evidence}


def test_a_finding_that_the_profile_excludes_contradicts_with_the_citation(engine, knowledge):
    pairs = knowledge.pairs
    both = [
        (int(d), int(t))
        for d, t, negated in zip(pairs.disease, pairs.term, pairs.negated, strict=True)
        if negated
    ][:20]
    for disease, term in both:
        query = Query.of(knowledge, [knowledge.ontology.ids[term]])
        [found] = engine.review(query, [disease])
        [item] = [item for item in found.evidence if item.supports is False]
        assert item.quote == knowledge.ontology.labels[term] and item.references


def test_several_diseases_come_in_the_order_asked(engine, knowledge):
    asked = [
        index(knowledge, name) for name in ("Achromatopsia 2", "Marfan syndrome", "Loeys-Dietz syndrome 1")
    ]
    found = engine.review(Query.of(knowledge, [LENS]), asked)
    assert [one.id for one in found] == ["OMIM:216900", "OMIM:154700", "OMIM:609192"]
    assert engine.review(Query.of(knowledge, [LENS]), []) == []
