"""Rerank: a model re-orders the embedded differential, may add what it lacks, and cites the findings it goes by.

Osler's own: embedded ranking and language models miss different cases. Stages: (1) the embedded engine ranks; (2) the model
sees the case and the first `candidates` with their evidence for and against, and gives a ranked list in which it may name diseases that
are not on the list; (3) names are tied back to profiles, so that every entry carries evidence or says that it has none.
Calls per case: 1. Failure modes: the model follows the given order; a disease it adds may have no profile to check it by.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.methods import task
from osler.registry import method
from osler.trace import Answer, Candidate

RERANK = (
    "{case}\n\nA statistical engine, which knows rare diseases well and common ones poorly, ranked these candidates. Its evidence is given "
    "with them: + speaks for, - speaks against.\n\n{candidates}\n\nGive your own ranked list of the most likely diagnoses. You may change the "
    "order, drop candidates, and add diagnoses that are missing. Name listed candidates exactly as written. Cite the findings you go by."
)
FORM = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "answer": {
            "type": "array",
            "minItems": 1,
            "maxItems": task.LIST_LENGTH,
            "items": {
                "type": "object",
                "properties": {
                    "because": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "findings it rests on",
                    },
                    "diagnosis": {"type": "string"},
                },
                "required": ["because", "diagnosis"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["reasoning", "answer"],
    "additionalProperties": False,
}


@method("rerank", source="Osler", needs=("model",), fidelity="osler", cost="1 call")
async def rerank(case: Case, ctx: Context, candidates: Annotated[int, Field(ge=1, le=50)] = 20) -> Answer:
    """A model re-ranks and may extend the embedded differential, citing its evidence."""
    first = await ctx.differential(case, top=candidates)
    prompt = ctx.prompt("rerank", RERANK).format(
        case=task.present(case), candidates=shown(first.differential)
    )
    asked = await ctx.ask(prompt, schema=FORM, system=task.SYSTEM, kind="revise", label="rerank")
    if not asked.readable:
        return first.model_copy(
            update={"note": "the model's reply was unreadable; the embedded order stands", "unreadable": True}
        )
    listed = {entry.name.casefold(): entry for entry in first.differential}
    named = list(
        {
            str(item["diagnosis"]).strip().casefold(): str(item["diagnosis"]).strip()
            for item in asked.value["answer"]
        }.values()
    )
    added = [name for name in named if name.casefold() not in listed]
    checked = dict(zip(added, await ctx.review(case, added), strict=True)) if added else {}
    ranked = [listed.get(name.casefold()) or checked[name] or Candidate(id="", name=name) for name in named]
    with ctx.step("conclude", "list") as step:
        step.note(
            moved=bool(ranked and first.differential and ranked[0].id != first.differential[0].id),
            added=len(added),
        )
    return Answer(
        kind="differential",
        differential=[entry.model_copy(update={"probability": None, "score": None}) for entry in ranked],
    )


def shown(candidates: list[Candidate]) -> str:
    """Candidates with their strongest evidence, as the prompt shows them."""
    lines = []
    for number, entry in enumerate(candidates, 1):
        lines.append(f"{number}. {entry.name}")
        for item in entry.evidence[:6]:
            lines.append(f"   {'+' if item.supports else '-'} {item.quote or item.record}")
    return task.fence("candidates", "\n".join(lines))
