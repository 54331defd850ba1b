"""Medprompt: nearest solved examples with the model's own reasoning, options shuffled, a vote over the shuffles.

Source: Nori et al. 2023 (arXiv 2311.16452), checked against the released code. Stages: (1) for a pool question, the model itself
writes a chain of thought, and the example is kept only if its answer is right; (2) the k nearest kept examples go before the
question; (3) this is asked m times with the options in another order (plain hunt: neighbours swap in turn, starting from the
given order), at once; (4) each answer is mapped back to its option, and the most frequent wins. Defaults: k = 5, m = 5.
Calls per case: m, and one for each pool question that is looked at (shared by the whole run, so few after the first cases).
Deviations: similarity is TF-IDF cosine, offline, where the paper has an embedding model; a pool question's chain is written when
it is first needed, which gives the same kept set. Options that speak of other options ("all of the above", "A and C") keep
their place, and so do the options that they name. Not Medprompt: the baseline of that name in medagents-benchmark (no neighbours, no examples, no shuffling).
Failure modes: needs a labelled pool like the test; near-duplicates between pool and test leak; the vote hides position bias.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from osler.calls import Calls
from osler.case import Case, Option
from osler.context import Context
from osler.errors import UsageError
from osler.llm.types import Message
from osler.methods import task, votes
from osler.methods.few_shot import turns
from osler.methods.zero_shot import REASONED
from osler.registry import method
from osler.services import Example
from osler.trace import Answer

PINNED = re.compile(
    r"\b(all|none|both|neither|either|any) (of )?(the )?(above|following|these|those|them|other|others|options)\b",
    re.I,
)
LETTERS = re.compile(
    r"(?:(?:both|neither|either|only|options?|all of) +)*([A-J](?: *(?:,|and|or|nor|&|\+) *[A-J])+)(?: only)?\.?",
    re.I,
)


@method(
    "medprompt",
    source="Nori et al. 2023",
    needs=("model", "examples"),
    fidelity="code",
    cost="m = 5 calls; 1 for each pool question looked at",
    calls=lambda k, m: Calls(m, m, shared=10 * k),
    answers=("choice", "label"),
)
async def medprompt(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=0, le=20)] = 5,
    m: Annotated[int, Field(ge=1, le=40)] = 5,
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None,
) -> Answer:
    """Vote over shuffled options, with the nearest self-explained examples before the question."""
    if case.answer_kind not in ("choice", "label"):
        raise UsageError("medprompt shuffles options: it answers choice questions only")
    examples, reasons = await _kept(case, ctx, k)
    wording = ctx.prompt("medprompt", REASONED)
    before = turns(examples, wording, reasons)
    orders = plain_hunt(case.options, m)

    async def once(inner: Context, order: list[Option]) -> Answer:
        relabelled = [
            Option(key=place.key, text=option.text, image=option.image)
            for place, option in zip(case.options, order, strict=True)
        ]
        asked = await inner.ask(
            [*before, Message("user", wording.format(case=task.present(case, relabelled)))],
            schema=task.schema(case),
            system=task.SYSTEM,
            label="shuffled",
        )
        answer = task.read(case, asked)
        if answer.choice is None:
            return answer
        place = [option.key for option in case.options].index(answer.choice)
        return answer.model_copy(update={"choice": order[place].key})

    answers = await ctx.gather(
        once(ctx.greedy() if temperature is None else ctx.sampling(temperature), order) for order in orders
    )
    with ctx.step("conclude", "vote") as step:
        voted = votes.majority(answers)
        step.note(voted.note or "", votes=[votes.key_of(answer) for answer in answers])
    return voted


def plain_hunt(options: Sequence[Option], m: int) -> list[list[Option]]:
    """The first m orders of plain hunting: the given order, then neighbours swapped, at odd and even places in turn.

    Options that refer to others stay where they are, and so do those they name by letter: "A and C" must go on naming
    the same two.
    """
    free = [place for place, option in enumerate(options) if not pinned(option, options)]
    row, rows = list(range(len(free))), []
    for number in range(m):
        order = list(options)
        for place, index in zip(free, row, strict=True):
            order[place] = options[free[index]]
        rows.append(order)
        for i in range(number % 2, len(row) - 1, 2):
            row[i], row[i + 1] = row[i + 1], row[i]
    return rows


def pinned(option: Option, options: Sequence[Option]) -> bool:
    """Whether an option has to keep its place: it refers to others, or another names it by its letter."""
    if PINNED.search(option.text) or LETTERS.fullmatch(option.text.strip()):
        return True
    named = [LETTERS.fullmatch(other.text.strip()) for other in options]
    return any(option.key in re.findall(r"\b[A-J]\b", match[1].upper()) for match in named if match)


async def _kept(case: Case, ctx: Context, k: int) -> tuple[list[Example], list[str]]:
    """The k nearest pool examples that the model solves by itself, nearest last, with its reasoning.

    Looks at most at ten times k neighbours; candidates are tried k at a time, at once.
    """
    ranked = list(ctx.examples.nearest(case, 10 * k)) if k else []
    kept: list[tuple[Example, str]] = []
    while ranked and len(kept) < k:
        batch, ranked = ranked[:k], ranked[k:]
        reasons = await ctx.gather(_explained(ctx, number, example) for number, example in batch)
        kept += [
            (example, reason)
            for (_, example), reason in zip(batch, reasons, strict=True)
            if reason is not None
        ]
    kept = kept[:k][::-1]
    return [example for example, _ in kept], [reason for _, reason in kept]


async def _explained(ctx: Context, number: int, example: Example) -> str | None:
    """The model's own reasoning for a pool example, or None when it answers it wrongly."""

    async def work(apart: Context) -> str | None:
        prompt = apart.prompt("medprompt", REASONED).format(case=task.present(example.case))
        asked = await apart.greedy().ask(prompt, schema=task.schema(example.case), system=task.SYSTEM)
        right = votes.key_of(task.read(example.case, asked)) == votes.key_of(example.answer)
        return str(asked.value.get("reasoning", asked.text)) if asked.readable and right else None

    return await ctx.shared((number,), work)
