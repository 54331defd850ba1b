"""What the retrievers behind a service share: passages to and from plain fields, words that speak for a passage, keys."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlunsplit

from osler.data.web import web_parts
from osler.errors import UsageError
from osler.passages import Encoder, Filters, Fit, Passage, day_number

_WORD = re.compile(r"[^\W_]{3,}")
# A guideline's authority and strength, which filters name, stand beside the rest; all further fields of a passage are one text.
NAMED = ("source", "section", "authority", "strength")
FIELDS = (
    "text", "document", "start", "end", "source", "corpus", "title", "section", "date", "url", "authority", "strength", "fields",
)  # fmt: skip


def fields_of(passage: Passage) -> dict[str, Any]:
    """A passage as the plain fields that a service keeps; `day` is its date as a number that sorts."""
    plain = {name: value for name, value in passage._asdict().items() if name in FIELDS}
    further = {name: passage.field(name) for name in ("authority", "strength")}
    # The section in two ways: `section` is filtered by as a whole, `heading` is searched for its words.
    further["heading"] = passage.section
    return plain | further | {"fields": json.dumps(passage.fields), "day": day_number(passage.date) or 0}


def passage_of(fields: Mapping[str, Any], score: float, name: str) -> Passage:
    """A passage from a service's fields; what it lacks is empty, and the whole text is its span."""
    text = str(fields.get("text") or "")
    start = _whole(fields.get("start"), 0)
    words: dict[str, Any] = {
        key: str(fields.get(key) or "") for key in ("source", "title", "section", "date", "url")
    }
    document = str(fields.get("document") or fields.get("url") or fields.get("id") or "")
    end = _whole(fields.get("end"), start + len(text))
    try:
        further = tuple((str(key), str(value)) for key, value in json.loads(fields.get("fields") or "[]"))
    except (ValueError, TypeError, RecursionError):
        further = ()
    return Passage(text, document, start, end, score=score, corpus=name, fields=further, **words)


def _whole(value: Any, otherwise: int) -> int:
    """A whole number that a service kept; something else is as good as none."""
    return value if isinstance(value, int) and value > 0 else otherwise


def by_name(filters: Filters) -> list[tuple[str, str]]:
    """The fields that a filter names by their whole value, and the values."""
    return [(name, value) for name in NAMED if (value := getattr(filters, name))]


def fit_by_words(question: str, passage: Passage) -> Fit:
    """The share of the question's words that the passage has, as a rough probability: a service gives no word weights.

    It is not calibrated: nothing is known of the service's corpus.
    """
    wanted = {word.lower() for word in _WORD.findall(question)}
    places = [m.span() for m in _WORD.finditer(passage.text) if m[0].lower() in wanted]
    held = {passage.text[a:b].lower() for a, b in places}
    held |= wanted & {word.lower() for word in _WORD.findall(passage.title)}
    return Fit(len(held & wanted) / max(1, len(wanted)), tuple(places))


def address(url: str) -> tuple[str, str]:
    """Base URL and last part of its path. Raises UsageError where one is missing or a password stands in it."""
    parts = checked(url, "an index; write http://HOST:PORT/NAME")
    head, _, last = parts.path.rstrip("/").rpartition("/")
    if not last:
        raise UsageError(f"{url!r} is no address of an index; write http://HOST:PORT/NAME")
    return urlunsplit((parts.scheme, parts.netloc, head, "", "")), last


def checked(url: str, wanted: str) -> SplitResult:
    """The parts of a service's address. Raises UsageError for what is none, and where a password stands in it."""
    parts = web_parts(url)
    if parts is None:
        shown = repr(url) if "@" not in url else "that"  # what stands before an @ may be a password
        raise UsageError(f"{shown} is no address of {wanted}")
    if parts.password or parts.username:
        raise UsageError(
            "a password does not belong in an address; set OSLER_SEARCH_USER or OSLER_SEARCH_KEY"
        )
    return parts


def bearer(name: str = "authorization", prefix: str = "Bearer ") -> dict[str, str]:
    """The header with the user's key, or with user and password; empty without either."""
    if key := os.environ.get("OSLER_SEARCH_KEY"):
        return {name: f"{prefix}{key}"}
    if user := os.environ.get("OSLER_SEARCH_USER"):
        return {"authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
    return {}


def encoder_for(retrieval: str | None, encoder: Callable[[], Encoder] | None, service: str) -> Encoder:
    """The encoder of a search by vectors. Raises UsageError without one."""
    if encoder is None:
        raise UsageError(f"{service} with --retrieval {retrieval} needs an encoder; name it with --encoder")
    return encoder()
