"""The case view in a browser: a letter is read, put right by hand, and forgotten; by mouse, by keyboard, on a phone."""

from __future__ import annotations

import pytest

LETTER = (
    "A 24-year-old man with ectopia lentis and arachnodactyly. There is no seizure. "
    "His father had aortic dissection. He may have scoliosis."
)


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def open_letter(page, text=LETTER) -> None:
    page.goto("/case?new=true")
    page.get_by_label("Paste a letter").fill(text)
    page.get_by_role("button", name="Read the case").click()
    page.get_by_role("heading", name="Findings").wait_for()


def finding(page, name):
    return page.locator("#findings .chips > li", has=page.get_by_text(name, exact=True))


def test_a_letter_is_read_put_right_and_forgotten(page, expect, axe) -> None:
    open_letter(page)

    marked = page.locator(".source a.mark")
    expect(marked.filter(has_text="ectopia lentis")).to_have_class("mark present")
    expect(marked.filter(has_text="seizure")).to_have_class("mark absent")
    expect(marked.filter(has_text="aortic dissection")).to_have_class("mark family")
    expect(marked.filter(has_text="scoliosis")).to_have_class("mark uncertain")
    expect(page.get_by_label("Age in years")).to_have_value("24")
    axe(page)
    axe(page, dark=True)

    # The differential follows each change.
    before = page.locator("#beside .ranks").inner_text()
    finding(page, "Scoliosis").get_by_role("combobox").first.select_option("present")
    expect(marked.filter(has_text="scoliosis")).to_have_class("mark present")
    expect(page.locator("#beside .ranks")).not_to_have_text(before)
    finding(page, "Seizure").get_by_role("button", name="Remove Seizure").click()
    expect(finding(page, "Seizure")).to_have_count(0)
    finding(page, "Arachnodactyly").get_by_text("Replace", exact=True).first.click()
    finding(page, "Arachnodactyly").get_by_label("Replace by").fill("tall stature")
    page.get_by_role("option", name="Tall stature HP:0000098").click()
    expect(finding(page, "Tall stature")).to_have_count(1)
    expect(finding(page, "Arachnodactyly")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(finding(page, "Arachnodactyly")).to_have_count(1)

    page.get_by_role("button", name="Forget this case").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open a case")
    page.go_back()
    assert "ectopia" not in page.content()


def test_by_keyboard_alone(page, expect, axe) -> None:
    """From nothing to a ranked case without the mouse: lay words, the arrow keys, Enter."""
    page.goto("/case?new=true")
    page.get_by_label("First finding").focus()
    page.keyboard.type("spider fing", delay=10)
    page.get_by_role("option", name="Arachnodactyly").wait_for()
    axe(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("First finding")).to_have_attribute(
        "aria-activedescendant", page.locator('[aria-selected="true"]').get_attribute("id")
    )
    while "Arachnodactyly" not in page.locator('[aria-selected="true"]').inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(finding(page, "Arachnodactyly")).to_have_count(1)

    page.get_by_label("Add a finding").focus()
    page.keyboard.type("ectopia lentis", delay=10)
    page.keyboard.press("Tab")
    page.keyboard.press("a")  # the status: absent
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(finding(page, "Ectopia lentis").get_by_role("combobox").first).to_have_value("absent")

    # A status is changed where it stands, and the focus stays there.
    choice = finding(page, "Ectopia lentis").get_by_role("combobox").first
    choice.focus()
    page.keyboard.press("p")
    expect(finding(page, "Ectopia lentis").locator(".sign")).to_have_text("+")
    expect(choice).to_be_focused()
    expect(page.locator("#status")).to_contain_text("First now")
    page.get_by_role("button", name="Remove Ectopia lentis").focus()
    page.keyboard.press("Enter")
    expect(finding(page, "Ectopia lentis")).to_have_count(0)


def test_on_a_phone_nothing_sticks_out(phone, expect, fits, axe) -> None:
    phone.goto("/case")
    phone.get_by_role("button", name="Open an example").tap()
    expect(phone.get_by_role("heading", name="Findings")).to_be_visible()

    fits(phone)
    axe(phone)
    finding(phone, "Chest pain").get_by_role("combobox").first.select_option("present")
    expect(phone.locator("#beside .notice.emergency")).to_contain_text("Possible emergency sign: Chest pain")
    fits(phone)


def test_a_file_dropped_on_the_form_is_read(page, expect) -> None:
    page.goto("/case?new=true")
    packet = (
        '{"id":"x","subject":{"sex":"FEMALE"},"phenotypicFeatures":[{"type":{"id":"HP:0001250","label":"Seizure"}},'
        '{"type":{"id":"HP:0001166","label":"Arachnodactyly"},"excluded":true}],"metaData":{}}'
    )
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "packet.json", { type: "application/json" }));
            const form = document.querySelector("form[data-drop]");
            form.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        packet,
    )

    expect(finding(page, "Seizure").get_by_role("combobox").first).to_have_value("present")
    expect(finding(page, "Arachnodactyly").get_by_role("combobox").first).to_have_value("absent")
    expect(page.get_by_label("Sex")).to_have_value("female")


