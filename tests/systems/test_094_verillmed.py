"""Row 94, VeriLLMed: five traces with planted errors on a toy graph are labelled with the right class, repeated errors are grouped,
and each opens its case view."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spoken import Spoken
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.evaluation.language import start
from osler.evaluation.plan import Plan
from osler.knowledge.retrieval.sources import Sources
from osler.llm import Model, Prices

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
    (
        "Insulin resistance is a symptom of type 2 diabetes. Metformin causes type 2 diabetes.",
        "A",
        "relation",
    ),
    ("Thirst is a symptom of type 1 diabetes. Insulin treats type 1 diabetes.", "B", "branch"),
    ("Insulin resistance calls for metformin.", "A", "missing"),
    ("Thirst is a symptom of type 2 diabetes. Metformin causes type 2 diabetes.", "A", "relation"),
    ("Thirst is found in type 1 diabetes, and insulin treats type 1 diabetes.", "B", "branch"),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, knowledge: Any) -> Iterator[TestClient]:
    root = planted_run(tmp_path_factory.mktemp("runs"))
    app = create_app(Settings(runs=root, sources=Sources(graph=str(root / "toy.csv"))))
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


def planted_run(root: Path) -> Path:
    """A folder with a toy graph and one run, `planted`, whose five traces hold one error each."""
    (root / "toy.csv").write_text(TABLE)
    rows = [
        {
            "question": f"Patient {n} has thirst and insulin resistance. Which drug first?",
            "options": OPTIONS,
            "answer": "A",
        }
        for n in range(len(PLANTED))
    ]
    (root / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def say(prompt: str, schema: Any) -> dict[str, str]:
        number = int(re.findall(r"Patient (\d+) has", prompt)[-1])
        return {"reasoning": PLANTED[number][0], "answer": PLANTED[number][1]}

    plan = Plan("own", root / "q.jsonl", "zero-shot-cot")
    start(plan, root / "planted", {"main": Model(Spoken(say), prices=Prices())}, concurrency=1)
    return root


def test_the_planted_errors_are_labelled_with_the_right_class(client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/debugger/errors.csv?run=planted").text)))

    assert [(int(row["item"]), row["class"]) for row in rows] == [
        (number, kind) for number, (_, _, kind) in enumerate(PLANTED)
    ]


def test_repeated_errors_are_grouped(client) -> None:
    page = client.get("/debugger?run=planted").text
    groups = re.findall(
        r'<td class="number">(\d)</td><td><span class="kind (\w+)">\w+</span></td><td><a href="([^"]+)"', page
    )

    assert [(count, kind) for count, kind, _ in groups] == [
        ("2", "relation"),
        ("2", "branch"),
        ("1", "missing"),
    ]
    cases = [items(client.get(html.unescape(link)).text) for _, _, link in groups]
    assert cases == [[0, 3], [1, 4], [2]]


def test_each_opens_its_case_view(client) -> None:
    for item in items(client.get("/debugger?run=planted").text):
        reasoning, _, kind = PLANTED[item]
        page = html.unescape(client.get(f"/debugger/case?run=planted&item={item}").text)

        assert f"Case {item}: {kind} error" in page
        assert f"Patient {item} has thirst" in page and reasoning in page
        picture = re.search(r'<svg class="paths".*?</svg>', page, re.S)
        assert picture is not None and "Type 2 diabetes" in picture[0] and "Metformin" in picture[0]
        mark = {"missing": '<rect class="missing"'}.get(kind, f'<line class="{kind}"')
        assert mark in picture[0]


def items(page: str) -> list[int]:
    """The cases that a page leads to."""
    return [int(item) for item in re.findall(r'/debugger/case\?run=planted&amp;item=(\d+)"', page)]
