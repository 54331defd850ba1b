"""A corpus of this machine copied into a service that keeps it for several: its passages, and their vectors where asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, cast

import numpy as np

from osler.data.progress import progress
from osler.errors import UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.lexical import LexicalRetriever, words_of
from osler.knowledge.retrieval.services import open_service, parted
from osler.passages import Encoder, Passage

# Texts are embedded so many at a time.
BATCH = 64


class Keeper(Protocol):
    """A service that takes passages."""

    def push(self, passages: Iterable[Passage], vectors: Iterable[np.ndarray] | None = None) -> int:
        """Add them; how many there were."""
        ...


def push(name: str, spec: str, encoder: Encoder | None = None) -> int:
    """Copy corpus `name` into the service of a spec, with vectors where an encoder is given. Returns how many passages.

    What the service has of the same passages is replaced, so a copy that was cut short is simply made again; passages that the
    corpus no longer has stay in OpenSearch and Qdrant (push into a new index then), and a LanceDB table is written anew. Raises
    UsageError for a service that takes nothing, SourceError where it fails.
    """
    if parted(spec)[0] == "searxng":
        raise UsageError("a search engine takes no passages; name opensearch:…, qdrant:… or lancedb:…")
    way = None if encoder is None else "dense"
    service, _ = open_service(spec, way, None if encoder is None else lambda: encoder)
    total = int(store.about(name)["passages"])
    vectors = None if encoder is None else _vectors(name, total, encoder)
    return cast(Keeper, service).push(_passages(name, total), vectors)


def _passages(name: str, total: int) -> Iterator[Passage]:
    corpus: Any = LexicalRetriever(name)
    with progress(f"copying {name}", total) as advance:
        for number in range(total):
            yield corpus.passage(number)
            advance(1)


def _vectors(name: str, total: int, encoder: Encoder) -> Iterator[np.ndarray]:
    """A vector for each passage, of the same words that osler corpus embed takes: title, section and text."""
    corpus: Any = LexicalRetriever(name)
    for start in range(0, total, BATCH):
        rows = [corpus.reader.passage(number) for number in range(start, min(start + BATCH, total))]
        yield from encoder.encode([words_of(head, meta, text) for _, text, head, meta in rows], "passage")
