"""Stages of answers from passages: selection by hand, verdicts by words, citations."""

import pytest

from osler.scoring.evidence_use import (
    Marks,
    Used,
    citations,
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
    assert selection([("a", 0, 10), ("c", 0, 5)], {"a", ("b", 20, 30)}) == (0.5, 0.5)
    assert selection([], {"a"}) == (None, 0.0) and selection([("a", 0, 10)], ()) == (0.0, None)


def test_precision_is_over_the_passages_used_and_recall_over_the_marks():
    used = [("a", 0, 10), ("a", 20, 30), ("a", 40, 50), ("c", 0, 5)]
    assert selection(used, {"a"}) == (0.75, 1.0)  # three of four passages, one mark of one
    assert selection([("b", 0, 30)], {("b", 0, 5), ("b", 20, 30), ("b", 90, 95)}) == (1.0, 2 / 3)


def test_a_passage_that_was_cut_still_meets_the_mark_of_its_place():
    assert passage_precision([("b", 22, 28)], {("b", 20, 30)}) == 1.0
    assert passage_precision([("b", 30, 40)], {("b", 20, 30)}) == 0.0
    assert selection([("b", 25, 60)], {("b", 20, 30)}) == (1.0, 1.0)


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
    used = Used(
        PLACES, PLACES[:1], PLACES[:1], ("Rest helps.",), "Rest helps.", {1: "Rest helps."}, unknown=1
    )
    found = score_stages(marks, used)
    assert found["citations_resolve"] == 0.5 and found["in_view_precision"] == 1.0
    assert found["citation_recall"] == 1.0 and found["citation_precision"] == 0.5


TEXTS = {1: "Colchicine treats gout.", 2: "Allopurinol prevents gout.", 3: "The toe hurts."}


@pytest.mark.parametrize(
    ("text", "recall", "precision"),
    [
        ("Colchicine treats gout [1]. Allopurinol prevents gout [2].", 1.0, 1.0),
        ("Colchicine treats gout. [1] Allopurinol prevents gout. [2]", 1.0, 1.0),
        ("Colchicine treats gout [2]. Allopurinol prevents gout [1].", 0.0, 0.0),  # each cites the other's
        ("Colchicine treats gout [1]. Allopurinol prevents gout.", 0.5, 1.0),
        ("Colchicine treats gout [1, 3].", 1.0, 0.5),  # the toe adds nothing
        ("Colchicine treats gout [1-2]; allopurinol is dear.", 0.0, 0.0),
        ("Colchicine treats gout [1, 9].", 0.0, 0.0),  # there is no ninth
        ("Colchicine treats gout [1][3].", 1.0, 0.5),
    ],
)
def test_each_sentence_is_held_to_what_it_cites_itself(text, recall, precision):
    assert citations(text, TEXTS, contained) == (recall, precision)


def test_an_answer_that_cites_nothing_gets_nothing_and_one_that_says_nothing_has_no_figure():
    assert citations("Colchicine treats gout.", {}, contained) == (0.0, 0.0)
    assert citations("", TEXTS, contained) == (None, None)
    found = score_stages(Marks(frozenset({"a"})), Used(PLACES, None, text="Colchicine treats gout."))
    assert found["citation_recall"] == found["supported"] == 0.0
    assert "in_view_precision" not in found and "citations_resolve" not in found


def test_what_the_expert_says_is_no_support_by_the_texts_cited():
    marks = Marks(frozenset({"a"}), must_have=("Colchicine treats gout",))
    used = Used(PLACES, None, PLACES[:1], (TEXTS[3],), "Colchicine treats gout [3].", {3: TEXTS[3]})
    found = score_stages(marks, used)
    assert found["supported"] == 0.0 and found["supported_by_expert"] == 1.0


def test_figures_are_over_the_cases_that_have_them():
    found = summarise_stages([{"supported": 1.0}, {"supported": 0.0, "completeness": 1.0}], ["x", "y"])
    assert found["supported"] == 0.5 and found["of"] == {"supported": 2, "completeness": 1}
