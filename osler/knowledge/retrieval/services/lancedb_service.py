"""A LanceDB table behind the retriever protocol, on disk or on an object store: BM25, vectors, or both fused by rank.

Several processes may read one table. Measured before building: about 20 times slower on hybrid queries than tantivy with
faiss, which is why it is not the default (see docs/corpora.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np

from osler.data import offline
from osler.errors import InputError, UsageError
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.services.remote import (
    FIELDS,
    by_name,
    encoder_for,
    fields_of,
    fit_by_words,
    passage_of,
)
from osler.passages import Encoder, Filters, Fit, Passage

BATCH = 2_000
_WEB = ("http:", "https:")


class Lance:
    """Passages of a table by BM25."""

    slow = True

    def __init__(self, where: str) -> None:
        uri, mark, table = where.rpartition("#")
        if not mark or not table:
            raise UsageError(f"{where!r} names no table; write lancedb:FOLDER#TABLE")
        if "://" in uri or uri.lower().startswith(_WEB):
            _check(uri)
        try:
            import lancedb  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise UsageError("LanceDB tables need the extra: pip install 'osler[lancedb]'") from None
        try:
            self._db, self.name = lancedb.connect(uri), table
        except (ValueError, OSError, RuntimeError) as error:
            raise InputError(
                f"LanceDB cannot open {uri!r} ({type(error).__name__}); write lancedb:FOLDER#TABLE"
            ) from None
        self.about: dict[str, Any] = {"name": f"lancedb:{where}", "retrieval": "bm25"}

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages. Raises InputError where there is no such table."""
        rows = self._limited(self._table().search(query, query_type="fts", fts_columns="words"), top, filters)
        return [passage_of(row, float(row.get("_score", 0.0)), self.name) for row in rows]

    def fit(self, question: str, passage: Passage) -> Fit:
        """Shared words; not calibrated."""
        return fit_by_words(question, passage)

    def push(self, passages: Iterable[Passage], vectors: Iterable[np.ndarray] | None = None) -> int:
        """Write a new table of passages, with a vector each where given, and its full-text index. Returns how many."""
        pairs = zip(passages, vectors, strict=True) if vectors is not None else ((p, None) for p in passages)
        rows, n, table = iter(pairs), 0, None
        while batch := list(islice(rows, BATCH)):
            fields = [
                fields_of(p)
                | {"words": f"{p.title}\n{p.section}\n{p.text}"}
                | ({} if v is None else {"vector": np.asarray(v, np.float32)})
                for p, v in batch
            ]
            if table is None:
                table = self._db.create_table(self.name, fields, mode="overwrite")
            else:
                table.add(fields)
            n += len(batch)
        if table is not None:
            from lancedb.index import FTS  # pyright: ignore[reportMissingImports]

            table.create_index("words", config=FTS(with_position=False), replace=True)
        return n

    def _table(self) -> Any:
        try:
            return self._db.open_table(self.name)
        except (ValueError, FileNotFoundError):
            raise InputError(
                f"there is no LanceDB table {self.name!r}; osler corpus push NAME lancedb:FOLDER#{self.name} makes it"
            ) from None

    def _limited(self, query: Any, top: int, filters: Filters | None) -> list[dict[str, Any]]:
        if where := _where(filters):
            query = query.where(where, prefilter=True)
        return query.limit(top).to_list()


class LanceVectors(Lance):
    """Passages of a table by their vectors."""

    def __init__(self, where: str, encoder: Encoder) -> None:
        super().__init__(where)
        self.encoder = encoder
        self.about |= {"retrieval": "dense", "encoder": encoder.name}

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to the query."""
        return self.nearest(self.encoder.encode([query], "query")[0], top, filters)

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages nearest to a vector, float32 [dimensions]."""
        asked = self._table().search(np.asarray(vector, np.float32)).distance_type("cosine")
        rows = self._limited(asked.select([*FIELDS, "_distance"]), top, filters)
        return [passage_of(row, 1.0 - float(row["_distance"]), self.name) for row in rows]


def _check(uri: str) -> None:
    """Whether an object store may be reached. Raises UsageError for an address that cannot be read."""
    if uri.lower().startswith(_WEB):  # LanceDB would make a folder called http:
        raise UsageError(
            f"{uri!r} is no place of a LanceDB table; write lancedb:FOLDER#TABLE or lancedb:s3://BUCKET/FOLDER#TABLE"
        )
    try:
        offline.check(uri)
    except ValueError:
        raise UsageError(
            f"{uri!r} is no address of an object store; write lancedb:s3://BUCKET/FOLDER#TABLE"
        ) from None


def _where(filters: Filters | None) -> str:
    if filters is None:
        return ""
    parts = [
        f"lower({name}) = '{value.lower().replace(chr(39), chr(39) * 2)}'" for name, value in by_name(filters)
    ]
    first, last = filters.days()
    if first is not None or last is not None:
        parts.append(f"day BETWEEN {first or 1} AND {last or 99_999_999}")
    return " AND ".join(parts)


def connect(rest: str, retrieval: str | None, encoder: Callable[[], Encoder] | None) -> Any:
    """The table, searched by BM25 (the default), `dense` or `hybrid`."""
    if retrieval in (None, "bm25"):
        return Lance(rest)
    vectors = LanceVectors(rest, encoder_for(retrieval, encoder, "lancedb"))
    if retrieval == "dense":
        return vectors
    return Hybrid.of(Lance(rest), vectors, retrieval or "hybrid")
