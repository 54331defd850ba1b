"""The notes view: questions over a patient's notes and FHIR records, answered by their own words, marked where they stand.

Notes are held in the session's memory alone: nothing is written to disk, and the server sends them nowhere, but to a model that the
server was started with where a person ticks it. A question may be dictated where the browser can; browsers may send speech to their
makers, so the page says so first. Free text is bounded by `--max-text`, a record by `--max-mb`, as everywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from osler.app.csv_reply import csv_reply
from osler.app.headers import attachment
from osler.app.pages.rendering import back, desk_of, fragments, is_partial, page, session_of
from osler.app.reasoning import chosen, outcome, setting_for
from osler.app.settings import Settings
from osler.app.wording import for_caller
from osler.case import Case, Document
from osler.errors import InputError, UsageError
from osler.findings.decode import decode, over_limit, too_many_words
from osler.findings.fhir_text import documents_of, is_fhir
from osler.trace import AtSpan, Evidence

router = APIRouter()

MOST_NOTES, MOST_ASKED = 40, 30
NOTES_METHOD, RECORD_METHOD = "note-qa", "fhir-record-qa"


@dataclass(frozen=True)
class Note:
    """A note (`kind` text) or a FHIR record (`kind` fhir) with its resources as documents; `date` as YYYY-MM-DD, "" if not given."""

    id: str
    title: str
    kind: str
    text: str
    resources: tuple[Document, ...] = ()
    date: str = ""

    @property
    def size(self) -> int:
        """Characters of text."""
        return len(self.text) + sum(len(one.text) for one in self.resources)


@dataclass(frozen=True)
class Asked:
    """A question, the answer in words, its extracts, and which notes or resources they stand in."""

    question: str
    text: str
    note: str
    extracts: tuple[Evidence, ...]
    by: str
    selected: tuple[str, ...] = ()


@router.get("/notes")
async def show(request: Request) -> Response:
    """The notes, the last question's extracts marked in them, and the form."""
    return page(request, "notes.html", **_about(request))


@router.post("/notes")
async def add(request: Request) -> Response:
    """Add pasted text or files as notes; a FHIR bundle becomes a record."""
    desk = desk_of(request)
    most = int(desk.settings.max_mb * 1_000_000)
    form = await request.form(max_files=20, max_fields=20, max_part_size=most)
    given: list[tuple[str, bytes, str]] = []
    text, day = form.get("text"), str(form.get("date") or "")
    if isinstance(text, str) and text.strip():
        given.append((str(form.get("title") or "").strip()[:100], text.encode("utf-8", "replace"), day))
    for one in form.getlist("file"):
        if isinstance(one, UploadFile) and (data := await one.read()):
            given.append(((one.filename or "")[:100], data, ""))
    try:
        if not given:
            raise InputError("nothing was given; paste a note, or choose files")
        made = [await desk.compute(_read, *one, most) for one in given]
        _keep(request, made)
    except InputError as problem:
        said = for_caller(str(problem), "page")
        if not is_partial(request):
            return page(request, "notes.html", 422, **_about(request, said))
        return fragments(request, "_notes.html", status=422, **_about(request, said))
    return _shown(request)


@router.post("/notes/ask")
async def ask(request: Request) -> Response:
    """Answer a question from the notes by their own words."""
    form = await request.form(max_files=0, max_fields=5)
    question = " ".join(str(form.get("question") or "").split())[:2000]
    notes: list[Note] = session_of(request).kept.get("notes", [])
    if not question or not notes:
        raise UsageError("give a question, and at least one note to answer it from")
    found = await _answered(request, question, notes, bool(form.get("model")))
    with session_of(request).lock:
        asked = session_of(request).kept.setdefault("notes_asked", [])
        asked.append(found)
        del asked[:-MOST_ASKED]
    return _shown(request)


@router.post("/notes/forget")
async def forget(request: Request) -> Response:
    """Forget one note, or all of them with what was asked."""
    form = await request.form(max_files=0, max_fields=5)
    gone, session = str(form.get("note") or ""), session_of(request)
    with session.lock:
        if gone:
            session.kept["notes"] = [one for one in session.kept.get("notes", []) if one.id != gone]
        else:
            session.kept.pop("notes", None)
        session.kept.pop("notes_asked", None)
        session.measure()
    return _shown(request)


