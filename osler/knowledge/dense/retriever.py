"""A corpus's passages by meaning, behind the `VectorRetriever` protocol: the same passages, with the same places, as by words."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from osler.errors import UsageError
from osler.knowledge.corpus import store
from osler.knowledge.dense.encoders import fingerprint, open_encoder
from osler.knowledge.dense.index import Index
from osler.knowledge.dense.vectors import Vectors, corpus_state, embedded, vectors_dir
from osler.passages import Encoder, Filters, Fit, Passage


class DenseRetriever:
    """The passages nearest to a query. `encoder` is a spec, an encoder, or None for that of the corpus's vectors.

    A passage's score is its cosine with the query. Raises UsageError where the corpus was not embedded, has changed since, or
    was embedded by another encoder.
    """

    def __init__(self, name: str, encoder: Encoder | str | None = None) -> None:
        known, made = store.about(name), embedded(name)
        if made is None:
            raise UsageError(f"corpus {name} has no vectors yet; make them: osler corpus embed {name}")
        if made["state"] != corpus_state(known):
            raise UsageError(
                f"corpus {name} has changed since it was embedded; run osler corpus embed {name} again "
                "(what has not changed is kept)"
            )
        self.name = name
        wanted = made["spec"] if encoder is None else encoder
        self.encoder: Encoder = open_encoder(wanted) if isinstance(wanted, str) else wanted
        _refuse_other(name, made, self.encoder)
        self.slow = True  # encoding a query takes milliseconds, and a server's answer longer
        self.about: dict[str, Any] = {"encoder": made["encoder"], "index": made["index"]}
        self._reader = store.Reader(store.place(name) / known["data"])
        folder = vectors_dir(name) / made["folder"]
        self._vectors = Vectors(folder, made["encoder"]["dimensions"], known["passages"])
        self._index = Index(self._vectors, made["index"])
        self._allowed = lru_cache(maxsize=8)(self._vectors.allowed)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, the nearest first; none for a blank query. There is always a nearest: see `fit`."""
        if not query.strip():
            return []
        return self.nearest(self.encoder.encode([query], "query")[0], top, filters)

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, the nearest to a vector first. Its length does not matter, unless it is 0."""
        numbers, scores = self.numbers(vector, top, filters)
        give, name = self._reader.give, self.name
        found = zip(numbers.tolist(), scores.tolist(), strict=True)
        return [give(number, score, name) for number, score in found]

    def order(self, query: str, top: int = 10, filters: Filters | None = None) -> list[int]:
        """The numbers of the passages that `search` gives, the nearest first."""
        if not query.strip():
            return []
        return self.numbers(self.encoder.encode([query], "query")[0], top, filters)[0].tolist()

    def numbers(
        self, vector: np.ndarray, top: int = 10, filters: Filters | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and cosines of the passages, the nearest first."""
        vector = np.ascontiguousarray(vector, np.float32)
        wanted = self._vectors.rows.shape[1]
        length = float(np.linalg.norm(vector))
        if vector.shape != (wanted,) or not 0 < length < np.inf:
            raise UsageError(
                f"corpus {self.name} is searched by vectors of {wanted} numbers that are not all 0, not of shape {vector.shape}"
            )
        plain = filters is None or filters == Filters(corpus=filters.corpus)
        return self._index.nearest(vector / length, top, None if plain else self._allowed(filters))

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage against the question by its words, whose calibration is known: see the lexical retriever's `fit`."""
        return self._words.fit(question, passage)

    def text_of(self, passage: Passage) -> str | None:
        """The whole text of a passage's document; None where the corpus has no such document."""
        number = self._reader.find(passage.document)
        return None if number is None else self._reader.text(number)

    @cached_property
    def _words(self) -> Any:
        from osler.knowledge.corpus.lexical import LexicalRetriever

        return LexicalRetriever(self.name)

    def passage(self, number: int, score: float) -> Passage:
        """A passage by its number in the corpus."""
        return self._reader.give(number, score, self.name)


def _refuse_other(name: str, made: dict[str, Any], encoder: Encoder) -> None:
    """Raises UsageError where the vectors are another encoder's."""
    own = made["encoder"]
    # A server's dimensions are only asked for where its name says that it may be the same.
    if encoder.name == own["name"] and fingerprint(encoder) == own:
        return
    if encoder.name == own["name"]:
        told = f"another version of {own['name']} (its weights or its {own['dimensions']} dimensions differ)"
    else:
        told = f"{own['name']}, not by {encoder.name}"
    raise UsageError(
        f"corpus {name} was embedded by {told}; search it without --encoder, or embed it again: "
        f"osler corpus embed {name} --encoder SPEC"
    )
