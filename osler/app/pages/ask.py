"""The ask view: a method answers a question, its steps as they happen, its claims with evidence that opens; and dialogue about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter

from osler.app import answer_table, asking, casework, shown
from osler.app.csv_reply import csv_reply
from osler.app.headers import attachment
from osler.app.jobs import Job
from osler.app.pages.rendering import (
    back,
    desk_of,
    fragments,
    held_case,
    is_partial,
    page,
    rendered,
    session_of,
)
from osler.app.problems import status_of, waiting
from osler.app.sessions import Held
from osler.app.streams import event as written
from osler.app.wording import for_caller
from osler.case import Case
from osler.diagnosis.dialogue import Turn, reply
from osler.diagnosis.dialogue.asked import MOST_ASKED
from osler.errors import Missing, OslerError, UsageError
from osler.trace import AtPath, AtSpan, Delta, End, Event, Start, Step, replay

router = APIRouter()

MOST_TURNS, DEFAULT, CHAT = 60, "embedded", "hhh"
_STEP_EVENTS = ("start", "delta", "end")
_EVENT: TypeAdapter[Start | Delta | End] = TypeAdapter(Event)


@router.get("/ask")
async def show(
    request: Request, case: str | None = None, job: str | None = None, method: str = "", question: str = ""
) -> Response:
    """The form, the run named by `job` (else none), the dialogue about the open case, and the chat.

    A link may hold a method with its options and corpora, and a coded case, which it opens.
    """
    linked = await casework.from_link(request)
    if linked is not None:
        kept = {name: value for name, value in request.query_params.items() if name.startswith("-")}
        corpora = request.query_params.getlist("corpus") or None
        return back(request, "/ask", case=linked.case.id, method=method or None, corpus=corpora, **kept)
    about = {"question": question[:2000], "choices": "", "kind": ""}
    run = _run(request, job)
    return _whole(request, held_case(request, case), run, _options(request, method), about)


def _whole(
    request: Request,
    held: Held | None,
    run: dict[str, Any],
    options: dict[str, Any],
    about: dict[str, Any],
    status: int = 200,
) -> Response:
    """The whole view; `about` is what the form holds."""
    shown_with = {**options, **run, **_dialogue(request, held), **_chat(request), **about}
    return page(request, "ask.html", status, kinds=asking.KINDS, one=None, **shown_with)


@router.get("/ask/options")
async def options(request: Request, method: str = "") -> Response:
    """What can be set of a method."""
    return fragments(request, "_ask_options.html", **_options(request, method))


@router.post("/ask")
async def begin(request: Request) -> Response:
    """Begin a run; its steps are then watched."""
    form = await request.form(max_files=0, max_fields=80)
    case_id = str(form.get("case") or "")
    given = {
        name[1:]: str(value).strip()
        for name, value in form.multi_items()
        if name.startswith("-") and str(value).strip()
    }
    about = {name: str(form.get(name) or "") for name in ("question", "choices", "kind")}
    method, question = str(form.get("method") or DEFAULT), about["question"]
    corpora = [str(one) for one in form.getlist("corpus")]
    desk, session = desk_of(request), session_of(request)
    held, changed = None, _changed(method, given)
    try:
        held = session.get(case_id) if case_id else None
        case = asking.case_about(
            held.case if held else None, question, about["choices"].splitlines(), about["kind"]
        )
        job = asking.begin(desk, session.id, case, method, changed, corpora)
    except OslerError as error:
        return _refused(request, error, held, _options(request, method, given, corpora), about)
    asked = session.kept.setdefault("asked", {})
    link = [("method", method), *((f"-{name}", value) for name, value in changed.items())]
    link += [("corpus", name) for name in corpora]
    coded = f"&{casework.link_query(held.case)}" if held and held.case.findings else ""
    asked[job.id] = {"method": method, "question": question.strip(), "link": urlencode(link) + coded}
    for old in list(asked)[:-MOST_TURNS]:
        del asked[old]
    if not is_partial(request):
        return back(request, "/ask", job=job.id, case=case_id or None)
    return fragments(
        request, "_ask_problem.html", "_ask_run.html", "_dialogue.html",
        **_run(request, job.id), **_dialogue(request, held),
    )  # fmt: skip


def _refused(
    request: Request, error: OslerError, held: Held | None, options: dict[str, Any], about: dict[str, Any]
) -> Response:
    """What went wrong with a question, by its form, which keeps what was typed."""
    status, said = status_of(error), {"problem": for_caller(str(error), "page")}
    if is_partial(request):
        made = fragments(request, "_ask_problem.html", status=status, **said)
    else:
        made = _whole(request, held, {**_run(request, None), **said}, options, about, status)
    made.headers.update(waiting(error))
    return made


@router.post("/ask/cancel")
async def cancel(request: Request) -> Response:
    """Stop a run; what it told stays."""
    form = await request.form(max_files=0, max_fields=5)
    job = _job(request, str(form.get("job")))
    desk_of(request).jobs.cancel(job)
    if job.task is not None:
        await _ended(job)
    if not is_partial(request):
        return back(request, "/ask", job=job.id)
    return fragments(request, "_ask_run.html", **_run(request, job.id))


@router.get("/ask/run")
async def run(request: Request, job: str) -> Response:
    """A run as it stands: answer, evidence and steps."""
    held = held_case(request)
    return fragments(
        request, "_ask_problem.html", "_ask_run.html", "_dialogue.html",
        **_run(request, job), **_dialogue(request, held),
    )  # fmt: skip


@router.get("/ask/stream")
async def stream(request: Request, job: str, after: int = 0) -> Response:
    """The steps of a run as server-sent events; a browser that lost the connection goes on after the last one it saw."""
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isdigit() else max(0, after)
    found = _job(request, job)
    return desk_of(request).streams.open(_told(request, found, seen))


@router.get("/ask/trace.json")
async def trace(request: Request, job: str) -> Response:
    """The whole answer with its trace, as `osler ask --json` prints it."""
    ran = _ran(request, job)
    return JSONResponse(ran.reply, headers=attachment(f"{ran.case.id}.trace.json"))


@router.get("/ask/answer.csv")
async def answer_csv(request: Request, job: str) -> Response:
    """What was answered with the evidence for and against it, one piece a row."""
    ran = _ran(request, job)
    rows = answer_table.rows(ran.trace.answer, shown.cited_of(ran.trace), _plain(ran))
    return csv_reply(f"{ran.case.id}.answer.csv", answer_table.HEAD, rows)


@router.get("/ask/evidence")
async def evidence(request: Request, job: str, ref: str) -> Response:
    """A piece of evidence at its place: the passage at its words, the path as a picture, or the formula."""
    ran = _ran(request, job)
    names = asking.corpora(desk_of(request))
    one = await desk_of(request).compute(shown.opened, shown.find(ran.trace, ref), ran.case, names)
    return _opened(request, one, f"/ask?{urlencode({'job': job})}")


@router.get("/passage")
async def passage(request: Request, corpus: str, document: str, at: str) -> Response:
    """A document of a corpus at its words: `at` is start:end in characters."""
    first, sign, last = at.partition(":")
    if not (sign and first.isdigit() and last.isdigit()):
        raise UsageError(f"at takes START:END in characters, not {at[:40]!r}")
    if corpus not in asking.corpora(desk_of(request)):
        raise Missing(f"this server has no corpus {corpus[:80]!r}")
    one = await desk_of(request).compute(shown.passage, corpus, document, int(first), int(last))
    return _opened(request, one, "/ask")


@router.post("/ask/why")
async def why(request: Request) -> Response:
    """A turn of the dialogue about the open case's differential."""
    form = await request.form(max_files=0, max_fields=8)
    held = casework.case_of(request, str(form.get("case") or ""))
    question = " ".join(str(form.get("question") or "").split())[: MOST_ASKED + 1]
    if form.get("forget"):
        held.kept.pop("dialogue", None)
    elif question:
        ran = _maybe_ran(request, str(form.get("job") or ""))
        turns: list[Turn] = held.kept.setdefault("dialogue", [])
        desk = desk_of(request)
        engine = casework.engine_of(desk)
        told = await desk.compute(
            reply, question, held.case, engine, list(turns), ran.trace if ran else None, bool(desk.settings.models)
        )  # fmt: skip
        with session_of(request).lock:
            turns.append(told)
            del turns[:-MOST_TURNS]
    if not is_partial(request):
        return back(request, "/ask", case=held.case.id)
    about = _run(request, str(form.get("job") or "") or None)
    return fragments(request, "_dialogue.html", **about, **_dialogue(request, held))


