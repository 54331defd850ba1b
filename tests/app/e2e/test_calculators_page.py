"""The calculators view in a browser: from a case to a result with its band, and back by a link."""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("playwright.sync_api")


def test_a_body_mass_index_from_the_case_in_work(page, axe, tmp_path) -> None:
    from playwright.sync_api import expect

    page.goto("/case")
    page.get_by_role("button", name="Open an example").click()
    page.goto("/calculators")
    page.get_by_label("What is wanted").fill("body mass index")
    page.get_by_role("button", name="Search").click()
    axe(page)
    page.get_by_role("link", name="Body mass index (BMI)", exact=True).click()
    page.get_by_role("button", name="Fill from the case in work").click()
    expect(page.get_by_label("Body weight", exact=True)).to_have_value("71")

    page.get_by_label("Body weight", exact=True).fill("90")
    page.get_by_role("button", name="Work it out").click()

    result = page.get_by_role("region", name="Result", exact=True)
    expect(result).to_contain_text("23.4 kg/m²")
    expect(result.get_by_role("row", name="normal range")).to_have_attribute("aria-current", "true")
    expect(page.locator("#status")).to_contain_text("normal range")
    axe(page)
    axe(page, dark=True)
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").click()
    kept.value.save_as(tmp_path / "history.csv")
    with (tmp_path / "history.csv").open(encoding="utf-8", newline="") as saved:
        assert [row["result"] for row in csv.DictReader(saved)] == ["23.4 kg/m²"]
    page.get_by_role("link", name="Link to this calculation").click()
    expect(page.get_by_role("region", name="Result", exact=True)).to_contain_text("23.4 kg/m²")


def test_a_score_with_the_keyboard_alone(page) -> None:
    from playwright.sync_api import expect

    page.goto("/calculators/cha2ds2-va")
    page.get_by_label("Age", exact=True).focus()
    page.keyboard.type("76")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.get_by_label("All that is not answered: no").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Result", exact=True)).to_contain_text("2 (")


def test_a_form_on_a_phone_without_script(open_page, fits) -> None:
    page = open_page(viewport={"width": 375, "height": 740}, java_script_enabled=False)
    page.goto("/calculators/bmi")
    page.get_by_label("Body weight", exact=True).fill("70 kg")
    page.get_by_label("Body height", exact=True).fill("175 cm")
    page.get_by_role("button", name="Work it out").click()

    assert "22.9 kg/m²" in page.content()


def test_nothing_sticks_out(phone, fits) -> None:
    phone.goto("/calculators")
    fits(phone)
    phone.goto(
        "/calculators/cockcroft-gault?creatinine=1.4+mg/dL&age=67&sex=female&weight=70+kg&height=160+cm"
    )
    fits(phone)
