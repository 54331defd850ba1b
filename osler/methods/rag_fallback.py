"""RAG with a fallback: answer from passages, and where they do not hold the answer, without them.

Source: Sultana et al. 2025 (BanglaMedQA and BanglaMMedBench, arXiv 2511.04560), checked against its abstract and a review of it.
Stages: (1) a search by the question; (2) an answer with the first `k` passages in view, which first says whether they hold what is
needed; (3) where they do not, or nothing was found, an answer from the model's own knowledge. Defaults: k = 5, greedy. Calls per case:
1 where the passages hold the answer or there are none, else 2.
Deviations: the paper searches with question and options, which `options_in_query` does; by default the options stay out. Its number of
passages is not in the abstract; 5 is Osler's. A reply in prose that leaves open whether the passages suffice stands.
Failure modes: a model says of any passages that they suffice, or of good ones that they do not.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries, task
from osler.registry import method
from osler.trace import Answer

SOURCE = "Sultana et al. 2025 (BanglaMedQA)"
K = Annotated[int, Field(ge=1, le=200)]
Characters = Annotated[int, Field(ge=100)]
FALLBACK = (
    "{case}\n\nA search found these passages.\n\n{passages}\n\nSay first whether they hold what is needed to answer. Answer from them, and cite "
    "those you rest on by their numbers."
)
ALONE = "{case}\n\nThink step by step, from your own knowledge, then commit to your answer."


@method(
    "rag-fallback",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 to 2 calls",
    calls=lambda: Calls(1, 2),
)
async def rag_fallback(
    case: Case,
    ctx: Context,
    k: K = 5,
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer from passages; where they do not hold the answer, answer without them."""
    found = await ctx.retrieve(query_of(case, options_in_query), k)
    if found:
        shown = evidence.keep_within(found, characters)
        prompt = ctx.prompt("rag-fallback", FALLBACK).format(
            case=task.present(case), passages=evidence.show(shown)
        )
        asked = await ctx.greedy().ask(
            prompt, schema=_sufficient(case), system=evidence.SYSTEM, kind="conclude", label="answer"
        )
        if not asked.readable or asked.value["enough"] is not False:
            return evidence.answered(case, ctx, asked, shown, fallback=False)
    answer = await alone(case, ctx, "rag-fallback.alone")
    why = "the passages did not hold the answer" if found else "nothing was found"
    with ctx.step("conclude", "fallback") as step:
        step.note(f"{why}\n", fallback=True)
    return answer.model_copy(update={"note": f"{why}; answered without passages"})


def query_of(case: Case, options_in_query: bool) -> str:
    """The question as a query; with its options only where the user wants the paper's own form."""
    query = queries.of(case)
    return " ".join([query, *(option.text for option in case.options)]) if options_in_query else query


def _sufficient(case: Case) -> dict[str, Any]:
    """The form of an answer that first says whether the passages hold it. Null: it was left out, as in prose."""
    form = evidence.with_citations(task.schema(case))
    fields = dict(form["properties"])
    rest = {name: fields.pop(name) for name in ("citations", "answer")}
    fields["enough"] = {
        "type": ["boolean", "null"],
        "description": "whether the passages hold what is needed",
    }
    fields |= rest
    return {**form, "properties": fields, "required": list(fields)}


async def alone(case: Case, ctx: Context, name: str) -> Answer:
    """An answer from the model's own knowledge, with the user's wording of the prompt `name` where there is one."""
    prompt = ctx.prompt(name, ALONE).format(case=task.present(case))
    asked = await ctx.greedy().ask(
        prompt, schema=task.schema(case), system=task.SYSTEM, kind="conclude", label="without passages"
    )
    return task.read(case, asked)
