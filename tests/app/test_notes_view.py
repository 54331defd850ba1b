"""The notes view without a browser: what is kept and forgotten, extracts at their places, records, and hostile words."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from osler.app.main import create_app
from osler.app.pages.notes import pieces
from osler.app.settings import Settings

PARTIAL = {"x-osler-partial": "1", "accept": "text/html"}
SCRIPT = "<script>alert('x')</script>"
NOTE = f"Medications: metformin 500 mg twice daily.\r\nShe smoked until 2010. {SCRIPT}\r\nBlood pressure was 152/94 mmHg."
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "1", "name": [{"family": "Secretname"}], "gender": "female"}},
        {"resource": {"resourceType": "Condition", "id": "2", "code": {"text": f"Hypertension {SCRIPT}"}}},
        {"resource": {"resourceType": "MedicationRequest", "id": "3", "medicationCodeableConcept": {"text": "Lisinopril 10 mg"}}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def app(knowledge):
    return create_app(Settings(max_mb=0.3, per_minute=100_000))


@pytest.fixture(scope="module")
def running(app):
    with TestClient(app, base_url="http://127.0.0.1:8080", headers={"accept": "text/html"}) as made:
        yield made


@pytest.fixture
def client(running):
    """A browser that nobody knows yet; all share one running server."""
    anew(running)
    return running


def anew(client):
    client.cookies.clear()
    client.headers.pop("x-osler-csrf", None)
    token = re.search(r'name="csrf" content="([^"]+)"', client.get("/notes").text)
    assert token is not None
    client.headers["x-osler-csrf"] = token[1]


def ask(client, question):
    return client.post("/notes/ask", data={"question": question}, headers=PARTIAL)


def test_an_extract_is_marked_where_it_stands(client) -> None:
    client.post("/notes", data={"text": NOTE, "title": "Visit"}, headers=PARTIAL)
    reply = ask(client, "What was the blood pressure?")

    [(start, end, words)] = re.findall(r'data-start="(\d+)" data-end="(\d+)"[^>]*>([^<]*)</mark>', reply.text)
    assert NOTE.replace("\r\n", "\n")[int(start) : int(end)] == words == "Blood pressure was 152/94 mmHg."
    assert SCRIPT not in reply.text
    [row] = client.get("/notes/answers.json").json()["answers"]
    assert row["extracts"][0]["locator"] == {"at": "span", "start": int(start), "end": int(end)}


def test_what_the_notes_do_not_say_is_not_found(client) -> None:
    client.post("/notes", data={"text": NOTE}, headers=PARTIAL)
    reply = ask(client, "Does she own a parrot?")

    assert "not found in the notes" in reply.text
    assert "<mark" not in reply.text


def test_several_notes_are_asked_together_and_forgotten_one_by_one(client) -> None:
    files = [
        ("file", ("a.txt", b"He has asthma.")),
        ("file", (f"{SCRIPT}.txt", b"He is allergic to penicillin.")),
    ]
    reply = client.post("/notes", files=files, headers=PARTIAL)
    assert reply.text.count('class="panel note"') == 2
    assert SCRIPT not in reply.text

    reply = ask(client, "Any allergies?")
    assert re.findall(r"<mark[^>]*>(.*?)</mark>", reply.text) == ["He is allergic to penicillin."]
    reply = client.post("/notes/forget", data={"note": "n1"}, headers=PARTIAL)
    assert "asthma" not in reply.text
    reply = client.post("/notes/forget", data={}, headers=PARTIAL)
    assert "No note is here yet" in reply.text
    assert "penicillin" not in client.get("/notes").text


def test_a_fhir_bundle_is_asked_by_its_resources_and_names_are_left_out(client) -> None:
    reply = client.post("/notes", data={"text": json.dumps(BUNDLE)}, headers=PARTIAL)
    assert "3 resources" in reply.text

    reply = ask(client, "Which medications is she on?")
    assert "Lisinopril 10 mg" in reply.text
    assert "MedicationRequest/3" in reply.text
    assert "Secretname" not in reply.text
    reply = ask(client, "What conditions does she have?")
    assert "Hypertension" in reply.text
    assert SCRIPT not in reply.text


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x01\x02" * 50,
        b'{"resourceType": "Bundle", "entry": []}',
        b"[" * 100_000 + b'"resourceType"',
        b"",
    ],
)
def test_what_cannot_be_read_is_said(client, body) -> None:
    reply = client.post("/notes", files={"file": ("x", body)}, headers=PARTIAL)
    assert reply.status_code == 422
    assert 'class="problem"' in reply.text


def test_more_than_the_limit_is_refused(client) -> None:
    assert client.post("/notes", data={"text": "x" * 400_000}).status_code == 413


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([(0, 2, 1)], [("ab", 1, 0), ("cdef", 0, 2)]),
        ([(4, 9, 2), (1, 3, 1)], [("a", 0, 0), ("bc", 1, 1), ("d", 0, 3), ("ef", 2, 4)]),
        ([(0, 4, 1), (2, 5, 2)], [("abcd", 1, 0), ("e", 2, 4), ("f", 0, 5)]),
        ([], [("abcdef", 0, 0)]),
    ],
)
def test_pieces_of_a_note_never_lose_a_character(places, found) -> None:
    assert pieces("abcdef", places) == found
    assert "".join(words for words, _, _ in pieces("abcdef", places)) == "abcdef"


HARD = "\ufeffVisit\r\n\r\n\tPulse:\t72/min 🫀🫀.\r\n𝐁lood pressure was\t152/94 mmHg 💊, naïve cafe\u0301.\rShe is allergic to penicillin 🐝.\r\n"


def test_places_hold_after_line_ends_tabs_and_characters_beyond_the_basic_plane(client) -> None:
    """Characters are counted as code points in the page; JSON has JavaScript's UTF-16 units too."""
    client.post("/notes", data={"text": HARD}, headers=PARTIAL)
    shown = unescape("".join(re.findall(r'data-note="n1">(.*?)</div>', client.get("/notes").text, re.S)))
    assert shown == HARD.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    for question, words in (
        ("Any allergies?", "She is allergic to penicillin 🐝."),
        ("What was the blood pressure?", "𝐁lood pressure was\t152/94 mmHg 💊, naïve cafe\u0301."),
    ):
        reply = ask(client, question)
        found = re.findall(r'data-start="(\d+)" data-end="(\d+)"[^>]*>([^<]*)</mark>', reply.text)
        assert [shown[int(start) : int(end)] for start, end, _ in found] == [
            unescape(one) for *_, one in found
        ]
        assert words in [unescape(one) for *_, one in found]
    [*_, row] = client.get("/notes/answers.json").json()["answers"]
    for extract in row["extracts"]:
        start, end = extract["utf16"]
        units = shown.encode("utf-16-le")
        assert units[2 * start : 2 * end].decode("utf-16-le") == extract["quote"]
        assert start > extract["locator"]["start"]


