"""Row 50, MIRAGE: on a toy graph with two conflicting chains, the verifier keeps the one whose path exists, and each
statement in the answer lists its edges."""

import pytest
from spoken import Spoken, fields, through
from toy_graph import toy

from osler.case import Case

DRUGS = ("Metformin", "Heparin")


class Sure:
    """Two chains, each sure of its own drug; the answer repeats whatever was left to it."""

    def __init__(self, disease):
        self.disease = disease

    def part(self, drug):
        return f"Does {drug} treat {self.disease}?"

    def claim(self, drug):
        text = f"{drug} is the drug that treats it."
        return {"text": text, "head": drug, "relation": "treats", "tail": self.disease, "facts": [1]}

    def __call__(self, text, schema):
        if "questions" in fields(schema):
            return {"reasoning": "", "questions": [self.part(drug) for drug in DRUGS]}
        if "step" in fields(schema):
            [drug] = [drug for drug in DRUGS if self.part(drug) in text]
            if "Nothing was looked up yet" in text:
                return {
                    "reasoning": "",
                    "step": "bridge",
                    "first": drug,
                    "second": self.disease,
                    "statements": [],
                }
            return {
                "reasoning": "",
                "step": "enough",
                "first": "",
                "second": "",
                "statements": [self.claim(drug)],
            }
        if "contradictions" in fields(schema):
            return {"reasoning": "", "contradictions": [{"first": 1, "second": 2}], "question": ""}
        left = [drug for drug in DRUGS if f"{drug} is the drug" in text]
        told = [{"text": f"{drug} treats it.", "facts": [1]} for drug in left]
        return {"reasoning": "", "statements": told, "answer": f"It is {' or '.join(left)}."}


@pytest.mark.parametrize(
    ("disease", "kept", "dropped"),
    [("Type 2 diabetes", "Metformin", "Heparin"), ("Thrombosis", "Heparin", "Metformin")],
)
def test_the_verifier_keeps_the_chain_whose_path_exists_and_each_statement_lists_its_edges(
    disease, kept, dropped
):
    graph = toy(("Heparin", "treats", "Thrombosis"), kinds={"Heparin": "drug", "Thrombosis": "disease"})
    case = Case(question=f"Which drug treats {disease}, metformin or heparin?", answer_kind="text")
    trace = through("graph-chains", case, Spoken(Sure(disease)), graph=graph)

    paths = {step.text.partition(" → ")[0]: step for step in trace.steps if step.kind == "retrieve"}
    assert paths[kept].evidence and not paths[dropped].evidence
    [verified] = [step for step in trace.steps if step.label == "statements"]
    assert f"{kept} is the drug that treats it.: held" in verified.text
    assert f"{dropped} is the drug that treats it.: refuted" in verified.text
    [settled] = [step for step in trace.steps if step.label == "contradictions"]
    assert settled.text.startswith(f"dropped: {dropped}") and kept not in settled.text

    assert trace.answer is not None and trace.answer.text is not None
    answer, _, listed = trace.answer.text.partition("\n\n")
    assert answer == f"It is {kept}."
    assert listed == f"- {kept} treats it. [{kept} –treats→ {disease} (notes 2024-05-01)]"
    [statement] = [step for step in trace.steps if step.label == "statement"]
    places = [edge.locator.model_dump() for edge in statement.evidence]
    ids = [f"TOY:{name.replace(' ', '_')}" for name in (kept, disease)]
    assert places == [{"at": "path", "nodes": ids, "relations": ["treats"]}]
