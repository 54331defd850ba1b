"""Stand-ins for a pool of solved examples and for a corpus, so that `osler prompt show` can show where real ones would stand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.case import Case, Option
from osler.passages import Filters, Fit, Passage
from osler.services import Example
from osler.trace import Answer, Candidate

MOST = 64


class PlaceholderPool:
    """Examples whose texts say what stands in their place; of the kind of the case they are for."""

    def __init__(self, case: Case) -> None:
        self.examples = [_example(case, number) for number in range(1, MOST + 1)]

    def sample(self, case: Case, k: int, rng: random.Random) -> list[Example]:
        """The first k."""
        return self.examples[:k]

    def nearest(self, case: Case, k: int | None = None) -> Sequence[tuple[int, Example]]:
        """The first k with their numbers; all without k."""
        return list(enumerate(self.examples[:k]))

    def answers(self) -> list[dict[str, Any]]:
        """What a simulated model has to know to solve them, as methods that keep only solved examples want."""
        return [
            {
                "question": e.case.question,
                "answer": e.answer.choice or e.answer.text or "",
                "options": {option.key: option.text for option in e.case.options},
                "accuracy": 1.0,
            }
            for e in self.examples
        ]


class PlaceholderCorpus:
    """A corpus, an encoder and a re-ranker in one: whatever is asked, three passages that say what stands in their place."""

    name = "placeholder"
    dimensions = 8

    @property
    def encoder(self) -> PlaceholderCorpus:
        """Itself."""
        return self

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The same passages for every query."""
        texts = [f"(passage {n} that the corpus of --corpus gives for this query)" for n in (1, 2, 3)]
        return [
            Passage(text, f"document-{n}", 0, len(text), "placeholder", 1 / n, self.name, f"Title {n}")
            for n, text in enumerate(texts[:top], 1)
        ]

    def nearest(self, vector: np.ndarray, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The same passages for every vector."""
        return self.search("", top)

    def fit(self, question: str, passage: Passage) -> Fit:
        """A good fit."""
        return Fit(0.9, ())

    def encode(self, texts: Sequence[str], kind: str = "passage") -> np.ndarray:
        """The same vector for every text."""
        return np.full((len(texts), self.dimensions), self.dimensions**-0.5, np.float32)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Falling scores: the order stays."""
        return [1 / n for n in range(1, len(texts) + 1)]


def _example(case: Case, number: int) -> Example:
    keys = [option.key for option in case.options]
    solved = Case(
        question=f"(the question of example {number}, from the pool that an evaluation names with --examples)",
        options=[Option(key=key, text=f"(option {key} of example {number})") for key in keys],
        answer_kind=case.answer_kind,
        answer_unit=case.answer_unit,
        answer_form=case.answer_form,
    )
    words = f"(the answer of example {number})"
    filled: dict[str, Any] = {
        "choice": {"choice": keys[0] if keys else None},
        "label": {"choice": keys[0] if keys else None},
        "choices": {"choices": keys[:1]},
        "differential": {"differential": [Candidate(id="", name=words)]},
        "number": {"number": float(number)},
        "plan": {"plan": [words]},
    }
    return Example(solved, Answer(kind=case.answer_kind, **filled.get(case.answer_kind, {"text": words})))
