"""Row 94, VeriLLMed: five traces with planted errors on a toy graph are labelled with the right class, repeated errors are grouped,
and each opens its case view."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from planted_errors import PLANTED, planted_run
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.knowledge.retrieval.sources import Sources


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, knowledge: Any) -> Iterator[TestClient]:
    root = planted_run(tmp_path_factory.mktemp("runs"))
    app = create_app(Settings(runs=root, sources=Sources(graph=str(root / "toy.csv"))))
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


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


def test_cases_are_chosen_by_whether_their_answer_is_right(client) -> None:
    right, wrong = (
        client.get(f"/debugger?run=planted&answer={answer}").text for answer in ("right", "wrong")
    )

    assert (items(right), items(wrong)) == ([0, 2, 3], [1, 4])
    assert "3 errors in 3 cases" in right and "2 errors in 2 cases" in wrong


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
