"""The differential view in a browser: why a disease is there, two side by side, what would change the order, exports."""

from __future__ import annotations

import json

import pytest

LINK = (
    "/differential?present=HP:0001083&present=HP:0001166&present=HP:0002616&present=HP:0001065&absent=HP:0001249"
    "&age=24&sex=male"
)


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def test_from_the_list_to_the_reasons_a_comparison_and_what_would_change_it(
    page, open_page, expect, axe
) -> None:
    page.goto(LINK)
    first = page.locator("#open-1").inner_text()
    expect(page.locator("#detail-title")).to_contain_text(first)
    expect(page.locator("#detail")).to_contain_text("Ectopia lentis")
    expect(page.locator("#detail .fall rect.for").first).to_be_visible()
    expect(page.locator("#detail a", has_text="PMID:").first).to_be_visible()
    expect(page.locator("#ranks")).to_contain_text("None of the known diseases fits")
    axe(page)
    axe(page, dark=True)

    second = page.locator("#open-2").inner_text()
    page.locator("#open-2").click()
    expect(page.locator("#detail-title")).to_contain_text(second)
    expect(page.locator("#detail-title")).to_be_focused()
    assert "disease=" in page.url

    page.get_by_label(f"Compare {second} with").select_option(label=first)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#detail-title")).to_have_text(f"{second} or {first}?")
    axe(page, within="#detail")

    page.get_by_role("button", name="Find them").click()
    expect(page.locator("#change")).to_contain_text(f"{second} (")
    expect(page.locator("#change li").first).to_contain_text("against")
    axe(page, within="#change")

    # The links show the same again, also to somebody else.
    for name, part in (("Link to this view", "#detail"), ("Link to this", "#change")):
        other = open_page()
        other.goto(page.get_by_role("link", name=name, exact=True).get_attribute("href"))
        assert other.locator(part).inner_text() == page.locator(part).inner_text()


def test_the_waterfall_ends_where_the_contributions_sum_to(page) -> None:
    page.goto(LINK)
    values = [
        float(text.split()[0].replace("−", "-"))
        for text in page.locator("#detail .reasons").first.locator("td.number").all_inner_texts()
    ]
    bars = page.locator("#detail .fall rect").evaluate_all(
        "all => all.map(one => [Number(one.getAttribute('x')), Number(one.getAttribute('width')), one.getAttribute('class')])"
    )
    zero = float(page.locator("#detail .fall line").first.get_attribute("x1"))
    top = max(x + width for x, width, _ in bars)

    last_x, last_width, kind = bars[-1]
    end = last_x if kind == "against" else last_x + last_width
    highest = sum(value for value in values if value > 0)
    assert (end - zero) / (top - zero) == pytest.approx(sum(values) / highest, abs=0.03)


def test_on_a_phone_by_touch(phone, expect, fits, axe) -> None:
    phone.goto(LINK)
    fits(phone)
    phone.locator("#open-3").tap()
    expect(phone.locator("#detail-title")).to_be_in_viewport()
    fits(phone)
    phone.get_by_role("button", name="Compare").tap()
    expect(phone.locator("#detail-title")).to_contain_text("?")
    fits(phone)
    axe(phone)
    phone.get_by_label("Find a disease").fill("cystic fibrosis")
    phone.locator("#diseases-find [role=option]").first.tap()
    expect(phone.locator("#detail-title")).to_contain_text("Cystic fibrosis")
    fits(phone)
    # Long names beside each other.
    phone.goto(f"{LINK}&disease=OMIM:114620&with=OMIM:236200&top=50")
    fits(phone)
    axe(phone, dark=True)


def test_exports_hold_the_same_differential(page) -> None:
    page.goto(LINK)
    first = page.locator("#open-1").inner_text()
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV").click()
    lines = got.value.path().read_text("utf-8").splitlines()
    assert lines[1].split(",")[2].strip('"') in first
    assert lines[-1].startswith(",,none of the known diseases fits,")

    with page.expect_download() as got:
        page.get_by_role("link", name="FHIR draft").click()
    bundle = json.loads(got.value.path().read_text("utf-8"))
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"DiagnosticReport", "RiskAssessment", "Observation", "Patient"} <= kinds

    page.get_by_role("link", name="Print").click()
    assert "research draft" in page.get_by_role("heading", level=1).inner_text()
    page.emulate_media(media="print")
    assert not page.locator("header.top").is_visible()