@router.post("/ask/chat")
async def chat(request: Request) -> Response:
    """A turn of the chat: the graph's edge or the nearest stored answer."""
    form = await request.form(max_files=0, max_fields=5)
    question = str(form.get("question") or "").strip()[:2000]
    session = session_of(request)
    if question:
        turn = await _chat_turn(request, question)
        with session.lock:
            turns = session.kept.setdefault("chat", [])
            turns.append(turn)
            del turns[:-MOST_TURNS]
    if not is_partial(request):
        return back(request, "/ask")
    return fragments(request, "_chat.html", **_chat(request))


async def _chat_turn(request: Request, question: str) -> dict[str, Any]:
    turn: dict[str, Any] = {
        "question": question,
        "text": "",
        "note": "",
        "problem": "",
        "paths": [],
        "passages": [],
    }
    try:
        ran = await asking.run(desk_of(request), Case(question=question, answer_kind="text"), CHAT)
    except OslerError as error:
        return {**turn, "problem": for_caller(str(error), "page")}
    answer = ran.trace.answer
    turn["text"] = (answer.text if answer and answer.text else "") or "Not found."
    turn["note"] = (answer.note if answer else "") or ""
    for one in [one for step in ran.trace.steps if step.kind == "conclude" for one in step.evidence][:5]:
        if isinstance(one.locator, AtPath):
            turn["paths"].append(shown.path_of(one))
        elif isinstance(one.locator, AtSpan) and one.source in asking.corpora(desk_of(request)):
            at = f"{one.locator.start}:{one.locator.end}"
            query = urlencode({"corpus": one.source, "document": one.record, "at": at})
            turn["passages"].append({"title": f"{one.source} {one.record}", "query": query})
    return turn


