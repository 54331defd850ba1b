"""The case as a what-if changes it: clause by clause, and nothing where it is not clear what is supposed.

A clause ends at "and", "or", "but" or a comma outside a finding's name. A finding has the status that its own clause says; one that
stands bare has that of the clause it is listed with ("no fever and seizures", "fever and seizures were absent").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from osler.case import Case, Finding, Sex, Status, Term
from osler.diagnosis.asked import bare, findings_in
from osler.findings.text import find_findings

_LEAD = r"^\W*(?:(?:and|but|so)\s+)?(?:what\s+if|suppose(?:\s+that)?|assum\w+(?:\s+that)?|what\s+would\s+\w+\s+if|if)\b"
_NO = r"\b(?:absent|not|no|nor|never|without|lack\w*|missing|gone|negative|neither|cannot)\b|\b\w+n't\b"
_UNKNOWN = (
    r"\b(?:(?:un|not )known|ignored?|left out|leave out|removed?|not mentioned|(?:did not|didn't) know)\b"
)
_SAYS = r"\b(?:had|has|have|were|was|is|are|with|present|there)\b"
_ASKS = r"^\s*(?:then\s+)?(?:would|does|do|is|how|what|which|where|could|why)\b"
_FAMILY = r"\b(?:mother|father|brother|sister|parents?|sibling|uncle|aunt|cousin|grand\w+|relatives?|family|son|daughter|twin|maternal|paternal)s?\b"
_TIME = r"\b(?:older|younger|lasted|lasting|since|until|ago|later|earlier|began|begun|started|onset|duration|weeks? long|days? long)\b"
_UNIT = r"(?:[ -]*(year|month|week|day)s?)"
_AGE = rf"\b(\d{{1,3}}){_UNIT}[ -]+old\b|\bage(?:d| of)? +(\d{{1,3}}){_UNIT}?(?![\d.])|\b(?:were|was|is) +(?:only +)?(\d{{1,3}}){_UNIT}?(?= *(?:$|[?.!,;]|and\b|but\b))"
_DAYS = {"year": 365.25, "month": 30.4375, "week": 7.0, "day": 1.0}
_SEX: tuple[tuple[Sex, str], ...] = (
    ("female", r"\b(?:female|woman|girl)\b"),
    ("male", r"\b(?:male|man|boy)\b"),
)


class Unclear(Exception):
    """What was supposed could not be read; the message says why."""


@dataclass
class _Clause:
    """A part of a what-if: its words, how it is joined, its findings; `status` "" where it says none."""

    words: str
    joined: str
    terms: list[Term]
    status: str = ""
    before: bool = False  # the words that give the status come before the finding


def supposed(question: str, now: Case) -> tuple[Case, list[str], set[str]]:
    """The case as a what-if changes it, what was changed in words, and the terms changed. Raises Unclear."""
    words = re.sub(_LEAD, " ", question.replace("’", "'"), flags=re.I).strip()
    if re.search(_FAMILY, words, re.I):
        raise Unclear("A what-if about relatives is not read: the ranking rests on findings of the patient.")
    rest, days = _age(words)
    said_of = _statuses(_clauses(rest, now), rest)
    case, said, terms = now.model_copy(deep=True), [], set()
    for term, status in said_of:
        kept = [one for one in case.findings if one.id != term.id]
        case.findings = kept if status is None else [*kept, Finding(term=term, status=status)]
        said.append(f"{term.label} is {status or 'not known'}")
        terms.add(term.id)
    sexes = [one for one, pattern in _SEX if re.search(pattern, words, re.I)]
    if len(sexes) > 1 or (sexes and re.search(r"\b(?:not|n't)\b(?: an?)? (?:fe)?male", words, re.I)):
        raise Unclear("It is not clear which sex is meant.")
    update: dict[str, float | str] = {}
    if days is not None:
        update["age_days"] = days
        said.append(f"the patient is {days / 365.25:.3g} years old")
    if sexes:
        update["sex"] = sexes[0]
        said.append(f"the patient is {sexes[0]}")
    if update:
        case.demographics = case.demographics.model_copy(update=update)
    return case, said, terms


def _age(words: str) -> tuple[str, float | None]:
    """The words without the age, and the age in days. Raises Unclear for any other time."""
    if re.search(_TIME, words, re.I):
        raise Unclear(
            "A what-if about time (how long, since when, older or younger) is not read; say “were 12 years old”."
        )
    found = list(re.finditer(_AGE, words, re.I))
    rest = re.sub(_AGE, " ", words, flags=re.I)
    if len(found) > 1 or re.search(rf"\d{_UNIT}\b", rest, re.I):
        raise Unclear("It is not clear which age is meant; say “were 12 years old”.")
    if not found:
        return rest, None
    number, unit = (next((one for one in found[0].groups()[at::2] if one), None) for at in (0, 1))
    days = float(number or 0) * _DAYS[(unit or "year").lower()]
    if days > 130 * 365.25 or re.search(r"\bnot\b", words[: found[0].start()], re.I):
        raise Unclear("It is not clear which age is meant; say “were 12 years old”.")
    return rest, days


def _clauses(words: str, now: Case) -> list[_Clause]:
    """The words cut at "and", "or", "but" and commas, but not inside the name of a finding."""
    names = [one.span for one in find_findings(words) if one.span]
    held = [(span.start, span.end) for span in names]
    held += [m.span() for one in now.findings for m in re.finditer(re.escape(one.label), words, re.I)]
    found, start, joined = [], 0, ""
    cuts = list(re.finditer(r"[,;]|\b(?:and|or|but)\b", words, re.I))
    for cut in [*(one for one in cuts if not any(a <= one.start() < b for a, b in held)), None]:
        part = words[start : cut.start() if cut else None]
        if part.strip(" ?.!"):
            found.append(_Clause(part, joined, findings_in(part, now)))
            joined = ""
        if cut:
            start, joined = cut.end(), joined if joined == "but" else cut[0].lower()
    kept: list[_Clause] = []
    for one in found:
        if kept and re.search(_ASKS, one.words, re.I):
            break  # the question itself: "…, would it still be first?"
        kept.append(_read(one))
    return kept


def _read(clause: _Clause) -> _Clause:
    """A clause with its status. Raises Unclear for a double negation, and where nothing in it is understood."""
    words = clause.words
    if not clause.terms:
        plain = re.sub("|".join(pattern for _, pattern in _SEX), " ", words, flags=re.I)
        plain = re.sub(r"\b(?:he|she|they|old|only|had|were)\b", " ", plain, flags=re.I)
        if not bare(plain):
            raise Unclear(f"“{' '.join(words.split())[:80]}” is not read as a finding.")
        return clause
    unknown, no = re.search(_UNKNOWN, words, re.I), list(re.finditer(_NO, words, re.I))
    says = re.search(_SAYS, words, re.I)
    if not unknown and len(no) > 1:
        raise Unclear("A double negation is not read; say “were present” or “were absent”.")
    clause.status = "unknown" if unknown else "absent" if no else "present" if says else ""
    told = unknown or (no[0] if no else says)
    named = [one.span.start for one in find_findings(words) if one.span]
    clause.before = bool(told and named and told.start() < named[0])
    return clause


def _statuses(clauses: Sequence[_Clause], words: str) -> list[tuple[Term, Status | None]]:
    """Each finding with the status supposed (None: not known). Raises Unclear where a clause could mean either."""
    read = {one.id: one.status for one in find_findings(words)}
    given: dict[str, tuple[Term, str]] = {}
    for at, clause in enumerate(clauses):
        for term in clause.terms:
            status = clause.status or _listed_with(clauses, at)
            denied = re.search(r"\b(?:not|never)\b|n't\b", clause.words, re.I) and status == "absent"
            reader = read.get(term.id)
            if (reader == "absent" and status == "present") or (denied and reader not in (None, "absent")):
                raise Unclear(f"It is not clear whether {term.label} is meant to be present or absent.")
            if given.setdefault(term.id, (term, status))[1] != status:
                raise Unclear(f"{term.label} is supposed to be two things.")
    known: dict[str, Status | None] = {"present": "present", "absent": "absent", "unknown": None}
    return [(term, known[status]) for term, status in given.values()]


def _listed_with(clauses: Sequence[_Clause], at: int) -> str:
    """The status of a bare finding: of the words before the list that it is in, or after it. Raises Unclear."""
    if not any(one.status for one in clauses):
        return "present"
    offered = set()
    for place in range(at - 1, -1, -1):
        if clauses[place + 1].joined == "but":
            break
        if clauses[place].status:
            offered |= {clauses[place].status} if clauses[place].before else set()
            break
    for place in range(at + 1, len(clauses)):
        if clauses[place].joined == "but":
            break
        if clauses[place].status:
            offered |= set() if clauses[place].before else {clauses[place].status}
            break
    if len(offered) != 1:
        label = clauses[at].terms[0].label
        raise Unclear(f"It is not clear whether {label} is meant to be present or absent.")
    return offered.pop()
