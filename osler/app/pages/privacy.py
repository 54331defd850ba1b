"""What the server holds of who is calling, for how long, and the buttons that make it forget."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler.app.pages.rendering import back, desk_of, fragments, is_partial, page, session_of

router = APIRouter()
# What views keep beside the cases, as people call it.
_KINDS = {
    "asked": "questions asked",
    "notes": "notes",
    "notes_asked": "questions about notes",
    "calculations": "calculations",
    "chat": "turns of a conversation",
    "study": "your place in a study",
}
# What is not the person's to forget: who they are, and tries that are counted against them.
_OWN = ("token", "study_tries")


@router.get("/privacy")
async def show(request: Request) -> Response:
    """What is held, and what the server was started with that bears on it."""
    return page(request, "privacy.html", **_held(request), said="")


@router.post("/privacy/forget")
async def forget(request: Request) -> Response:
    """Forget one case, or all that is held; the log-in stays."""
    form = await request.form(max_files=0, max_fields=5)
    session, case_id = session_of(request), str(form.get("case") or "")
    with session.lock:
        for one in [case_id] if case_id else list(session.cases):
            session.forget(one)
        if not case_id:
            for name in [name for name in session.kept if name not in _OWN]:
                del session.kept[name]
            desk_of(request).jobs.forget(session.id)
    if not is_partial(request):
        return back(request, "/privacy")
    said = "The case is forgotten." if case_id else "All is forgotten."
    return fragments(request, "_held.html", **_held(request), said=said)


def _held(request: Request) -> dict[str, Any]:
    desk, session = desk_of(request), session_of(request)
    others = {
        _KINDS.get(name, name.replace("_", " ")): _count(value)
        for name, value in session.kept.items()
        if name not in _OWN
    }
    return {
        "cases": [(case_id, len(held.case.findings), held.size) for case_id, held in session.cases.items()],
        "others": {name: count for name, count in others.items() if count},
        "jobs": len(desk.jobs.of(session.id)),
        "settings": desk.settings,
        "logged_in": "token" in session.kept,
        "who": request.state.caller,
    }


def _count(value: Any) -> int:
    return len(value) if isinstance(value, (list, tuple, dict, set)) else int(value is not None)