def _options(
    request: Request, method: str, given: dict[str, str] | None = None, corpora: Sequence[str] | None = None
) -> dict[str, Any]:
    """The methods, and of the one named its options with the values that a form or a link gives."""
    desk, query = desk_of(request), request.query_params
    methods = asking.offers(desk)
    name = method or DEFAULT
    chosen = next((one for one in methods if one.name == name and not one.why_not), None)
    from osler import registry

    return {
        "methods": methods,
        "families": asking.families(methods),
        "method": name,
        "given": {name[1:]: value[:200] for name, value in query.items() if name.startswith("-")}
        if given is None
        else given,
        "named": query.getlist("corpus") if corpora is None else list(corpora),
        "unknown": bool(method) and method not in {one.name for one in methods},
        "chosen": chosen,
        "options": asking.choices_of(registry.get("method", name)) if chosen else [],
        "corpora": asking.corpora(desk) if chosen and "corpus" in chosen.needs else [],
    }


def _changed(method: str, given: dict[str, str]) -> dict[str, str]:
    """Options that are not as they are anyway. A name that is no registered method's is left to be refused: it is never looked up."""
    from osler import registry

    part = next((one for one in registry.parts("method") if one.name == method), None)
    usual = {one.name: one.default for one in asking.choices_of(part)} if part else {}
    return {name: value for name, value in given.items() if value != usual.get(name)}


def _run(request: Request, job_id: str | None) -> dict[str, Any]:
    """What the page shows of a run; nothing where none is named."""
    if not job_id:
        return {"job": None, "running": False, "ran": None, "about": {}, "nodes": [], "cited": [], "claims": [], "plain": "", "problem": ""}  # fmt: skip
    session, job = session_of(request), _job(request, job_id)
    ran: asking.Ran | None = job.result if job.state == "done" else None
    steps = ran.trace.steps if ran else replay(_events(job), finished=job.state != "running")
    cited = shown.cited_of(ran.trace) if ran else []
    return {
        "job": job,
        "running": job.state == "running",
        "ran": ran,
        "about": session.kept.get("asked", {}).get(job_id, {"method": "", "question": "", "link": ""}),
        "nodes": shown.tree(steps),
        "cited": cited,
        "claims": shown.claims_of(ran.trace.answer, cited) if ran else [],
        "plain": _plain(ran) if ran else "",
        "problem": for_caller(str(job.error or ""), "page") if job.state == "failed" else "",
    }


