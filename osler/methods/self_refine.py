"""Self-Refine: draft, criticise, revise, until the critic is content or the rounds are used up.

Source: Madaan et al. 2023 (arXiv 2303.17651), in the form of the medagents-benchmark baseline, checked against its code. Stages:
(1) a draft by chain of thought; (2) a critic with question, options and draft in view says what is wrong and whether the draft
stands; (3) if it does not, a reviser writes a new one from draft and critique; (2) and (3) again until it stands or `rounds` are
used up. Defaults: 3 rounds, greedy, a critic who rejects only when nearly sure, as in that code. Calls per case: 2 to 1 + 2 × rounds.
Deviations from that code, each a defect there: the critic's verdict is a real boolean, so the loop does revise; critic and
reviser see the options; the first and the last answer are in the trace, so that flips can be counted both ways. A critic
whose reply cannot be read has rejected nothing.
Failure modes: a model that criticises itself turns right answers wrong about as often as it mends them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import task, votes
from osler.methods.zero_shot import REASONED
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

CRITIC = (
    "{case}\n\nA colleague answered as follows.\n\n{draft}\n\nCheck the reasoning and the answer. Reject only if you are more "
    "than 95 % sure that the answer is wrong; then say precisely what is wrong and how to mend it."
)
REVISE = (
    "{case}\n\nThis is a draft.\n\n{draft}\n\nA reviewer rejected it with these comments.\n\n{feedback}\n\nThink again and "
    "answer, keeping what was right."
)
VERDICT = {
    "type": "object",
    "properties": {
        "feedback": {"type": "string", "description": "what is right and wrong, before the verdict"},
        "accept": {"type": "boolean"},
    },
    "required": ["feedback", "accept"],
    "additionalProperties": False,
}


@method(
    "self-refine",
    source="Madaan et al. 2023",
    needs=("model",),
    fidelity="code",
    cost="2 to 1 + 2 × rounds calls",
    calls=lambda rounds: Calls(2, 1 + 2 * rounds),
    roles=("critic",),
)
async def self_refine(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 3,
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None,
) -> Answer:
    """Draft an answer, let the same model criticise it, and revise while the critic rejects."""
    calm = ctx.greedy() if temperature is None else ctx.sampling(temperature)
    shown, form = task.present(case), task.schema(case)
    draft = await calm.ask(
        ctx.prompt("self-refine.draft", REASONED).format(case=shown),
        schema=form,
        system=task.SYSTEM,
        label="draft",
    )
    first = votes.key_of(task.read(case, draft))
    for _ in range(rounds):
        verdict = await calm.role("critic").ask(
            ctx.prompt("self-refine.critic", CRITIC).format(case=shown, draft=_shown(draft)),
            schema=VERDICT,
            system=task.SYSTEM,
            kind="verify",
            label="criticise",
        )
        if not verdict.readable or verdict.value["accept"]:
            break
        revised = ctx.prompt("self-refine.revise", REVISE).format(
            case=shown, draft=_shown(draft), feedback=task.fence("comments", verdict.value["feedback"])
        )
        draft = await calm.ask(revised, schema=form, system=task.SYSTEM, kind="revise", label="revise")
    answer = task.read(case, draft)
    with ctx.step("conclude", "answer") as step:
        step.note(first=first, last=votes.key_of(answer), changed=first != votes.key_of(answer))
    return answer


def _shown(draft: Asked) -> str:
    return task.fence("draft", draft.text)
