"""MIRIAD: what is found are pairs of question and answer, each with the paper it was made from, in place of raw passages.

Source: Zheng et al. 2025 (MIRIAD, arXiv 2506.06091), from its abstract and the published row layout only. Stages: (1) a search
with the question gives `top` units of a corpus made of MIRIAD's rows (its question is the title, its answer the text, its paper
the source); (2) units are kept while their text fits into `characters`, so that pairs and raw passages are compared with the
same amount of text; (3) the answer, with question, answer and paper of each unit in view, and cited. Defaults: 10 units, 12,000
characters, greedy. Calls per case: 1. `corpus=NAME` looks into one of the run's corpora only: two runs, one over the pairs and
one over the passages of the same papers, are the paper's comparison. Deviations: the paper finds units by dense vectors; here
it is the run's retrieval, whichever it is. How many units it shows is not in the abstract. Failure modes: a pair answers a
neighbouring question; what the pair leaves out of its passage is lost; the pairs were written by a model, and one that is wrong
reads as sure as one that is right.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries
from osler.passages import Filters
from osler.registry import method
from osler.trace import Answer

ANSWER = (
    "{case}\n\nA search found these questions with their answers, each with the paper that it was made from.\n\n"
    "{passages}\n\nAnswer the question at hand from them as far as they go, and cite those you rest on."
)


@method(
    "miriad",
    source="Zheng et al. 2025 (MIRIAD)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 call",
    calls=lambda: 1,
)
async def miriad(
    case: Case,
    ctx: Context,
    top: Annotated[int, Field(ge=1, le=100)] = 10,
    characters: Annotated[int, Field(ge=100, le=evidence.MOST)] = 12_000,
    corpus: str = "",
) -> Answer:
    """Find question–answer pairs with their papers in place of raw passages, and answer from them."""
    filters = Filters(corpus=corpus) if corpus else None
    found = await ctx.retrieve(queries.of(case), top, filters=filters, label="units")
    return await evidence.answer(case, ctx, found, ctx.prompt("miriad", ANSWER), characters=characters)
