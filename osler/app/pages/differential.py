"""The differential view: probabilities, why each disease is where it is, two side by side, and what would change the order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from osler.app import casework
from osler.app.csv_reply import csv_reply
from osler.app.desk import Desk
from osler.app.fhir_out import report_bundle
from osler.app.headers import attachment
from osler.app.pages.rendering import back, desk_of, fragments, held_case, is_partial, page
from osler.app.sessions import Held
from osler.case import Case
from osler.diagnosis.contrast import Contrast, contrast
from osler.diagnosis.counterfactual import Counterfactual, counterfactuals
from osler.diagnosis.query import Query
from osler.diagnosis.result import RankedDisease, Reason
from osler.errors import UsageError
from osler.knowledge.search import Match, best
from osler.runtime import Diagnosis

router = APIRouter()

# How many diseases are listed: at first, and by "show more".
TOP, STEPS, MOST = 10, (25, 50), 50
SUGGESTED, MOST_WORDS = 8, 200
LISTS = ("diseases-find", "diseases-other")


@dataclass(frozen=True)
class Step:
    """A finding's bar in a waterfall: from `left`, `width` wide, in percent; `kind` is for, against or neither."""

    reason: Reason
    left: float
    width: float
    kind: str


def waterfall(disease: RankedDisease) -> tuple[list[Step], float]:
    """The contributions one after another, each bar beginning where the one before ended; and where zero lies, in percent."""
    reasons = [*disease.support, *sorted(disease.against, key=lambda one: one.contribution)]
    ends = [0.0]
    for reason in reasons:
        ends.append(ends[-1] + reason.contribution)
    low, high = min(ends), max(ends)
    scale = 100 / max(high - low, 1e-9)
    steps = []
    for reason, start, end in zip(reasons, ends, ends[1:], strict=False):
        size = abs(reason.contribution)
        kind = "neither" if size < 0.005 else "for" if reason.contribution > 0 else "against"
        steps.append(Step(reason, (min(start, end) - low) * scale, max(size * scale, 0.4), kind))
    return steps, -low * scale


@dataclass(frozen=True)
class Asked:
    """What an address of the view asks for: the disease that is open, the one beside it, and how many are listed."""

    disease: str
    against: str
    top: int

    def query(self, case_id: str) -> dict[str, Any]:
        """The same as the query of an address."""
        named = {"disease": self.disease, "with": self.against, "top": "" if self.top == TOP else self.top}
        return {"case": case_id, **{name: value for name, value in named.items() if value}}

    def with_one(self, disease: str, beside: bool) -> Asked:
        """The same with a disease open, or beside the one that is."""
        return replace(self, against=disease) if beside else replace(self, disease=disease)


@dataclass(frozen=True)
class Unclear:
    """Words that do not name one disease, those that they may mean, and the address of each."""

    words: str
    found: list[Match]
    asked: Asked
    case_id: str
    beside: bool

    def link(self, disease: str) -> str:
        """The query of the view with that disease."""
        return urlencode(self.asked.with_one(disease, self.beside).query(self.case_id), safe=":")


@router.get("/differential")
async def show(
    request: Request,
    case: str | None = None,
    disease: str = "",
    top: int = TOP,
    change: bool = False,
    find: str | None = None,
    other: str | None = None,
    other_id: str = "",
) -> Response:
    """The ranked list, with one disease open, or two side by side; `find` and `other` are words for them."""
    against = request.query_params.get("with", "")
    asked = Asked(disease, other_id or against, min(max(top, 2), MOST))
    linked = await casework.from_link(request)
    if linked is not None:
        more = {"change": "true"} if change else {}
        return back(request, "/differential", **asked.query(linked.case.id), **more)
    held = held_case(request, case)
    if held is None:
        return page(request, "no_case.html", case_id=None, view="differential")
    unclear = None
    if find is not None or other is not None:
        # What a form sends: where it names a disease, the address is that of the disease.
        beside = other is not None
        words = "" if (other_id if beside else disease) else (other or find or "").strip()[:MOST_WORDS]
        found = await desk_of(request).compute(_matches, desk_of(request), words)
        meant = best(found)
        if meant or not words:
            settled = asked.with_one(meant.id, beside) if meant else asked
            return back(request, "/differential", **settled.query(held.case.id))
        unclear = Unclear(words, found, asked, held.case.id, beside)
    about = await _about(request, held, asked, unclear)
    if is_partial(request):
        return fragments(request, "_ranks.html", "_detail.html", **about)
    if change and about["found"] is not None:
        about["changes"] = await desk_of(request).compute(_changes, desk_of(request), held, about["case"])
    return page(request, "differential.html", **about)


@router.get("/differential/diseases")
async def diseases(request: Request, q: str = "", list: str = LISTS[0]) -> Response:
    """Diseases for what is being typed, as the options of a listbox."""
    found = await desk_of(request).compute(_matches, desk_of(request), q[:MOST_WORDS])
    name = list if list in LISTS else LISTS[0]
    return fragments(request, "_terms.html", found=found, name=name, listed="Diseases")


@router.get("/differential/change")
async def changed(request: Request, case: str | None = None) -> Response:
    """What would put the second disease before the first."""
    held = casework.case_of(request, case)
    now = casework.snapshot(request, held)
    found = await desk_of(request).compute(_changes, desk_of(request), held, now)
    if is_partial(request):
        link = casework.link_query(now)
        return fragments(request, "_change.html", changes=found, case_id=held.case.id, link=link)
    return back(request, "/differential", case=held.case.id, change="true")


