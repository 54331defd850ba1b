"""The ground of every view: it loads in a browser under the strict policy, light and dark, and errors are pages too."""

from __future__ import annotations


def test_an_unknown_address_is_a_page_that_leads_back(page, axe) -> None:
    reply = page.goto("/nowhere")

    assert reply.status == 404
    assert page.get_by_role("heading", level=1).inner_text() == "Not found"
    assert page.get_by_role("link", name="Back to Case").get_attribute("href") == "/case"
    axe(page)
    axe(page, dark=True)


def test_the_theme_is_switched_and_kept(page) -> None:
    page.goto("/nowhere")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()

    assert after != before
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_nothing_sticks_out_on_a_phone(phone, fits) -> None:
    phone.goto("/nowhere")

    fits(phone)
