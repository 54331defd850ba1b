"""Solved examples with reasoning, for methods whose paper shows some: the model says why each answer is right, once a run.

Where the run has no pool there are none, and the run's manifest says so (`examples_for` in the method's registration).
"""

from __future__ import annotations

import hashlib

from osler.case import Case
from osler.context import Context
from osler.llm.types import Message
from osler.methods import task
from osler.methods.few_shot import solution, turns
from osler.services import Example

RATIONALE = "{case}\n\nThe right answer is:\n\n{answer}\n\nSay in one or two sentences why it is right."
# Keeps shared work of this file apart from that of others.
_PLACE = -2


async def exemplars(case: Case, ctx: Context, shots: int, rationale: str, wording: str) -> list[Message]:
    """`shots` examples at random as earlier turns that reason and answer; none where the run has no pool."""
    pool = ctx.services.examples
    if pool is None or not shots:
        return []
    chosen = pool.sample(case, shots, ctx.rng)
    reasons = await ctx.gather(_why(ctx, example, rationale) for example in chosen)
    return turns(chosen, wording, reasons)


async def _why(ctx: Context, example: Example, rationale: str) -> str:
    """The model's reason for an example's answer; the same for every case that shows the example."""
    shown = rationale.format(case=task.present(example.case), answer=task.fence("answer", _in_words(example)))
    key = hashlib.blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=6).digest()

    async def work(apart: Context) -> str:
        asked = await apart.greedy().ask(shown, system=task.SYSTEM, label="rationale")
        return asked.text.strip()

    return await ctx.shared((_PLACE, int.from_bytes(key, "big")), work)


def _in_words(example: Example) -> str:
    value = solution(example.answer)
    options = {option.key: f"{option.key}. {option.text}" for option in example.case.options}
    return "\n".join(
        options.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value])
    )
