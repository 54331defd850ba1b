"""Pages as they are printed or saved as PDF: all of a text, its findings and the differential; no button, no form, no navigation."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("view", ["case", "differential", "next", "ask"])
def test_a_printed_view_has_what_was_found_and_no_control(page, view) -> None:
    page.goto("/case?new=true")
    page.get_by_label("Paste a letter").fill(
        "Ectopia lentis. Arachnodactyly. No seizure.\n\n" + "Well.\n\n" * 60 + "Scoliosis."
    )
    page.get_by_role("button", name="Read the case").click()
    page.get_by_role("heading", name="Findings").wait_for()
    page.goto(f"/{view}")
    page.emulate_media(media="print")

    for one in page.get_by_role("button").all():
        assert not one.is_visible(), one.inner_text()
    assert not page.get_by_role("navigation").first.is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
    if view == "case":
        high, shown = page.locator(".source").evaluate("one => [one.scrollHeight, one.clientHeight]")
        assert high <= shown
        assert page.get_by_text("Ectopia lentis", exact=True).first.is_visible()
        assert page.get_by_label("Status of Seizure").input_value() == "absent"
        assert not page.get_by_label("Add a finding").is_visible()
    assert page.pdf()[:5] == b"%PDF-"


PRINTED = [
    "/differential/print",
    "/case",
    "/differential",
    "/next",
    "/ask",
    "/calculators",
    "/notes",
    "/privacy",
]


@pytest.mark.parametrize("view", PRINTED)
@pytest.mark.parametrize("width", [375, 720])
def test_nothing_of_a_printed_view_is_cut_off_at_the_side(open_page, fits, view, width) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    signs = [
        "0001083",
        "0001166",
        "0002650",
        "0002616",
        "0001763",
        "0000767",
        "0001382",
        "0000545",
        "0012432",
        "0001065",
    ]
    page.goto(
        "/case?"
        + "&".join(f"present=HP:{one}" for one in signs)
        + "&absent=HP:0001250&absent=HP:0000175&age=24&sex=male"
    )
    page.goto(view)
    page.emulate_media(media="print")

    fits(page)
