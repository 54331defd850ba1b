"""Multi-persona debate: three personas answer alone, read the others' reasoning, answer again; a senior expert decides.

Source: the debate baseline of medagents-benchmark (Tang et al. 2025), checked against its code; after Du et al. 2023. Stages:
(1) each persona reasons and answers alone, at once; (2) in each further round every persona sees the others' reasoning of the
round before, without their answers, and updates, at once; (3) a senior expert sees the last round's reasoning and answers and
decides. Defaults: 2 rounds, greedy. Calls per case: 3 × rounds + 1.
Deviations: a persona also sees its own reasoning of the round before, since no conversation is kept; structured replies replace a second extraction call for each; a persona whose reply failed stays in its place as
unreadable, where the released code shifted the list and credited answers to the wrong persona.
Failure modes: at temperature 0 personas of one model agree from the start; a sycophantic peer flips right answers.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.llm.choices import without_choice
from osler.methods import panel, task, votes
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

PERSONAS = {
    "innovator": "You look for the explanation that others overlook, and argue for it when the facts allow it.",
    "critic": "You are an exacting professor: you test every claim against the facts and name what does not fit.",
    "analyst": "You weigh evidence for a decision: what is established, how likely each answer is, and what would change that.",
}
ALONE = "{case}\n\n{persona} Reason about this, then answer."
AGAIN = (
    "{case}\n\n{persona} You reasoned as follows.\n\n{own}\n\nYour colleagues reasoned as follows.\n\n{others}\n\nTake from them "
    "what holds against the facts, reject what does not, and answer again."
)
DECIDE = (
    "{case}\n\nYou are the senior expert and decide. This is where the discussion ended.\n\n{positions}\n\nDecide by the strength of "
    "the arguments, not by how many share them, and give your answer."
)


@method(
    "debate",
    source="Tang et al. 2025 (medagents-benchmark)",
    needs=("model",),
    fidelity="code",
    cost="3 × rounds + 1 calls",
    calls=lambda rounds: 3 * rounds + 1,
    roles=("innovator", "critic", "analyst", "senior"),
)
async def debate(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 2,
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None,
) -> Answer:
    """Three personas reason alone, read each other, and a senior expert decides."""
    shown, form = task.present(case), task.schema(case)
    calm = ctx.greedy() if temperature is None else ctx.sampling(temperature)
    seats = {name: calm.role(name) for name in PERSONAS}
    alone = ctx.prompt("debate.alone", ALONE)
    replies = await ctx.gather(
        seat.ask(
            alone.format(case=shown, persona=PERSONAS[name]), schema=form, system=task.SYSTEM, label="alone"
        )
        for name, seat in seats.items()
    )
    again = ctx.prompt("debate.again", AGAIN)
    for number in range(2, rounds + 1):
        said = dict(zip(PERSONAS, replies, strict=True))
        replies = await ctx.gather(
            seat.ask(
                again.format(
                    case=shown,
                    persona=PERSONAS[name],
                    own=task.fence("your reasoning", argued(case, said[name])),
                    others="\n\n".join(
                        task.fence(f"colleague {other}", argued(case, said[other]))
                        for other in PERSONAS
                        if other != name
                    ),
                ),
                schema=form,
                system=task.SYSTEM,
                kind="revise",
                label=f"round {number}",
            )
            for name, seat in seats.items()
        )
    positions = panel.heard(PERSONAS, [votes.position(case, asked) for asked in replies])
    asked = await calm.role("senior").ask(
        ctx.prompt("debate.decide", DECIDE).format(case=shown, positions=positions),
        schema=form,
        system=task.SYSTEM,
        kind="conclude",
        label="decide",
    )
    return task.read(case, asked)


def argued(case: Case, asked: Asked) -> str:
    """What a reply argued, without its answer, also where it was given in prose."""
    return without_choice(task.reasoning(asked), [option.key for option in case.options])
