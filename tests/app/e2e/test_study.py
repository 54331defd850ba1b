"""A reader's task in a browser: the code, a case unassisted, then with a model, then with a search; going on after a cut."""

from __future__ import annotations

import json

import pytest

from osler.evaluation.reader_study.making import make
from osler.evaluation.reader_study.study import Study

TEXT = "A tall woman of 30 with ectopia lentis, arachnodactyly and an aortic root aneurysm."


@pytest.fixture
def study(tmp_path, monkeypatch):
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    row = {"id": "marfan", "title": "Marfan syndrome", "text": "Ectopia lentis is common in Marfan syndrome."}
    (tmp_path / "texts.jsonl").write_text(json.dumps(row) + "\n")
    add("notes", str(tmp_path / "texts.jsonl"))
    cases = [{"id": f"c{n}", "text": TEXT, "diagnosis": "Marfan syndrome"} for n in range(2)]
    about = {"name": "Lens study", "arms": ["model", "search"], "readers": 1, "seed": 1, "cases": cases}
    (tmp_path / "s.json").write_text(json.dumps(about))
    return make(tmp_path / "s.json", tmp_path / "study")


def test_a_reader_works_through_the_study_with_the_keyboard(serve, study, open_page, axe, fits) -> None:
    from playwright.sync_api import expect

    other = serve(study=study.folder)
    page = open_page(base_url=other.url, viewport={"width": 1280, "height": 800})
    page.goto("/study")
    axe(page)
    page.get_by_label("Your code").focus()
    page.keyboard.type(study.plan.readers[0].code)
    page.keyboard.press("Enter")
    for number in (1, 2):
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {number} of 2")
        field = page.get_by_label("One diagnosis a line")
        field.focus()
        page.keyboard.type("Homocystinuria")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {number} of 2, once more")
        if study.arms[study.plan.plan[study.plan.readers[0].code][number - 1][1]].help == "model":
            expect(page.get_by_role("heading", name="What the model lists")).to_be_visible()
            expect(page.locator(".aid li")).to_have_count(10)
        else:
            page.get_by_label("What to look for").fill("ectopia lentis")
            page.keyboard.press("Enter")
            expect(page.locator(".found mark").first).to_have_text("Ectopia")
        axe(page)
        axe(page, dark=True)
        field.focus()
        page.keyboard.press("Control+Home")
        page.keyboard.type("Marfan syndrome\n")
        page.get_by_role("button", name="Save and take the next case").press("Enter")
    expect(page.get_by_text("All 2 cases are done")).to_be_visible()

    readings = Study(study.folder).readings()
    assert [one.after for one in readings] == [("Marfan syndrome", "Homocystinuria")] * 2
    assert all(one.before == ("Homocystinuria",) and one.seconds_before >= 0 for one in readings)
    saved = Study(study.folder).saved(study.plan.readers[0].code)
    assert all(one["seconds_in_view"] is not None for one in saved.values())


def test_on_a_phone_and_without_script_a_list_is_saved_too(serve, study, open_page, fits) -> None:
    from playwright.sync_api import expect

    other = serve(study=study.folder)
    page = open_page(base_url=other.url, viewport={"width": 375, "height": 740}, java_script_enabled=False)
    page.goto("/study")
    page.get_by_label("Your code").fill(study.plan.readers[0].code)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("One diagnosis a line").fill("Marfan syndrome")
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Case 1 of 2, once more")
    wide = page.locator("main").bounding_box()["width"]
    assert wide <= 375
