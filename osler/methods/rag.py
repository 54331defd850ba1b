"""RAG as in the MedRAG toolkit: one search by the question alone, its passages in view, one answer.

Source: Xiong et al. 2024 (arXiv 2402.13178), checked against the released code. Stages: (1) a search by the question, never by its
options; where the run has several ways of searching (words and vectors), each pools its corpora and gives max(2k, 100) candidates,
and 1 / (100 + rank) summed over the ways decides; (2) one call with the first `k` passages in view, numbered and with their titles,
cut to `characters`; reasoning, then citations, then the answer. Defaults: k = 32, constant 100, 40,000 characters (about 10,000
tokens; the toolkit cuts at 15,000 for a model of 16,000), greedy. Calls per case: 1.
Deviations: each passage stands in a fence of its own and is cited by number; the cut is at a sentence, not at a token; where nothing
is found the prompt says so. Not reproduced: the toolkit's numbering of documents from 0.
Failure modes: on exam questions passages may hurt; of 32 passages those in the middle are overlooked; words of long vignettes
match boilerplate; passages that mislead are believed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.knowledge.retrieval.medrag import RRF_K, Pooled
from osler.methods import evidence, queries
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer

K = 32
ANSWER = (
    "{case}\n\nA search for the question found these passages. Some may be off the point or wrong.\n\n{passages}\n\nThink step by step, "
    "using what the passages say where it bears on the question and your own knowledge elsewhere. Cite the passages that your answer "
    "rests on by their numbers, then commit to your answer."
)


@method(
    "rag",
    source="Xiong et al. 2024 (MedRAG)",
    needs=("model", "corpus"),
    fidelity="code",
    cost="1 call",
    calls=lambda: 1,
)
async def rag(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=1, le=500)] = K,
    rrf_k: Annotated[float, Field(ge=0)] = RRF_K,
    characters: Annotated[int, Field(ge=100)] = evidence.MOST,
) -> Answer:
    """Search by the question alone, then answer once with the passages in view."""
    found = await search(ctx, queries.of(case), k, rrf_k)
    return await evidence.answer(case, ctx, found, ctx.prompt("rag", ANSWER), characters=characters)


async def search(ctx: Context, query: str, k: int, rrf_k: float = RRF_K, label: str = "") -> list[Passage]:
    """The first `k` passages for a query, the run's corpora pooled and fused as the toolkit does."""
    pooled = Pooled(ctx.retriever, rrf_k)
    apart = replace(ctx.child(), services=replace(ctx.services, retriever=pooled))
    return await apart.retrieve(query, k, label=label)
