"""The notes view in a browser: notes are added, asked in words and by voice, and the answer is lit up in the note."""

from __future__ import annotations

import json

import pytest

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
NOTE = f"""Mrs. M., 67, seen on 12 March 2024 because of chest pain on exertion.
Medications: metformin 500 mg twice daily, lisinopril 10 mg daily.
She is allergic to penicillin. {SCRIPT}
Blood pressure was 152/94 mmHg."""
LATER = "Seen again on 2 April 2024. The chest pain is gone. Blood pressure was 131/82 mmHg."
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Condition", "id": "c1", "code": {"text": "Type 2 diabetes"}}},
        {"resource": {"resourceType": "Procedure", "id": "p1", "code": {"text": "Appendectomy"}}},
    ],
}
# A browser's speech recognition, which hears one sentence.
HEARS = """window.SpeechRecognition = class { start() { setTimeout(() => {
  this.onresult({results: [[{transcript: 'What was the blood pressure'}]]}); this.onend(); }, 1); } stop() {} };"""


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def add(page, text, title="") -> None:
    box = page.locator("details", has=page.get_by_role("heading", name="Add notes"))
    box.evaluate("box => box.open = true")
    page.get_by_role("textbox", name="Title").fill(title)
    page.get_by_label("Paste a note").fill(text)
    page.get_by_role("button", name="Add", exact=True).click()


def test_notes_are_asked_and_the_answer_is_lit_up_where_it_stands(page, expect, axe) -> None:
    page.goto("/notes")
    axe(page)
    add(page, NOTE, f"First visit {SCRIPT}")
    expect(page.locator(".note")).to_have_count(1)
    add(page, LATER, "Second visit")
    expect(page.locator(".note")).to_have_count(2)

    page.get_by_role("textbox", name="Question").fill("Any allergies?")
    page.get_by_role("textbox", name="Question").press("Enter")
    mark = page.locator(".note mark")
    expect(mark).to_have_text("She is allergic to penicillin.")
    shown = page.locator("[data-note='n1']").evaluate("box => box.textContent")
    start, end = (int(mark.get_attribute(name)) for name in ("data-start", "data-end"))
    assert shown == NOTE
    assert NOTE[start:end] == "She is allergic to penicillin."
    axe(page)
    axe(page, dark=True)

    page.get_by_role("textbox", name="Question").fill("What was the blood pressure?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(mark).to_have_count(2)
    page.get_by_role("link", name="Blood pressure was 131/82 mmHg.").click()
    expect(page.locator("mark:target")).to_be_in_viewport()
    page.get_by_role("textbox", name="Question").fill("Has she a parrot?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#notes .notice")).to_contain_text("not found in the notes")
    page.get_by_role("textbox", name="Question").fill(SCRIPT)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#notes .said")).to_have_text(SCRIPT)
    assert page.title() != "owned"

    page.get_by_role("button", name="Forget all notes").click()
    expect(page.locator("#notes")).to_contain_text("No note is here yet")
    page.reload()
    assert "penicillin" not in page.content()


def test_a_question_is_spoken_where_the_browser_can(open_page, expect) -> None:
    page = open_page()
    page.add_init_script(HEARS)
    page.goto("/notes")
    add(page, NOTE)
    expect(page.get_by_text("Some browsers send what you say to their maker's servers")).to_be_visible()
    page.get_by_role("button", name="Speak the question").click()
    expect(page.get_by_role("textbox", name="Question")).to_have_value("What was the blood pressure")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".note mark")).to_have_text("Blood pressure was 152/94 mmHg.")


def test_the_mark_is_at_the_places_that_scripts_read(page, expect) -> None:
    """Tabs, line ends of Windows and characters of two UTF-16 units before the words."""
    page.goto("/notes")
    add(page, "🫀🫀\tPulse 72/min.\nShe is allergic to penicillin 🐝.")
    page.get_by_role("textbox", name="Question").fill("Any allergies?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".note mark")).to_have_text("She is allergic to penicillin 🐝.")
    [extract] = page.evaluate("fetch('/notes/answers.json').then(reply => reply.json())")["answers"][0][
        "extracts"
    ]
    shown = page.locator("[data-note='n1']")
    assert (
        shown.evaluate("(box, at) => box.textContent.slice(at[0], at[1])", extract["utf16"])
        == extract["quote"]
    )
    place = extract["locator"]
    assert shown.evaluate("box => box.textContent")[place["start"] : place["end"]] == extract["quote"]


def test_no_voice_is_offered_where_the_browser_has_none(open_page, expect) -> None:
    page = open_page()
    page.add_init_script("delete window.SpeechRecognition; delete window.webkitSpeechRecognition;")
    page.goto("/notes")
    add(page, NOTE)
    expect(page.get_by_role("textbox", name="Question")).to_be_visible()
    expect(page.get_by_role("button", name="Speak the question")).to_be_hidden()


def test_files_and_a_fhir_bundle_on_a_phone(phone, expect, fits, axe) -> None:
    phone.goto("/notes")
    phone.get_by_label("Or choose files").set_input_files(
        [
            {"name": "visit.txt", "mimeType": "text/plain", "buffer": LATER.encode()},
            {"name": "record.json", "mimeType": "application/json", "buffer": json.dumps(BUNDLE).encode()},
        ]
    )
    phone.get_by_role("button", name="Add", exact=True).click()
    expect(phone.locator(".note")).to_have_count(2)
    phone.get_by_role("textbox", name="Question").fill("Which conditions does she have?")
    phone.get_by_role("button", name="Ask", exact=True).click()
    expect(phone.locator(".note mark")).to_contain_text(["Type 2 diabetes"])
    expect(phone.get_by_role("heading", name="Condition/c1")).to_be_visible()
    fits(phone)
    axe(phone)
