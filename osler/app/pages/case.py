"""The case view: what was read from a text, phenopacket or FHIR record, corrected by hand, with the differential beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData, UploadFile

from osler import runtime
from osler.app import case_table, casework, edits
from osler.app.api.given import limits_of
from osler.app.csv_reply import csv_reply
from osler.app.headers import attachment
from osler.app.pages.rendering import back, desk_of, fragments, held_case, is_partial, page, session_of
from osler.app.sessions import Held
from osler.app.wording import for_caller
from osler.case import STATUSES, Case, Finding, Term
from osler.errors import InputError
from osler.findings.export import to_phenopacket

router = APIRouter()

# What the "example" button opens; made up.
EXAMPLE = """\
Dear colleague, thank you for seeing this 24-year-old man, who came because of blurred vision in the left eye.

He has always been tall and slim and wears glasses for severe myopia. There is no chest pain and no dyspnea. He has never
had a seizure. As a child he was operated on for pectus excavatum.

Family history: his father died at 41 of aortic dissection and had scoliosis.

Examination: height 196 cm, weight 71 kg, blood pressure 122/74 mmHg. Arachnodactyly with joint hypermobility; pes planus
on both sides. The slit lamp shows ectopia lentis on the left. There is a mild scoliosis. No cleft palate, no
intellectual disability. Striae distensae lie over the shoulders. He may have a high palate.

Echocardiography: aortic root aneurysm of 46 mm, mitral valve prolapse without regurgitation. Creatinine 78 µmol/L (59-104).
"""
SIGNS = {
    "present": "+",
    "absent": "−",
    "uncertain": "?",
    "family": "f",
    "historical": "h",
    "hypothetical": "~",
}
SHOWN_TEXT, SHOWN_FINDINGS = 100_000, 300
_LIST = re.compile(r"terms-[\w.-]{0,60}$")


@router.get("/case")
async def show(request: Request, case: str | None = None, new: bool = False) -> Response:
    """The case in work, or the form that opens one; a link with findings in it opens those."""
    linked = await casework.from_link(request)
    if linked is not None:
        return back(request, "/case", case=linked.case.id)
    held = None if new else held_case(request, case)
    if held is None:
        return _opener(request)
    return page(request, "case.html", **await _about(request, held))


@router.post("/case")
async def open_(request: Request) -> Response:
    """Open a case from pasted text or a file: text, phenopacket, FHIR or Osler's own."""
    form = await _form(request)
    given = form.get("file")
    data = await given.read() if isinstance(given, UploadFile) else b""
    text = _word(form, "text", None)
    desk = desk_of(request)
    try:
        if not data and not text.strip():
            raise InputError("nothing was given; paste a text, choose a file, or start with findings below")
        read = await desk.compute(
            runtime.case_from, data or text.encode(), base=desk.knowledge, **limits_of(desk)
        )
    except InputError as problem:
        return _opener(request, 422, problem=for_caller(str(problem), "page"), text=text[:SHOWN_TEXT])
    with session_of(request).lock:
        held = session_of(request).put(read)
    return back(request, "/case", case=held.case.id)


@router.post("/case/example")
async def example(request: Request) -> Response:
    """Open the example."""
    read = await desk_of(request).compute(
        runtime.case_from, EXAMPLE.encode(), base=desk_of(request).knowledge
    )
    with session_of(request).lock:
        held = session_of(request).put(read)
    return back(request, "/case", case=held.case.id)


@router.post("/case/status")
async def status(request: Request) -> Response:
    """Correct a finding's status."""
    form = await _form(request)
    wanted = edits.read_status(_word(form, "status"))
    return await _changed(request, form, lambda held: edits.set_status(held, _word(form, "key"), wanted))


@router.post("/case/replace")
async def replace(request: Request) -> Response:
    """Put another term in a finding's place."""
    form = await _form(request)
    term = await _term(request, form)
    return await _changed(request, form, lambda held: edits.replace(held, _word(form, "key"), term))


@router.post("/case/add")
async def add(request: Request) -> Response:
    """Add a finding; without a case, a new one is begun with it."""
    form = await _form(request)
    wanted, term = edits.read_status(_word(form, "status") or "present"), await _term(request, form)
    if not _word(form, "case"):
        with session_of(request).lock:
            held = session_of(request).put(Case())
            edits.add(held, term, wanted)
        return back(request, "/case", case=held.case.id)
    return await _changed(request, form, lambda held: edits.add(held, term, wanted))


