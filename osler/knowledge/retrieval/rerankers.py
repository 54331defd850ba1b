"""Re-rankers by spec: a cross-encoder in this process, or one behind a `/rerank` endpoint.

hf:NAME|PATH            a cross-encoder by sentence-transformers (extra `local`)
endpoint:MODEL@URL      POST URL {model, query, documents}, as vLLM, Jina, Cohere and text-embeddings servers offer it;
                        a key is read from OSLER_RERANKER_KEY
words                   share of a text's words that are the query's: a baseline for tests, no better than it sounds
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from osler.data import offline
from osler.data.web import ask_json, web_parts
from osler.errors import SourceError, UsageError
from osler.passages import Reranker

_WORD = re.compile(r"\w+")
_SECRET = re.compile(r"(?:^|[&_-])(?:key|token|secret|sig|signature)=", re.IGNORECASE)


def open_reranker(spec: str) -> Reranker:
    """The re-ranker of a spec. Raises UsageError for a spec it cannot read or an extra that is missing."""
    kind, _, rest = spec.partition(":")
    if spec == "words":
        return SharedWords()
    if kind == "hf" and rest:
        return CrossEncoder(rest)
    model, at, url = rest.partition("@")
    if kind == "endpoint" and at and url.startswith(("http://", "https://")):
        _refuse_secret(url)
        return Endpoint(model, url, os.environ.get("OSLER_RERANKER_KEY"))
    raise UsageError(
        f"{spec!r} names no re-ranker; write hf:NAME, endpoint:MODEL@URL, or words (a baseline for tests)"
    )


def _refuse_secret(url: str) -> None:
    """Raises UsageError for what is no address, or one with a password or a key in it: addresses are kept with a run."""
    parts = web_parts(url)
    if parts is None:
        raise UsageError("that address names no re-ranker; write endpoint:MODEL@http://HOST:PORT")
    if parts.username or parts.password or _SECRET.search(parts.query):
        raise UsageError(
            "the address of a re-ranker is kept with the run: give its key in OSLER_RERANKER_KEY"
        )


class SharedWords:
    """The share of a text's different words that the query has."""

    name = "words"

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text, 0 to 1."""
        wanted = set(_WORD.findall(query.lower()))
        own = [set(_WORD.findall(text.lower())) for text in texts]
        return [len(words & wanted) / max(1, len(words)) for words in own]


class CrossEncoder:
    """A cross-encoder in this process."""

    slow = True

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import CrossEncoder as Model  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise UsageError(
                "a cross-encoder in this process needs the extra: pip install 'osler[local]'"
            ) from None
        if not os.path.isdir(name):  # noqa: PTH112 - a name of a hub is no path
            offline.check("https://huggingface.co")
        self.name, self._model = name, Model(name)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text."""
        if not texts:
            return []
        return [float(score) for score in self._model.predict([(query, text) for text in texts])]


class Endpoint:
    """A re-ranker behind an HTTP endpoint."""

    slow = True

    def __init__(self, model: str, url: str, key: str | None = None) -> None:
        self.name, self._url, self._key = model, url, key

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text. Raises SourceError where the endpoint fails or leaves texts out."""
        if not texts:
            return []
        body = {"model": self.name, "query": query, "documents": list(texts)}
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        reply = ask_json(self._url, body, headers=headers)
        try:
            found = _read(reply)
        except (AttributeError, ValueError, KeyError, TypeError):
            raise SourceError(
                f"the re-ranker at {self._url} gave no scores; check its address and its model"
            ) from None
        if sorted(found) != list(range(len(texts))):
            raise SourceError(f"the re-ranker at {self._url} scored {len(found)} of {len(texts)} texts")
        return [found[place] for place in range(len(texts))]


def _read(reply: Any) -> dict[int, float]:
    """Score by place; servers call it `relevance_score` or `score`, and give the rows in a list or under `results`."""
    rows = reply["results"] if isinstance(reply, dict) else reply
    return {int(row["index"]): float(row.get("relevance_score", row.get("score"))) for row in rows}
