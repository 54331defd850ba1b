"""Row 259, Explainability as dialogue: in the web app a user asks why, why-not and what-if about a diagnosis; each reply quotes
engine evidence and the turn history is kept."""

import re
from html import unescape

from starlette.testclient import TestClient

from osler import runtime
from osler.app.main import create_app
from osler.app.settings import Settings

CASE = "present=HP:0001083&present=HP:0001166&present=HP:0002650&present=HP:0002616&absent=HP:0000175&age=24&sex=male"
QUESTIONS = (
    "Why is it first?",
    "Why not Loeys-Dietz syndrome 2?",
    "What if the ectopia lentis were absent?",
    "How sure are you?",
)


def test_each_reply_quotes_the_engine_and_the_turns_are_kept(knowledge):
    case = runtime.case_from(
        present=["HP:0001083", "HP:0001166", "HP:0002650", "HP:0002616"], absent=["HP:0000175"], age=24, sex="male", base=knowledge
    )  # fmt: skip
    first = runtime.diagnose(case, base=knowledge).differential[0]
    with TestClient(create_app(Settings()), base_url="http://127.0.0.1:8080") as client:
        token = re.search(r'name="csrf" content="([^"]+)"', client.get("/ask").text)
        client.headers["x-osler-csrf"] = token[1]
        case_id = re.search(r"case=(case-\w+)", client.get(f"/case?{CASE}").text)[1]
        for question in QUESTIONS:
            client.post("/ask/why", data={"case": case_id, "question": question})
        shown = unescape(client.get(f"/ask?case={case_id}").text)

    turns = re.findall(r'<p class="said">(.*?)</p>\s*<div class="reply">(.*?)</div>\s*</li>', shown, re.S)
    assert [question for question, _ in turns] == list(QUESTIONS)
    quotes = [re.findall(r"<q>(.*?)</q>", reply) for _, reply in turns]
    assert all(quotes)
    strongest = first.support[0]
    assert strongest.label in quotes[0]
    assert f"{strongest.contribution:+.2f}" in turns[0][1]
    assert f"{first.name} is first" in turns[0][1]
    assert "What puts it behind" in turns[1][1]
    assert set(quotes[2]) == {"Ectopia lentis", "no Ectopia lentis"}
    assert "Before" in turns[2][1] and "After" in turns[2][1]
