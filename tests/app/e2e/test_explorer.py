"""A user finds a group on the map of a corpus: colours, zoom, search, lasso to a list, the list opened and saved; by keys alone too."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from pictures import saved

TOPICS = {
    "Cardiology": "heart valve aorta atrium murmur stenosis",
    "Dermatology": "skin rash eczema psoriasis itch dermis",
    "Nephrology": "kidney glomerulus urine dialysis nephron creatinine",
}


@pytest.fixture
def corpus(tmp_path, monkeypatch, private_cache):
    """Two hundred texts of three disciplines, on a map."""
    from osler.knowledge.atlas import of_corpus
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    rng, rows = np.random.default_rng(1), []
    for number in range(210):
        topic = list(TOPICS)[number % 3]
        words = " ".join(rng.choice(TOPICS[topic].split(), 6))
        rows.append(
            {"id": f"d{number}", "title": f"<b>{topic}</b> {number}", "text": words, "section": topic}
        )
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    add("wards", str(tmp_path / "texts.jsonl"))
    of_corpus.make("wards", watch=of_corpus.silent)


def ready(page):
    page.wait_for_selector("#map[data-ready]")


def pixels(page):
    """How many pixels of the map are not its ground."""
    return page.evaluate(
        """() => { const map = document.getElementById('map'), pen = map.getContext('2d');
        const data = new Uint32Array(pen.getImageData(0, 0, map.width, map.height).data.buffer);
        return data.reduce((sum, one) => sum + (one !== data[0]), 0); }"""
    )


def test_a_group_is_found_coloured_taken_by_lasso_and_opened(server, corpus, page, axe, tmp_path) -> None:
    from playwright.sync_api import expect

    page.goto("/explorer")
    page.get_by_role("link", name="wards").click()
    ready(page)
    axe(page)
    axe(page, dark=True)
    expect(page.get_by_role("checkbox", name=re.compile("Cardiology"))).to_be_checked()
    every = pixels(page)
    page.get_by_role("button", name="Show none").click()
    page.get_by_role("checkbox", name=re.compile("Cardiology")).check()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert 0 < pixels(page) < every
    page.get_by_role("button", name="Show all").click()

    page.get_by_label("Find on the map").fill("murmur")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("#chosen")).to_contain_text("with “murmur”")
    page.wait_for_url(re.compile("q=murmur"))

    page.get_by_role("button", name="Lasso").click()
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(middle[0] - 250, middle[1] - 250)
    page.mouse.down()
    for x, y in ((250, -250), (250, 250), (-250, 250), (-250, -240)):
        page.mouse.move(middle[0] + x, middle[1] + y, steps=3)
    page.mouse.up()
    expect(page.locator("#chosen")).to_contain_text("within the lasso")
    page.wait_for_url(re.compile("lasso="))
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("Save as CSV")).click()
    lines = saved.value.path().read_text().splitlines()
    assert lines[0] == "number,title,section,x,y,address,text" and len(lines) > 50
    page.get_by_role("link", name=re.compile("^Read")).click()
    expect(page.get_by_role("article").first).to_contain_text("<b>")
    axe(page)
    page.get_by_role("article").first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Evidence")


def test_the_link_gives_the_same_view_again(server, corpus, page, open_page) -> None:
    from playwright.sync_api import expect

    page.goto("/explorer?of=corpus:wards&colour=section")
    ready(page)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Move up").click()
    expect(page.locator("#sight h2")).not_to_have_text("In sight: 210")
    page.wait_for_url(re.compile("zoom=1.6"))
    there = page.locator("#sight h2").inner_text()

    other = open_page(viewport={"width": 1280, "height": 800})
    other.goto(page.url)
    ready(other)

    assert other.locator("#sight h2").inner_text() == there
    assert pixels(other) == pytest.approx(pixels(page), rel=0.05)


def test_the_map_is_saved_as_a_picture_two_pixels_for_one(server, corpus, page) -> None:
    page.goto("/explorer?of=corpus:wards")
    ready(page)
    box = page.locator("#map").bounding_box()

    made = saved(page, page.get_by_role("button", name="Save as PNG"))

    assert made.name == "map_corpus_wards.png"
    assert made.wide == pytest.approx(2 * box["width"], abs=6)
    assert made.high > 2 * box["height"] + 60  # legend and caption
    for swatch in page.locator("#legend rect").all()[:2]:
        red, green, blue = re.findall(r"\d+", swatch.evaluate("one => getComputedStyle(one).fill"))
        assert made.has(int(red) << 16 | int(green) << 8 | int(blue))
    assert 0.001 < made.drawn < 0.9
    page.wait_for_function(f"document.getElementById('map').width < {made.wide}")


def test_everything_is_done_with_the_keyboard(server, corpus, page) -> None:
    from playwright.sync_api import expect

    page.goto("/explorer?of=corpus:wards")
    ready(page)
    page.locator("#map").focus()
    for key in ("+", "+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#sight h2")).not_to_have_text("In sight: 210")
    page.keyboard.press("Enter")
    expect(page.locator("#point a")).to_be_visible()
    page.keyboard.press("0")
    expect(page.locator("#sight h2")).to_have_text("In sight: 210")
    page.keyboard.press("l")
    expect(page.locator("#chosen")).to_contain_text("210 within the lasso")


def test_a_map_is_made_from_the_page(server, corpus, page) -> None:
    from playwright.sync_api import expect

    from osler.knowledge.atlas import of_corpus

    of_corpus.place("wards").unlink()
    page.goto("/explorer?of=corpus:wards")
    page.get_by_role("button", name="Make the map").click()
    expect(page.locator("#map")).to_be_visible(timeout=20_000)


def test_it_fits_a_phone_and_says_what_is_there_without_script(
    server, corpus, phone, open_page, fits
) -> None:
    phone.goto("/explorer?of=corpus:wards")
    ready(phone)
    fits(phone)

    plain = open_page(java_script_enabled=False)
    plain.goto("/explorer?of=corpus:wards&q=murmur")
    assert "with “murmur”" in plain.locator("#chosen").inner_text()
    assert plain.get_by_role("row").count() > 20
