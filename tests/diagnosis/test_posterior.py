"""Probabilities and the none-fits mass sum to one, and what is taken out gets nothing."""

import numpy as np
import pytest
from diagnosis_toy import term_id
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.diagnosis.posterior import DEFAULTS, SIGNS, none_of_them, posterior, signs
from osler.diagnosis.query import Query

terms = st.lists(st.integers(1, 59), max_size=6)


@pytest.mark.parametrize("method", ["embedded", "embedded-strict", "resnik", "rrf", "naive-bayes"])
@settings(max_examples=20)
@given(present=terms, absent=terms, masked=st.lists(st.integers(0, 24), max_size=24))
def test_probabilities_and_none_fits_sum_to_one(toy, toy_engine, method, present, absent, masked):
    engine = toy_engine(method)
    query = Query.of(toy, map(term_id, present), map(term_id, absent))
    scores = engine.scores(query)
    scores[masked] = -np.inf
    probability, none_fits = engine.posterior(scores, query)
    assert probability.sum() + none_fits == pytest.approx(1)
    assert np.all(probability >= 0) and 0 <= none_fits <= 1
    assert np.all(probability[masked] == 0)


def test_a_better_score_is_never_less_probable(toy, toy_engine):
    engine = toy_engine("embedded")
    query = Query.of(toy, [term_id(7), term_id(23), term_id(41)])
    scores = engine.scores(query)
    probability, _ = engine.posterior(scores, query)
    order = np.argsort(-scores, kind="stable")
    assert np.all(np.diff(probability[order]) <= 1e-12)


def test_priors_of_the_knowledge_shift_the_odds_exactly(toy_engine):
    model = toy_engine("naive-bayes").model
    query = Query.of(model.knowledge, [term_id(7)])
    scores, prior = np.zeros(model.n), np.zeros(model.n)
    prior[3] = np.log(4.0)
    probability, _ = posterior(scores, query, model, {**DEFAULTS, "none": None}, prior)
    assert probability[3] / probability[4] == pytest.approx(4)


def test_when_nothing_is_scored_nothing_fits(toy_engine):
    model = toy_engine("embedded").model
    query = Query.of(model.knowledge, [term_id(7)])
    probability, none_fits = posterior(np.full(model.n, -np.inf), query, model, dict(DEFAULTS))
    assert none_fits == 1 and not probability.any()


def test_none_fits_follows_its_logistic_regression(toy, toy_engine):
    engine = toy_engine("embedded")
    query = Query.of(toy, [term_id(7), term_id(12)])
    scores = engine.scores(query)
    values = signs(scores, query, engine.model)
    assert len(values) == len(SIGNS)
    flat = {
        "mean": values.tolist(),
        "scale": [1.0] * len(SIGNS),
        "weights": [1.0] * len(SIGNS),
        "bias": np.log(3),
    }
    parameters = {**DEFAULTS, "none": flat}
    assert none_of_them(scores, query, engine.model, parameters) == pytest.approx(0.75)
