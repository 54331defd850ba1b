"""RAG with feedback: answer, judge whether the passages suffice, search again with a better query, answer again.

Source: Sultana et al. 2025 (BanglaMedQA and BanglaMMedBench, arXiv 2511.04560), checked against its abstract and a review of it.
Stages: in at most `rounds` rounds (1) a search, first by the question; (2) an answer with what it found in view, and below it what earlier
rounds found; (3) except in the last round, a judgement whether the passages suffice, what is missing, and a better query; where they
suffice, or no query is given, the answer stands. Defaults: 3 rounds, k = 5, greedy. Calls per case: 2 to 2 × rounds − 1, that is 5 (1 with one round).
Deviations: the paper searches with question and options, which `options_in_query` does; by default the options stay out. Numbers of
rounds and passages are not in the abstract and are Osler's. A judgement that cannot be read ends it.
Failure modes: a model judges its own answer sufficient; a rewritten query drifts away from the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.knowledge.retrieval.fusion import place_of
from osler.methods import evidence, task, votes
from osler.methods.rag_fallback import SOURCE, Characters, K, query_of
from osler.passages import Passage
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer

FOUND = (
    "{case}\n\nA search found these passages. Some may be off the point or wrong.\n\n{passages}\n\nThink step by step, cite the passages that "
    "you rest on by their numbers, then commit to your answer."
)
ASSESS = (
    "{case}\n\nThese passages were in view.\n\n{passages}\n\nThis was answered.\n\n{answer}\n\nDo the passages suffice for that answer? If not, "
    "say what is missing and write a better query for it."
)


@method(
    "rag-feedback",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="2 to 2 × rounds − 1 calls",
    calls=lambda rounds: Calls(min(2, 2 * rounds - 1), 2 * rounds - 1),
)
async def rag_feedback(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 3,
    k: K = 5,
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer, judge whether the passages suffice, search again with a better query, and answer again."""
    seen: dict[tuple[str, str, int, int], Passage] = {}
    query = query_of(case, options_in_query)
    for number in range(1, rounds + 1):
        found = await ctx.retrieve(query, k, label=f"round {number}")
        # What the newest query found comes first, so that a cut falls on what was found earlier.
        seen = {place_of(passage): passage for passage in found} | seen
        shown = evidence.keep_within(list(seen.values()), characters)
        prompt = ctx.prompt("rag-feedback", FOUND).format(
            case=task.present(case), passages=evidence.show(shown)
        )
        form = evidence.with_citations(task.schema(case))
        asked = await ctx.greedy().ask(
            prompt, schema=form, system=evidence.SYSTEM, kind="conclude", label=f"answer {number}"
        )
        better = "" if number == rounds else await _better(case, ctx, asked, shown)
        if not better:
            break
        query = better
    return evidence.answered(case, ctx, asked, shown, rounds=number)


async def _better(case: Case, ctx: Context, asked: Asked, shown: Sequence[Passage]) -> str:
    """A better query; empty where the passages suffice, or where nothing could be read."""
    fields = {
        "missing": {"type": "string", "description": "what is missing, or nothing"},
        "sufficient": {"type": "boolean"},
        "query": {"type": "string", "description": "what to search for next; empty where nothing is missing"},
    }
    form = task.form(**fields)
    prompt = ctx.prompt("rag-feedback.assess", ASSESS).format(
        case=task.present(case),
        passages=evidence.show(shown),
        answer=task.fence("answer", votes.position(case, asked, 4000)),
    )
    verdict = await ctx.greedy().ask(
        prompt, schema=form, system=evidence.SYSTEM, kind="verify", label="assess"
    )
    if not verdict.readable or verdict.value["sufficient"]:
        return ""
    return " ".join(verdict.value["query"].split())
