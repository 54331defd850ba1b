"""A toy graph as a table, and a run over it whose five traces hold one planted error each, for tests of the debugger."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from scripted import Script, model_of

from osler.evaluation.language import start
from osler.evaluation.plan import Plan

TABLE = """source,relation,target,source_kind,target_kind
Metformin,treats,Type 2 diabetes,drug,disease
Glipizide,treats,Type 2 diabetes,drug,disease
Insulin,treats,Type 1 diabetes,drug,disease
Metformin,causes,Lactic acidosis,drug,phenotype
Type 2 diabetes,has_phenotype,Insulin resistance,disease,phenotype
Type 2 diabetes,has_phenotype,Thirst,disease,phenotype
Type 1 diabetes,has_phenotype,Thirst,disease,phenotype
"""
OPTIONS = {"A": "Metformin", "B": "Insulin", "C": "Glipizide"}
# What the model reasons, what it answers, and the class of the error that was planted.
PLANTED = [
    ("Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes.", "A", "relation"),
    ("Thirst is a symptom of type 1 diabetes. Insulin treats type 1 diabetes.", "B", "branch"),
    ("Insulin resistance calls for metformin.", "A", "missing"),
    ("Thirst is a symptom of type 2 diabetes. Metformin causes type 2 diabetes.", "A", "relation"),
    ("Thirst is found in type 1 diabetes, and insulin treats type 1 diabetes.", "B", "branch"),
]  # fmt: skip


def planted_run(root: Path) -> Path:
    """The folder with `toy.csv` and one run, `planted`."""
    (root / "toy.csv").write_text(TABLE)
    asked = "Patient {} has thirst and insulin resistance. Which drug first?"
    rows = [{"question": asked.format(n), "options": OPTIONS, "answer": "A"} for n in range(len(PLANTED))]
    (root / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def say(call: Any) -> dict[str, str]:
        number = int(re.findall(r"Patient (\d+) has", call.text)[-1])
        return {"reasoning": PLANTED[number][0], "answer": PLANTED[number][1]}

    plan = Plan("own", root / "q.jsonl", "zero-shot-cot")
    start(plan, root / "planted", {"main": model_of(Script(say, seconds=0))}, concurrency=1)
    return root
