"""Every finding is accounted for in the reasons, with frequencies and citations that the rows bear out."""

import numpy as np
import pytest
from diagnosis_toy import term_id
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.diagnosis.query import Query

terms = st.lists(st.integers(1, 59), max_size=6)


@pytest.mark.parametrize(
    "method", ["embedded", "resnik", "boqa", "tfidf", "rrf", "likelihood-ratio", "naive-bayes"]
)
@settings(max_examples=10)
@given(present=terms, absent=terms)
def test_each_finding_speaks_for_or_against_each_disease(toy, toy_engine, method, present, absent):
    query = Query.of(toy, map(term_id, present), map(term_id, absent))
    result = toy_engine(method).differential(query, top=4, next_questions=0)
    ids = toy.ontology.ids
    told = sorted([ids[int(t)] for t in query.present] + [ids[int(t)] for t in query.absent])
    for disease in result.differential:
        assert sorted(reason.id for reason in disease.support + disease.against) == told
        assert all(reason.contribution > 0 for reason in disease.support)
        assert all(reason.contribution <= 0 for reason in disease.against)


def test_frequencies_and_citations_come_from_the_rows(toy, toy_engine):
    row = int(np.flatnonzero((toy.rows.den > 3) & (toy.rows.num > 0) & ~toy.rows.negated)[0])
    term, disease = int(toy.rows.term[row]), int(toy.rows.disease[row])
    query = Query.of(toy, [toy.ontology.ids[term]])
    result = toy_engine("embedded").differential(query, top=25, next_questions=0)
    own = next(d for d in result.differential if d.id == toy.disease_ids[disease])
    reason = (own.support + own.against)[0]
    part = toy.pairs.of(disease)
    stated = toy.pairs.frequency[part][toy.pairs.term[part] == term][0]
    assert reason.frequency is not None and reason.frequency >= float(stated) - 1e-3
    assert set(toy.references_of(row)) & set(reason.references)


def test_typical_findings_that_were_not_mentioned_are_listed(toy, toy_engine):
    engine = toy_engine("embedded")
    pairs = toy.pairs
    at = int(np.flatnonzero((pairs.frequency >= 0.9) & ~pairs.negated)[0])
    disease, typical = int(pairs.disease[at]), toy.ontology.ids[int(pairs.term[at])]
    other = next(t for t in range(1, 60) if not toy.ontology.is_a(t, int(pairs.term[at])))
    result = engine.differential(Query.of(toy, [term_id(other)]), top=25, next_questions=0)
    own = next(d for d in result.differential if d.id == toy.disease_ids[disease])
    assert typical in {missing.id for missing in own.missing}
    said_no = engine.differential(Query.of(toy, [term_id(other)], [typical]), top=25, next_questions=0)
    own = next(d for d in said_no.differential if d.id == toy.disease_ids[disease])
    assert typical not in {missing.id for missing in own.missing}
    assert typical in {reason.id for reason in own.against if reason.status == "absent"}


@settings(max_examples=40)
@given(
    present=st.lists(st.integers(1, 59), min_size=1, max_size=6),
    no=st.integers(1, 59),
    disease=st.integers(0, 24),
)
def test_saying_no_to_a_finding_of_a_disease_never_raises_its_score(toy, toy_engine, present, no, disease):
    engine = toy_engine("embedded")
    before = Query.of(toy, map(term_id, present))
    after = Query.of(toy, map(term_id, present), [term_id(no)])
    if after.notices:
        return  # what is present with a special form cannot be denied
    assert engine.scores(after)[disease] <= engine.scores(before)[disease] + 1e-9


def test_the_result_has_the_shape_of_the_command_line(toy, toy_engine):
    result = toy_engine("embedded").differential(Query.of(toy, [term_id(5), term_id(8)], [term_id(30)]))
    data = result.model_dump()
    assert {"differential", "none_fits", "next", "knowledge", "score_unit", "notices"} <= set(data)
    first = data["differential"][0]
    assert first["rank"] == 1
    assert {"id", "xrefs", "name", "group", "probability", "score", "support", "against", "missing"} <= set(
        first
    )
    assert {"id", "label", "contribution", "frequency", "references"} <= set(
        (first["support"] + first["against"])[0]
    )
    assert {"name", "release", "diseases", "checksum"} == set(data["knowledge"])
    answer = result.answer()
    assert answer.kind == "differential" and answer.differential[0].id == first["id"]
    assert answer.confidence == first["probability"]
