"""Back and Forward in a browser: what is shown is what the address says, whichever reply comes late."""

from __future__ import annotations

from typing import Any

import pytest

LINK = "/differential?present=HP:0001083&present=HP:0001166&present=HP:0002616&age=24&sex=male"


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


@pytest.fixture
def opened(page, expect):
    """The view with the third disease opened from the first; and the names of both."""
    page.goto(LINK)
    first, third = page.locator("#open-1").inner_text(), page.locator("#open-3").inner_text()
    page.locator("#open-3").click()
    expect(page.locator("#detail-title")).to_contain_text(third)
    return first, third


def held_back(page, pattern: str) -> list[Any]:
    """The next request to an address like this waits in the list that is given back, until it is let go; others pass."""
    waiting: list[Any] = []
    page.route(pattern, lambda route: waiting.append(route), times=1)
    return waiting


def test_back_pressed_before_the_script_has_started(page, expect, opened) -> None:
    first, third = opened
    script = held_back(page, "**/static/osler.js")
    with page.expect_request("**/static/osler.js"):
        page.reload(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text(third)

    page.go_back(wait_until="commit")
    script[0].continue_()

    expect(page.locator("#detail-title")).to_contain_text(first)
    assert "disease=" not in page.url


def test_forward_overtakes_a_back_that_is_still_under_way(page, expect, opened) -> None:
    _, third = opened
    back = held_back(page, "**/differential?case=*")
    with page.expect_request("**/differential?case=*"):
        page.go_back(wait_until="commit")
    with page.expect_event("requestfailed"):  # Back is given up
        page.go_forward(wait_until="commit")
    back[0].continue_()

    expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator("#detail-title")).to_contain_text(third)
    assert "disease=" in page.url


def test_of_two_diseases_opened_quickly_the_second_is_shown_and_is_one_step_back(
    page, expect, opened
) -> None:
    _, third = opened
    second = page.locator("#open-2").inner_text()
    fourth = held_back(page, "**/differential?case=*")
    with page.expect_request("**/differential?case=*"):
        page.locator("#open-4").click()
    page.locator("#open-2").click()
    expect(page.locator("#detail-title")).to_contain_text(second)
    expect(page.locator("#detail-title")).to_be_focused()
    fourth[0].continue_()

    page.go_back(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text(third)
    page.go_forward(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text(second)


def test_a_disease_is_a_link_that_another_tab_opens_as_well(page, expect) -> None:
    page.goto(LINK)
    third = page.locator("#open-3").inner_text()

    with page.context.expect_page() as made:
        page.locator("#open-3").click(button="middle")

    expect(made.value.locator("#detail-title")).to_contain_text(third)
    expect(page.locator("#detail-title")).not_to_contain_text(third)


def test_a_disease_is_opened_by_keyboard_and_without_script(open_page, page, expect) -> None:
    page.goto(LINK)
    third = page.locator("#open-3").inner_text()
    page.locator("#open-2").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_contain_text(third)
    expect(page.locator("#detail-title")).to_be_focused()

    plain = open_page(java_script_enabled=False)
    plain.goto(LINK)
    plain.locator("#open-3").click()
    expect(plain.locator("#detail-title")).to_contain_text(third)


def test_back_shows_the_calculators_found_before_and_the_words_they_were_found_by(page, expect) -> None:
    page.goto("/calculators")
    field = page.get_by_label("What is wanted")
    for words in ("creatinine clearance", "stroke"):
        field.fill(words)
        field.press("Enter")
        page.wait_for_url(f"**q={words.replace(' ', '+')}")
    stroke = page.locator("#found").inner_text()

    page.go_back(wait_until="commit")
    expect(field).to_have_value("creatinine clearance")
    expect(page.locator("#found")).not_to_have_text(stroke, use_inner_text=True)
    page.go_forward(wait_until="commit")
    expect(field).to_have_value("stroke")
    expect(page.locator("#found")).to_have_text(stroke, use_inner_text=True)
