"""The next view: the questions worth asking with gain and cost, answered in place; the differential follows, answers can be undone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app import casework, edits
from osler.app.csv_reply import csv_reply
from osler.app.pages.rendering import back, desk_of, fragments, held_case, is_partial, page, session_of
from osler.app.sessions import Held
from osler.case import Status, Term
from osler.diagnosis.result import NextQuestion
from osler.errors import UsageError
from osler.ontology.hpo import Ontology

router = APIRouter()

OFFERED, SAVED = 6, 50
WORDS = {"yes": "Yes", "no": "No", "unknown": "Don’t know"}
STATUS: dict[str, Status] = {"yes": "present", "no": "absent"}


@router.get("/next")
async def show(request: Request, case: str | None = None) -> Response:
    """The questions for the case in work; a link with findings in it opens those."""
    linked = await casework.from_link(request)
    if linked is not None:
        return back(request, "/next", case=linked.case.id)
    held = held_case(request, case)
    if held is None:
        return page(request, "no_case.html", case_id=None, view="next")
    return page(request, "next.html", **await _about(request, held))


@router.get("/next.csv")
async def table(request: Request, case: str | None = None) -> Response:
    """The questions as a table, more of them than are shown, after those that were answered."""
    held = casework.case_of(request, case)
    now = casework.snapshot(request, held)
    answers, skip = _answers(held)
    asked = await desk_of(request).compute(casework.questions, desk_of(request), now, skip, SAVED)
    rows = [(None, one["question"], one["id"], one["label"], None, None, one["word"]) for one in answers]
    rows += [
        (place, one.question, one.id, one.label, round(one.gain, 6), one.cost, None)
        for place, one in enumerate(asked, 1)
    ]
    head = ("place", "question", "id", "name", "gain in bits", "cost", "answer")
    return csv_reply(f"{now.id}.questions.csv", head, rows)


@router.post("/next")
async def answer(request: Request) -> Response:
    """Take an answer: yes and no are findings from now on, "don't know" is not asked again."""
    form = await request.form(max_files=0, max_fields=10)
    held = casework.case_of(request, str(form.get("case", "")))
    word, asked = str(form.get("answer", "")), str(form.get("term", ""))
    ontology = desk_of(request).knowledge.ontology
    if word not in WORDS or asked not in ontology:
        raise UsageError("answer a question with yes, no or unknown")
    place = ontology.index(asked)
    label = ontology.labels[place]
    question = casework.engine_of(desk_of(request)).questions.texts[place]
    with session_of(request).lock:
        answers = held.kept.setdefault("answers", [])
        before = [finding for finding in held.case.findings if finding.id == asked]
        if word in STATUS:
            edits.add(held, Term(id=asked, label=label), STATUS[word])
        answers.append(
            {
                "id": asked,
                "label": label,
                "question": question,
                "word": WORDS[word],
                "answer": word,
                "before": before,
            }
        )
    return await _shown(request, held)


@router.post("/next/undo")
async def undo(request: Request) -> Response:
    """Take the last answer back: its finding is what it was before."""
    form = await request.form(max_files=0, max_fields=10)
    held = casework.case_of(request, str(form.get("case", "")))
    with session_of(request).lock:
        answers = [one for one in held.kept.get("answers", []) if _stands(held, one)]
        held.kept["answers"] = answers
        if not answers:
            raise UsageError("no answer is left to take back")
        last = answers.pop()
        if last["answer"] in STATUS:
            edits.keep(held)
            others = [finding for finding in held.case.findings if finding.id != last["id"]]
            held.case.findings = [*others, *last["before"]]
    return await _shown(request, held)


async def _shown(request: Request, held: Held) -> Response:
    if not is_partial(request):
        return back(request, "/next", case=held.case.id)
    about = await _about(request, held)
    return fragments(request, "_questions.html", "_answers.html", "_beside.html", "_said.html", **about)


def _after_another(asked: list[NextQuestion], last: str, ontology: Ontology) -> list[NextQuestion]:
    """The questions, the first not nearly the one that was answered last: a wider or narrower one waits behind the next other."""
    if last not in ontology:
        return asked
    place = ontology.index(last)

    def near(one: NextQuestion) -> bool:
        own = ontology.index(one.id)
        return ontology.is_a(own, place) or ontology.is_a(place, own)

    first = next((at for at, one in enumerate(asked) if not near(one)), 0)
    return [asked[first], *asked[:first], *asked[first + 1 :]] if asked else asked


def _stands(held: Held, given: dict[str, Any]) -> bool:
    """Whether an answer is still so: in the case view it may have been changed or taken back."""
    status = STATUS.get(given["answer"])
    return status is None or any(f.id == given["id"] for f in held.case.with_status(status))


def _answers(held: Held) -> tuple[list[dict[str, Any]], list[str]]:
    """The answers that still stand, and the ids of what is not known, which is not asked again."""
    answers = [one for one in held.kept.get("answers", []) if _stands(held, one)]
    return answers, [one["id"] for one in answers if one["answer"] == "unknown"]


async def _about(request: Request, held: Held) -> dict[str, Any]:
    """The questions, the answers so far, and the differential beside them."""
    desk = desk_of(request)
    answers, skip = _answers(held)
    case = casework.snapshot(request, held)
    found = await casework.ranking(desk, held, case)
    asked = await desk.compute(casework.questions, desk, case, skip, OFFERED)
    asked = _after_another(asked, answers[-1]["id"] if answers else "", desk.knowledge.ontology)
    return {
        "case": case,
        "case_id": case.id,
        "asked": asked,
        "most": max((one.gain for one in asked), default=1.0),
        "answers": answers,
        "found": found,
        "said": casework.standing(found),
        "link": casework.link_query(case),
    }
