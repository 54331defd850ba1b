"""Changes that a person makes to a case: a finding's status, its term, one more, one less, age and sex; and taking back.

Each function changes a held case and keeps what was there before; the findings become a new list each time, never another content
of the same one, so who ranks what stood before is not disturbed. Knows nothing of requests or of ranking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from osler.app.sessions import Held
from osler.case import DAYS_PER_YEAR, STATUSES, Case, Demographics, Finding, Sex, Span, Status, Term
from osler.errors import InputError, UsageError
from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import best, search_terms

MOST_FINDINGS, MOST_KEPT = 2_000, 50
_CONTRARY: dict[str, str] = {"present": "absent", "absent": "present"}


def keyed(findings: Sequence[Finding]) -> list[tuple[str, Finding]]:
    """Each finding with a key that outlives a change of its status: its id, and its number where the id comes again."""
    seen: Counter[str] = Counter()
    rows = []
    for finding in findings:
        seen[finding.id] += 1
        number = f".{seen[finding.id]}" if seen[finding.id] > 1 else ""
        rows.append((finding.id.replace(":", "-") + number, finding))
    return rows


def read_status(word: str) -> Status:
    """A status by its name. Raises UsageError for any other word."""
    for status in STATUSES:
        if status == word:
            return status
    raise UsageError(f"a finding is {', '.join(STATUSES[:-1])} or {STATUSES[-1]}, not {word[:40]!r}")


def meant_term(words: str, base: Knowledge) -> Term:
    """The one term that an id or words mean. Raises InputError with suggestions where none or several do."""
    words = words.strip()[:200]
    matches = search_terms(base.ontology, words)
    found = best(matches)
    if found is None:
        near = ", ".join(match.name for match in matches[:4])
        hint = f"did you mean {near}?" if near else "try other words"
        raise InputError(f"{words!r} is not one term of {base.name} {base.release}; {hint}")
    return Term(id=found.id, label=found.name)


def set_status(held: Held, key: str, status: Status) -> Finding:
    """Correct a finding's status."""
    at = _place(held.case, key)
    keep(held)
    made = held.case.findings[at].model_copy(update={"status": status})
    _settle(held.case, _with(held.case, at, made), made)
    return made


def replace(held: Held, key: str, term: Term) -> Finding:
    """Put another term in the place of one that was read wrongly; its words and status stay."""
    at = _place(held.case, key)
    keep(held)
    made = held.case.findings[at].model_copy(update={"term": term, "note": None})
    _settle(held.case, _with(held.case, at, made), made)
    return made


def add(held: Held, term: Term, status: Status = "present") -> Finding:
    """One more finding; one of the same term that says the contrary gives way."""
    if len(held.case.findings) >= MOST_FINDINGS:
        raise UsageError(f"a case holds {MOST_FINDINGS} findings at most; remove some first")
    keep(held)
    made = Finding(term=term, status=status)
    _settle(held.case, [*held.case.findings, made], made)
    return made


def remove(held: Held, key: str) -> Finding:
    """Take a finding out."""
    at = _place(held.case, key)
    keep(held)
    gone = held.case.findings[at]
    held.case.findings = [one for place, one in enumerate(held.case.findings) if place != at]
    return gone


def set_person(held: Held, age: str, sex: str) -> None:
    """Age in years ("34", "0.5", empty for unknown) and sex (empty for unknown). Raises InputError for impossible ones."""
    try:
        years = float(age.replace(",", ".")) if age.strip() else None
    except ValueError:
        raise InputError(f"age {age[:40]!r} is no number; give years, such as 34 or 0.5") from None
    if years is not None and not 0 <= years <= 130:
        raise InputError(f"age {years:g} years is impossible; give years between 0 and 130")
    chosen: Sex | None = next((one for one in get_args(Sex) if one == sex), None)
    if sex and chosen is None:
        raise InputError(f"sex {sex[:40]!r} is not known; give male, female or other")
    keep(held)
    now = held.case.demographics
    named: dict[str, Any] = {"sex": chosen, "given": sorted({*now.given, "age", "sex"})}
    # The days as read stay where the years shown were left as they are.
    if years is None or now.age_years is None or abs(years - now.age_years) >= 0.005:
        named["age_days"] = None if years is None else years * DAYS_PER_YEAR
    held.case.demographics = Demographics(**{**now.model_dump(), **named})


def keep(held: Held, note: Any = None) -> None:
    """Remember the case as it stands, to go back to; `note` comes back with it."""
    past = held.kept.setdefault("past", [])
    past.append((list(held.case.findings), held.case.demographics, note))
    del past[:-MOST_KEPT]


def undo(held: Held) -> Any:
    """Take back the last change and give its note. Raises UsageError where nothing is left to take back."""
    past = held.kept.get("past")
    if not past:
        raise UsageError("nothing is left to take back")
    held.case.findings, held.case.demographics, note = past.pop()
    return note


def can_undo(held: Held) -> bool:
    """Whether there is a change to take back."""
    return bool(held.kept.get("past"))


def _place(case: Case, key: str) -> int:
    for at, (own, _) in enumerate(keyed(case.findings)):
        if own == key:
            return at
    raise UsageError("this finding is not in the case any more")


def _with(case: Case, at: int, made: Finding) -> list[Finding]:
    return [*case.findings[:at], made, *case.findings[at + 1 :]]


def _settle(case: Case, findings: Sequence[Finding], made: Finding) -> None:
    """The last word counts: the same term with the contrary status goes, and one with the same status becomes one with it."""
    kept: list[Finding] = []
    places: list[Span] = [*made.spans] or ([made.span] if made.span else [])
    for finding in findings:
        if finding is made or finding.id != made.id:
            kept.append(finding)
        elif finding.status == made.status:
            places += [*finding.spans] or ([finding.span] if finding.span else [])
        elif finding.status != _CONTRARY.get(made.status):
            kept.append(finding)
    if places:
        places.sort(key=lambda span: (span.start, span.end))
        made.spans, made.span = places, made.span or places[0]
    case.findings = kept
