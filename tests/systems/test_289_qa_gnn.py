"""Row 289, QA-GNN: on a toy graph, the joint network trains until a planted question is solved; relevance scores prune unrelated
nodes, and the attention path is exported."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install 'osler[local]'")

from osler.case import Case, Option
from osler.compose import compose
from osler.context import Context
from osler.knowledge.graph.connect import GraphService
from osler.services import Example, Services
from osler.trace import Answer, AtPath, Recorder, Trace, replay
from osler.training.qa_gnn import train

EDGES = [("metformin", "treats", "diabetes"), ("propranolol", "treats", "tremor"), ("diabetes", "shows", "thirst"),
         ("tremor", "shows", "shaking hands"), ("metformin", "causes", "nausea"), ("propranolol", "causes", "fatigue")]  # fmt: skip
NOISE = [("diabetes", "studied in", f"cohort {n}") for n in range(8)]


class Letters:
    """Texts by their pairs of letters."""

    name, dimensions = "letters", 128

    def encode(self, texts, kind="passage"):
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for a, b in zip(text.lower(), text.lower()[1:], strict=False):
                row[(ord(a) * 31 + ord(b)) % self.dimensions] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def graph_of(path, edges):
    rows = ["source,relation,target", *(",".join(edge) for edge in edges)]
    path.write_text("\n".join(rows))
    return GraphService(str(path))


def asked(finding, right):
    drugs = ("metformin", "propranolol")
    options = [Option(key=key, text=drug) for key, drug in zip("AB", drugs, strict=True)]
    case = Case(
        id=finding,
        text=f"A patient has {finding}.",
        question="Which drug helps?",
        options=options,
        answer_kind="choice",
    )
    return Example(case, Answer(kind="choice", choice="AB"[drugs.index(right)]))


def answered(case, graph, weights, nodes):
    recorder = Recorder()
    ctx = Context(Services(graph=graph, encoder=Letters()), recorder)
    answer = asyncio.run(compose(f"qa-gnn(weights={weights}, nodes={nodes})").call(case, ctx))
    return Trace(case_id=case.id, method="qa-gnn", steps=replay(recorder.events), answer=answer)


def test_it_trains_until_the_planted_question_is_solved_prunes_and_exports_its_attention(tmp_path):
    graph = graph_of(tmp_path / "toy.csv", EDGES + NOISE)
    planted, other = asked("thirst", "metformin"), asked("shaking hands", "propranolol")
    weights = tmp_path / "weights"

    def solved(rounds):
        work = train([planted, other], graph, Letters(), weights, nodes=6, width=24, layers=2, rounds=rounds)
        return asyncio.run(work)

    learned = solved(300)
    assert learned.accuracy == 1.0 and learned.loss < 0.05 and learned.rounds < 300
    trace = answered(planted.case, graph, weights, nodes=6)
    steps = {step.label: step for step in trace.steps}
    assert trace.answer.choice == "A" and (trace.answer.confidence or 0) > 0.9
    assert "left out" in steps["relevance"].text
    assert steps["relevance"].text.count("cohort") < 2 * len(NOISE)
    way = steps["attention"].data["path"]
    assert [row["name"] for row in way] == ["thirst", "diabetes", "metformin"]
    assert [row["relation"] for row in way[1:]] == ["shows", "treats"] and all(
        0 < row["weight"] <= 1 for row in way
    )
    assert all(isinstance(fact.locator, AtPath) for fact in steps["attention"].evidence)
    assert (
        steps["attention"].data["looked_at"][0]["weight"]
        >= steps["attention"].data["looked_at"][-1]["weight"]
    )
    assert answered(other.case, graph, weights, nodes=6).answer.choice == "B"


def test_with_the_edges_exchanged_the_same_weights_answer_otherwise(tmp_path):
    """What is learned is to go by the graph: trained on both wards, the graph at hand decides."""
    exchanged = [
        (b if r == "treats" else h, r, t)
        for (h, r, t), b in zip(
            EDGES,
            (
                "propranolol",
                "metformin",
                *"....",
            ),
            strict=True,
        )
    ]
    wards = graph_of(tmp_path / "one.csv", EDGES), graph_of(tmp_path / "two.csv", exchanged)
    from osler.knowledge.graph.joint import Shape, fit, save
    from osler.methods.qa_gnn import TO_ANSWER, TO_QUESTION, as_working, encoded, gathered

    relations = ("treats", "shows", "causes", TO_QUESTION, TO_ANSWER)
    questions = []
    for graph, right in zip(wards, ((0, 1), (1, 0)), strict=True):
        for finding, place in zip(("thirst", "shaking hands"), right, strict=True):
            ctx = Context(Services(graph=graph, encoder=Letters()), Recorder())
            parts = asyncio.run(gathered(asked(finding, "metformin").case, ctx, 20))
            vectors = asyncio.run(encoded(ctx, parts))
            questions.append(([as_working(part, vectors, relations) for part in parts], place))
    network, learned = fit(Shape(128, relations, 24, 3, "letters"), questions, rounds=400)
    save(network, tmp_path / "weights")
    assert learned.accuracy == 1.0
    case = asked("thirst", "metformin").case
    assert [answered(case, graph, tmp_path / "weights", 20).answer.choice for graph in wards] == ["A", "B"]
