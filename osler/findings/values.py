"""Small values shared by the record readers: typed access to untrusted objects, ages, dates, term ids, notices.

Every accessor returns an empty value where the record has something of another type, so that a reader can walk a
broken record without failing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from osler.case import DAYS_PER_YEAR, MAX_AGE_DAYS, Finding, Notice, Term

MAX_NOTICES = 20  # of one kind
_DURATION = re.compile(
    r"^P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$"
)
_DAYS = (DAYS_PER_YEAR, DAYS_PER_YEAR / 12, 7.0, 1.0, 1 / 24, 1 / 1440, 1 / 86400)
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?$")
_HPO = re.compile(r"^(?:.*[/#])?HP[:_](\d{7})$", re.IGNORECASE)
_CURIE = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]*:[A-Za-z0-9_.-]+$")


def text_of(node: Any, key: str) -> str:
    """A string field, trimmed; "" where it is missing or something else."""
    value = node.get(key) if isinstance(node, dict) else None
    return value.strip() if isinstance(value, str) else ""


def dict_of(node: Any, key: str) -> dict[str, Any]:
    """An object field; {} where it is missing or something else."""
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def dicts_of(node: Any, key: str) -> list[dict[str, Any]]:
    """The objects of a list field (a single object counts as a list of one)."""
    value = node.get(key) if isinstance(node, dict) else None
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number_of(node: Any, key: str) -> float | None:
    """A finite number field, also when written as a string; None where it is missing or something else."""
    value = node.get(key) if isinstance(node, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def hpo_id(text: str) -> str | None:
    """`HP:0001250` from that id, `HP_0001250`, or an address ending in it; None for anything else."""
    match = _HPO.match(text.strip())
    return f"HP:{match[1]}" if match else None


def is_curie(text: str) -> bool:
    """Whether a text has the form PREFIX:LOCAL."""
    return bool(_CURIE.match(text))


def days_of_duration(text: str) -> float | None:
    """Days in an ISO 8601 duration (`P3Y2M`, `P12W`), with a year of 365.25 days; None when it is none.

    A negative or an empty duration is none. Years beyond 130 are returned as they are, for `AgeCheck` to refuse.
    """
    match = _DURATION.match(text.strip().upper().removeprefix("+")) if len(text) < 100 else None
    if not match or not any(match.groups()):
        return None
    days = sum(float(part) * unit for part, unit in zip(match.groups(), _DAYS, strict=True) if part)
    return days if math.isfinite(days) else None


def date_of(text: str) -> date | None:
    """The calendar date of an ISO 8601 date or instant. A year stands for its middle, a month for its 15th."""
    match = _DATE.match(text.strip())
    if not match:
        return None
    year, month, day = match.groups()
    try:
        if month is None:
            return date(int(year), 7, 1)
        return date(int(year), int(month), int(day) if day else 15)
    except ValueError:
        return None


def today() -> date:
    """The date now, in UTC."""
    return datetime.now(UTC).date()


def age_at(birth: date | None, when: date | None) -> float | None:
    """Days from birth to a date; None where one is unknown. May be negative: see `possible_age`."""
    return None if birth is None or when is None else float((when - birth).days)


def possible_age(days: float | None) -> bool:
    """Whether an age in days lies between birth and 130 years."""
    return days is not None and 0 <= days <= MAX_AGE_DAYS


class Notes:
    """Notices while reading: each once, with a count where it came several times. Never holds case text."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, code: str, text: str, count: int = 1, about: str = "") -> None:
        """Note something. Notes with one code and one `about` (a term id) become one notice with the first text."""
        key = code, about
        if key not in self._texts and sum(known == code for known, _ in self._texts) >= MAX_NOTICES:
            key = code, ""
            text = f"more of the same kind ({code})"
        self._texts.setdefault(key, text)
        self._counts[key] += count

    def count(self, code: str) -> int:
        """How often a code was noted."""
        return sum(count for (known, _), count in self._counts.items() if known == code)

    def notices(self) -> list[Notice]:
        """The notices in the order of their first note."""
        counts = self._counts
        return [
            Notice(code=key[0], text=text if counts[key] == 1 else f"{text} ({counts[key]} times)")
            for key, text in self._texts.items()
        ]


def joined(findings: list[Finding]) -> Finding:
    """Several findings of one term and status as one: all spans, the number of mentions, the earliest onset."""
    if len(findings) == 1:
        return findings[0]
    spans = {(span.start, span.end): span for finding in findings for span in finding.spans}
    onsets = [finding.onset for finding in findings if finding.onset is not None]
    dated = [onset for onset in onsets if onset.age_days is not None]
    changed = {
        "spans": list(spans.values()),
        "mentions": sum(finding.mentions for finding in findings),
        "onset": min(dated, key=lambda onset: onset.age_days or 0.0) if dated else next(iter(onsets), None),
    }
    return findings[0].model_copy(update=changed)


def term_of(node: Any) -> Term | None:
    """A GA4GH ontology class `{"id", "label"}`; an id and label that were swapped are put right. None without an id."""
    if not isinstance(node, dict):
        return None
    term_id, label = text_of(node, "id"), text_of(node, "label")
    if term_id[:3] == "HP:" and len(term_id) == 10:  # the common case, on a hot path
        return Term(id=term_id, label=label)
    found = hpo_id(term_id)
    if found:
        return Term(id=found, label=label)
    if not is_curie(term_id) and is_curie(label):
        term_id, label = label, term_id
    return Term(id=term_id, label=label) if term_id else None
