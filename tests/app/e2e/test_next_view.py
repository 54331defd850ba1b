"""The next view in a browser: questions are answered in place, the differential follows, answers are taken back."""

from __future__ import annotations

import pytest

LINK = "/next?present=HP:0001083&present=HP:0001166&age=24&sex=male"


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def test_questions_are_answered_in_place_and_taken_back(page, expect, axe) -> None:
    page.goto(LINK)
    before = page.locator("#beside .ranks").inner_text()
    asked = page.locator("#question-1").inner_text()
    expect(page.locator(".question").first).to_contain_text("bits")
    axe(page)
    axe(page, dark=True)

    page.locator("#answer-1-yes").click()
    expect(page.locator("#answers li")).to_have_count(1)
    expect(page.locator("#answers li").first).to_contain_text(asked)
    expect(page.locator("#question-1")).not_to_have_text(asked)
    expect(page.locator("#beside .ranks")).not_to_have_text(before)
    expect(page.locator("#status")).to_contain_text("First now")

    # "Don't know" changes nothing, and the question is not asked again.
    ranked, other = page.locator("#beside .ranks").inner_text(), page.locator("#question-1").inner_text()
    page.locator("#answer-1-unknown").click()
    expect(page.locator("#answers li")).to_have_count(2)
    expect(page.locator("#questions h3").filter(has_text=other)).to_have_count(0)
    assert page.locator("#beside .ranks").inner_text() == ranked

    for left in (1, 0):
        page.get_by_role("button", name="Take the last answer back").click()
        expect(page.locator("#answers li")).to_have_count(left)
    expect(page.locator("#question-1")).to_have_text(asked)
    assert page.locator("#beside .ranks").inner_text() == before


def test_an_answer_is_a_finding_of_the_case(page, expect) -> None:
    page.goto(LINK)
    label = page.locator(".question p").first.inner_text().split(" · ")[0]
    page.locator("#answer-1-no").click()
    expect(page.locator("#answers li")).to_have_count(1)

    page.get_by_role("link", name="Case", exact=True).click()
    expect(page.get_by_label(f"Status of {label}")).to_have_value("absent")

    # Taken back there, it is no answer here any more.
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label(f"Status of {label}")).to_have_count(0)
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.locator("#answers li")).to_have_count(0)


def test_by_keyboard_alone(page, expect) -> None:
    page.goto(LINK)
    page.locator("#answer-1-yes").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#answers li")).to_have_count(1)
    expect(page.locator("#answers li strong")).to_have_text("No")
    expect(page.locator("#answer-1-no")).to_be_focused()


def test_on_a_phone(phone, expect, fits, axe) -> None:
    phone.goto(LINK)
    fits(phone)
    phone.locator("#answer-2-yes").tap()
    expect(phone.locator("#answers li")).to_have_count(1)
    fits(phone)
    axe(phone)
