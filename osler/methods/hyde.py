"""HyDE: hypothetical documents are written for a question, and the search goes by what they mean, not by the question's words.

Source: Gao et al. 2023 (arXiv 2212.10496), checked against the released code. Stages: (1) `samples` times, at once, the model
writes a passage that would answer the question; (2) question and passages become vectors, and their mean is one vector; (3) the
passages of the corpus nearest to it; (4) the answer, with those in view and cited. Defaults: 8 passages at temperature 0.7, at
most 512 tokens each; 10 passages found. Calls per case: 9. Deviations: the paper measures retrieval only, so stage 4 is
Osler's; the question is embedded as a query and what was written as passages, which is the same for the symmetric encoder of
the paper. An empty reply is left out of the mean. The invented passages are never shown where the answer is made, nor the
options where they are written. Failure modes: an invented passage about the wrong disease drags the search there; short factoid
and consumer questions, which the question's own words find better; a corpus whose passages read unlike what a model writes.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries, task
from osler.registry import method
from osler.trace import Answer

WRITE = (
    "{case}\n\nWrite one short passage, as it might stand in a medical textbook or journal, that answers this. State "
    "facts as such a text would; do not mention the question."
)
ANSWER = (
    "{case}\n\nA search found these passages.\n\n{passages}\n\nAnswer from them as far as they go, and cite those you "
    "rest on."
)
LONGEST = 512


@method(
    "hyde",
    source="Gao et al. 2023",
    needs=("model", "corpus", "encoder"),
    fidelity="code",
    cost="9 calls",
    calls=lambda samples: samples + 1,
)
async def hyde(
    case: Case,
    ctx: Context,
    samples: Annotated[int, Field(ge=1, le=64)] = 8,
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7,
    top: Annotated[int, Field(ge=1, le=100)] = 10,
) -> Answer:
    """Search by the mean vector of passages that a model invents for the question, then answer from what was found."""
    query = queries.of(case)
    written = await hypothetical(case, ctx, samples, temperature)
    found = await ctx.retrieve(query, top, vector=await mean_vector(ctx, query, written), label="hyde")
    return await evidence.answer(case, ctx, found, ctx.prompt("hyde", ANSWER))


async def hypothetical(case: Case, ctx: Context, samples: int, temperature: float) -> list[str]:
    """Passages that would answer the question, invented at once; empty ones are left out."""
    prompt = ctx.prompt("hyde.write", WRITE).format(case=task.present(case, with_options=False))
    asked = await ctx.gather(
        ctx.sampling(temperature).ask(prompt, system=task.SYSTEM, label="invent", max_tokens=LONGEST)
        for _ in range(samples)
    )
    return [one.text.strip() for one in asked if one.text.strip()]


async def mean_vector(ctx: Context, query: str, written: list[str]) -> np.ndarray:
    """The mean of the vectors of a query and of passages, float32 [dimensions], of length 1."""
    rows = [await ctx.embed([query], "query")]
    if written:
        rows.append(await ctx.embed(written, "passage"))
    mean = np.concatenate(rows).mean(axis=0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
