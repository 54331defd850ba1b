"""Withholding references recomputes only the diseases that cite them, and gives what compiling without those rows gives."""

import numpy as np
import pytest
from diagnosis_toy import annotation, make_ontology, term_id

from osler.diagnosis.engine import Engine
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model, compile_model, leave_out
from osler.diagnosis.query import Query
from osler.knowledge.compile import compile_knowledge
from osler.knowledge.profiles import Knowledge


def compiled(ontology, rows, checksum):
    meta = {"name": "toy", "release": "1", "checksum": checksum}
    return Knowledge(compile_knowledge(rows, ontology, meta=meta), ontology)


@pytest.fixture(scope="module")
def ontology():
    return make_ontology(np.random.default_rng(8), 40)


@pytest.fixture(scope="module")
def rows(ontology):
    rng = np.random.default_rng(9)
    made = []
    for d in range(12):
        for _ in range(6):
            reference = f"PMID:{int(rng.integers(1, 6))}"
            made.append(
                annotation(
                    f"OMIM:{d + 1}", term_id(int(rng.integers(1, 40))), reference, int(rng.integers(1, 4)), 4
                )
            )
    return made


@pytest.mark.parametrize("reference", ["PMID:1", "PMID:3"])
@pytest.mark.parametrize("method", ["resnik", "likelihood-ratio", "boqa", "tfidf"])
def test_replaced_columns_equal_a_full_recompute_with_the_same_statistics(
    ontology, rows, toy_cache, reference, method
):
    whole = compiled(ontology, rows, f"whole-{ontology.checksum}")
    engine = Engine(whole, method)
    query = Query.of(whole, [term_id(t) for t in (3, 17, 29, 35)], [term_id(11)])
    scores = engine.scores(query, frozenset({reference}))
    rest = compiled(ontology, [row for row in rows if reference not in row.references], "rest")
    again = Model(compile_model(rest), rest, statistics=engine.model)
    expected = engine.ranker.scores(Matching(again, query))
    places = [whole.disease_index(name) for name in rest.disease_ids]
    np.testing.assert_allclose(scores[places], expected, atol=1e-5)
    gone = np.setdiff1d(np.arange(len(whole)), places)
    assert np.all(np.isneginf(scores[gone]))


def test_only_citing_diseases_are_recompiled(ontology, rows, toy_cache):
    whole = compiled(ontology, rows, f"whole-{ontology.checksum}")
    model = Engine(whole, "tfidf").model
    diseases, part = leave_out(model, whole.citing("PMID:2"))
    citing = {row.disease for row in rows if "PMID:2" in row.references}
    assert {whole.disease_ids[int(d)] for d in diseases} == citing
    assert part.n == len(diseases) and part.information is model.information


def test_an_unknown_reference_withholds_nothing(toy, toy_engine):
    engine = toy_engine("embedded")
    query = Query.of(toy, [term_id(5), term_id(9)])
    np.testing.assert_array_equal(engine.scores(query), engine.scores(query, {"PMID:31415926"}))
