"""QA-GNN: what the graph gives for an option, what relevance leaves out, what the network learns, and the way of its attention."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec

import pytest
from corpora import ToyEncoder
from scripted import ask, question, run
from toy_graph import toy

from osler.case import Option
from osler.context import Context
from osler.errors import InputError, UsageError
from osler.methods.qa_gnn import gathered
from osler.services import Example, Services
from osler.trace import Answer, Recorder, replay

GRAPH = toy()
CASE = question(
    text="A patient with insulin resistance.",
    question="Which drug treats it?",
    options=[Option(key="A", text="Glipizide"), Option(key="B", text="Insulin")],
)
needs_torch = pytest.mark.skipif(
    find_spec("torch") is None, reason="torch is not installed: pip install 'osler[local]'"
)


def parts(nodes=50, case=CASE, graph=GRAPH):
    recorder = Recorder()
    found = asyncio.run(gathered(case, Context(Services(graph=graph, encoder=ToyEncoder()), recorder), nodes))
    return found, replay(recorder.events)


def test_an_option_gets_the_paths_to_what_the_question_names_and_their_neighbours():
    (a, b), _ = parts()
    assert (
        a.asked == ["TOY:Insulin_resistance"]
        and a.answer == ["TOY:Glipizide"]
        and b.answer == ["TOY:Insulin"]
    )
    assert ("TOY:Glipizide", "treats", "TOY:Type_2_diabetes") in {(x, r, y) for x, y, r in a.joins}
    assert ("TOY:Type_2_diabetes", "has_phenotype", "TOY:Insulin_resistance") in {
        (x, r, y) for x, y, r in a.joins
    }
    assert "TOY:Hypoglycaemia" in a.names and "TOY:Hypoglycaemia" not in b.names


def test_relevance_keeps_what_is_named_and_leaves_out_what_has_nothing_to_do_with_it():
    odd = [("Glipizide", "causes", f"Odd thing {n}") for n in range(6)]
    near = ("Glipizide", "causes", "Drug resistance of a patient")
    (a, _), steps = parts(nodes=4, graph=toy(*odd, near))
    assert {"Glipizide", "Insulin resistance", "Drug resistance of a patient"} <= set(a.names.values())
    assert len(a.names) == 4 and {f"TOY:Odd_thing_{n}" for n in range(6)} <= set(a.pruned)
    assert all(x in a.names and y in a.names for x, y, _ in a.joins)
    [step] = [step for step in steps if step.label == "relevance"]
    assert f"{len(a.pruned)} left out" in step.text
    (a, _), _ = parts(nodes=1)
    assert set(a.names) == {"TOY:Glipizide", "TOY:Insulin_resistance"}


def test_an_option_that_the_graph_does_not_know_has_only_what_the_question_names():
    case = CASE.model_copy(
        update={"options": [Option(key="A", text="xyzzy"), Option(key="B", text="Insulin")]}
    )
    (a, _), _ = parts(case=case)
    assert a.answer == [] and "TOY:Insulin" not in a.names


def test_without_weights_or_options_it_says_what_is_needed():
    with pytest.raises(UsageError, match="weights=FILE"):
        _ask(CASE, "qa-gnn")
    with pytest.raises(UsageError, match="options"):
        _ask(question(kind="text", options=[]), "qa-gnn")


def _ask(case, method, graph=GRAPH):
    return run(ask(method, case, {}, graph=graph, encoder=ToyEncoder()))


# --- the network ---------------------------------------------------------------------------------------------------------
PAIRS = [(f"Drug{n}in", f"Illness{n}itis") for n in range(10)]
WARD = toy(
    *((drug, "treats", illness) for drug, illness in PAIRS),
    kinds={name: kind for pair in PAIRS for name, kind in zip(pair, ("drug", "disease"), strict=True)},
)


def item(n, wrong, swap):
    """Which of two drugs treats an illness: only the graph tells."""
    drugs = [PAIRS[n][0], PAIRS[wrong][0]][:: -1 if swap else 1]
    case = question(
        text=f"A patient has {PAIRS[n][1]}.",
        question="Which drug treats this?",
        options=[Option(key=key, text=drug) for key, drug in zip("AB", drugs, strict=True)],
    )
    return Example(case, Answer(kind="choice", choice="AB"[swap]))


def learned(folder, **options):
    from osler.training.qa_gnn import train

    examples = [item(n, (n + 3) % 7, n % 2) for n in range(7)]
    path = folder / "weights"
    return asyncio.run(train(examples, WARD, ToyEncoder(), path, width=32, layers=2, **options)), path


@needs_torch
def test_it_learns_to_go_by_the_graph_and_answers_questions_that_it_never_saw(tmp_path):
    outcome, path = learned(tmp_path)
    assert outcome.accuracy == 1.0 and outcome.loss < 0.05
    for n, wrong, swap in ((7, 8, 0), (8, 9, 1), (9, 7, 0)):
        unseen = item(n, wrong, swap)
        done = _ask(unseen.case, f"qa-gnn(weights={path})", WARD)
        assert done.answer.choice == unseen.answer.choice and (done.answer.confidence or 0) > 0.5
        way = done.step("attention").data["path"]
        assert [row["name"] for row in way] == [PAIRS[n][1], PAIRS[n][0]] and way[1]["relation"] == "treats"
        assert all(0 < row["weight"] <= 1 for row in way)
        assert [fact.quote for fact in done.step("attention").evidence] == [
            f"{PAIRS[n][0]} –treats→ {PAIRS[n][1]}"
        ]


@needs_torch
def test_the_same_seed_gives_the_same_answer_and_rounds_bound_the_training(tmp_path):
    (first, one_path), (second, _) = learned(tmp_path, rounds=3), learned(tmp_path, rounds=3)
    assert first == second and first.rounds == 3
    case = item(7, 8, 0).case
    scores = [
        _ask(case, f"qa-gnn(weights={one_path})", WARD).step("attention").data["scores"] for _ in range(2)
    ]
    assert scores[0] == scores[1]


@needs_torch
def test_weights_of_another_encoder_or_a_broken_file_are_refused(tmp_path):
    _, path = learned(tmp_path, rounds=1)
    with pytest.raises(UsageError, match="trained with the encoder 'hashed-words'"):
        run(ask(f"qa-gnn(weights={path})", CASE, {}, graph=GRAPH, encoder=ToyEncoder(dimensions=8)))
    path.write_bytes(path.read_bytes()[:-64] + b"x" * 64)
    with pytest.raises(InputError, match="no file of weights"):
        _ask(CASE, f"qa-gnn(weights={path})")


@needs_torch
def test_an_example_that_chooses_nothing_is_refused(tmp_path):
    from osler.training.qa_gnn import train

    bad = Example(item(0, 1, 0).case, Answer(kind="choice", choice="Z"))
    for examples in ([], [bad]):
        with pytest.raises(InputError):
            asyncio.run(train(examples, WARD, ToyEncoder(), tmp_path / "weights"))