@router.get("/notes/answers.json")
async def answers(request: Request) -> Response:
    """All questions with their extracts: note, start, end and words."""
    asked: list[Asked] = session_of(request).kept.get("notes_asked", [])
    notes: list[Note] = session_of(request).kept.get("notes", [])
    texts = {one.id: one.text for one in notes}
    texts |= {f"{one.id} {part.id}": part.text for one in notes for part in one.resources}
    dates = {one.id: one.date for one in notes if one.date}
    rows = [
        {
            "question": one.question,
            "answer": one.text,
            "note": one.note,
            "method": one.by,
            "selected": list(one.selected),
            "extracts": [_extract(extract, texts, dates) for extract in one.extracts],
        }
        for one in asked
    ]
    about = "places count characters (Unicode code points), line ends as one; utf16 counts as JavaScript does"
    return JSONResponse({"answers": rows, "places": about}, headers=attachment("answers.json"))


def _extract(extract: Evidence, texts: dict[str, str], dates: dict[str, str]) -> dict[str, Any]:
    """An extract as JSON, with its place in UTF-16 units too, and the date of its note where one is known."""
    row = extract.model_dump(mode="json", exclude_none=True)
    text, place = texts.get(extract.record), extract.locator
    if text is not None and isinstance(place, AtSpan):
        row["utf16"] = [len(text[:at].encode("utf-16-le")) // 2 for at in (place.start, place.end)]
    day = dates.get(extract.record.partition(" ")[0])
    return {**row, "date": day} if day else row


@router.get("/notes/answers.csv")
async def answers_table(request: Request) -> Response:
    """All questions with their extracts as a table, one extract a row."""
    asked: list[Asked] = session_of(request).kept.get("notes_asked", [])
    titles = {one.id: one.title for one in session_of(request).kept.get("notes", [])}
    rows = [row for one in asked for row in _rows(one, titles)]
    return csv_reply("answers.csv", ("question", "note", "record", "start", "end", "words", "method"), rows)


def _rows(one: Asked, titles: dict[str, str]) -> list[tuple[Any, ...]]:
    """An extract a row; a question without one has a row that says so."""
    if not one.extracts:
        return [(one.question, None, None, None, None, one.text or one.note or "not found", one.by)]
    return [
        (one.question, titles.get(found.record.partition(" ")[0]), found.record,
         *((found.locator.start, found.locator.end) if isinstance(found.locator, AtSpan) else (None, None)), found.quote, one.by)
        for found in one.extracts
    ]  # fmt: skip


def _read(title: str, data: bytes, day: str, max_bytes: int) -> Note:
    """A note or a record. Raises InputError for what cannot be read."""
    # Browsers send line ends as two characters and show them as one; places count in what is shown.
    text = decode(data, title or "the note", max_bytes=max_bytes)[0].replace("\r\n", "\n").replace("\r", "\n")
    day = _day(day) or _day(title)
    if is_fhir(text):
        return Note("", title or "FHIR record", "fhir", "", tuple(documents_of(text)), day)
    return Note("", title or "Note", "text", text, date=day)


def _day(words: str) -> str:
    """The date that words hold as YYYY-MM-DD; "" where there is none, or more than one."""
    found = set(re.findall(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", words))
    try:
        return date.fromisoformat(found.pop()).isoformat() if len(found) == 1 else ""
    except ValueError:
        return ""


def _keep(request: Request, made: list[Note]) -> None:
    session = session_of(request)
    with session.lock:
        notes: list[Note] = session.kept.setdefault("notes", [])
        number = session.kept.get("notes_number", 0)
        _check_room([*notes, *made], desk_of(request).settings)
        for one in made:
            number += 1
            title = one.title if one.title not in ("Note", "FHIR record") else f"{one.title} {number}"
            notes.append(replace(one, id=f"n{number}", title=title))
        session.kept["notes_number"] = number
        session.kept.pop("notes_asked", None)
        session.measure()
        if session.all is not None:
            session.all.grown(session)


def _check_room(notes: list[Note], settings: Settings) -> None:
    """Raises InputError where notes are too many, or longer together than free text and records may be."""
    if len(notes) > MOST_NOTES:
        raise InputError(f"{MOST_NOTES} notes at most; forget some first")
    if sum(len(one.text) for one in notes) > settings.max_text:
        raise InputError(f"{too_many_words(settings.max_text)}; all notes that are here count together")
    most = int(settings.max_mb * 1_000_000)
    if sum(one.size - len(one.text) for one in notes) > most:
        raise over_limit("what the records here say", most)


async def _answered(request: Request, question: str, notes: list[Note], model: bool) -> Asked:
    """Put a question to the notes, and to the records; the better sure of the two comes first."""
    texts = [Document(id=one.id, title=one.title, text=one.text) for one in notes if one.kind == "text"]
    resources = [
        part.model_copy(update={"id": f"{one.id} {part.id}"}) for one in notes for part in one.resources
    ]
    said, extracts, selected, why, by = [], [], [], [], []
    for method, documents in ((NOTES_METHOD, texts), (RECORD_METHOD, resources)):
        if not documents:
            continue
        reply, trace = await _run(
            request, method, Case(question=question, documents=documents, answer_kind="text"), model
        )
        by.append(method)
        if reply.abstained or reply.unreadable:
            why.append(reply.note or "the reply could not be read")
            continue
        said.append(reply.text or "")
        for step in trace.steps:
            extracts += step.evidence if step.kind == "conclude" else []
            selected += step.data.get("selected", [])
    note = "" if said else "; ".join(why)
    return Asked(question, "\n".join(said), note, tuple(extracts), ", ".join(by), tuple(selected))


async def _run(request: Request, method: str, case: Case, model: bool) -> Any:
    desk = desk_of(request)
    made = chosen(method, {"reader": "model"} if model else {})
    setting = setting_for(desk, made)
    if model:
        if not desk.settings.models:
            raise UsageError("this server was started without a model")
        setting = replace(setting, models=desk.settings.models)
    found = await desk.reasoning.run(outcome(desk, case, made, setting))
    return found.answer, found.trace


def _shown(request: Request) -> Response:
    if not is_partial(request):
        return back(request, "/notes")
    return fragments(request, "_notes.html", **_about(request))


def _about(request: Request, problem: str = "") -> dict[str, Any]:
    kept = session_of(request).kept
    notes: list[Note] = kept.get("notes", [])
    asked: list[Asked] = kept.get("notes_asked", [])
    last = asked[-1] if asked else None
    settings = desk_of(request).settings
    return {
        "notes": [_marked(one, last) for one in notes],
        "about": {one.id: f"{one.title}, {one.date}" if one.date else one.title for one in notes},
        "asked": asked,
        "last": last,
        "problem": problem,
        "models": settings.models,
        "max_mb": settings.max_mb,
        "max_text": settings.max_text,
    }


def _marked(note: Note, last: Asked | None) -> dict[str, Any]:
    """A note with the extracts of the last answer marked, and of a record the resources that were chosen."""
    extracts = last.extracts if last else ()
    if note.kind == "text":
        return {
            "note": note,
            "pieces": pieces(note.text, _places(extracts, note.id)),
            "resources": [],
        }
    chosen_ids = set(last.selected) if last else set()
    shown = [one for one in note.resources if f"{note.id} {one.id}" in chosen_ids]
    rows = [
        {"id": one.id, "pieces": pieces(one.text, _places(extracts, f"{note.id} {one.id}"))} for one in shown
    ]
    return {"note": note, "pieces": [], "resources": rows}


def _places(extracts: tuple[Evidence, ...], record: str) -> list[tuple[int, int, int]]:
    """Start, end and number (from 1) of the extracts of a record."""
    return [
        (one.locator.start, one.locator.end, number)
        for number, one in enumerate(extracts, 1)
        if one.record == record and isinstance(one.locator, AtSpan)
    ]


def pieces(text: str, places: list[tuple[int, int, int]]) -> list[tuple[str, int, int]]:
    """A text cut into (words, number of the extract or 0, start); where extracts overlap the first one counts."""
    found, at = [], 0
    for start, end, number in sorted(places):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        if at < start:
            found.append((text[at:start], 0, at))
        found.append((text[start:end], number, start))
        at = end
    if at < len(text):
        found.append((text[at:], 0, at))
    return found
