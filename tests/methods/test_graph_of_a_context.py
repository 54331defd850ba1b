"""What a method may ask of the graph: names in a text, triples, whether a statement holds, and for whom it counts."""

from __future__ import annotations

import pytest
from scripted import run
from toy_graph import details, toy

from osler.context import Context
from osler.errors import UsageError
from osler.graphs import Person, triple
from osler.services import Services
from osler.trace import AtPath, Recorder, replay

GRAPH = toy()


def with_graph(work, graph=GRAPH):
    """What `work(ctx)` gives, and the steps that it took."""
    recorder = Recorder()
    found = run(work(Context(Services(graph=graph), recorder)))
    return found, replay(recorder.events)


def check(*statement, graph=GRAPH):
    return graph.check(*statement)


# --- names ---------------------------------------------------------------------------------------------------------------
def test_a_name_an_id_and_a_synonym_are_linked_with_how_well_they_fit():
    for words, score in (
        ("Metformin", 1.0),
        ("TOY:Metformin", 1.0),
        ("Glucophage", 0.9),
        (" metformin ", 1.0),
    ):
        [one] = GRAPH.link(words)
        assert (one.id, one.kind, one.score) == ("TOY:Metformin", "drug", score), words


def test_names_in_a_running_text_have_their_places_and_unknown_ones_are_left_alone():
    text = "Her T2DM was treated with metformin and xyzzymab."
    found, [step] = with_graph(lambda ctx: ctx.graph_link(text))
    assert [(one.name, text[slice(*one.span)]) for one in found] == [
        ("Type 2 diabetes", "T2DM"),
        ("Metformin", "metformin"),
    ]
    assert step.kind == "retrieve" and "TOY:Metformin Metformin" in step.text
    assert GRAPH.link("xyzzymab") == [] and GRAPH.link("") == []
    assert [one.name for one in GRAPH.link(text, ["drug"])] == ["Metformin"]


# --- triples -------------------------------------------------------------------------------------------------------------
def test_triples_of_a_node_are_readable_in_their_own_direction_and_filtered():
    found, [step] = with_graph(lambda ctx: ctx.graph_triples("T2DM", relations=["treats"]))
    assert [triple(one) for one in found] == [
        (drug, "treats", "Type 2 diabetes") for drug in ("Glipizide", "Insulin", "Metformin")
    ]
    assert found[0].locator == AtPath(nodes=["TOY:Glipizide", "TOY:Type_2_diabetes"], relations=["treats"])
    assert step.evidence == found and found[0].source.startswith("graph toy") and "notes" in found[0].record
    only, _ = with_graph(lambda ctx: ctx.graph_triples("T2DM", kinds=["gene"]))
    assert [triple(one)[2] for one in only] == ["TCF7L2"]
    assert len(with_graph(lambda ctx: ctx.graph_triples("T2DM", top=2))[0]) == 2


def test_a_name_that_cannot_be_placed_gives_no_triple_and_the_step_says_so():
    found, [step] = with_graph(lambda ctx: ctx.graph_triples("xyzzy"))
    assert found == [] and "no node called" in step.text


# --- statements ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        ("Metformin", "treats", "Type 2 diabetes"),
        ("Glucophage", "is indicated for", "T2DM"),
        (
            "Type 2 diabetes",
            "treated with",
            "Metformin",
        ),  # between a drug and a disease the direction is clear
        ("Type 2 diabetes", "has symptom", "Thirst"),
        ("Metformin", "associated with", "Lactic acidosis"),
        ("Type 2 diabetes", "subtype of", "Diabetes"),
    ],
)
def test_what_the_graph_holds_is_true_in_everyday_words_too(statement):
    found = check(*statement)
    assert found.verdict == "true" and found.evidence[0].supports is True


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (("Metformin", "treats", "Kidney failure"), "does not join"),
        (("Metformin", "treats", "Type 1 diabetes"), "contrary"),
        (("Diabetes", "is a", "Type 2 diabetes"), "does not join"),  # the direction counts among diseases
        (("Kidney failure", "has phenotype", "Thirst"), "does not join"),
    ],
)
def test_what_the_graph_would_hold_but_does_not_is_false(statement, why):
    found = check(*statement)
    assert found.verdict == "false" and why in found.why


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (("Xyzzymab", "treats", "Type 2 diabetes"), "'Xyzzymab' cannot be linked"),
        (("Metformin", "sings to", "Type 2 diabetes"), "no relation like 'sings to'"),
        (("TCF7L2", "treats", "Type 2 diabetes"), "no such relation between a gene and a disease"),
        (("Metformin and insulin", "treats", "Type 2 diabetes"), "cannot be linked to one name"),
    ],
)
def test_what_the_graph_cannot_judge_is_unknown(statement, why):
    found = check(*statement)
    assert found.verdict == "unknown" and why in found.why and found.evidence == ()


def test_relations_without_a_direction_hold_either_way_and_others_do_not():
    graph = toy(("Metformin", "drug_drug:synergy", "Insulin"), ("Metformin", "precedes", "Insulin"))
    assert check("Insulin", "synergy", "Metformin", graph=graph).verdict == "true"
    assert check("Insulin", "precedes", "Metformin", graph=graph).verdict == "false"
    assert check("Metformin", "precedes", "Insulin", graph=graph).verdict == "true"


