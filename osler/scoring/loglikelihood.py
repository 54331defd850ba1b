"""Choices of a base model by log-likelihood, without chat: which continuation of the prompt it finds most likely.

As lm-evaluation-harness does (Gao et al. 2021): `acc` takes the option whose continuation has the highest summed
log-probability, `acc_norm` the highest per character of the option's text, which does not favour short options. `acc_token`
divides by the continuation's tokens instead. Two styles: `letter` lists the options and continues with " A"; `text` shows
the question alone and continues with the option's own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from osler.case import Case
from osler.context import Example
from osler.errors import InputError
from osler.llm.types import Likelihood
from osler.registry import scorer
from osler.scoring.references import ChoiceReference

Style = Literal["letter", "text"]


class Scores(Protocol):
    """A model or provider that can tell how likely continuations are."""

    async def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[Likelihood]:
        """One likelihood per continuation, in order."""
        ...


@dataclass(frozen=True)
class Likelihoods:
    """What a model thinks of each option: keys, summed log-probability, and the same per character and per token."""

    keys: tuple[str, ...]
    logprob: tuple[float, ...]
    per_character: tuple[float, ...]
    per_token: tuple[float, ...]

    @property
    def acc(self) -> str:
        """The key of the most likely continuation; the first of equals."""
        return self.keys[int(np.argmax(self.logprob))]

    @property
    def acc_norm(self) -> str:
        """The key of the most likely continuation per character."""
        return self.keys[int(np.argmax(self.per_character))]

    @property
    def acc_token(self) -> str:
        """The key of the most likely continuation per token."""
        return self.keys[int(np.argmax(self.per_token))]

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Softmax over the summed log-probabilities: how the model shares its belief among the options."""
        shifted = np.exp(np.array(self.logprob) - max(self.logprob))
        return tuple((shifted / shifted.sum()).tolist())


async def option_likelihoods(
    model: Scores, case: Case, *, style: Style = "letter", examples: Sequence[Example] = ()
) -> Likelihoods:
    """Ask a model for the likelihood of every option of a case; one call. Raises InputError without options."""
    if not case.options:
        raise InputError("log-likelihood scoring needs a question with options")
    said = [option.key if style == "letter" else option.text for option in case.options]
    found = await model.loglikelihood(base_prompt(case, style, examples), [f" {words}" for words in said])
    logprob = [likelihood.logprob for likelihood in found]
    return Likelihoods(
        tuple(option.key for option in case.options),
        tuple(logprob),
        tuple(value / len(words) for value, words in zip(logprob, said, strict=True)),
        tuple(l.logprob / max(1, l.tokens) for l in found),  # noqa: E741
    )


def base_prompt(case: Case, style: Style = "letter", examples: Sequence[Example] = ()) -> str:
    """The prompt that the options continue; ends in "Answer:" without a blank. Examples come first, solved."""
    shown = [f"{_question(e.case, style)} {_solution(e, style)}" for e in examples]
    return "\n\n".join([*shown, _question(case, style)])


@scorer("log-likelihood", source="Gao et al. 2021 (lm-evaluation-harness): acc, acc_norm")
def likelihood_scores(reference: ChoiceReference, found: Likelihoods) -> dict[str, Any]:
    """`acc`, `acc_norm` and `acc_token` of one case (1.0 or 0.0), and the probability given to the right option."""
    return {
        "acc": float(found.acc == reference.key),
        "acc_norm": float(found.acc_norm == reference.key),
        "acc_token": float(found.acc_token == reference.key),
        "p_right": found.probabilities[found.keys.index(reference.key)],
    }


def _question(case: Case, style: Style) -> str:
    parts = [case.text, *(document.text for document in case.documents)]
    lines = [part.strip() for part in parts if part.strip()]
    lines.append(f"Question: {(case.question or '').strip()}")
    if style == "letter":
        lines += [f"{option.key}. {option.text}" for option in case.options]
    return "\n".join([*lines, "Answer:"])


def _solution(example: Example, style: Style) -> str:
    key = example.answer.choice or ""
    if style == "letter":
        return key
    return next((option.text for option in example.case.options if option.key == key), key)