@router.get("/differential/print")
async def printed(request: Request, case: str | None = None) -> Response:
    """Everything on one page, to be printed or kept as PDF by the browser."""
    held = casework.case_of(request, case)
    now = casework.snapshot(request, held)
    found = await _ranked(request, held, now, TOP)
    falls = [(one, waterfall(one)[0]) for one in found.differential]
    return page(
        request, "report.html", case=now, found=found, falls=falls, case_id=now.id,
        person=casework.person(now), link=casework.link_query(now),
    )  # fmt: skip


@router.get("/differential.csv")
async def as_csv(request: Request, case: str | None = None) -> Response:
    """The differential as a table: rank, id, name, probability, and the findings for, against and missing."""
    held = casework.case_of(request, case)
    head, *rows = _table(await _ranked(request, held, casework.snapshot(request, held), MOST))
    return csv_reply(f"{held.case.id}.differential.csv", head, rows)


@router.get("/differential/fhir.json")
async def as_fhir(request: Request, case: str | None = None) -> Response:
    """A FHIR R4 draft: DiagnosticReport, RiskAssessment and the findings, marked as research."""
    held = casework.case_of(request, case)
    now = casework.snapshot(request, held)
    found = await _ranked(request, held, now, TOP)
    about = attachment(f"{held.case.id}.fhir.json")
    return JSONResponse(report_bundle(now, found), headers=about, media_type="application/fhir+json")


async def _ranked(request: Request, held: Held, case: Case, top: int) -> Diagnosis:
    found = await casework.ranking(desk_of(request), held, case, top=top, explain=True)
    if found is None:
        raise UsageError(
            "no finding is present or absent, so nothing can be ranked; add one to the case first"
        )
    return found


def _matches(desk: Desk, words: str) -> list[Match]:
    return desk.diseases.search(words, SUGGESTED)


async def _about(request: Request, held: Held, asked: Asked, unclear: Unclear | None) -> dict[str, Any]:
    """What the view shows: the list, and the disease that is open (the first unless one is named)."""
    case, desk = casework.snapshot(request, held), desk_of(request)
    found = await casework.ranking(desk, held, case, top=asked.top)
    about: dict[str, Any] = {
        "case": case,
        "case_id": case.id,
        "found": found,
        "unclear": unclear,
        "changes": None,
        "compared": None,
        "link": casework.link_query(case),
        "top": asked.top,
        "depth": "" if asked.top == TOP else f"&top={asked.top}",
        "more": None,
        "beyond": [],
        "chosen": None,
        "second": None,
        "steps": [],
        "zero": 0.0,
    }
    if found is None or not found.differential:
        return about
    listed = len(found.differential)
    if listed == asked.top:
        about["more"] = next((step for step in STEPS if step > listed), None)
    chosen = await desk.compute(_placed, desk, held, case, asked.disease or found.differential[0].id)
    steps, zero = waterfall(chosen)
    opened = [chosen]
    if asked.against:
        opened.append(await desk.compute(_placed, desk, held, case, asked.against))
        about["compared"] = await desk.compute(_compared, desk, case, chosen.id, opened[1].id)
    beyond = [one for one in opened if one.rank > listed]
    return about | {"chosen": chosen, "second": opened[-1], "steps": steps, "zero": zero, "beyond": beyond}


def _placed(desk: Desk, held: Held, case: Case, disease: str) -> RankedDisease:
    """Any known disease, with its place, also beyond what is listed. Kept until the case changes."""
    base, key = desk.knowledge, casework.coded(case)
    at = base.disease_index(disease)
    if at is None:
        raise UsageError(f"{disease[:60]!r} is no disease of {base.name} {base.release}")
    kept = held.kept.get("placed")
    if kept is None or kept[0] != key or len(kept[1]) >= MOST:
        kept = held.kept["placed"] = (key, {})
    found = kept[1].get(at) or casework.engine_of(desk).placed(Query.from_case(case, base), at)
    if found is None:
        name = base.disease_names[at]
        raise UsageError(f"{name} has no findings in {base.name} {base.release}, so it has no place")
    kept[1][at] = found
    return found


def _compared(desk: Desk, case: Case, first: str, second: str) -> Contrast:
    base = desk.knowledge
    places = [base.disease_index(one) for one in (first, second)]
    if places[0] is None or places[1] is None or places[0] == places[1]:
        raise UsageError("choose two different diseases to compare")
    return contrast(casework.engine_of(desk), Query.from_case(case, base), places[0], places[1])


def _changes(desk: Desk, held: Held, case: Case) -> list[Counterfactual]:
    """What would flip the first two: among what is known, and by something new. Kept until the case changes."""
    key = casework.coded(case)
    kept = held.kept.get("changes")
    if kept is not None and kept[0] == key:
        return kept[1]
    query = Query.from_case(case, desk.knowledge)
    found = counterfactuals(casework.engine_of(desk), query)
    held.kept["changes"] = (key, found)
    return found


def _table(found: Diagnosis) -> list[list[Any]]:
    rows: list[list[Any]] = [
        ["rank", "id", "name", "probability", "score", "series", "for", "against", "missing"]
    ]
    for one in found.differential:
        told = [
            "; ".join(
                f"{'no ' if r.status == 'absent' else ''}{r.label} ({r.contribution:+.2f})" for r in side
            )
            for side in (one.support, one.against)
        ]
        missing = "; ".join(item.label for item in one.missing)
        rows.append(
            [
                one.rank,
                one.id,
                one.name,
                round(one.probability, 6),
                round(one.score, 4),
                one.group or "",
                *told,
                missing,
            ]
        )
    rows.append(
        ["", "", "none of the known diseases fits", round(found.none_fits or 0, 6), "", "", "", "", ""]
    )
    return rows
