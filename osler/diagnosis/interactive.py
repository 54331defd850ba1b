"""The asking loop: ask what tells most, take the answer, rank again, until one diagnosis is sure or nothing is learned.

Knows nothing of who answers: a person, a script, or a simulated patient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from osler.diagnosis.burden import CLASSES
from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query
from osler.diagnosis.result import NextQuestion, RankedDisease

Reply = Literal["yes", "no", "unknown", "stop"]
Reason = Literal["sure", "nothing more to learn", "questions used up", "budget used up", "stopped"]


@dataclass(frozen=True)
class Turn:
    """The state after an answer; the last turn has no question and a `reason` for ending.

    `differential` (the best five, unexplained), `none_fits`, `query` with all answers so far, `asked` so many
    questions, `spent` so much of the budget.
    """

    question: NextQuestion | None
    answer: Reply | None
    differential: list[RankedDisease]
    none_fits: float
    query: Query
    asked: int
    spent: float
    reason: Reason | None = None


def ask_until(
    engine: Engine,
    query: Query,
    answer: Callable[[NextQuestion], Reply],
    threshold: float = 0.9,
    max_questions: int = 20,
    budget: float | None = None,
    prices: dict[str, float] | None = None,
) -> Iterator[Turn]:
    """Ask until the best diagnosis has probability `threshold`; yields a Turn after every answer, then a last one.

    `answer` is called with each question. `budget` is spent at `prices` per cost class (default: the inverse of its
    worth, so 1 for history). "unknown" is not asked again and changes nothing; "stop"
    leads to the last turn at once.
    """
    prices = prices or {name: 1 / worth for name, worth in CLASSES}
    skip: list[int] = []
    asked, spent = 0, 0.0
    question: NextQuestion | None = None
    reply: Reply | None = None
    while True:
        scores = engine.scores(query)
        probability, none_fits = engine.posterior(scores, query)
        shown = engine.ranked(scores, probability, 5)
        if question is not None and reply != "stop":
            yield Turn(question, reply, shown, none_fits, query, asked, spent)
        reason = _done(reply, shown, threshold, asked >= max_questions)
        known = np.array(skip, np.int32)
        offers = [] if reason else engine.next_questions(query, probability, none_fits, 3, known)
        within = [q for q in offers if budget is None or spent + prices.get(q.cost, 1.0) <= budget]
        if not reason and not within:
            reason = "budget used up" if offers else "nothing more to learn"
        if reason:
            yield Turn(None, None, shown, none_fits, query, asked, spent, reason)
            return
        question = within[0]
        reply = answer(question)
        if reply != "stop":
            asked, spent = asked + 1, spent + prices.get(question.cost, 1.0)
            term = engine.knowledge.ontology.index(question.id)
            skip.append(term)
            query = query.with_answer(term, reply == "yes") if reply in ("yes", "no") else query


def _done(reply: Reply | None, shown: list[RankedDisease], threshold: float, used_up: bool) -> Reason | None:
    """Why to stop before the next question; None where there is no reason yet."""
    if reply == "stop":
        return "stopped"
    if shown and shown[0].probability >= threshold:
        return "sure"
    return "questions used up" if used_up else None
