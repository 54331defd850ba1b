"""Choices by log-likelihood as lm-evaluation-harness does: acc by the sum, acc_norm per character, in two styles."""

import asyncio

import pytest

from osler.case import Case, Option
from osler.context import Example
from osler.errors import InputError
from osler.llm import from_spec
from osler.llm.types import Likelihood
from osler.scoring.loglikelihood import base_prompt, likelihood_scores, option_likelihoods
from osler.scoring.references import ChoiceReference
from osler.trace import Answer

CASE = Case(
    question="Which vessel supplies the heart?",
    options=[Option(key="A", text="aorta"), Option(key="B", text="the left coronary artery")],
    answer_kind="choice",
)


class Fixed:
    """Gives the likelihoods it was told, and keeps what it was asked."""

    def __init__(self, *logprobs):
        self.logprobs = logprobs

    async def loglikelihood(self, prompt, continuations):
        self.prompt, self.continuations = prompt, list(continuations)
        return [
            Likelihood(p, 2 * (i + 1), len(c))
            for i, (p, c) in enumerate(zip(self.logprobs, continuations, strict=True))
        ]


def ask(model, **options):
    return asyncio.run(option_likelihoods(model, CASE, **options))


def test_text_style_continues_with_the_options_words_and_normalises_by_length():
    model = Fixed(-5.0, -12.0)
    found = ask(model, style="text")
    assert model.continuations == [" aorta", " the left coronary artery"]
    assert model.prompt == "Question: Which vessel supplies the heart?\nAnswer:"
    # -5 beats -12 in sum; -5/5 loses to -12/24 per character.
    assert (found.acc, found.acc_norm) == ("A", "B")
    scores = likelihood_scores(ChoiceReference("B"), found)
    assert (scores["acc"], scores["acc_norm"], scores["acc_token"]) == (0.0, 1.0, 0.0)


def test_letter_style_lists_the_options_and_continues_with_the_key():
    model = Fixed(-1.0, -1.0)
    found = ask(model)
    assert model.continuations == [" A", " B"]
    assert model.prompt.endswith("A. aorta\nB. the left coronary artery\nAnswer:")
    assert found.acc == found.acc_norm == "A"  # the first of equals
    assert found.probabilities == pytest.approx((0.5, 0.5))


def test_examples_come_first_and_solved():
    example = Example(CASE, Answer(kind="choice", choice="B"))
    assert base_prompt(CASE, "letter", [example]).count("Question:") == 2
    assert "Answer: B\n\nQuestion:" in base_prompt(CASE, "letter", [example])
    assert "Answer: the left coronary artery\n\n" in base_prompt(CASE, "text", [example])


def test_a_question_without_options_is_refused():
    with pytest.raises(InputError, match="options"):
        asyncio.run(option_likelihoods(Fixed(), Case(question="Why?")))


@pytest.mark.parametrize("style", ["letter", "text"])
def test_the_simulated_model_finds_what_was_planted(style):
    model = from_spec("simulated:accuracy=1.0")
    model.provider.plant(
        [
            {
                "question": CASE.question,
                "answer": "B",
                "options": {"A": "aorta", "B": "the left coronary artery"},
            }
        ]
    )
    found = ask(model, style=style)
    assert found.acc == "B" and found.probabilities[1] > 0.5
