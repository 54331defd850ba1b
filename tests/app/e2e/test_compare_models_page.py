"""Two models side by side in a browser: a question, both answers with what they hang on, and attacks."""

from __future__ import annotations

from typing import Any

import pytest

from osler.knowledge.retrieval.sources import Sources

pytest.importorskip("playwright.sync_api")
from planted_errors import TABLE


@pytest.fixture(scope="module")
def pair(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server with two models and a toy graph."""
    table = tmp_path_factory.mktemp("graph") / "toy.csv"
    table.write_text(TABLE)
    models = ("simulated:good,seed=1", "other=simulated:weak,seed=5")
    return serve(models=models, sources=Sources(graph=str(table))).url


def test_what_two_answers_hang_on(open_page, pair, axe, fits) -> None:
    from playwright.sync_api import expect

    page = open_page(base_url=pair, viewport={"width": 1280, "height": 900})
    page.goto("/runs")
    page.goto("/compare-models")
    page.get_by_label("Question").fill("A man has thirst and insulin resistance. Which drug comes first?")
    page.get_by_label("Options, one a line").fill("Metformin\nInsulin\nGlipizide")
    page.get_by_label("Second model").select_option("other")
    page.get_by_role("button", name="Compare").click()

    for role in ("main", "other"):
        side = page.get_by_role("region", name=f"{role}: simulated", exact=False).first
        expect(side.get_by_role("row", name="distractor")).to_be_visible()
        expect(side.get_by_role("img", name="Reference: ")).to_be_visible()
    axe(page)
    axe(page, dark=True)
    assert "question=" not in page.url
    page.set_viewport_size({"width": 375, "height": 740})
    fits(page)
