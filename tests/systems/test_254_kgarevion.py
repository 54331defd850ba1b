"""Row 254, KGARevion: a simulated model proposes two true and one false triple over a toy graph; the false one is revised or
dropped, and the answer cites only verified ones."""

from __future__ import annotations

import pytest
from spoken import Spoken, fields, through

from osler.case import Case, Option
from osler.knowledge.graph import load_graph
from osler.knowledge.graph.connect import GraphService

TABLE = """source,relation,target,source_kind,target_kind
Metformin,treats,Type 2 diabetes,drug,disease
Metformin,causes,Lactic acidosis,drug,phenotype
Glipizide,causes,Hypoglycaemia,drug,phenotype
"""
CASE = Case(
    id="one",
    text="A 60-year-old with type 2 diabetes.",
    question="Which drug may cause lactic acidosis?",
    options=[Option(key="A", text="Metformin"), Option(key="B", text="Glipizide")],
    answer_kind="choice",
)
TWO_TRUE_ONE_FALSE = (
    ("Metformin", "treats", "Type 2 diabetes"),
    ("Metformin", "causes", "Lactic acidosis"),
    ("Metformin", "causes", "Hypoglycaemia"),
)
TRUE = ["Metformin –treats→ Type 2 diabetes", "Metformin –causes→ Lactic acidosis"]


def triples(*rows, **more):
    return [{"head": head, "relation": relation, "tail": tail, **more} for head, relation, tail in rows]


@pytest.mark.parametrize("withdraws", [True, False])
def test_the_false_triple_is_revised_or_dropped_and_the_answer_cites_only_verified_ones(tmp_path, withdraws):
    path = tmp_path / "toy.csv"
    path.write_text(TABLE)
    graph = GraphService(str(path))
    assert len(load_graph(str(path)).head) == 3

    def say(text, schema):
        if "entities" in fields(schema):
            return {"reasoning": "so", "entities": ["Type 2 diabetes"]}
        if "answer" in fields(schema):
            return {"reasoning": "so", "citations": [1, 2, 3], "answer": "A"}
        if "withdraw" in str(schema):
            right = ("Glipizide", "causes", "Hypoglycaemia")
            return {"reasoning": "so", "triples": triples(right, withdraw=withdraws)}
        return {"reasoning": "so", "triples": triples(*TWO_TRUE_ONE_FALSE) if "A. Metformin" in text else []}

    trace = through("kgarevion", CASE, Spoken(say), graph=graph)
    steps = {step.label: step for _, step in trace.walk()}
    verdicts = [step.data["verdict"] for _, step in trace.walk() if step.label == "review"]
    assert verdicts[:3] == ["true", "true", "false"]
    cited = [item.quote for item in steps["citations"].evidence]
    assert cited == (TRUE if withdraws else [*TRUE, "Glipizide –causes→ Hypoglycaemia"])
    assert all(
        item.supports and item.source.startswith("graph toy.csv") for item in steps["citations"].evidence
    )
    assert "Metformin –causes→ Hypoglycaemia" not in str(trace.answer)
    assert steps["soft-accept"].data["soft_accept_share"] == 0.0
    assert trace.answer.choice == "A"
    assert f"{0 if not withdraws else 1} dropped" in (trace.answer.note or "")
