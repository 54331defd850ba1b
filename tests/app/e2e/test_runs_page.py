"""The runs view in a browser: from the leaderboard to a flip, and to its traces side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")
from tests.evaluation.language_runs import questions, run


@pytest.fixture(scope="module")
def runs(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server that shows two runs."""
    root = tmp_path_factory.mktemp("runs")
    data = questions(root / "q.jsonl", 60)
    with ThreadPoolExecutor(1) as other:  # the browser's client holds this thread's loop
        other.submit(run, root / "weak", data, "accuracy=0.3,seed=1").result()
        method = "self-consistency(samples=3)"
        other.submit(run, root / "strong", data, "accuracy=0.9,seed=2", method=method).result()
    return serve(runs=root).url


def test_what_the_stronger_run_gained_and_why(open_page, runs, axe, tmp_path) -> None:
    from playwright.sync_api import expect

    page = open_page(base_url=runs, viewport={"width": 1280, "height": 800})
    page.goto("/runs")
    page.get_by_label("Benchmark").select_option("own")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("img", name="accuracy over tokens per case")).to_be_visible()
    axe(page)
    axe(page, dark=True)

    page.get_by_label("weak as the first").check()
    page.get_by_label("strong as the second").check()
    page.get_by_role("button", name="Compare the two").click()
    expect(page.get_by_role("heading", name="60 cases on both sides")).to_be_visible()
    page.get_by_role("link", name="wrong to right").click()
    flips = page.get_by_role("region", name="Flips").get_by_role("row")
    assert flips.count() > 5
    assert page.get_by_role("cell", name="right → wrong").count() == 0
    axe(page)
    with page.expect_download() as kept:
        page.get_by_role("region", name="Flips").page.get_by_role("link", name="CSV").last.click()
    kept.value.save_as(tmp_path / "flips.csv")
    assert len((tmp_path / "flips.csv").read_text().splitlines()) == flips.count()

    flips.nth(1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="traces side by side")).to_be_visible()
    expect(page.get_by_role("heading", name="weak", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="strong", exact=True)).to_be_visible()
    axe(page)


def test_one_specialty_of_a_run_with_its_confusions(open_page, runs, axe) -> None:
    from playwright.sync_api import expect

    page = open_page(base_url=runs)
    page.goto("/runs/run?name=weak")
    page.get_by_role("link", name="heart", exact=True).click()
    expect(page.get_by_role("heading", name="What was taken for what, organ: heart")).to_be_visible()
    page.get_by_role("link", name="wrong", exact=True).click()
    expect(page.get_by_role("link", name="wrong", exact=True)).to_have_attribute("aria-current", "true")
    axe(page)


def test_runs_fit_a_phone(open_page, runs, fits) -> None:
    page = open_page(base_url=runs, viewport={"width": 375, "height": 740})
    for address in ("/runs?benchmark=own", "/runs/run?name=weak", "/runs/compare?first=weak&second=strong",
                    "/runs/traces?first=weak&item=0&second=strong"):  # fmt: skip
        page.goto(address)
        fits(page)
    page.goto("/runs")
    box = page.get_by_label("weak as the second").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 375
    figures = page.locator("td.figures").first.bounding_box()
    assert figures is not None and figures["x"] + figures["width"] <= 375
