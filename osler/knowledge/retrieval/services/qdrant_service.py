"""A Qdrant collection behind the retriever protocol: passages by their vectors, filtered by payload."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np

from osler.data.web import ask_json
from osler.errors import SourceError, UsageError
from osler.knowledge.retrieval.services.remote import (
    NAMED,
    address,
    bearer,
    by_name,
    encoder_for,
    fields_of,
    fit_by_words,
    passage_of,
)
from osler.passages import Encoder, Filters, Fit, Passage

BATCH = 256


class Qdrant:
    """Passages of a collection by their vectors (cosine)."""

    slow = True

    def __init__(self, url: str, encoder: Encoder) -> None:
        self._base, self._collection = address(url)
        self.name, self.encoder = self._collection, encoder
        self.about: dict[str, Any] = {
            "name": f"qdrant:{url}",
            "retrieval": "dense",
            "encoder": encoder.name,
        }

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to the query."""
        return self.nearest(self.encoder.encode([query], "query")[0], top, filters)

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to a vector, float32 [dimensions]. Raises SourceError where the server fails."""
        body: dict[str, Any] = {"query": [float(x) for x in vector], "limit": top, "with_payload": True}
        if must := _must(filters):
            body["filter"] = {"must": must}
        reply = self._ask("points/query", body)
        try:
            points = reply["result"]["points"]
            return [passage_of(point["payload"], float(point["score"]), self.name) for point in points]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SourceError(f"{self.name}: the reply is not that of a Qdrant query") from None

    def fit(self, question: str, passage: Passage) -> Fit:
        """Shared words; not calibrated."""
        return fit_by_words(question, passage)

    def push(self, passages: Iterable[Passage], vectors: Iterable[np.ndarray] | None = None) -> int:
        """Add passages with their vectors; the collection is made where it is not there. Returns how many."""
        if vectors is None:
            raise UsageError("a Qdrant collection holds vectors; make them first with osler corpus embed")
        rows, n = zip(passages, vectors, strict=True), 0
        while batch := list(islice(rows, BATCH)):
            if n == 0:
                self._make(len(batch[0][1]))
            points = [
                {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{p.corpus}/{p.document}/{p.start}")),
                    "vector": [float(x) for x in vector],
                    "payload": _folded(fields_of(p)),
                }
                for p, vector in batch
            ]
            self._ask("points?wait=true", {"points": points}, "PUT")
            n += len(batch)
        return n

    def _make(self, dimensions: int) -> None:
        there = self._ask("exists")
        if not (there.get("result") or {}).get("exists"):
            self._ask("", {"vectors": {"size": dimensions, "distance": "Cosine"}}, "PUT")
            for name, kind in (*((f"{name}_folded", "keyword") for name in NAMED), ("day", "integer")):
                self._ask("index", {"field_name": name, "field_schema": kind}, "PUT")

    def _ask(self, what: str, body: Any = None, method: str | None = None) -> Any:
        url = f"{self._base}/collections/{self._collection}" + (f"/{what}" if what else "")
        reply = ask_json(url, body, method=method, headers=bearer("api-key", ""))
        if not isinstance(reply, dict):
            raise SourceError(f"{self.name}: the reply is not that of a Qdrant server")
        return reply


def _folded(fields: dict[str, Any]) -> dict[str, Any]:
    """With the fields that filters name in small letters too: Qdrant's keyword match knows case, the filters do not."""
    return fields | {f"{name}_folded": fields[name].lower() for name in NAMED}


def _must(filters: Filters | None) -> list[dict[str, Any]]:
    if filters is None:
        return []
    must: list[dict[str, Any]] = [
        {"key": f"{name}_folded", "match": {"value": value.lower()}} for name, value in by_name(filters)
    ]
    first, last = filters.days()
    if first is not None or last is not None:
        must.append({"key": "day", "range": {"gte": first or 1, "lte": last or 99_999_999}})
    return must


def connect(rest: str, retrieval: str | None, encoder: Callable[[], Encoder] | None) -> Qdrant:
    """The collection at an address. Raises UsageError for anything but vectors."""
    if retrieval not in (None, "dense"):
        raise UsageError(
            "a Qdrant collection is searched by vectors here; use --retrieval dense, or opensearch:…"
        )
    return Qdrant(rest, encoder_for("dense", encoder, "qdrant"))