def test_the_link_opens_the_same_coded_case_elsewhere(page, open_page, expect) -> None:
    open_letter(page)
    ranked = page.locator("#beside .ranks").inner_text()
    link = page.get_by_role("link", name="Link to this coded case").get_attribute("href")
    assert "ectopia" not in link

    other = open_page()
    other.goto(link)

    expect(other.locator("#findings .chips > li")).to_have_count(
        page.locator("#findings .chips > li").count()
    )
    assert other.locator("#beside .ranks").inner_text() == ranked
    expect(other.get_by_label("Age in years")).to_have_value("24")


def test_what_cannot_be_read_says_why_and_keeps_the_text(page, expect) -> None:
    page.goto("/case?new=true")
    page.get_by_label("Paste a letter").fill('{"resourceType": "Patient", ')
    page.get_by_role("button", name="Read the case").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Paste a letter")).to_have_value('{"resourceType": "Patient", ')


def test_without_script_the_same_forms_work(open_page, expect) -> None:
    page = open_page(java_script_enabled=False)
    open_letter(page)
    page.get_by_label("Add a finding").fill("tall stature")
    page.get_by_role("button", name="Add", exact=True).click()

    expect(finding(page, "Tall stature")).to_have_count(1)


def test_script_in_a_case_is_text(page, expect) -> None:
    open_letter(
        page,
        "A man with <script>document.title='x'</script> seizures <img src=x onerror=alert(1)> and fever.",
    )

    expect(page.locator(".source")).to_contain_text("<script>document.title='x'</script>")
    assert page.title() == "Case · Osler"
    assert page.locator(".source img, .source script").count() == 0


def test_a_reply_that_comes_late_does_not_replace_a_newer_one(page, expect) -> None:
    open_letter(page)
    page.evaluate(
        """() => {
          const real = window.fetch; let calls = 0; window.late = false;
          window.fetch = async (...given) => {
            const first = ++calls === 1, reply = await real(...given);
            if (first) await new Promise((go) => setTimeout(go, 1500));
            if (first) setTimeout(() => { window.late = true; }, 300);
            return reply;
          };
        }"""
    )
    marked = page.locator(".source a.mark")

    finding(page, "Scoliosis").get_by_role("combobox").first.select_option("present")
    page.wait_for_timeout(300)
    finding(page, "Seizure").get_by_role("combobox").first.select_option("present")
    expect(marked.filter(has_text="seizure")).to_have_class("mark present")
    page.wait_for_timeout(2_000)
    assert page.evaluate("() => window.late")

    expect(marked.filter(has_text="seizure")).to_have_class("mark present")
    expect(marked.filter(has_text="scoliosis")).to_have_class("mark present")


def test_what_was_wrong_with_a_form_stands_by_it_until_it_is_put_right(page, expect) -> None:
    page.goto("/case?present=HP:0001083&present=HP:0001166")
    form = page.locator("form", has=page.get_by_label("Add a finding"))
    page.get_by_label("Add a finding").fill("xyzzyq")
    page.get_by_role("button", name="Add", exact=True).click()

    expect(form.get_by_role("alert")).to_contain_text("is not one term")
    expect(page.locator("#status")).to_be_empty()
    page.get_by_label("Add a finding").fill("scoliosis")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(finding(page, "Scoliosis")).to_have_count(1)
    expect(form.get_by_role("alert")).to_have_count(0)


def test_what_is_said_at_the_foot_of_the_window_hides_what_lies_below_it(page, expect) -> None:
    page.goto("/case?present=HP:0001083&present=HP:0001166&absent=HP:0001250")
    finding(page, "Seizure").get_by_role("combobox").first.select_option("present")
    expect(page.locator("#status")).to_contain_text("First now")

    ground = page.locator("#status").evaluate("one => getComputedStyle(one).backgroundColor")
    assert ground.startswith("rgb("), ground


def test_a_reply_that_takes_long_is_said_to_take_long(page, expect) -> None:
    page.goto("/case?present=HP:0001083&present=HP:0001166")
    held = []
    page.route("**/case/add", lambda route: held.append(route))
    page.get_by_label("Add a finding").fill("scoliosis")
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.locator("#status")).to_have_text("Working …")
    held[0].continue_()
    expect(page.locator("#status")).to_contain_text("First now")