def _plain(ran: asking.Ran) -> str:
    """An answer that is no text, in words."""
    answer, words = ran.trace.answer, {one.key: one.text for one in ran.case.options}
    if answer is None:
        return ""
    if answer.kind == "number":
        return f"{answer.number:g} {answer.unit or ''}".strip() if answer.number is not None else ""
    if answer.kind == "choices":
        return "; ".join(f"{key} {words.get(key, '')}".strip() for key in answer.choices)
    if answer.kind == "spans":
        return " … ".join(ran.case.text[span.start : span.end] for span in answer.spans)
    key = answer.choice or ""
    return f"{key} {words.get(key, '')}".strip() or answer.text or ""


def _dialogue(request: Request, held: Held | None) -> dict[str, Any]:
    findings = held.case.findings if held else []
    return {
        "case_id": held.case.id if held else None,
        "turns": held.kept.get("dialogue", []) if held else [],
        "example": next((one.label for one in findings if one.status == "present"), ""),
    }


def _chat(request: Request) -> dict[str, Any]:
    from osler import registry

    lacks = asking.lacking(desk_of(request), registry.get("method", CHAT))
    return {"chat": session_of(request).kept.get("chat", []), "chat_lacks": lacks}


def _job(request: Request, job_id: str) -> Job:
    """A run of this session. Raises Missing where it was forgotten or was never there."""
    try:
        return desk_of(request).jobs.get(job_id, session_of(request).id)
    except UsageError:
        raise Missing("there is no such run; it may have been forgotten") from None


def _ran(request: Request, job_id: str) -> asking.Ran:
    """A run that has ended with an answer. Raises Missing for any other."""
    ran = _maybe_ran(request, job_id)
    if ran is None:
        raise Missing("this run has no answer")
    return ran


def _maybe_ran(request: Request, job_id: str) -> asking.Ran | None:
    if not job_id:
        return None
    job = _job(request, job_id)
    return job.result if isinstance(job.result, asking.Ran) else None


def _opened(request: Request, one: shown.Opened, back_to: str) -> Response:
    if is_partial(request):
        return fragments(request, "_opened.html", one=one)
    return page(request, "passage.html", one=one, back_to=back_to)


def _events(job: Job) -> list[Start | Delta | End]:
    """The trace events that a job has told so far."""
    return [_read(name, data) for name, data in list(job.events) if _is_step(name, data)]


def _is_step(name: str, data: Any) -> bool:
    return name in _STEP_EVENTS and "path" in data


def _read(name: str, data: Any) -> Start | Delta | End:
    return _EVENT.validate_python({**data, "event": name})


async def _ended(job: Job) -> None:
    async for _ in job.watch(len(job.events)):
        pass


async def _told(request: Request, job: Job, after: int) -> AsyncIterator[bytes]:
    """Each event as HTML: a new step with where it goes, a changed step to be put in its place, words as they come."""
    steps: dict[tuple[int, ...], Step] = {}
    number = 0
    async for number, name, data in job.watch():
        if _is_step(name, data):
            _fold(steps, _read(name, data))
        if number <= after:
            continue
        if _is_step(name, data):
            yield written("step", _made(request, job, steps, tuple(data["path"]), name == "start"), number)
        elif name == "piece":
            yield written("piece", {"text": data["text"]}, number)
    # Said even where the job's own word of it found no more room among its events.
    yield written("ended", {"state": job.state}, number)


def _fold(steps: dict[tuple[int, ...], Step], event: Start | Delta | End) -> None:
    if isinstance(event, Start):
        steps[event.path] = Step(path=event.path, kind=event.kind, label=event.label, role=event.role)
    elif event.path in steps and isinstance(event, Delta):
        steps[event.path].text += event.text
        steps[event.path].evidence.extend(event.evidence)
        steps[event.path].data.update(event.data)
    elif event.path in steps and isinstance(event, End):
        steps[event.path].state = event.state


def _made(
    request: Request, job: Job, steps: dict[tuple[int, ...], Step], path: tuple[int, ...], new: bool
) -> dict[str, Any]:
    step, name = steps[path], shown.name_of(path)
    html = rendered(request, "_step.html", node=shown.Node(step, name), run=job.id, new=new)
    made = {"html": html, "id": f"step-{name}"}
    return {**made, "under": f"under-{shown.name_of(shown.above(path, steps))}"} if new else made
