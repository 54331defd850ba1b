"""mededit: a frozen model's answer is edited in context: the sentences of a corpus that are nearest to the question stand in the prompt as facts.

Source: Shi et al. 2023 (MedEdit, arXiv 2309.16035), from the paper's abstract only. Stages: (1) retrieve: passages for the question;
(2) facts: their sentences, each with its exact place, ranked against the question by cosine where the run has an encoder
(`--encoder`, `--retrieval dense`), else by BM25; the best `k`; (3) the question is asked with those facts in view, numbered and
cited. Retriever and number of facts are what the paper varies:
`osler sweep retrievers BENCHMARK --method mededit --retrieval bm25,dense --k 1,5,10` writes the table; with k = 0 nothing is searched and the model is unedited. Defaults: k = 5 facts of
10 passages, greedy. Calls per case: 1.
Deviations: the paper's knowledge base, its query construction and its prompt are not in the abstract; the query here is the
question with the case, never the options. Failure modes: a sentence cut out of its passage may lose its condition; facts that
are near in words and off the point push the model away from an answer that was right.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context, cited
from osler.methods import evidence, queries, sentences, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer

EDIT = (
    "{case}\n\nThese single sentences of a knowledge base lie nearest to the question.\n\n{passages}\n\nTake as fact what among them bears on "
    "the question, even where you remember otherwise, and pass over what does not. Reason from them, cite by number those that your "
    "answer rests on, then answer."
)


@method(
    "mededit",
    source="Shi et al. 2023 (MedEdit)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 call",
    calls=lambda: 1,
)
async def mededit(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=0, le=200)] = 5,
    passages: Annotated[int, Field(ge=1, le=200)] = 10,
) -> Answer:
    """Put the sentences nearest to the question into the prompt as facts, then answer once."""
    wording = ctx.prompt("mededit", EDIT)
    facts = await find_facts(ctx, queries.of(case), k, passages) if k else []
    return await evidence.answer(case, ctx, facts, wording)


async def find_facts(ctx: Context, query: str, k: int, passages: int) -> list[Passage]:
    """The best `k` sentences of the passages found for a query, as one `recall` step."""
    found = await ctx.retrieve(query, passages)
    parts = sentences.distinct([part for passage in found for part in sentences.split(passage)])
    if ctx.services.encoder is not None and parts:
        [asked] = await ctx.embed([query])
        scores = (await ctx.embed([part.text for part in parts], "passage")) @ asked
        scores = [float(score) for score in scores]
    else:
        scores = sentences.bm25(query, parts)
    order = sorted(range(len(parts)), key=lambda place: (-scores[place], place))[:k]
    facts = [parts[place]._replace(score=scores[place]) for place in order]
    with ctx.step("recall", "facts", f"{len(facts)} of {len(parts)} sentences\n") as step:
        step.note("".join(f"{task.line(fact.text)}\n" for fact in facts), [cited(fact) for fact in facts])
    return facts
