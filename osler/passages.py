"""What retrieval gives: a passage with its exact place, the filters of a search, and the protocols of all retrievers.

Offsets are characters of the document's text as the corpus keeps it: `text == document_text[start:end]`, always. Knows
nothing of how passages are found: a full-text index, vectors, or a server stand behind the same protocol. A retriever,
encoder or re-ranker that waits for a server or computes for long has `slow = True`; a context then runs it in a thread.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, runtime_checkable
from urllib.parse import urlsplit

from osler.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$")


class Passage(NamedTuple):
    """A piece of a document. `score` is the retriever's own (higher is better); only its order compares across corpora.

    `fields` are what else is known of it by name: a recommendation's `authority`, `version`, `strength` and `certainty`, a
    PDF's `page`.
    """

    text: str
    document: str
    start: int
    end: int
    source: str
    score: float
    corpus: str = ""
    title: str = ""
    section: str = ""
    date: str = ""
    url: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> str:
        """One of `fields`; "" where it is not known."""
        return next((value for key, value in self.fields if key == name), "")

    def to_dict(self) -> dict[str, Any]:
        """The passage as `osler corpus search --json` prints it; fields that say nothing are left out."""
        main = {name: getattr(self, name) for name in ("text", "document", "start", "end", "source", "score")}
        rest = {name: getattr(self, name) for name in ("corpus", "title", "section", "date", "url")}
        rest["fields"] = dict(self.fields)
        return main | {name: value for name, value in rest.items() if value}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages count: names whole and in any case, dates as YYYY, YYYY-MM or YYYY-MM-DD.

    `since` and `until` are both included; a document without a date is in neither. `corpus` is one of the corpora of a
    run that has several. `authority` and `strength` are fields of a guideline's recommendations.
    """

    source: str | None = None
    section: str | None = None
    since: str | None = None
    until: str | None = None
    corpus: str | None = None
    authority: str | None = None
    strength: str | None = None

    def days(self) -> tuple[int | None, int | None]:
        """First and last day as numbers (20240131), None where there is no bound. Raises UsageError for no date."""
        return _bound(self.since, False), _bound(self.until, True)


def day_number(text: str) -> int | None:
    """A date as a number that sorts (2024-01-31 is 20240131, 2024 is 20240000); None where the calendar has none such."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if year < 1 or (month is not None and not 1 <= month <= 12):
        return None
    if day is not None and not 1 <= day <= calendar.monthrange(year, month or 1)[1]:
        return None
    return year * 10_000 + (month or 0) * 100 + (day or 0)


def host_of(url: str) -> str:
    """The host of an address in small letters; "" where there is none, or the address cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _bound(text: str | None, last: bool) -> int | None:
    if text is None:
        return None
    day = day_number(text)
    if day is None:
        raise UsageError(f"{text!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    if last and day % 10_000 == 0:
        return day + 9_999
    return day + 99 if last and day % 100 == 0 else day


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a passage fits a question: the probability that it is about what was asked, and the words that speak for it.

    `spans` are characters of the passage's own text, half-open.
    """

    probability: float
    spans: tuple[tuple[int, int], ...]


@runtime_checkable
class Retriever(Protocol):
    """Finds passages for a query, best first."""

    name: str

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages; none where nothing shares a word with the query. Raises UsageError for filters it has not."""
        ...

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage that was found against the question."""
        ...


@runtime_checkable
class Texts(Protocol):
    """A retriever that can also give the whole text of the document that a passage is from."""

    def text_of(self, passage: Passage) -> str | None:
        """The text whose characters the passage's places count; None where it is not kept."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors whose inner product says how near they are in meaning."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [texts, dimensions], each row of length 1. Raises SourceError where an endpoint fails."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """Reads a query and a text together and says how well they fit."""

    name: str

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text, higher is better. Raises SourceError where an endpoint fails."""
        ...


@runtime_checkable
class VectorRetriever(Retriever, Protocol):
    """A retriever that also finds the passages nearest to a vector."""

    encoder: Encoder

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, the nearest first. `vector` is float32 [dimensions]."""
        ...
