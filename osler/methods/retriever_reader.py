"""Retriever and reader: an encoder finds the nearest answered questions of a corpus, a model answers from them.

Source: the MedQuAD study of encoders and generators (Enhancing Healthcare through Large Language Models, arXiv 2408.04138),
from its abstract only. Stages: (1) the passages nearest to the question by the run's encoder: those of a corpus that has
vectors, else the first `shortlist` by words put in the encoder's order; (2) the answer, with the best `top` in view, and cited.
Defaults: 100 in the shortlist, 3 passages, greedy. Calls per case: 1. Which encoder goes best with which generator is what the
study asks: a run for each pair of `--encoder` and `--model`; `osler.evaluation.grid` makes them a table of precision, recall
and F1. Deviations: the abstract names neither the number of passages nor the prompt; models are not trained here on MedQuAD.
Failure modes: the nearest question is about another disease with a similar name; the reader copies an answer that does not fit;
a corpus that holds the very question answers itself, so a fair test takes it out.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries
from osler.passages import Passage, VectorRetriever
from osler.registry import method
from osler.trace import Answer

ANSWER = (
    "{case}\n\nThese are answers to similar questions.\n\n{passages}\n\nAnswer the question from them, in plain words, "
    "and cite those you rest on. Say nothing that they do not say."
)


@method(
    "retriever-reader",
    source="MedQuAD study 2024 (arXiv 2408.04138)",
    needs=("model", "corpus", "encoder"),
    fidelity="abstract",
    cost="1 call",
    calls=lambda: 1,
)
async def retriever_reader(
    case: Case,
    ctx: Context,
    top: Annotated[int, Field(ge=1, le=50)] = 3,
    shortlist: Annotated[int, Field(ge=1, le=1000)] = 100,
) -> Answer:
    """An encoder finds the nearest answered questions, a model answers from them."""
    found = await nearest(ctx, queries.of(case), top, shortlist)
    return await evidence.answer(case, ctx, found, ctx.prompt("retriever-reader", ANSWER))


async def nearest(ctx: Context, query: str, top: int, shortlist: int) -> list[Passage]:
    """The passages nearest to a query by the run's encoder; by title and text, since a question stands in the title."""
    asked = (await ctx.embed([query], "query"))[0]
    if isinstance(ctx.retriever, VectorRetriever) and ctx.retriever.encoder is ctx.services.encoder:
        return await ctx.retrieve(query, top, vector=asked, label="nearest")
    found = await ctx.retrieve(query, shortlist, label="shortlist")
    if not found:
        return []
    scores = (
        np.asarray(await ctx.embed([f"{one.title}\n{one.text}".strip() for one in found], "passage")) @ asked
    )
    order = sorted(range(len(found)), key=lambda place: (-float(scores[place]), place))[:top]
    return [found[place]._replace(score=float(scores[place])) for place in order]
