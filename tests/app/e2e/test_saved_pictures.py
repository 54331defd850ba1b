"""Pictures saved as PNG from the page itself: plots, paths of a graph, the debugger's picture and the map; light, dark, and not blank."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from osler.knowledge.retrieval.sources import Opened, Sources

pytest.importorskip("playwright.sync_api")
from corpora import Toy, passage
from pictures import saved
from planted_errors import planted_run
from toy_graph import toy

from tests.evaluation.language_runs import questions, run

FOR, AGAINST = 0x1B6E3C, 0xA3312B


@pytest.fixture(scope="module")
def shown(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server with two runs over the same questions, one with planted errors, and a graph."""
    with ThreadPoolExecutor(1) as other:  # the browser's client holds this thread's loop
        root = other.submit(planted_run, tmp_path_factory.mktemp("planted")).result()
        data = questions(root / "own.jsonl", 40)
        other.submit(run, root / "weak", data, "accuracy=0.3,seed=1").result()
        other.submit(run, root / "strong", data, "accuracy=0.9,seed=2").result()
    made = serve(runs=root, sources=Sources(graph=str(root / "toy.csv")))
    made.desk.opened = Opened(
        graph=toy(), retriever=Toy([passage("1", "Fly two weeks after.", title="Flying")])
    )
    return made.url


def test_the_path_of_a_case_is_saved_as_it_is_seen(open_page, shown) -> None:
    page = open_page(base_url=shown, viewport={"width": 900, "height": 800})
    page.goto("/debugger/case?run=planted&item=3")
    box = page.locator("svg.paths").bounding_box()

    made = saved(page, page.get_by_role("button", name="Save as PNG"))

    assert made.name == "case_3.png"
    assert made.wide == pytest.approx(2 * (box["width"] + 24), abs=3)
    assert made.high > 2 * (box["height"] + 24) + 60  # the legend and what it is of stand below
    assert made.light and 0.02 < made.drawn < 0.9
    assert made.has(AGAINST)  # the red line of the wrong relation


def test_a_dark_page_makes_a_dark_picture(open_page, shown) -> None:
    page = open_page(base_url=shown, color_scheme="dark")
    page.goto("/debugger/case?run=planted&item=3")

    made = saved(page, page.get_by_role("button", name="Save as PNG"))

    assert not made.light and 0.02 < made.drawn < 0.9
    assert made.has(0xF29A93) and not made.has(AGAINST)


def test_plots_are_saved_with_the_names_of_their_runs(open_page, shown, axe) -> None:
    page = open_page(base_url=shown, viewport={"width": 1280, "height": 800})
    page.goto("/runs?benchmark=own")
    section = page.locator("section", has=page.get_by_role("heading", name="Plots"))
    axe(page)
    whole = saved(page, section.get_by_role("button", name="Save as PNG"))
    page.locator(".legend").evaluate("one => one.replaceChildren()")
    without = saved(page, section.get_by_role("button", name="Save as PNG"))

    assert page.evaluate("document.activeElement.textContent") == "Save as PNG"
    assert whole.name == "plots_own.png"
    assert whole.has(0x3B76C4) and whole.has(0xD1702B)  # a colour for each run
    assert whole.has(0x1D2326)  # and ink
    assert whole.drawn * whole.wide * whole.high > without.drawn * without.wide * without.high


def test_bars_and_waterfall_are_saved_from_the_differential(page, axe) -> None:
    page.goto("/differential?present=HP:0001083&present=HP:0001166&absent=HP:0001250&age=24&sex=male")
    bars = saved(page, page.locator("#ranks").get_by_role("button", name="Save as PNG"))
    reasons = saved(page, page.locator("#detail").get_by_role("button", name="Save as PNG"))

    caption = page.locator("#ranks").get_by_role("button", name="Save as PNG").get_attribute("data-caption")
    assert "Case case-" in caption and "release" in caption
    assert "Common disease is not assessed" in caption and caption.count("Not a medical device") == 1
    assert caption == page.locator("#detail").get_by_role("button", name="Save as PNG").get_attribute(
        "data-caption"
    )
    assert bars.name == "probabilities.png" and bars.has(0x0B6E69)
    assert reasons.name == "reasons.png" and reasons.has(FOR)
    page.locator("#open-2").click()
    page.locator("#open-2[aria-current]").wait_for()
    again = saved(page, page.locator("#detail").get_by_role("button", name="Save as PNG"))
    assert again.light and 0.02 < again.drawn < 0.9
    axe(page)


def test_the_caption_is_drawn_below_the_picture(page) -> None:
    page.goto("/differential?present=HP:0001083&present=HP:0001166")
    button = page.locator("#ranks").get_by_role("button", name="Save as PNG")
    whole = saved(page, button)
    button.evaluate("one => (one.dataset.caption = '')")
    bare = saved(page, button)

    assert whole.wide == bare.wide and whole.high > bare.high + 100
    assert whole.counts[0x1D2326] > bare.counts[0x1D2326] + 300


def test_a_path_of_the_graph_is_saved_from_the_chat(open_page, shown) -> None:
    page = open_page(base_url=shown)
    page.goto("/ask")
    box = page.locator("#chat")
    box.get_by_label("Your question").fill("Which medicines treat adult-onset diabetes?")
    box.get_by_role("button", name="Send").click()
    box.locator("svg.path").first.wait_for()

    made = saved(page, box.get_by_role("button", name="Save as PNG").first)

    assert made.wide > 600 and made.light and 0.005 < made.drawn < 0.5
    assert made.has(0x1D2326)


def test_without_script_no_button_is_there_that_does_nothing(open_page, shown) -> None:
    page = open_page(base_url=shown, java_script_enabled=False)
    page.goto("/debugger/case?run=planted&item=3")

    assert page.locator("svg.paths").is_visible()
    assert not page.get_by_role("button", name="Save as PNG").is_visible()
