"""The question asked next is the one that brute-force search finds, and never one whose answer is known."""

import math

import numpy as np
import pytest
from diagnosis_toy import make_ontology, term_id
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.diagnosis.burden import CLASSES, HISTORY, IMAGING, cost_classes, questions_of
from osler.diagnosis.matching import Matching
from osler.diagnosis.next_question import information_gain, open_terms
from osler.diagnosis.query import Query

terms = st.lists(st.integers(1, 59), max_size=5)


def entropy(shares):
    return -sum(p * math.log2(p) for p in shares if p > 0)


def brute_gain(model, probability, term):
    """Entropy of the posterior less its expected entropy after the answer, by Bayes' rule."""
    chance = np.zeros(model.n)
    part = model.posting(term)
    chance[model.post_disease[part]] = model.post_frequency[part]
    before, after = entropy(probability), 0.0
    for share in (chance, 1 - chance):
        joint = probability * share
        if joint.sum() > 0:
            after += joint.sum() * entropy(joint / joint.sum())
    return before - after


@settings(max_examples=15)
@given(seed=st.integers(0, 1000))
def test_information_gain_equals_brute_force(toy_engine, seed):
    model = toy_engine("embedded").model
    probability = np.random.default_rng(seed).dirichlet(np.full(model.n, 0.3))
    gain = information_gain(model, probability)
    expected = [brute_gain(model, probability, t) for t in range(model.terms)]
    np.testing.assert_allclose(gain, expected, atol=2e-6)


@settings(max_examples=30)
@given(present=terms, absent=terms)
def test_nothing_is_asked_that_follows_from_what_is_known(toy, toy_engine, present, absent):
    engine = toy_engine("embedded")
    query = Query.of(toy, map(term_id, present), map(term_id, absent))
    matching, ontology = Matching(engine.model, query), toy.ontology
    known_present = {int(a) for t in query.present for a in ontology.ancestors.row(int(t))}
    known_absent = {int(d) for t in query.absent for d in ontology.descendants.row(int(t))}
    asked = set(np.flatnonzero(open_terms(matching)).tolist())
    assert asked == set(range(len(ontology))) - known_present - known_absent - {ontology.index(term_id(0))}
    probability, none_fits = engine.posterior(engine.scores(query), query)
    offered = {ontology.index(q.id) for q in engine.next_questions(query, probability, none_fits, 5)}
    assert offered <= asked


def test_a_sure_diagnosis_leaves_nothing_to_ask(toy, toy_engine):
    engine = toy_engine("embedded")
    sure = np.zeros(engine.model.n)
    sure[4] = 1.0
    assert engine.next_questions(Query.of(toy), sure, 0.0) == []


def test_skipped_terms_are_not_asked_again_and_relatives_not_together(toy, toy_engine):
    engine = toy_engine("embedded")
    query = Query.of(toy, [term_id(9)])
    probability, none_fits = engine.posterior(engine.scores(query), query)
    first = engine.next_questions(query, probability, none_fits, 4)
    positions = [toy.ontology.index(q.id) for q in first]
    for a in positions:
        assert not any(toy.ontology.is_a(a, b) for b in positions if b != a)
    second = engine.next_questions(query, probability, none_fits, 4, skip=np.array(positions[:1]))
    assert first[0].id not in [q.id for q in second]


def test_questions_are_plain_and_lay_words_come_first(toy, toy_cache):
    questions = questions_of(toy.ontology)
    assert questions.texts[1] == "Has there been plain words 1?" or "plain words 1" in questions.texts[1]
    assert questions.askable[1] and not questions.askable[3]


def test_the_nearest_root_decides_the_cost():
    ontology = make_ontology(np.random.default_rng(0), 30)
    child = next(int(c) for c in range(1, 30) if len(ontology.descendants.row(c)) > 1)
    classes = cost_classes(ontology, [(ontology.ids[child], IMAGING), (term_id(0), HISTORY)])
    below = ontology.descendants.row(child)
    assert set(classes[below]) == {IMAGING} and classes[ontology.index(term_id(0))] == HISTORY


def test_burden_grows_from_history_to_genetics():
    worth = [value for _, value in CLASSES]
    assert worth == sorted(worth, reverse=True) and worth[0] == pytest.approx(1)


def test_hpo_terms_fall_into_sensible_classes(knowledge):
    questions = questions_of(knowledge.ontology)
    expected = {
        "HP:0001250": "history",  # seizure
        "HP:0000252": "examination",  # microcephaly
        "HP:0001903": "laboratory",  # anemia
        "HP:0001629": "imaging",  # ventricular septal defect
        "HP:0002344": "history",  # progressive neurologic deterioration
    }
    assert {t: questions.cost_name(knowledge.ontology.index(t)) for t in expected} == expected
    assert questions.texts[knowledge.ontology.index("HP:0000252")].endswith("?")


def test_a_slash_of_a_label_is_read_out_as_or(knowledge):
    questions = questions_of(knowledge.ontology)
    text = questions.texts[knowledge.ontology.index("HP:0008056")]

    assert "aplasia or hypoplasia affecting the eye" in text
    assert "/" not in text
    labels = list(knowledge.ontology.labels)
    assert "beta/alpha" in questions.texts[labels.index("Reduced beta/alpha synthesis ratio")]
