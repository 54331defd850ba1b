"""Filtered RAG: the search goes by the model's own rationale, and only passages judged relevant are in view of the answer.

Source: Kim et al. 2025 (Rethinking Retrieval-Augmented Generation for Medicine, arXiv 2511.06738), checked against its abstract; that
the rationale is the query is taken from the same authors' RAG² (arXiv 2411.00300, abstract). Stages: (1) with `reformulate`, the model writes
what it thinks about the question, and that text is the query instead of the question; (2) the first `k` passages; (3) with `filter`, the
model judges for each passage, at once, whether it helps to answer the question; (4) the answer with those that were kept in view, or
without any where none is left. Defaults: k = 16, both repairs on, greedy. Calls per case: 1 (the rationale) + one for each passage found
+ 1, that is at most 18.
Deviations: a model judges where the paper trains a small one; a verdict that could not be read drops the passage and is counted; the
rationale is written without the options in view, so that none of them enters the query; where no rationale is given, the
question is searched.
Failure modes: a rationale finds what confirms the model's first guess; a strict judge leaves nothing, a lenient one everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context, cited
from osler.methods import evidence, queries, task
from osler.passages import Passage
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

RATIONALE = (
    "{case}\n\nWrite in one short paragraph what decides this: the condition or mechanism in question, and the facts one must know. Use the "
    "terms of a medical textbook."
)
JUDGE = (
    "{case}\n\nA search found this passage.\n\n{passages}\n\nDoes it state something that helps to answer the question? Being about the same "
    "topic is not enough."
)
ANSWER = (
    "{case}\n\nThese passages were found and judged to be relevant. They may still be wrong.\n\n{passages}\n\nThink step by step, cite the "
    "passages that you rest on by their numbers, then commit to your answer."
)
VERDICT = {
    "type": "object",
    "properties": {
        "reason": {
            "type": "string",
            "description": "what the passage states that bears on the question, if anything",
        },
        "relevant": {"type": "boolean"},
    },
    "required": ["reason", "relevant"],
    "additionalProperties": False,
}
LONGEST_QUERY = 4000


@method(
    "filtered-rag",
    source="Kim et al. 2025 (Rethinking RAG)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 + passages found + 1: up to 18 calls",
    calls=lambda k, filter, reformulate: Calls(1 + reformulate, 1 + reformulate + k * filter),
)
async def filtered_rag(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=1, le=200)] = 16,
    filter: bool = True,
    reformulate: bool = True,
    characters: Annotated[int, Field(ge=100)] = evidence.MOST,
) -> Answer:
    """Search by a rationale, drop the passages that do not bear on the question, answer from the rest."""
    calm = ctx.greedy()
    query = await _rationale(case, calm) if reformulate else queries.of(case)
    found = await ctx.retrieve(query, k)
    kept = await relevant(case, calm, found) if filter else found
    wording = ctx.prompt("filtered-rag", ANSWER)
    return await evidence.answer(
        case, ctx, kept, wording, characters=characters, found=len(found), kept=len(kept)
    )


async def _rationale(case: Case, calm: Context) -> str:
    """What the model thinks about the question; the question itself where it says nothing."""
    prompt = calm.prompt("filtered-rag.rationale", RATIONALE).format(
        case=task.present(case, with_options=False)
    )
    asked = await calm.ask(prompt, system=task.SYSTEM, label="rationale")
    return asked.text.strip()[:LONGEST_QUERY] or queries.of(case)


async def relevant(case: Case, ctx: Context, found: Sequence[Passage]) -> list[Passage]:
    """The passages that the model judges to help with the question, in their order; the verdicts stand in the trace."""
    wording, shown = ctx.prompt("filtered-rag.judge", JUDGE) if found else "", task.present(case)
    verdicts = await ctx.gather(
        ctx.child().ask(
            wording.format(case=shown, passages=evidence.show([passage])),
            schema=VERDICT,
            system=evidence.SYSTEM,
            kind="verify",
            label="judge a passage",
        )
        for passage in found
    )
    kept = [passage for passage, verdict in zip(found, verdicts, strict=True) if _keeps(verdict)]
    with ctx.step("verify", "filter") as step:
        for passage, verdict in zip(found, verdicts, strict=True):
            said = "unreadable" if not verdict.readable else "keep" if _keeps(verdict) else "drop"
            step.note(f"{said} {passage.document}\n", [cited(passage, _keeps(verdict))])
        unread = sum(not verdict.readable for verdict in verdicts)
        step.note(found=len(found), kept=len(kept), unreadable=unread)
    return kept


def _keeps(verdict: Asked) -> bool:
    return verdict.readable and verdict.value["relevant"]
