"""The debugger in a browser: from an error that repeats to one of its cases, and its picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from osler.knowledge.retrieval.sources import Sources

pytest.importorskip("playwright.sync_api")
from planted_errors import planted_run


@pytest.fixture(scope="module")
def debugged(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server with a run of five planted errors and its graph."""
    with ThreadPoolExecutor(1) as other:  # the browser's client holds this thread's loop
        root = other.submit(planted_run, tmp_path_factory.mktemp("planted")).result()
    return serve(runs=root, sources=Sources(graph=str(root / "toy.csv"))).url


def test_from_a_repeated_error_to_a_case_and_its_picture(open_page, debugged, axe, tmp_path) -> None:
    from playwright.sync_api import expect

    page = open_page(base_url=debugged, viewport={"width": 1280, "height": 800})
    page.goto("/debugger")
    page.get_by_role("link", name="planted").click()
    expect(page.get_by_text("5 of 5 cases are laid over the graph.")).to_be_visible()
    axe(page)
    axe(page, dark=True)
    for table in page.locator(".scroll").all():
        wide, seen = table.evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert wide <= seen
    page.get_by_role("link", name="Metformin “causes” Type 2 diabetes").click()
    cases = page.get_by_role("region", name="Cases with this error")
    expect(cases.get_by_role("cell").get_by_role("link")).to_have_count(2)
    cases.get_by_role("link", name="Case 3").click()

    expect(page.get_by_role("heading", name="Case 3: relation error")).to_be_visible()
    picture = page.get_by_role("img", name="Errors: relation: Metformin “causes” Type 2 diabetes")
    expect(picture.locator("line.relation")).to_have_count(1)
    axe(page)
    axe(page, dark=True)
    page.screenshot(path=tmp_path / "case.png", full_page=True)
    with page.expect_download() as kept:
        page.get_by_role("link", name="SVG").click()
    kept.value.save_as(tmp_path / "case.svg")
    assert (tmp_path / "case.svg").read_text().lstrip().startswith("<svg")
    page.get_by_role("link", name="2 cases").click()
    expect(
        page.get_by_role("region", name="Cases with this error").get_by_role("cell").get_by_role("link")
    ).to_have_count(2)


def test_the_debugger_fits_a_phone(open_page, debugged, fits) -> None:
    page = open_page(base_url=debugged, viewport={"width": 375, "height": 740})
    for address in ("/debugger", "/debugger?run=planted", "/debugger/case?run=planted&item=1"):
        page.goto(address)
        fits(page)
