"""What the case, differential and next views share: opening a case, ranking it, links that reproduce it, its text in pieces.

Everything that computes is `osler.runtime` and the engine; what is kept with a held case is only what the case as coded gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from osler import runtime
from osler.app import edits
from osler.app.desk import Desk
from osler.app.pages.rendering import desk_of, held_case, session_of
from osler.app.sessions import Held
from osler.case import DAYS_PER_YEAR, STATUSES, Case, Finding, Span, opaque_id
from osler.diagnosis.engine import Engine
from osler.diagnosis.result import NextQuestion
from osler.diagnosis.shares import percent
from osler.errors import InputError, Missing
from osler.runtime import Diagnosis

MOST_LISTED = 200  # findings that a link may hold


def case_of(request: Request, case_id: str | None) -> Held:
    """The case that a request is about. Raises Missing where none is open."""
    held = held_case(request, case_id)
    if held is None:
        raise Missing("no case is open; open one first")
    return held


async def from_link(request: Request) -> Held | None:
    """The case that a link's query spells (present, absent, …, age, sex), opened; None where it spells none."""
    query = request.query_params
    given = {status: query.getlist(status)[:MOST_LISTED] for status in STATUSES}
    if not any(given.values()):
        return None
    age, sex = query.get("age", ""), query.get("sex", "")
    held = await desk_of(request).compute(_coded, desk_of(request), given, age, sex)
    session = session_of(request)
    with session.lock:
        # A link may come from anywhere, also many at once: it takes the place of the link before, never of a case of the
        # person's own, which one from a link becomes by a change.
        before, was = session.kept.get("linked", ("", None))
        if before in session.cases and coded(session.cases[before].case) == was:
            session.forget(before)
        session.kept["linked"] = (held.case.id, coded(held.case))
        return session.put(held.case)


def _coded(desk: Desk, given: Mapping[str, Sequence[str]], age: str, sex: str) -> Held:
    held = Held(Case(id=opaque_id(repr(sorted(given.items())), age, sex)))
    # Of two clicks the later counts; of a link neither is the later.
    present: set[str] = set()
    for status, ids in sorted(given.items(), key=lambda one: one[0] != "present"):
        for one in ids:
            term = edits.meant_term(one, desk.knowledge)
            if status == "present":
                present.add(term.id)
            elif status == "absent" and term.id in present:
                raise InputError(f"{term.label} ({term.id}) is given as present and as absent; decide which")
            edits.add(held, term, edits.read_status(status))
    edits.set_person(held, age, sex)
    return held


def link_query(case: Case) -> str:
    """The query of a link that reproduces the coded case: findings, age and sex; never its text."""
    listed = [(finding.status, finding.id) for finding in case.findings[:MOST_LISTED]]
    years, sex = case.demographics.age_years, case.demographics.sex
    listed += [("age", f"{years:.6g}")] if years is not None else []
    return urlencode(listed + ([("sex", sex)] if sex else []), safe=":")


def coded(case: Case) -> tuple[Any, ...]:
    """What of a case the ranking rests on, to tell whether it changed."""
    about = case.demographics
    return tuple((f.id, f.status, f.source, str(f.onset)) for f in case.findings), str(about)


def snapshot(request: Request, held: Held) -> Case:
    """The case as it stands now: what a page shows and what it ranks are both this, whatever is changed meanwhile."""
    with session_of(request).lock:
        return held.case.model_copy(update={"findings": list(held.case.findings)})


async def ranking(
    desk: Desk, held: Held, case: Case, *, top: int = 10, explain: bool = False, questions: int = 0
) -> Diagnosis | None:
    """`osler.diagnose` of a snapshot of a held case, kept until it changes; None where nothing is known to rank by."""
    if not case.with_status("present", "absent"):
        return None
    key = (coded(case), top, explain, questions)
    kept = held.kept.get("ranking")
    if kept is not None and kept[0] == key:
        return kept[1]
    bare = case.model_copy(update={"text": ""})
    found = await desk.compute(
        runtime.diagnose, bare, top=top, base=desk.knowledge, explain=explain, questions=questions
    )
    held.kept["ranking"] = (key, found)
    return found


def engine_of(desk: Desk) -> Engine:
    """The engine behind the pages."""
    return runtime.engine(desk.knowledge)


def questions(desk: Desk, case: Case, skip: Sequence[str], count: int) -> list[NextQuestion]:
    """What to ask next, without what was answered "unknown"."""
    return runtime.questions_for(desk.knowledge, case, skip=skip, count=count)[0]


def standing(found: Diagnosis | None) -> str:
    """The head of the differential in a few words, to be read out after a change."""
    if found is None or not found.differential:
        return "Nothing to rank by yet."
    first = found.differential[0]
    return f"First now: {first.name}, {percent(first.probability)}. None fits: {percent(found.none_fits)}."


def person(case: Case) -> dict[str, str]:
    """Age and sex as the form shows them."""
    days = case.demographics.age_days
    years = "" if days is None else f"{days / DAYS_PER_YEAR:.2f}".rstrip("0").rstrip(".")
    return {"age": years, "sex": case.demographics.sex or ""}


@dataclass(frozen=True)
class Piece:
    """A run of the case's text with the findings read from it (their keys), the shortest mention first."""

    text: str
    keys: tuple[str, ...]
    status: str
    labels: str


def pieces(case: Case, most: int = 100_000) -> Iterator[Piece]:
    """The text (its first `most` characters) cut wherever a mention begins or ends, so that overlapping ones all show."""
    text = case.text[:most]
    mentions = [
        (span.start, min(span.end, len(text)), key, finding)
        for key, finding in edits.keyed(case.findings)
        for span in _spans(finding)
        if span.start < min(span.end, len(text))
    ]
    mentions.sort(key=lambda one: (one[0], one[1]))
    cuts = sorted({0, len(text), *(one[0] for one in mentions), *(one[1] for one in mentions)})
    opened, at = [], 0
    for start, end in pairwise(cuts):
        opened = [one for one in opened if one[1] > start]
        while at < len(mentions) and mentions[at][0] <= start:
            opened.append(mentions[at])
            at += 1
        over = sorted(opened, key=lambda one: (one[1] - one[0], one[0]))
        yield Piece(
            text[start:end],
            tuple(one[2] for one in over),
            over[0][3].status if over else "",
            "; ".join(f"{one[3].label}: {one[3].status}" for one in over),
        )


def _spans(finding: Finding) -> list[Span]:
    return finding.spans or ([finding.span] if finding.span else [])
