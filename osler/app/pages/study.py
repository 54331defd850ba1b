"""The reader study: a reader types a code, reads cases in the order drawn for them, and lists a differential before and after help.

Served alone (`osler serve --study FOLDER`): no other view is there then, so that no arm has help that is not its own. What is right
in a case never leaves the server.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler import runtime
from osler.app.desk import Desk
from osler.app.pages.rendering import back, desk_of, fragments, page, session_of
from osler.case import Case
from osler.errors import OslerError, UsageError
from osler.evaluation.reader_study.study import Arm, Study, StudyCase, Task
from osler.scoring.reader_study import AFTER

router = APIRouter()
_FOUND, _SHOWN = 8, 700
_MOST_TRIES = 20


def study_of(request: Request) -> Study:
    """The study that this server shows. Raises UsageError where it was started without one."""
    folder, state = desk_of(request).settings.study, request.app.state
    if folder is None:
        raise UsageError("no study was named; start the server with: osler serve --study FOLDER")
    if not hasattr(state, "study"):
        state.study, state.aids = Study(Path(folder)), asyncio.Lock()
    return state.study


@router.get("/study")
async def show(request: Request) -> Response:
    """What the reader does next: the code, a case, or the end."""
    if desk_of(request).settings.study is None:
        return page(request, "study_none.html")
    study = study_of(request)
    code = session_of(request).kept.get("study")
    if code is None:
        return page(request, "study_code.html", study=study.plan, problem="")
    return await _task(request, study, code)


@router.post("/study")
async def enter(request: Request) -> Response:
    """Begin, or go on, with a code."""
    study, session = study_of(request), session_of(request)
    form = await request.form(max_files=0, max_fields=4)
    tries = session.kept.get("study_tries", 0) + 1
    session.kept["study_tries"] = tries
    reader = study.reader(str(form.get("code") or "")[:40]) if tries <= _MOST_TRIES else None
    if reader is None:
        problem = "There is no such code. It has eight letters and digits; ask who gave it to you."
        return page(request, "study_code.html", 422, study=study.plan, problem=problem)
    session.kept["study"], session.kept["study_tries"] = reader.code, 0
    return back(request, "/study")


@router.post("/study/leave")
async def leave(request: Request) -> Response:
    """Let go of the code, so that the next reader of this machine may begin."""
    session_of(request).kept.pop("study", None)
    return back(request, "/study")


@router.post("/study/save")
async def save(request: Request) -> Response:
    """Keep a list, and go on to what comes next."""
    study, code = study_of(request), _code(request)
    form = await request.form(max_files=0, max_fields=10, max_part_size=100_000)
    said = str(form.get("list") or "").splitlines()
    try:
        study.save(code, str(form.get("case")), str(form.get("phase")), said, _seconds(form.get("in_view")))
    except UsageError as problem:
        return await _task(request, study, code, 422, str(problem))
    return back(request, "/study")


@router.get("/study/search")
async def search(request: Request, q: str = "") -> Response:
    """What the corpora of this server say, in an arm that has a search."""
    study, code = study_of(request), _code(request)
    task = study.task(code)
    if task is None or task.phase != AFTER or not task.arm.searches:
        raise UsageError("there is no search in this part of the study")
    words, found, problem = " ".join(q.split())[:300], [], ""
    if words:
        try:
            found = await desk_of(request).compute(_search, desk_of(request), words)
        except OslerError as error:
            problem = str(error)
        study.searched(code, task, words, len(found))
    return fragments(request, "_study_found.html", found=found, words=words, problem=problem)


async def _task(request: Request, study: Study, code: str, status: int = 200, problem: str = "") -> Response:
    """The page of a reader's next task."""
    task, (done, of) = study.task(code), study.done(code)
    reader = study.reader(code)
    if task is None or reader is None:
        return page(request, "study_end.html", study=study.plan, of=of)
    aid, before = None, []
    if task.phase == AFTER:
        before = study.saved(code)[task.case.id, "before"]["list"]
        if task.arm.help == "model":
            aid = await _aid(request, study, task)
    passed = study.opened(code, task)
    return page(
        request, "study.html", status, study=study.plan, task=task, aid=aid, before=before, passed=int(passed), done=done,
        of=of, reader=reader, problem=problem, corpora=_corpora(desk_of(request)) if task.arm.searches else [],
    )  # fmt: skip


async def _aid(request: Request, study: Study, task: Task) -> dict[str, Any]:
    """The help of a case in an arm: made when the first reader needs it, kept for all."""
    async with request.app.state.aids:
        if (made := study.aid(task.case.id, task.arm.name)) is None:
            made = await _made(desk_of(request), task.case, task.arm, study.plan.entries)
            await desk_of(request).compute(study.keep_aid, task.case.id, task.arm.name, made)
    return made


async def _made(desk: Desk, case: StudyCase, arm: Arm, top: int) -> dict[str, Any]:
    read = await desk.compute(runtime.case_from, case.text.encode(), base=desk.knowledge)
    if arm.method != "embedded":
        return await _answered(desk, read, arm, top)
    found = await desk.compute(
        runtime.diagnose, read, top=top, base=desk.knowledge, explain=True, questions=0
    )
    listed = [
        {
            "name": one.name, "id": one.id, "probability": one.probability,
            "support": [part.label for part in one.support[:6]], "against": [part.label for part in one.against[:4]],
        }
        for one in found.differential
    ]  # fmt: skip
    notices = [notice.text for notice in found.notices]
    return {"method": "embedded", "differential": listed, "none_fits": found.none_fits, "notices": notices}


async def _answered(desk: Desk, read: Case, arm: Arm, top: int) -> dict[str, Any]:
    """The list of a method with the server's models. Raises UsageError where the method lists no diagnoses."""
    from osler.app.reasoning import outcome, setting_for
    from osler.compose import compose
    from osler.scoring.ranked_names import entries
    from osler.session import composed

    asked = read.model_copy(
        update={"question": "What is the differential diagnosis?", "answer_kind": "differential"}
    )
    setting = setting_for(desk, compose(arm.method))
    made = composed(arm.method, setting)
    found = await desk.reasoning.run(outcome(desk, asked, made, setting))
    listed = [
        {"name": name or curie, "id": curie, "probability": None, "support": [], "against": []}
        for curie, name in entries(found.answer)
    ]
    return {
        "method": made.name,
        "differential": listed[:top],
        "none_fits": None,
        "notices": [],
        "text": found.answer.text or "",
    }


def _code(request: Request) -> str:
    code = session_of(request).kept.get("study")
    if code is None:
        raise UsageError("type your code first")
    return code


def _corpora(desk: Desk) -> list[str]:
    from osler.knowledge.corpus import store

    return list(desk.settings.sources.corpora) or store.names()


def _search(desk: Desk, words: str) -> list[dict[str, Any]]:
    from osler.knowledge.retrieval import across

    if not (names := _corpora(desk)):
        raise UsageError("this server has no corpus; use the search that you were told to use")
    _, ranked = across.search(words, names, _FOUND)
    found = []
    for passage, retriever in ranked:
        spans = [span for span in retriever.fit(words, passage).spans if span[1] <= _SHOWN]
        found.append({"passage": passage, "pieces": _pieces(passage.text[:_SHOWN], spans)})
    return found


def _pieces(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text in pieces, those that match marked."""
    made, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            made += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [*made, (text[at:], False)]


def _seconds(given: Any) -> float | None:
    try:
        value = float(str(given))
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None