def test_without_a_case_the_view_leads_to_one(page, axe) -> None:
    page.goto("/differential")

    page.get_by_role("link", name="Open a case").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Open a case"


def test_back_shows_the_disease_that_was_open_before(page, expect) -> None:
    page.goto(LINK)
    first, third = page.locator("#open-1").inner_text(), page.locator("#open-3").inner_text()
    page.locator("#open-3").click()
    expect(page.locator("#detail-title")).to_contain_text(third)
    page.go_back()
    expect(page.locator("#detail-title")).to_contain_text(first)
    page.go_forward()
    expect(page.locator("#detail-title")).to_contain_text(third)


def test_a_phone_shows_every_entry_of_the_navigation(page, expect) -> None:
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto("/case")
    for entry in page.locator(".top nav a").all():
        box = entry.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 375


def test_a_disease_far_down_is_found_by_typing_and_compared_by_keyboard_alone(page, expect, axe) -> None:
    page.goto(LINK)
    first = page.locator("#open-1").inner_text()
    page.get_by_label("Find a disease").focus()
    page.keyboard.type("cystic fibr", delay=10)
    page.get_by_role("option", name="Cystic fibrosis OMIM:219700").wait_for()
    axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator("#detail-title")).to_contain_text("Cystic fibrosis <0.1 %")
    expect(page.locator("#detail-title")).to_be_focused()
    expect(page.locator("#detail")).to_contain_text("Place ")
    expect(page.locator("#beyond-1")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("Find a disease")).to_have_value("")
    assert page.url.endswith("disease=OMIM%3A219700")

    other = page.get_by_label("or with any other disease")
    other.focus()
    page.keyboard.type("homocystinuria due to cys", delay=10)
    page.locator("#diseases-other [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_contain_text(
        "Cystic fibrosis or Homocystinuria due to cystathionine"
    )
    axe(page)
    axe(page, dark=True)

    page.go_back(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text("Cystic fibrosis <0.1 %")
    page.go_back(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text(first)


def test_words_that_mean_several_diseases_lead_to_the_one_that_is_meant(page, expect, axe) -> None:
    page.goto(LINK)
    page.get_by_label("Find a disease").fill("ehlers-danlos")
    page.get_by_role("button", name="Open").click()

    expect(page.locator("#detail-title")).to_have_text("Which disease is “ehlers-danlos”?")
    axe(page, within="#detail")
    meant = page.locator("#detail li a").nth(1)
    name = meant.inner_text()
    meant.click()
    expect(page.locator("#detail-title")).to_contain_text(name)
    page.go_back(wait_until="commit")
    expect(page.locator("#detail-title")).to_contain_text("ehlers-danlos")
    expect(page.get_by_label("Find a disease")).to_have_value("ehlers-danlos")


def test_more_diseases_are_shown_and_the_focus_goes_to_the_first_of_them(page, open_page, expect) -> None:
    page.goto(LINK)
    page.get_by_role("link", name="Show 25").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#open-25")).to_be_visible()
    expect(page.locator("#open-11")).to_be_focused()
    page.get_by_role("link", name="Show 50").click()
    expect(page.locator("#open-26")).to_be_focused()
    last = page.locator("#open-50").inner_text()
    page.locator("#open-50").click()
    expect(page.locator("#detail-title")).to_contain_text(last)
    expect(page.locator("#open-50")).to_be_visible()

    other = open_page()
    other.goto(page.get_by_role("link", name="Link to this view").get_attribute("href"))
    assert other.locator("#ranks").inner_text() == page.locator("#ranks").inner_text()
    assert other.locator("#detail").inner_text() == page.locator("#detail").inner_text()

    page.get_by_role("link", name="Show 10").click()
    expect(page.locator("#open-11")).to_have_count(0)
    expect(page.locator("#beyond-1")).to_have_text(last)


def test_any_disease_is_found_and_compared_without_script(open_page) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(LINK)
    page.get_by_role("link", name="Show 25").click()
    page.get_by_label("Find a disease").fill("cystic fibrosis")
    page.get_by_role("button", name="Open").click()
    assert "Cystic fibrosis" in page.locator("#detail-title").inner_text()
    page.get_by_label("or with any other disease").fill("marfan syndrome")
    page.get_by_role("button", name="Compare").click()
    assert page.locator("#detail-title").inner_text() == "Cystic fibrosis or Marfan syndrome?"
    assert page.locator("#open-25").count() == 1