def test_a_finding_implies_the_broader_ones():
    graph = toy(("Kidney failure", "has_phenotype", "Lactic acidosis"))
    found = check("Kidney failure", "has finding", "Metabolic acidosis", graph=graph)
    assert found.verdict == "true"
    assert (
        found.evidence[0].quote == "Kidney failure –has_phenotype→ Lactic acidosis –is_a→ Metabolic acidosis"
    )


def test_a_check_is_one_verify_step_with_the_edges_that_decide_it():
    found, [step] = with_graph(lambda ctx: ctx.graph_check("Metformin", "treats", "Type 1 diabetes"))
    assert step.kind == "verify" and step.data["verdict"] == "false"
    assert step.evidence == list(found.evidence) and step.evidence[0].supports is False


def test_a_context_without_a_graph_says_so():
    for work in (
        lambda ctx: ctx.graph_link("a"),
        lambda ctx: ctx.graph_triples("a"),
        lambda ctx: ctx.graph_check("a", "b", "c"),
        lambda ctx: ctx.graph_applicable([], Person()),
    ):
        with pytest.raises(UsageError, match="no graph"):
            with_graph(work, graph=None)


def test_the_relations_of_a_graph_are_told_with_the_kinds_that_they_join():
    rows = {(one.name, one.head_kind, one.tail_kind): one.count for one in GRAPH.relations()}
    assert rows["treats", "drug", "disease"] == 4 and rows["has_phenotype", "disease", "phenotype"] == 3


# --- for whom it counts --------------------------------------------------------------------------------------------------
TREATS = ("Metformin", "treats", "Type 2 diabetes")
KIDNEYS = (("", "recommended", "first choice"), ("patients with kidney failure", "avoid", "lactic acidosis"))


def applied(person, *groups, edge=TREATS, **bounds):
    graph = toy(about={edge: details(*groups, **bounds)})
    [found] = graph.triples(edge[0], relations=[edge[1]], kinds=["disease"])
    return graph.applicable(found, person)


def test_an_edge_counts_for_one_patient_and_not_for_another():
    assert applied(Person(lacks=("Kidney failure",)), *KIDNEYS).verdict == "applies"
    avoided = applied(Person(has=("Kidney failure",)), *KIDNEYS)
    assert avoided.verdict == "not" and "lactic acidosis" in avoided.why
    unknown = applied(Person(), *KIDNEYS)
    assert unknown.verdict == "unknown" and unknown.undecided[0].says == "patients with kidney failure"


def test_ages_and_sexes_bound_an_edge():
    assert applied(Person(age=70), age_from=18, age_to=80).verdict == "applies"
    assert applied(Person(age=85), age_from=18, age_to=80).verdict == "not"
    assert applied(Person(), age_from=18).verdict == "unknown"
    assert applied(Person(sex="male"), sex="FEMALE").verdict == "not"
    assert applied(Person(sex="female"), sex="FEMALE").verdict == "applies"
    for said, age, verdict in (
        ("adults over 65 years", 70, "not"),
        ("children", 9, "not"),
        ("aged < 18", 30, "applies"),
    ):
        general = ("", "recommended", "")
        assert applied(Person(age=age), general, (said, "avoid", "")).verdict == verdict, said


def test_without_conditions_an_edge_counts_as_the_graph_has_it():
    assert applied(Person(age=50)).verdict == "unstated"


def test_who_has_a_kind_of_the_condition_has_the_condition():
    groups = (("", "recommended", ""), ("patients with metabolic acidosis", "caution", "worse"))
    assert applied(Person(has=("Lactic acidosis",)), *groups).verdict == "caution"
    assert applied(Person(lacks=("Metabolic acidosis",)), *groups).verdict == "applies"
    assert applied(Person(lacks=("Lactic acidosis",)), *groups).verdict == "unknown"


def test_to_avoid_a_drug_is_what_a_contraindication_says():
    edge = ("Metformin", "contraindication", "Kidney failure")
    graph = toy(edge, about={edge: details(("adults", "avoid", ""), ("children", "recommended", ""))})
    [found] = graph.triples("Metformin", relations=["contraindication"])
    assert graph.applicable(found, Person(age=50)).verdict == "applies"
    assert graph.applicable(found, Person(age=5)).verdict == "not"


def test_a_group_in_words_that_no_name_covers_is_left_to_judge():
    groups = (("", "recommended", ""), ("people without a working phone", "avoid", "no one to call"))
    found = applied(Person(age=50, sex="male", has=("Thirst",)), *groups)
    assert found.verdict == "unknown" and found.undecided[0].because == "no one to call"


def test_triples_may_be_asked_for_one_way_only():
    graph = toy()
    both = [triple(found) for found in graph.triples("Diabetes")]
    into = [triple(found) for found in graph.triples("Diabetes", way="in")]
    assert both == into == [("Type 1 diabetes", "is_a", "Diabetes"), ("Type 2 diabetes", "is_a", "Diabetes")]
    assert graph.triples("Diabetes", way="out") == []
    assert [triple(found) for found in graph.triples("Type 1 diabetes", ["is_a"], way="out")] == both[:1]
