"""The ask view in a browser: a method's steps come in, evidence opens at its words, a dialogue about the result; keyboard, phone."""

from __future__ import annotations

import json

import pytest
from corpora import Toy, passage
from toy_graph import toy

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
LETTER = (
    "A 24-year-old man with ectopia lentis, arachnodactyly, scoliosis and an aortic root aneurysm. "
    f"There is no seizure. {SCRIPT}"
)


@pytest.fixture
def expect():
    return pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


@pytest.fixture(scope="module")
def chatting(serve):
    """A server with a graph and answered questions, and a simulated model."""
    from osler.knowledge.retrieval.sources import Opened

    other = serve(models=("simulated:good",))
    faq = f"Is it safe to fly after surgery? Two weeks is usual. {SCRIPT}"
    other.desk.opened = Opened(graph=toy(), retriever=Toy([passage("1", faq, title=f"Flying {SCRIPT}")]))
    return other


def open_letter(page) -> None:
    page.goto("/case?new=true")
    page.get_by_label("Paste a letter").fill(LETTER)
    page.get_by_role("button", name="Read the case").click()
    page.get_by_role("heading", name="Findings").wait_for()
    page.get_by_role("navigation").get_by_role("link", name="Ask", exact=True).click()


def test_a_method_answers_its_evidence_opens_and_is_asked_why(page, expect, axe, tmp_path) -> None:
    open_letter(page)
    page.get_by_label("Question", exact=True).fill(SCRIPT)
    page.get_by_label("Kind of answer").evaluate("field => field.closest('details').open = true")
    page.get_by_label("Kind of answer").select_option("differential")
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(page.get_by_role("heading", name="Answer: embedded")).to_be_visible()
    expect(page.locator(".steps .step")).to_have_count(3)
    expect(page.locator(".found > li").first).to_contain_text("Marfan syndrome")
    axe(page)
    axe(page, dark=True)

    # A finding opens the letter at its words.
    page.locator("#step-0 summary").last.click()
    page.locator("#step-0 a.evidence").first.click()
    expect(page.locator("#opened mark")).to_have_text("ectopia lentis")
    expect(page.locator("#opened")).to_be_focused()
    # A reason opens with its contribution and citations.
    page.locator(".found summary").first.click()
    page.locator(".found a.evidence").first.click()
    expect(page.locator("#opened")).to_contain_text("nats")

    for question, reply in (
        ("Why is it first?", "is first with"),
        ("Why not Loeys-Dietz syndrome 2?", "What puts it behind"),
        ("What if the ectopia lentis were absent?", "Suppose Ectopia lentis is absent"),
    ):
        page.get_by_label("Your question").first.fill(question)
        page.get_by_role("button", name="Ask why").click()
        expect(page.locator("#dialogue .reply").last).to_contain_text(reply)
        expect(page.locator("#dialogue .turns > li").last.locator("q").first).to_be_visible()
    expect(page.locator("#dialogue .turns > li")).to_have_count(3)
    # The newest turn stands by the box, the earlier ones are folded.
    expect(page.locator("#dialogue .said").first).to_be_hidden()
    page.get_by_text("2 earlier questions").click()
    expect(page.locator("#dialogue .said").first).to_be_visible()
    axe(page, within="#dialogue")
    page.get_by_label("Your question").first.fill(SCRIPT)
    page.keyboard.press("Enter")
    expect(page.locator("#dialogue .said").last).to_have_text(SCRIPT)

    with page.expect_download() as loaded:
        page.get_by_role("link", name="Trace (JSON)").click()
    loaded.value.save_as(tmp_path / "trace.json")
    assert json.loads((tmp_path / "trace.json").read_text("utf-8"))["trace"]["method"] == "embedded"
    assert page.title() != "owned"


def test_a_model_streams_its_steps_and_a_run_can_be_cancelled(chatting, open_page, expect) -> None:
    page = open_page(chatting.url)
    page.goto("/ask?method=self-consistency")
    page.get_by_label("Question", exact=True).fill("Which is it?")
    page.get_by_text("Options to choose from").click()
    page.get_by_label("Options, one a line").fill("Aspirin\nWarfarin")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Answer: self-consistency")).to_be_visible()
    expect(page.locator("#answer")).to_contain_text("no evidence")
    assert page.locator(".steps .step").count() >= 5

    held = hold(chatting)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#run")).to_contain_text("Cancelled")
    held()


def hold(server):
    """Every run of a server waits for ever, until what is given back is called."""
    import asyncio

    from osler.app import reasoning

    usual = reasoning.outcome

    async def wait(*_):
        await asyncio.Event().wait()

    reasoning.outcome = wait

    def release():
        reasoning.outcome = usual

    return release


