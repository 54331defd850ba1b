"""Two models on one question: what each answers, which words it hangs on, and what attacks change; with the graph's path to it.

Predictions are those of the method `log-likelihood`: how a model shares its belief among the options. Saliency is by gradients where
the model runs in this process (extra `local`), else by leaving each word out in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from osler.app.failures import in_words
from osler.case import Case, Option
from osler.errors import InputError, OslerError
from osler.graphs import Graphs
from osler.llm import Model
from osler.llm.budget import Budget
from osler.methods.loglikelihood import asked, shares
from osler.probes.attacks import Attack, attacks
from osler.probes.saliency import MOST_WORDS, Weight, by_word, leave_one_out, shades
from osler.scoring.path_errors import Judged, Name, Reasoning, reference_paths
from osler.trace import OptionLikelihood

LONGEST, MOST_OPTIONS = 2_000, 8


@dataclass(frozen=True)
class Question:
    """A question with its options by letter."""

    text: str
    options: dict[str, str]

    def case(self, text: str) -> Case:
        """The question as a case, with another wording."""
        listed = [Option(key=key, text=words) for key, words in self.options.items()]
        return Case(question=text, options=listed, answer_kind="choice")


@dataclass(frozen=True)
class Changed:
    """An attack and what a model then answers; `moved` says whether that is another answer."""

    attack: Attack
    choice: str
    probability: float
    change: float
    moved: bool


@dataclass
class Side:
    """One model's answer, explained. `way` says how the saliency was made; `problem` why there is no answer."""

    role: str
    name: str
    shares: dict[str, float] = field(default_factory=dict)
    choice: str = ""
    weights: list[Weight] = field(default_factory=list)
    shades: list[float] = field(default_factory=list)
    way: str = ""
    changed: list[Changed] = field(default_factory=list)
    path: Judged | None = None
    problem: str = ""


def read_question(text: str, options: str) -> Question:
    """The question of a form: its text, and an option a line. Raises InputError for what cannot be asked."""
    listed = [line.strip() for line in options.splitlines() if line.strip()]
    if not text.strip() or not 2 <= len(listed) <= MOST_OPTIONS:
        raise InputError(f"give a question, and from two to {MOST_OPTIONS} options, one a line")
    if len(text) > LONGEST or any(len(one) > 200 for one in listed):
        raise InputError(f"a question may have {LONGEST:,} characters here, an option 200")
    return Question(text.strip(), {"ABCDEFGH"[n]: one for n, one in enumerate(listed)})


async def compare(
    question: Question,
    models: Sequence[tuple[str, Model]],
    graph: Graphs | None,
    budget: Budget | None = None,
) -> list[Side]:
    """Both models on a question: answers and saliency first, then the same attacks on both."""
    sides = await asyncio.gather(*(_answer(question, role, model, budget) for role, model in models))
    salient = [one.word.strip(".,;:?!()").lower() for side in sides[:1] for one in _weightiest(side)]
    tried = attacks(question.text, list(question.options.values()), salient)
    await asyncio.gather(
        *(
            _attacked(question, side, model, tried, budget)
            for side, (_, model) in zip(sides, models, strict=True)
        )
    )
    for side in sides:
        side.path = await asyncio.to_thread(_path, question, side, graph)
    return list(sides)


async def _answer(question: Question, role: str, model: Model, budget: Budget | None) -> Side:
    side = Side(role, model.name)
    try:
        side.shares = await _shares(question, question.text, model, budget)
        side.choice = max(side.shares, key=lambda key: side.shares[key])
        side.weights, side.way = await _saliency(question, side, model, budget)
        side.shades = shades(side.weights)
    except OslerError as error:
        side.problem = in_words(error)
    return side


async def _shares(question: Question, text: str, model: Model, budget: Budget | None) -> dict[str, float]:
    """How a model shares its belief among the options of a question, in this wording."""
    keys = list(question.options)
    found = await model.loglikelihood(
        asked(question.case(text), "letter"), [f" {key}" for key in keys], budget
    )
    return shares(
        [
            OptionLikelihood(key=key, logprob=one.logprob, tokens=max(1, one.tokens), characters=1)
            for key, one in zip(keys, found, strict=True)
        ]
    )


async def _saliency(
    question: Question, side: Side, model: Model, budget: Budget | None
) -> tuple[list[Weight], str]:
    by_gradient: Any = getattr(model.provider, "saliency", None)
    if by_gradient is not None:
        prompt = asked(question.case(question.text), "letter")
        start = prompt.index(question.text)
        tokens = await by_gradient(prompt, f" {side.choice}")
        shifted = [(a - start, b - start, weight) for a, b, weight in tokens]
        return by_word(question.text, shifted), "gradient × input"

    async def probability(text: str) -> float:
        if not text.strip():
            return 0.0
        return (await _shares(question, text, model, budget))[side.choice]

    found = await leave_one_out(question.text, probability, side.shares[side.choice])
    return found, f"each of the first {MOST_WORDS} words left out in turn"


async def _attacked(
    question: Question, side: Side, model: Model, tried: Sequence[Attack], budget: Budget | None
) -> None:
    """What the attacks change in a model's answer: the share of the option it gave before."""
    if side.problem:
        return
    for attack in tried:
        try:
            found = await _shares(question, attack.text, model, budget)
        except OslerError as error:
            side.problem = in_words(error)
            return
        choice = max(found, key=lambda key: found[key])
        change = found[side.choice] - side.shares[side.choice]
        side.changed.append(Changed(attack, choice, found[choice], change, choice != side.choice))


def _weightiest(side: Side) -> list[Weight]:
    return sorted(side.weights, key=lambda one: -one.weight)


def _path(question: Question, side: Side, graph: Graphs | None) -> Judged | None:
    """The graph's paths from the question to what a model answered; None where there are none."""
    if graph is None or not side.choice:
        return None
    words = question.options[side.choice]
    ways = reference_paths(question.text, words, graph)
    if not ways:
        return None
    end: Name = ways[0].names[-1]
    said = Reasoning((), tuple(dict.fromkeys(name for way in ways for name in way.names)))
    return replace(Judged(said, ways, ()), given=end)