@router.post("/case/remove")
async def remove(request: Request) -> Response:
    """Take a finding out."""
    form = await _form(request)
    return await _changed(request, form, lambda held: edits.remove(held, _word(form, "key")))


@router.post("/case/person")
async def person(request: Request) -> Response:
    """Set age and sex."""
    form = await _form(request)
    age, sex = _word(form, "age"), _word(form, "sex")
    return await _changed(request, form, lambda held: edits.set_person(held, age, sex))


@router.post("/case/undo")
async def undo(request: Request) -> Response:
    """Take back the last change."""
    return await _changed(request, await _form(request), edits.undo)


@router.post("/case/forget")
async def forget(request: Request) -> Response:
    """Forget the case and all that was said of it."""
    form = await _form(request)
    with session_of(request).lock:
        session_of(request).forget(_word(form, "case"))
    return back(request, "/case", new="true")


@router.get("/case/terms")
async def terms(request: Request, q: str = "", list: str = "terms-add") -> Response:
    """Terms for what is being typed, as the options of a listbox."""
    search = await desk_of(request).compute(lambda: desk_of(request).terms)
    found = await desk_of(request).compute(search.search, q[:100], 8)
    name = list if _LIST.match(list) else "terms-add"
    return fragments(request, "_terms.html", found=found, name=name)


@router.get("/case/phenopacket.json")
async def phenopacket(request: Request, case: str | None = None) -> Response:
    """The case as a GA4GH phenopacket: present, past and absent findings, age, sex, measurements; no text."""
    held = casework.case_of(request, case)
    release = desk_of(request).knowledge.ontology.release
    about = attachment(f"{held.case.id}.phenopacket.json")
    return JSONResponse(to_phenopacket(held.case, release), headers=about)


@router.get("/case.csv")
async def table(request: Request, case: str | None = None) -> Response:
    """The findings and measurements as a table, with the words that each was read from."""
    held = casework.case_of(request, case)
    now = casework.snapshot(request, held)
    return csv_reply(f"{now.id}.csv", case_table.HEAD, case_table.rows(now))


async def _form(request: Request) -> FormData:
    most = int(desk_of(request).settings.max_mb * 1_000_000)
    return await request.form(max_files=1, max_fields=20, max_part_size=most)


def _word(form: FormData, name: str, most: int | None = 300) -> str:
    value = form.get(name)
    return value[:most] if isinstance(value, str) else ""


async def _term(request: Request, form: FormData) -> Term:
    words = _word(form, "term") or _word(form, "words")
    return await desk_of(request).compute(edits.meant_term, words, desk_of(request).knowledge)


async def _changed(request: Request, form: FormData, change: Callable[[Held], Any]) -> Response:
    """Make a change, then show the parts of the page that it touches."""
    held = casework.case_of(request, _word(form, "case"))
    with session_of(request).lock:
        change(held)
    if not is_partial(request):
        return back(request, "/case", case=held.case.id)
    about = await _about(request, held)
    parts = ("_case_text.html", "_findings.html", "_beside.html", "_person.html", "_said.html")
    return fragments(request, *parts, **about)


async def _about(request: Request, held: Held) -> dict[str, Any]:
    """What the case view shows of a case."""
    case, can_undo = casework.snapshot(request, held), edits.can_undo(held)
    found = await casework.ranking(desk_of(request), held, case)
    return {
        "held": held,
        "case": case,
        "case_id": case.id,
        "rows": edits.keyed(case.findings)[:SHOWN_FINDINGS],
        "signs": SIGNS,
        "statuses": STATUSES,
        "pieces": list(casework.pieces(case, SHOWN_TEXT)) if case.text else [],
        "cut": max(0, len(case.text) - SHOWN_TEXT),
        "found": found,
        "person": casework.person(case),
        "link": casework.link_query(case),
        "can_undo": can_undo,
        "said": casework.standing(found),
        "words": _words_of,
    }


def _words_of(finding: Finding) -> str:
    """The words that a finding was read from, on one line."""
    return " ".join((finding.text or "").split())[:120]


def _opener(request: Request, status: int = 200, problem: str = "", text: str = "") -> Response:
    session = session_of(request)
    return page(
        request,
        "case_new.html",
        status,
        problem=problem,
        text=text,
        case_id=None,
        open_cases=[(one.case.id, len(one.case.findings)) for one in session.cases.values()],
        statuses=STATUSES,
        max_mb=desk_of(request).settings.max_mb,
    )
