"""Passages by meaning: encoders, the vectors of a corpus, the indexes over them, and the retriever that stands on both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osler.knowledge.dense.encoders import DEFAULT_ENCODER, open_encoder
    from osler.knowledge.dense.retriever import DenseRetriever

__all__ = ["DEFAULT_ENCODER", "DenseRetriever", "open_encoder"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from osler.knowledge.dense import encoders, retriever

    return getattr(retriever if name == "DenseRetriever" else encoders, name)
