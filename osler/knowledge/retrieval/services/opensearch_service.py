"""An OpenSearch index behind the retriever protocol: BM25 over title and text, k-NN over vectors, or both fused by rank."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from osler.data.web import ask_json
from osler.errors import SourceError
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.services.remote import (
    address,
    bearer,
    by_name,
    encoder_for,
    fields_of,
    fit_by_words,
    passage_of,
)
from osler.passages import Encoder, Filters, Fit, Passage

BATCH = 500


class OpenSearch:
    """Passages of an index by BM25."""

    slow = True

    def __init__(self, url: str) -> None:
        self._base, self._index = address(url)
        self.name = self._index
        self.about: dict[str, Any] = {"name": f"opensearch:{url}", "retrieval": "bm25"}

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages. Raises SourceError where the server fails."""
        words = {"multi_match": {"query": query, "fields": ["text", "title^0.5", "heading^0.5"]}}
        return self._found({"query": {"bool": {"must": [words], "filter": _filters(filters)}}}, top)

    def fit(self, question: str, passage: Passage) -> Fit:
        """Shared words; not calibrated."""
        return fit_by_words(question, passage)

    def push(self, passages: Iterable[Passage], vectors: Iterable[np.ndarray] | None = None) -> int:
        """Add passages, with a vector each where given; the index is made where it is not there. Returns how many."""
        pairs = zip(passages, vectors, strict=True) if vectors is not None else ((p, None) for p in passages)
        rows, n, made = iter(pairs), 0, False
        while batch := list(islice(rows, BATCH)):
            if not made:
                self._make(None if batch[0][1] is None else len(batch[0][1]))
                made = True
            self._bulk(batch)
            n += len(batch)
        ask_json(f"{self._base}/{self._index}/_refresh", b"", headers=bearer())
        return n

    def _found(self, body: dict[str, Any], top: int) -> list[Passage]:
        body |= {"size": top, "_source": {"excludes": ["vector"]}}
        reply = ask_json(f"{self._base}/{self._index}/_search", body, headers=bearer())
        try:
            hits = reply["hits"]["hits"]
            return [passage_of(hit["_source"], float(hit["_score"]), self.name) for hit in hits]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SourceError(f"{self.name}: the reply is not that of an OpenSearch search") from None

    def _make(self, dimensions: int | None) -> None:
        """The index with its fields; one that is there already stays."""
        kinds = {
            "text": "text",
            "title": "text",
            "heading": "text",
            "day": "integer",
            "start": "integer",
            "end": "integer",
        }
        fields: dict[str, Any] = {name: {"type": kind} for name, kind in kinds.items()}
        for name in ("document", "source", "corpus", "section", "date", "url", "authority", "strength"):
            fields[name] = {"type": "keyword"}
        fields["fields"] = {"type": "keyword", "index": False, "doc_values": False}
        if dimensions is not None:
            method = {"name": "hnsw", "engine": "lucene", "space_type": "innerproduct"}
            fields["vector"] = {"type": "knn_vector", "dimension": dimensions, "method": method}
        body = {"settings": {"index": {"knn": dimensions is not None}}, "mappings": {"properties": fields}}
        try:
            ask_json(f"{self._base}/{self._index}", body, method="PUT", headers=bearer())
        except SourceError as error:
            if "400" not in str(error):  # it is there already
                raise

    def _bulk(self, batch: Sequence[tuple[Passage, np.ndarray | None]]) -> None:
        lines = []
        for passage, vector in batch:
            fields = fields_of(passage) | ({} if vector is None else {"vector": [float(x) for x in vector]})
            place = f"{passage.corpus}/{passage.document}/{passage.start}"
            lines += [json.dumps({"index": {"_id": place}}), json.dumps(fields)]
        sent = ("\n".join(lines) + "\n").encode()
        headers = {**bearer(), "content-type": "application/x-ndjson"}
        reply = ask_json(f"{self._base}/{self._index}/_bulk", sent, headers=headers)
        if not isinstance(reply, dict) or reply.get("errors"):
            raise SourceError(f"{self.name}: the server refused some passages; is the index of another kind?")


class OpenSearchVectors(OpenSearch):
    """Passages of an index by their vectors."""

    def __init__(self, url: str, encoder: Encoder) -> None:
        super().__init__(url)
        self.encoder = encoder
        self.about |= {"retrieval": "dense", "encoder": encoder.name}

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to the query."""
        return self.nearest(self.encoder.encode([query], "query")[0], top, filters)

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to a vector, float32 [dimensions]."""
        wanted: dict[str, Any] = {"vector": [float(x) for x in vector], "k": top}
        if found := _filters(filters):
            wanted["filter"] = {"bool": {"filter": found}}
        return self._found({"query": {"knn": {"vector": wanted}}}, top)


def _filters(filters: Filters | None) -> list[dict[str, Any]]:
    if filters is None:
        return []
    found: list[dict[str, Any]] = [
        {"term": {name: {"value": value, "case_insensitive": True}}} for name, value in by_name(filters)
    ]
    first, last = filters.days()
    if first is not None or last is not None:
        found.append({"range": {"day": {"gte": first or 1, "lte": last or 99_999_999}}})
    return found


def connect(rest: str, retrieval: str | None, encoder: Callable[[], Encoder] | None) -> Any:
    """The index at an address, searched by BM25 (the default), `dense` or `hybrid`."""
    if retrieval in (None, "bm25"):
        return OpenSearch(rest)
    vectors = OpenSearchVectors(rest, encoder_for(retrieval, encoder, "opensearch"))
    if retrieval == "dense":
        return vectors
    return Hybrid.of(OpenSearch(rest), vectors, retrieval or "hybrid")
