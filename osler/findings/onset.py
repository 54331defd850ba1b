"""Ties onset phrases ("since age 4", "for two weeks") to the findings of the clause they stand in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from osler.case import Finding, Onset
from osler.findings.ages import OnsetPhrase, read_demographics, read_onsets
from osler.findings.sections import sentences
from osler.findings.words import fold

_DATED = ("present", "historical", "uncertain")
_CLAUSE_END = re.compile(
    r"[;:]|\b(?:but|however|although|while|whereas|which)\b"
    r"|(?:,|\band\b)\s+(?:(?:he|she|they|there|the \w+)\s+)?(?:has|had|have|is|was|are|were|developed|presented|showed)\b"
)


def attach_onsets(text: str, findings: Sequence[Finding]) -> None:
    """Set `onset` of findings in place.

    A phrase belongs to the findings before it in its clause, up to the phrase before; if there are none, to those
    after it. "N weeks ago" becomes an age when the text gives the patient's age. Only present, historical and
    uncertain findings are dated.
    """
    phrases = read_onsets(text)
    if not phrases or not findings:
        return
    age = read_demographics(text).age_days if any(p.duration_days is not None for p in phrases) else None
    lower = fold(text).lower()
    bounds = sentences(text)
    starts = [start for start, _ in bounds]
    by_sentence: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.span and finding.status in _DATED:
            by_sentence.setdefault(bisect_right(starts, finding.span.start) - 1, []).append(finding)
    last = -1
    for phrase in phrases:
        number = bisect_right(starts, phrase.start) - 1
        low = max(bounds[number][0], last)
        _attach(lower, phrase, by_sentence.get(number, []), low, bounds[number][1], age)
        last = phrase.end


def _attach(
    lower: str, phrase: OnsetPhrase, near: Sequence[Finding], low: int, high: int, age: float | None
) -> None:
    """Date the findings of the phrase's clause, which lies within [low, high)."""
    ends = [match.end() for match in _CLAUSE_END.finditer(lower, low, phrase.start)]
    clause = ends[-1] if ends else low
    before = [f for f in near if f.span and clause <= f.span.start and f.span.end <= phrase.start]
    chosen = before
    if not before:
        stop = _CLAUSE_END.search(lower, phrase.end, high)
        limit = stop.start() if stop else high
        chosen = [f for f in near if f.span and phrase.end <= f.span.start and f.span.end <= limit]
        if lower[phrase.end : phrase.end + 1] == "," or lower[phrase.end : phrase.end + 3] in (
            " he",
            " sh",
            " th",
        ):
            chosen = chosen or [f for f in near if f.span and phrase.end <= f.span.start < high]
    for finding in chosen:
        if finding.onset is None:
            finding.onset = _onset(phrase, age)


def _onset(phrase: OnsetPhrase, age: float | None) -> Onset:
    if phrase.duration_days is None or age is None or age < phrase.duration_days:
        return phrase.onset.model_copy()
    return phrase.onset.model_copy(update={"age_days": age - phrase.duration_days})
