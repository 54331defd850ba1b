"""The calculators view: search, a form for each calculator, filled from the case in work, its result explained, and a history."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from osler import calculators
from osler.app.calculations import SWITCHES, Sheet, bands, nested, sheet, work
from osler.app.csv_reply import csv_reply
from osler.app.pages.rendering import back, desk_of, fragments, held_case, is_partial, page, session_of
from osler.app.sessions import Held, Session
from osler.calculators import Calculator
from osler.calculators.shown import conversions
from osler.calculators.values import unit_text

router = APIRouter()
MOST_FOUND, MOST_KEPT = 30, 200


@router.get("/calculators")
async def show(request: Request, q: str = "") -> Response:
    """All calculators by category, or those that words find, best first."""
    words = q.strip()[:200]
    every = await desk_of(request).compute(calculators.calculators)
    found = await desk_of(request).compute(calculators.search, words, MOST_FOUND) if words else []
    about = {
        "q": words,
        "found": [one for one, _ in found],
        "categories": _by_category(every),
        "count": len(every),
        "history": _history(session_of(request)),
    }
    if is_partial(request):
        return fragments(request, "_calculators_found.html", **about)
    return page(request, "calculators.html", **about)


@router.get("/calculators/history.csv")
async def history(request: Request) -> Response:
    """What was worked out in this session, as a table."""
    head = ("time", "calculator", "title", "result", "value", "unit", "band", "equation", "inputs")
    rows = ([row[name] for name in head] for row in _history(session_of(request)))
    return csv_reply("calculations.csv", head, rows)


@router.post("/calculators/history/forget")
async def forget(request: Request) -> Response:
    """Forget what was worked out."""
    with session_of(request).lock:
        session_of(request).kept.pop("calculations", None)
    if is_partial(request):
        return fragments(request, "_calculations.html", history=[])
    return back(request, "/calculators")


@router.get("/calculators/{name}")
async def form(request: Request, name: str, case: str | None = None, fill: bool = False) -> Response:
    """A calculator's form; values in the link are filled in and worked out, `fill` takes those of the case in work."""
    about = calculators.get(name)
    held = held_case(request, case)
    source = held.case if held and fill else None
    made = await desk_of(request).compute(sheet, about, dict(request.query_params), source)
    if made.typed and not fill:
        await desk_of(request).compute(work, made)
    return page(request, "calculator.html", **_shown(request, made, held))


@router.post("/calculators/{name}")
async def run(request: Request, name: str) -> Response:
    """Work a calculator out and keep it in the history."""
    about = calculators.get(name)
    sent = await request.form(max_files=0, max_fields=200)
    given = {key: value for key, value in sent.items() if isinstance(value, str)}
    held = held_case(request, given["case"]) if given.get("case") else None
    made = await desk_of(request).compute(sheet, about, given, held.case if held else None, take=False)
    await desk_of(request).compute(work, made)
    session = session_of(request)
    if made.result is not None:
        with session.lock:
            kept = session.kept.setdefault("calculations", [])
            kept.append(_row(made))
            del kept[:-MOST_KEPT]
    told = _shown(request, made, held or held_case(request))
    if is_partial(request):
        return fragments(request, "_calculator_result.html", "_calculations.html", "_said.html", **told)
    return page(request, "calculator.html", **told)


def _shown(request: Request, made: Sheet, held: Held | None) -> dict[str, Any]:
    on = [name for name in SWITCHES if made.switches[name]]
    return {
        "sheet": made,
        "about": made.about,
        "result": made.result,
        "bands": bands(made.result) if made.result else [],
        "nested": nested(made.result) if made.result else [],
        "conversions": conversions(made.result) if made.result else [],
        "unit_text": unit_text,
        "case": held.case if held else None,
        "case_id": held.case.id if held else None,
        "link": urlencode({**made.typed, **dict.fromkeys(on, "yes")}),
        "history": _history(session_of(request)),
        "said": _said(made),
    }


def _said(made: Sheet) -> str:
    """The outcome in a few words, to be read out."""
    if made.result is None:
        return made.problem
    band = made.result.band
    return f"{made.result.text}{', ' + band.label if band else ''}"


def _row(made: Sheet) -> dict[str, Any]:
    result = made.result
    assert result is not None
    told = result.to_dict()
    return {
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "calculator": made.about.name,
        "title": made.about.title,
        "result": result.text,
        "value": told["value"],
        "unit": "" if result.unit == "1" else result.unit,
        "band": result.band.label if result.band else "",
        "equation": result.equation,
        "inputs": "; ".join(f"{name}={value}" for name, value in made.typed.items()),
        "typed": made.typed,
        "switches": [name for name in SWITCHES if made.switches[name]],
    }


def _history(session: Session) -> list[dict[str, Any]]:
    """What was worked out, the newest first."""
    return list(reversed(session.kept.get("calculations", ())))


def _by_category(every: list[Calculator]) -> list[tuple[str, list[Calculator]]]:
    names = sorted({one.category for one in every})
    return [(name, [one for one in every if one.category == name]) for name in names]
