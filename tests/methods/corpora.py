"""A corpus, an encoder and a re-ranker of a test's own: small enough to know by heart what each of them finds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from toy_graph import heart_graph

from osler.passages import Filters, Fit, Passage, day_number


def passage(document: str, text: str, **about: str) -> Passage:
    """A whole document as one passage; `about` are fields of Passage (title, source, date, corpus, section, url)."""
    return Passage(text, document, 0, len(text), about.pop("source", "toy"), 0.0, **about)


@dataclass
class Toy:
    """Passages by the number of the query's words they hold; none without a shared word. Equal ones keep their order."""

    passages: Sequence[Passage]
    name: str = "toy"
    asked: list[str] = field(default_factory=list)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        self.asked.append(query)
        wanted = words(query)
        scored = [
            (len(wanted & words(f"{one.title} {one.text}")), -place, one)
            for place, one in enumerate(self.passages)
            if fits(one, filters)
        ]
        best = sorted((row for row in scored if row[0]), key=lambda row: row[:2], reverse=True)
        return [
            one._replace(score=float(score), corpus=one.corpus or self.name) for score, _, one in best[:top]
        ]

    def fit(self, question: str, passage: Passage) -> Fit:
        wanted = words(question)
        held = [m.span() for m in re.finditer(r"\w+", passage.text) if m[0].lower() in wanted]
        return Fit(len(wanted & words(passage.text)) / max(1, len(wanted)), tuple(held))


@dataclass
class ToyEncoder:
    """A text as its hashed words, each in a place of its own: texts are near as far as they share words."""

    dimensions: int = 256
    name: str = "hashed-words"
    encoded: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str], kind: str = "passage") -> np.ndarray:
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                row[crc32(word.encode()) % self.dimensions] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@dataclass
class ToyVectors(Toy):
    """The same passages, found by the nearest vectors."""

    encoder: ToyEncoder = field(default_factory=ToyEncoder)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        self.asked.append(query)
        return self.nearest(self.encoder.encode([query], "query")[0], top, filters)

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        kept = [one for one in self.passages if fits(one, filters)]
        if not kept:
            return []
        scores = self.encoder.encode([one.text for one in kept]) @ vector
        order = sorted(range(len(kept)), key=lambda place: (-scores[place], place))[:top]
        return [
            kept[place]._replace(score=float(scores[place]), corpus=kept[place].corpus or self.name)
            for place in order
        ]


@dataclass
class ToyReranker:
    """Scores a text by the share of its words that the query has."""

    name: str = "toy-reranker"
    asked: list[str] = field(default_factory=list)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append(query)
        return [len(words(query) & words(text)) / max(1, len(words(text))) for text in texts]


def words(text: str) -> set[str]:
    """The words of a text of three letters or more, and its numbers, in small letters."""
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 2 or word.isdigit()}


def fits(one: Passage, filters: Filters | None) -> bool:
    """Whether a passage passes the filters."""
    if filters is None:
        return True
    if any(
        value is not None and value.lower() != getattr(one, name).lower()
        for name, value in (
            ("source", filters.source),
            ("section", filters.section),
            ("corpus", filters.corpus),
        )
    ):
        return False
    first, last = filters.days()
    if first is None and last is None:
        return True
    day = day_number(one.date)
    return day is not None and (first or 0) <= day <= (last or 99_999_999)


def knowledge_of(*words: str) -> dict[str, object]:
    """A small corpus by vectors, its encoder, a re-ranker and a graph; `words` are those of one more passage and node on the question."""
    found = [
        passage("heart", "Chest pain after exercise is angina until shown otherwise; aspirin is given first.", title="What helps in chest pain?"),
        passage("clot", "Heparin and warfarin thin the blood. Clopidogrel is given after a stent.", title="Which drugs thin the blood?"),
        passage("skin", "A rash of days is seldom an emergency.", title="What is a rash?"),
        *(passage("poison", f"What should a patient with chest pain be given first of all drugs? {text}", title=text) for text in words),
    ]  # fmt: skip
    retriever = ToyVectors(found)
    graph = heart_graph(*words)
    return {"retriever": retriever, "encoder": retriever.encoder, "reranker": ToyReranker(), "graph": graph}