def test_a_note_may_be_as_long_as_free_text_may_be_anywhere(knowledge) -> None:
    with TestClient(
        create_app(Settings(max_text=2_000)),
        base_url="http://127.0.0.1:8080",
        headers={"accept": "text/html"},
    ) as small:
        anew(small)
        too_long = "longer than the limit of 2,000 characters"
        reply = small.post("/notes", data={"text": "He has asthma. " * 140}, headers=PARTIAL)
        assert reply.status_code == 422 and reply.text.count(too_long) == 1 and "--max-text" in reply.text
        assert (
            small.post("/notes", data={"text": "He has asthma. " * 100}, headers=PARTIAL).status_code == 200
        )
        reply = small.post("/notes", data={"text": "He has asthma. " * 40}, headers=PARTIAL)
        assert reply.status_code == 422 and "all notes that are here count together" in reply.text
        assert "2,000 characters of free text in all notes" in small.get("/notes").text
        assert reply.text.count('class="panel note"') == 1


def test_words_at_the_end_of_a_long_note_are_marked_too(client) -> None:
    client.post(
        "/notes",
        data={"text": "The weather was fine. " * 11_000 + "She is allergic to latex."},
        headers=PARTIAL,
    )
    reply = ask(client, "Any allergies?")

    assert "She is allergic to latex.</mark>" in reply.text


@pytest.mark.parametrize(
    ("title", "given", "date"),
    [
        ("Visit", "2024-03-12", "2024-03-12"),
        ("visit 2023-01-05.txt", "", "2023-01-05"),
        ("2023-01-05 to 2023-01-09", "", ""),
        ("Visit", "2024-13-45", ""),
        ("Visit", SCRIPT, ""),
    ],
)
def test_the_date_of_a_note_stands_beside_it_and_its_extracts(client, title, given, date) -> None:
    client.post(
        "/notes",
        data={"text": "He is allergic to latex. Seen on 1999-01-01.", "title": title, "date": given},
        headers=PARTIAL,
    )
    reply = ask(client, "Any allergies?")

    assert re.findall(r'<time[^>]*datetime="([^"]*)"', reply.text) == ([date] if date else [])
    assert SCRIPT not in reply.text
    [row] = client.get("/notes/answers.json").json()["answers"]
    assert [one.get("date", "") for one in row["extracts"]] == [date]
    if date:
        assert f"{title}, {date}, characters 0–24" in reply.text


def test_not_found_is_said_not_to_mean_no(client) -> None:
    client.post("/notes", data={"text": NOTE}, headers=PARTIAL)
    reply = ask(client, "Does she own a parrot?")

    assert "does not mean that it is not so" in reply.text


def test_the_voice_button_is_hidden_until_a_script_finds_speech_and_says_who_hears_it(client) -> None:
    reply = client.post("/notes", data={"text": NOTE}, headers=PARTIAL)

    assert re.search(r'<button[^>]*data-speech[^>]*aria-describedby="speech-note"[^>]* hidden>', reply.text)
    assert "your voice may leave this machine" in reply.text
    assert "microphone=(self)" in client.get("/notes").headers["permissions-policy"]


def test_half_a_character_in_a_record_leaves_the_notes_and_their_exports_readable(client) -> None:
    record = r'{"resourceType": "Condition", "id": "c\ud800", "code": {"text": "Gout \ud800 of the toe"}}'
    client.post("/notes", data={"text": record, "title": "R"}, headers=PARTIAL)

    reply = ask(client, "Does she have gout?")

    assert "Gout \ufffd of the toe" in reply.text
    assert [
        client.get(path).status_code for path in ("/notes", "/notes/answers.json", "/notes/answers.csv")
    ] == [200] * 3


@pytest.mark.parametrize("path", ["/notes", "/case", "/ask"])
def test_a_form_in_letters_that_may_be_halves_is_refused(client, path) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\ngout \\ud800\r\n--x--\r\n'
    for coding in ("unicode_escape", "utf-7", "utf-8; charset=raw_unicode_escape"):
        kind = {"content-type": f"multipart/form-data; boundary=x; charset={coding}"}
        assert client.post(path, content=body, headers=kind).status_code == 415
        assert client.get(path).status_code == 200
