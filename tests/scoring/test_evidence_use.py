"""Stages of answers from passages: selection by hand, verdicts by words, citations."""

import pytest

from osler.scoring.evidence_use import (
    Marks,
    Used,
    contained,
    factuality,
    passage_precision,
    score_stages,
    selection,
    statements_of,
    summarise_stages,
)

PLACES = (("a", 0, 10), ("b", 0, 10), ("b", 20, 30), ("c", 0, 5))


def test_passages_are_marked_by_document_or_by_place():
    assert passage_precision(PLACES, {"b"}) == 0.5
    assert passage_precision(PLACES, {("b", 20, 30)}) == 0.25
    assert passage_precision((), {"b"}) is None


def test_selection_counts_what_was_used_against_what_was_marked():
    found = selection([("a", 0, 10), ("c", 0, 5)], {"a", ("b", 20, 30)})
    assert (found.true, found.false, found.missed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("statement", "text", "verdict"),
    [
        ("Colchicine treats gout", "It is known that colchicine treats acute gout.", "supported"),
        ("Colchicine treated gout", "Colchicine treats gout.", "supported"),
        ("Colchicine treats gout", "Colchicine does not treat gout.", "contradicted"),
        ("Aspirin is not given to children", "Aspirin is given to children.", "contradicted"),
        ("Give 200 mg daily", "Give 500 mg daily.", "neither"),
        ("Colchicine treats gout", "Colchicine is a poison. Gout hurts; salt treats ice.", "neither"),
        ("Colchicine treats gout", "", "neither"),
        ("", "Colchicine treats gout.", "neither"),
    ],
)
def test_verdicts_by_words(statement, text, verdict):
    assert contained(statement, text) == verdict


def test_statements_are_sentences_without_their_citations():
    assert statements_of("Give rest [1, 2]. It is 3.5 mg.\nStop [3].") == [
        "Give rest.",
        "It is 3.5 mg.",
        "Stop.",
    ]


def test_shares_of_verdicts():
    assert factuality(["supported", "contradicted", "neither", "supported"]) == {
        "supported": 0.5,
        "contradicted": 0.25,
    }
    assert factuality([]) == {"supported": None, "contradicted": None}


def test_a_citation_of_nothing_that_was_shown_does_not_resolve():
    marks = Marks(frozenset({"a"}))
    used = Used(PLACES, PLACES[:1], PLACES[:1], ("Rest helps.",), "Rest helps.", unknown=1)
    found = score_stages(marks, used)
    assert found["citations_resolve"] == 0.5 and found["in_view_precision"] == 1.0
    assert found["citation_recall"] == found["citation_precision"] == 1.0


def test_figures_are_over_the_cases_that_have_them():
    found = summarise_stages([{"supported": 1.0}, {"supported": 0.0, "completeness": 1.0}], ["x", "y"])
    assert found["supported"] == 0.5 and found["of"] == {"supported": 2, "completeness": 1}
