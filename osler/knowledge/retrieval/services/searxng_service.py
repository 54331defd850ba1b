"""A web search engine: SearXNG's JSON API. Its snippets are passages, whose document is the page's address.

Only a page's title and summary are kept, never the page. An instance must allow the format `json` (many public ones do not).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from osler.data.web import ask_json
from osler.errors import SourceError, UsageError
from osler.knowledge.retrieval.services.remote import bearer, checked, fit_by_words
from osler.passages import Encoder, Filters, Fit, Passage, day_number, host_of


class SearXNG:
    """Snippets of a search engine, in its order."""

    slow = True

    def __init__(self, url: str) -> None:
        parts = checked(url, "a SearXNG server; write searxng:http://HOST:PORT")
        self._url = url.rstrip("/")
        self.name = f"searxng:{parts.hostname}"
        self.about = {"name": self.name, "retrieval": "web"}

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` snippets. Filters by date and by site (`source`); UsageError for the others."""
        if filters is not None and (filters.section or filters.authority or filters.strength):
            raise UsageError("a search engine knows no section, authority or strength; leave that filter out")
        asked = f"{query} site:{filters.source}" if filters is not None and filters.source else query
        reply = ask_json(f"{self._url}/search?{urlencode({'q': asked, 'format': 'json'})}", headers=bearer())
        rows = reply.get("results") if isinstance(reply, dict) else None
        if not isinstance(rows, list):
            raise SourceError(f"{self.name} gave no results; is its JSON format allowed (search.formats)?")
        found = [self._passage(rank, row) for rank, row in enumerate(rows, 1) if isinstance(row, dict)]
        return [one for one in found if one.text and _dated(one, filters)][:top]

    def fit(self, question: str, passage: Passage) -> Fit:
        """Shared words; not calibrated."""
        return fit_by_words(question, passage)

    def _passage(self, rank: int, row: dict[str, Any]) -> Passage:
        text, url = str(row.get("content") or ""), str(row.get("url") or "")
        date = str(row.get("publishedDate") or "")[:10]
        site = host_of(url)
        return Passage(
            text, url, 0, len(text), site, 1 / rank, self.name, str(row.get("title") or ""), "",
            date if day_number(date) else "", url,
        )  # fmt: skip


def _dated(passage: Passage, filters: Filters | None) -> bool:
    first, last = filters.days() if filters is not None else (None, None)
    if first is None and last is None:
        return True
    day = day_number(passage.date)
    return day is not None and (first or 0) <= day <= (last or 99_999_999)


def connect(rest: str, retrieval: str | None, encoder: Callable[[], Encoder] | None) -> SearXNG:
    """The engine at an address. Raises UsageError where it is asked for vectors."""
    if retrieval not in (None, "bm25"):
        raise UsageError("a search engine is searched its own way; leave --retrieval out")
    return SearXNG(rest)