def test_the_chat_shows_the_edge_or_the_nearest_stored_answer(chatting, open_page, expect, axe) -> None:
    page = open_page(chatting.url)
    page.goto("/ask")
    box = page.locator("#chat")
    box.get_by_label("Your question").fill("Which medicines treat adult-onset diabetes?")
    box.get_by_role("button", name="Send").click()
    expect(box.get_by_role("img", name="Metformin –treats→ Type 2 diabetes")).to_be_visible()
    box.get_by_label("Your question").fill("When is it safe to fly after surgery?")
    box.get_by_role("button", name="Send").click()
    expect(box.locator(".reply").last).to_contain_text("Two weeks is usual. <script>")
    assert page.title() != "owned"
    axe(page, within="#chat")


def test_ask_by_keyboard_on_a_phone(phone, expect, fits, axe) -> None:
    phone.goto("/case?present=HP:0001083&present=HP:0001166&age=24&sex=male")
    phone.goto("/ask")
    phone.get_by_label("Question", exact=True).focus()
    for _ in range(12):
        if phone.evaluate("document.activeElement.textContent.trim()") == "Ask":
            break
        phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Answer: embedded")).to_be_visible()
    phone.locator(".found summary").first.press("Enter")
    phone.locator(".found a.evidence").first.press("Enter")
    expect(phone.locator("#opened")).to_be_focused()
    fits(phone)
    axe(phone)


def test_after_asking_the_answer_is_in_sight_and_focused(open_page, expect) -> None:
    page = open_page(viewport={"width": 800, "height": 500})
    page.goto("/case?present=HP:0001083&present=HP:0001166")
    page.goto("/ask")
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(page.get_by_role("heading", name="Answer: embedded")).to_be_focused()
    expect(page.get_by_role("heading", name="Answer: embedded")).to_be_in_viewport()
    expect(page.locator(".found > li").first).to_be_in_viewport()


def test_what_went_wrong_stands_by_the_form_and_is_gone_to(page, expect, axe) -> None:
    page.goto("/case?present=HP:0001083&present=HP:0001166")
    page.goto("/ask")
    form = page.locator("form", has=page.get_by_label("Question", exact=True))
    expect(form.get_by_role("alert")).to_be_hidden()
    page.get_by_text("How it works: options").click()
    page.get_by_label("top", exact=True).fill("many")
    page.get_by_role("button", name="Ask", exact=True).click()

    expect(form.get_by_role("alert")).to_contain_text("top")
    expect(form.get_by_role("alert")).to_be_focused()
    expect(page.locator("#status")).to_be_empty()
    axe(page)

    # What was typed is still there; put right, it goes and the answer comes.
    expect(page.get_by_label("top", exact=True)).to_have_value("many")
    page.get_by_label("top", exact=True).fill("3")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".found > li")).to_have_count(3)
    expect(form.get_by_role("alert")).to_be_hidden()


def test_the_link_of_a_run_gives_method_options_and_coded_case_again(page, open_page, expect) -> None:
    page.goto("/case?present=HP:0001083&absent=HP:0001166&age=24&sex=male")
    page.goto("/ask?-top=3")
    expect(page.get_by_label("top", exact=True)).to_have_value("3")
    page.get_by_label("Question", exact=True).fill("Which one is my secret?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".found > li")).to_have_count(3)
    link = page.get_by_role("link", name="Link to this method").last.get_attribute("href")
    assert "secret" not in link
    names = page.locator(".found strong").all_inner_texts()

    other = open_page()
    other.goto(link)
    expect(other.get_by_label("top", exact=True)).to_have_value("3")
    other.get_by_role("button", name="Ask", exact=True).click()
    expect(other.locator(".found > li")).to_have_count(3)
    assert other.locator(".found strong").all_inner_texts() == names


def test_without_script_what_went_wrong_stands_by_the_form_too(open_page, expect) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/ask?-top=many")
    page.get_by_label("Question", exact=True).fill("Which is it?")
    page.get_by_role("button", name="Ask", exact=True).click()

    form = page.locator("form", has=page.get_by_label("Question", exact=True))
    expect(form.get_by_role("alert")).to_contain_text("top")
    expect(page.get_by_label("Question", exact=True)).to_have_value("Which is it?")
    expect(page.get_by_label("top", exact=True)).to_have_value("many")


def test_ask_works_without_script(open_page) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/case?present=HP:0001083&present=HP:0001166")
    page.goto("/ask")
    page.get_by_role("button", name="Ask", exact=True).click()
    for _ in range(20):
        if page.get_by_role("heading", name="Answer: embedded").count():
            break
        page.reload()
    assert page.locator(".found > li").count() > 3
    page.locator(".found a.evidence").first.evaluate("link => link.closest('details').open = true")
    page.goto(page.locator(".found a.evidence").first.get_attribute("href"))
    assert page.locator("#opened").inner_text()
