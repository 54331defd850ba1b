"""Few-shot: solved examples as earlier turns of the conversation, then the case.

Source: Brown et al. 2020 (arXiv 2005.14165). Stages: draw k examples from the pool of a training split (at random by default,
as in the paper; `nearest` picks the most similar); one call, greedy unless the run sets a temperature. Defaults: k = 5, from the
paper's text (its experiments go up to what the context holds). Calls per case: 1.
With `confidence` (off: the paper has none) the model also states, after the answer, the probability that it is right, as in
Tian et al. 2023 (arXiv 2305.14975); the examples state none, since nobody knows what theirs should be.
Deviation: examples are earlier turns of a chat with structured replies, where the paper joins them into one text.
Failure modes: examples of another kind of question mislead; a pool that shares vignettes with the test set leaks, so the pool
holds such items out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from pydantic import Field

from osler.case import AnswerForm, Case
from osler.context import Context
from osler.llm.types import Message
from osler.methods import task
from osler.registry import method
from osler.services import Example
from osler.trace import Answer

ANSWER = "{case}\n\nAnswer directly, without an explanation."


@method(
    "few-shot",
    source="Brown et al. 2020",
    needs=("model", "examples"),
    fidelity="paper",
    cost="1 call",
    calls=lambda: 1,
)
async def few_shot(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=1, le=64)] = 5,
    nearest: bool = False,
    confidence: bool = False,
) -> Answer:
    """Show k solved examples as earlier turns, then ask; with `confidence` also how sure the model is."""
    pool = ctx.examples
    chosen = [e for _, e in pool.nearest(case, k)] if nearest else pool.sample(case, k, ctx.rng)
    wording = ctx.prompt("few-shot", ANSWER)
    prompt = wording.format(case=task.present(case)) + task.how_sure(case, confidence)
    asked = await ctx.greedy().ask(
        [*turns(chosen, wording), Message("user", prompt)],
        schema=task.schema(case, {}, confidence=confidence),
        system=task.SYSTEM,
        kind="conclude",
    )
    return task.read(case, asked)


def turns(examples: Sequence[Example], wording: str, reasons: Sequence[str] | None = None) -> list[Message]:
    """Examples as pairs of turns; with `reasons`, each answer comes after its reasoning."""
    messages = []
    for number, example in enumerate(examples):
        reply: dict[str, Any] = {"reasoning": reasons[number]} if reasons else {}
        reply["answer"] = solution(example.answer, example.case.answer_form)
        messages.append(Message("user", wording.format(case=task.present(example.case))))
        messages.append(Message("assistant", orjson.dumps(reply).decode()))
    return messages


def solution(answer: Answer, form: AnswerForm | None = None) -> Any:
    """The value that an example's answer has in the reply's `answer` field; with a `form`, its parts."""
    if form is not None and answer.text is not None and (parts := form.parts(answer.text)) is not None:
        return parts
    if answer.kind == "differential":
        return [candidate.name for candidate in answer.differential]
    filled = (answer.choice, answer.choices or None, answer.number, answer.plan or None, answer.text)
    return next((value for value in filled if value is not None), "")
