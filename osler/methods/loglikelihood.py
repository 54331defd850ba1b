"""Choices of a base model by log-likelihood, without chat: the option it finds the most likely continuation of the question.

Source: Brown et al. 2020 (arXiv 2005.14165) and lm-evaluation-harness (Gao et al. 2021), whose released scoring was checked:
`acc` takes the highest summed log-probability, `acc_norm` the highest per character of the option, its leading blank not
counted. Stages: the question as plain text that ends in "Answer:"; how likely each option is after it; the likeliest is chosen.
Defaults: `style=letter` lists the options and compares their letters, as the harness does for MedQA and MMLU; `text` shows the
question alone and compares the options' own words, as it does for ARC. `normalise=none` is its acc, `length` its acc_norm,
`token` divides by tokens. All are reported by every run, whichever is chosen. `k` solved examples of the pool come first. Calls
per case: 1 (over HTTP one request with all options, or one for each where a server takes no list).
Deviations: one wording for all benchmarks, where the harness has one for each; options that are their own keys (yes, no, maybe)
are not listed, as it does for PubMedQA. Not reproduced: normalising by bytes or by the option's likelihood without the question.
Failure modes: with `text` and no normalisation short options win; with letters, models that do not know the form prefer one
letter; nothing is reasoned; text in a case that gives orders is not fenced, since nothing is generated that could follow them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.errors import InputError, UsageError
from osler.registry import method
from osler.services import Example
from osler.trace import Answer, OptionLikelihood

Style = Literal["letter", "text"]
Normalise = Literal["none", "length", "token"]
PROMPT = "{case}\nAnswer:"
VALUES: Mapping[Normalise, Callable[[OptionLikelihood], float]] = {
    "none": lambda option: option.logprob,
    "length": lambda option: option.logprob / option.characters,
    "token": lambda option: option.logprob / option.tokens,
}


@method(
    "log-likelihood",
    source="Brown et al. 2020; Gao et al. 2021 (lm-evaluation-harness)",
    needs=("model", "likelihood"),
    fidelity="code",
    cost="1 call",
    calls=lambda: 1,
    answers=("choice", "label"),
    examples_if="k",
)
async def log_likelihood(
    case: Case,
    ctx: Context,
    style: Style = "letter",
    normalise: Normalise = "none",
    k: Annotated[int, Field(ge=0, le=64)] = 0,
) -> Answer:
    """Compare how likely a base model finds each option after the question; nothing is generated."""
    if case.answer_kind not in ("choice", "label") or not case.options:
        raise UsageError(
            "log-likelihood compares the options of choice questions; this case has none to choose one from"
        )
    if case.images or any(option.image for option in case.options):
        raise UsageError(
            "log-likelihood compares text alone, and this case has images; choose a text subset or another method"
        )
    wording = ctx.prompt("log-likelihood", PROMPT)
    examples = ctx.examples.sample(case, k, ctx.rng) if k else []
    shown = [f"{asked(e.case, style, wording)} {solution(e, style)}" for e in examples]
    said = [option.key if style == "letter" else option.text for option in case.options]
    found = await ctx.likelihoods(
        "\n\n".join([*shown, asked(case, style, wording)]), [f" {words}" for words in said]
    )
    options = [
        OptionLikelihood(
            key=option.key, logprob=one.logprob, tokens=max(1, one.tokens), characters=len(words)
        )
        for option, words, one in zip(case.options, said, found, strict=True)
    ]
    chosen = likeliest(options, normalise)
    return Answer(
        kind=case.answer_kind,
        choice=chosen,
        likelihoods=options,
        confidence=round(shares(options)[chosen], 6),
    )


def asked(case: Case, style: Style, wording: str = PROMPT) -> str:
    """A question as plain text that an option continues. Raises InputError for a case without words."""
    parts = [case.text, *(document.text for document in case.documents)]
    lines = [part.strip() for part in parts if part.strip()]
    if case.question:
        lines.append(f"Question: {case.question.strip()}")
    if not lines:
        raise InputError(
            "the case holds neither text nor a question: there is nothing that an option could continue"
        )
    if style == "letter":
        lines += [f"{o.key}. {o.text}" for o in case.options if o.key.casefold() != o.text.casefold()]
    return wording.format(case="\n".join(lines))


def solution(example: Example, style: Style) -> str:
    """How a solved example goes on."""
    key = example.answer.choice or ""
    if style == "letter":
        return key
    return next((option.text for option in example.case.options if option.key == key), key)


def likeliest(options: Sequence[OptionLikelihood], normalise: Normalise = "none") -> str:
    """The key of the likeliest option, the first of equals."""
    return max(options, key=VALUES[normalise]).key


def shares(options: Sequence[OptionLikelihood]) -> dict[str, float]:
    """How the model shares its belief among the options: softmax over the summed log-probabilities, by key."""
    top = max(option.logprob for option in options)
    weights = {option.key: math.exp(option.logprob - top) for option in options}
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()}
