"""Reasoning over a graph of a dozen edges, each error of which was found by hand."""

from __future__ import annotations

import pytest
from toy_graph import toy

from osler.scoring.error_patterns import patterns
from osler.scoring.path_errors import clusters, counts, judge, reasoning_of, reference_paths

QUESTION = "A patient with thirst and insulin resistance. Which drug comes first?"


@pytest.fixture(scope="module")
def graph():
    return toy()


def judged(graph, text, given="Metformin", question=QUESTION):
    reasoning = reasoning_of([("0", text)], graph)
    return judge(reasoning, reference_paths(question, "Metformin", graph), "Metformin", given, graph)


def hops(graph, text):
    found = reasoning_of([("0", text)], graph).hops
    return [(hop.head.name, hop.relation, hop.tail.name, hop.denied) for hop in found]


def test_the_reference_runs_from_the_findings_to_the_right_drug(graph) -> None:
    ways = reference_paths(QUESTION, "Metformin", graph)

    assert [[name.name for name in way.names] for way in ways] == [
        ["Thirst", "Type 2 diabetes", "Metformin"],
        ["Insulin resistance", "Type 2 diabetes", "Metformin"],
    ]


def test_sentences_become_hops_between_the_names_in_them(graph) -> None:
    text = "Thirst is a symptom of T2DM, which is treated with Glucophage. Insulin does not treat it."

    assert hops(graph, text) == [
        ("Thirst", "symptom of", "Type 2 diabetes", False),
        ("Type 2 diabetes", "treated with", "Metformin", False),
    ]


def test_a_denial_is_a_hop_that_is_denied(graph) -> None:
    assert hops(graph, "Metformin does not treat type 1 diabetes.") == [
        ("Metformin", "treat", "Type 1 diabetes", True)
    ]


@pytest.mark.parametrize(
    ("text", "given", "errors"),
    [
        ("Insulin resistance is a symptom of type 2 diabetes. It is treated by metformin.", "Metformin", []),
        # The graph joins the two by `treats`.
        (
            "Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes.",
            "Metformin",
            [("relation", "Metformin", "Type 2 diabetes")],
        ),
        # The graph says the contrary: does_not_treat.
        (
            "Thirst is a symptom of type 2 diabetes. Metformin treats type 1 diabetes.",
            "Metformin",
            [("relation", "Metformin", "Type 1 diabetes")],
        ),
        # Denied, and the graph holds it.
        (
            "Insulin resistance is a symptom of type 2 diabetes. Metformin does not treat type 2 diabetes.",
            "Metformin",
            [("relation", "Metformin", "Type 2 diabetes")],
        ),
        # True, but away from the reference and on to the wrong answer; the next hop belongs to it.
        (
            "Thirst is a symptom of type 1 diabetes. Insulin treats type 1 diabetes.",
            "Insulin",
            [("branch", "Thirst", "Type 1 diabetes")],
        ),
        # Not in the graph at all.
        (
            "Insulin resistance is a symptom of lactic acidosis.",
            "Metformin",
            [("branch", "Insulin resistance", "Lactic acidosis")],
        ),
        # The disease between finding and drug is never named.
        (
            "Insulin resistance calls for metformin.",
            "Metformin",
            [("missing", "Insulin resistance", "Type 2 diabetes")],
        ),
        # Nothing is named at all: what the question gives is not missing.
        (
            "It is clear.",
            "Insulin",
            [("missing", "Thirst", "Type 2 diabetes"), ("missing", "Type 2 diabetes", "Metformin")],
        ),
        # True, and an aside that does not lead to the answer: no error.
        (
            "Thirst is also a symptom of type 1 diabetes. Insulin resistance is a symptom of type 2 diabetes.",
            "Metformin",
            [],
        ),
    ],
)
def test_errors_found_by_hand(graph, text, given, errors) -> None:
    found = judged(graph, text, given)

    assert [(error.kind, error.head.name, error.tail.name) for error in found.errors] == errors
    assert found.label == (errors[0][0] if errors else "")


def test_a_relation_error_says_what_the_graph_has(graph) -> None:
    (error,) = judged(
        graph, "Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes."
    ).errors

    assert (error.said, error.expected) == ("causes", "Metformin treats Type 2 diabetes")


def test_what_the_graph_does_not_know_is_no_error(graph) -> None:
    found = judged(graph, "Insulin resistance is a symptom of type 2 diabetes. Zorbinol treats wobbling.")

    assert not found.errors


def test_without_a_reference_only_relations_are_judged(graph) -> None:
    text = "Metformin causes type 2 diabetes. Thirst is a symptom of lactic acidosis."

    found = judged(graph, text, question="Nothing that the graph knows.")

    assert [error.kind for error in found.errors] == ["relation"]


def test_the_same_error_in_several_cases_is_one_group(graph) -> None:
    wrong = "Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes."
    cases = {
        "1": judged(graph, wrong),
        "2": judged(graph, "Insulin resistance calls for metformin."),
        "3": judged(graph, wrong),
        "4": judged(graph, "Insulin resistance is a symptom of type 2 diabetes. Metformin treats T2DM."),
        "5": judged(graph, "It is clear.", question="Nothing that the graph knows."),
    }

    found = clusters(cases)

    assert [(group.error.kind, group.cases) for group in found] == [
        ("relation", ["1", "3"]),
        ("missing", ["2"]),
    ]
    assert counts(cases.values()) == {"relation": 2, "branch": 0, "missing": 1, "none": 1, "not judged": 1}


def test_errors_of_one_class_relation_and_kind_are_one_pattern_with_its_errors_below(graph) -> None:
    cases = {
        "1": judged(
            graph, "Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes."
        ),
        "2": judged(graph, "Thirst is a symptom of type 2 diabetes. Glipizide causes type 2 diabetes."),
        "3": judged(graph, "Insulin resistance calls for metformin."),
    }

    found = [(one.kind, one.words, one.cases, len(one.errors)) for one in patterns(cases)]

    assert found == [
        ("relation", "“causes” said of a disease", ["1", "2"], 2),
        ("missing", "a disease is never reached (has phenotype)", ["3"], 1),
    ]


def test_the_name_that_the_answer_itself_gives_is_not_missing(graph) -> None:
    found = judged(
        graph,
        "Insulin resistance is a symptom of type 2 diabetes.",
        given="Insulin resistance calls for metformin",
    )

    assert "Metformin" not in [error.tail.name for error in found.errors]
