"""Corpora that a service keeps, behind the same retriever protocol: for clusters, and for the web.

    searxng:URL                     a search engine (SearXNG with its JSON format on); snippets, no filters but dates
    opensearch:URL/INDEX            an OpenSearch index: BM25, vectors or both
    qdrant:URL/COLLECTION           a Qdrant collection: vectors (filters by payload)
    lancedb:PATH_OR_URI#TABLE       a LanceDB table, on disk or on an object store (extra `lancedb`): BM25, vectors or both

`osler corpus push NAME SPEC` fills the last three from a corpus. Keys: OSLER_SEARCH_KEY (bearer, or Qdrant's api-key);
OSLER_SEARCH_USER as user:password for OpenSearch.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from osler.errors import UsageError
from osler.passages import Encoder, Retriever

KINDS = ("searxng", "opensearch", "qdrant", "lancedb")


def open_service(
    spec: str, retrieval: str | None = None, encoder: Callable[[], Encoder] | None = None
) -> tuple[Retriever, dict[str, Any]]:
    """The retriever of a spec, and what a manifest keeps of it. `encoder` makes the encoder where vectors are searched.

    Raises UsageError for a spec it cannot read, or a way of searching that the service has not.
    """
    kind, rest = parted(spec)
    made = import_module(f"osler.knowledge.retrieval.services.{kind}_service").connect(
        rest, retrieval, encoder
    )
    return made, made.about


def parted(spec: str) -> tuple[str, str]:
    """Kind and address of a spec."""
    kind, _, rest = spec.partition(":")
    if kind not in KINDS or not rest:
        raise UsageError(
            f"{spec!r} names no service; write {', '.join(f'{kind}:…' for kind in KINDS)} (see docs/corpora.md)"
        )
    return kind, rest
