"""Row 234, Interactive Clinical Note QA: a typed query returns spans whose offsets match the note and are highlighted in the page; a
stubbed transcript stands for voice; exact and overlap scores compute. (The page itself, in a browser, is asked by text and by a
stubbed voice in tests/app/e2e/test_notes_page.py.)"""

import re

from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.settings import Settings
from osler.scoring.extracts import extracts

NOTE = """Seen on 12 March 2024 because of chest pain on exertion for three weeks.
Medications: metformin 500 mg twice daily, lisinopril 10 mg daily.
Blood pressure was 152/94 mmHg and the pulse was regular."""
GOLD = {
    "Why was she seen?": "because of chest pain on exertion for three weeks",
    "What medicines does she take?": "Medications: metformin 500 mg twice daily, lisinopril 10 mg daily.",
    "what was the blood pressure": "Blood pressure was 152/94 mmHg",  # as a browser's transcript comes: no capital, no mark
}


def lit(client, question):
    """The spans that the page lights up for a question, as (start, end, words)."""
    client.post("/notes/ask", data={"question": question})
    found = re.findall(
        r'<mark[^>]* data-start="(\d+)" data-end="(\d+)"[^>]*>([^<]*)</mark>', client.get("/notes").text
    )
    return [(int(start), int(end), words) for start, end, words in found]


def test_queries_light_up_their_answers_and_are_scored(knowledge):
    with TestClient(create_app(Settings()), base_url="http://127.0.0.1:8080") as client:
        token = re.search(r'name="csrf" content="([^"]+)"', client.get("/notes").text)
        client.headers["x-osler-csrf"] = token[1]
        client.post("/notes", data={"text": NOTE})
        scores = {}
        for question, words in GOLD.items():
            spans = lit(client, question)
            assert spans and all(NOTE[start:end] == shown for start, end, shown in spans)
            at = NOTE.index(words)
            said = [("n1", start, end) for start, end, _ in spans]
            scores[question] = extracts(said, [("n1", at, at + len(words))], {"n1": NOTE})

    assert scores["What medicines does she take?"] == {
        "span_exact": 1.0, "text_exact": 1.0, "character_overlap": 1.0, "word_overlap": 1.0,
    }  # fmt: skip
    assert scores["what was the blood pressure"]["span_exact"] == 0.0
    assert all(0.5 < one["word_overlap"] <= 1 for one in scores.values())
