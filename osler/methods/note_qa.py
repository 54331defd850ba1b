"""note-qa: a question about a patient's notes, answered by their own words at their exact place.

Source: Toward Human Centered Interactive Clinical Question Answering System (2025), known from its abstract: a question is put to a
clinical note, and the answer is extracted and highlighted there. Stages: observe (the question), retrieve (the notes' sentences
that fit), conclude (the extracts, or "not found"). Defaults: at most 3 extracts, of sentences at least 0.6 times as good as the
best and with at least a third of the question's content. Calls per case: none; with `reader=model` one, which quotes and is
looked up word by word: a quote that no note has is dropped and counted. Deviations: the paper asks a model of OpenAI with a
zero-shot prompt; here no model is needed, and with one its quotes must stand in a note. Failure modes: an answer in other words
than the question; one that follows only from several sentences.
The notes are the case's documents, else its text. Offsets are those of each note.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from osler.case import Case, Document, Span
from osler.context import Context
from osler.errors import InputError
from osler.methods import by_words, sentences, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer, AtSpan, Evidence

PROMPT = (
    "{notes}\n\n{question}\n\nAnswer by quoting the notes: copy the shortest passages that answer, word for word, each with the "
    "number of its note. Give no quote where the notes do not answer."
)
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "quotes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"note": {"type": "integer"}, "quote": {"type": "string"}},
                "required": ["note", "quote"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["reasoning", "quotes"],
    "additionalProperties": False,
}
_ENOUGH, _LEAST = 0.6, 0.34


@method("note-qa", source="Toward Human Centered Interactive Clinical QA 2025", fidelity="abstract", answers=("text",),
        cost="no model calls; with reader=model 1 call")  # fmt: skip
async def note_qa(
    case: Case,
    ctx: Context,
    most: Annotated[int, Field(ge=1, le=20)] = 3,
    reader: Literal["words", "model"] = "words",
) -> Answer:
    """Answer from a patient's notes by their own words, at their exact places; no model."""
    question = (case.question or "").strip()[:2000]
    notes = case.documents or ([Document(id="case", text=case.text)] if case.text.strip() else [])
    if not question or not notes:
        raise InputError("give a question and at least one note")
    with ctx.step("observe", "question", question):
        pass
    if reader == "model":
        found, lost = await _quoted(question, notes, ctx)
    else:
        found, lost = await _found(question, notes, ctx, most), 0
    with ctx.step("conclude") as step:
        step.note(
            "".join(f"{one.quote}\n" for one in found) or "not found\n",
            found,
            **({"not_in_notes": lost} if lost else {}),
        )
    if not found:
        return Answer(kind="text", abstained=True, note="not found in the notes")
    spans = [Span(start=one.locator.start, end=one.locator.end) for one in found
             if isinstance(one.locator, AtSpan) and not case.documents]  # fmt: skip
    return Answer(
        kind="text", text="\n".join(one.quote or "" for one in found), spans=spans, confidence=found[0].score
    )


async def _found(question: str, notes: list[Document], ctx: Context, most: int) -> list[Evidence]:
    """The sentences that fit best, in the order of their fit; a step keeps them."""
    parts = [part for note in notes for part in parts_of(note)]
    fits = await by_words.apart(sum(len(note.text) for note in notes), by_words.fits, question, parts)
    order = sorted(range(len(parts)), key=lambda at: (-fits[at].score, at))
    best = fits[order[0]].score if order else 0.0
    kept = [
        at for at in order if best > 0 and fits[at].score >= _ENOUGH * best and fits[at].coverage >= _LEAST
    ][:most]
    found = [evidence_of(parts[at], fits[at].coverage) for at in kept]
    with ctx.step("retrieve", "sentences") as step:
        step.note(f"{len(parts)} sentences of {len(notes)} notes\n", found)
    return found


async def _quoted(question: str, notes: list[Document], ctx: Context) -> tuple[list[Evidence], int]:
    """What a model quotes, each where it stands, and how many quotes stand in no note."""
    shown = "\n\n".join(
        task.fence(f"note [{n}] {task.line(note.title or note.id)}", note.text)
        for n, note in enumerate(notes, 1)
    )
    wording = ctx.prompt("note-qa", PROMPT)
    prompt = wording.format(notes=shown, question=task.fence("question", question))
    asked = await ctx.greedy().ask(prompt, schema=FORM, system=task.SYSTEM, kind="retrieve", label="quote")
    found, lost = [], 0
    for one in asked.value.get("quotes", []) if asked.readable else []:
        note = notes[one["note"] - 1] if 1 <= one["note"] <= len(notes) else None
        place = task.locate(note.text, one["quote"]) if note else None
        if note is None or place is None:
            lost += 1
            continue
        words = note.text[place[0] : place[1]]
        found.append(evidence_of(Passage(words, note.id, *place, "notes", 1.0), None))
    return found, lost


def parts_of(note: Document) -> list[Passage]:
    """The sentences of a note, each with its place in it."""
    return sentences.split(Passage(note.text, note.id, 0, len(note.text), "notes", 0.0, title=note.title))


def evidence_of(part: Passage, score: float | None) -> Evidence:
    """A piece of a note as evidence."""
    return Evidence(
        source="notes",
        record=part.document,
        locator=AtSpan(start=part.start, end=part.end),
        quote=part.text,
        score=None if score is None else round(score, 4),
        supports=True,
    )
