"""two-stage-qa: BM25 over sentences makes a shortlist, an encoder puts it in order, the best passage is the answer.

Source: Nguyen et al. 2022 (SPBERTQA, arXiv 2206.09600), from its abstract only. Stages: (1) the corpus gives `pool` passages
that share words with the question; they are cut into sentences, BM25 ranks those, and the passages of the best make a shortlist
of `shortlist`; (2) the run's encoder puts it in order: a passage counts as its sentence nearest to the question; (3) the first
passage is quoted, with the sentence that decided. No language model. Defaults: 100 in the pool, 10 in the shortlist. Calls per
case: none. The encoder of the paper is a sentence transformer trained with a multiple-negatives loss on question–answer pairs;
`osler.knowledge.dense.trained` trains a small one so on any pairs. Deviations: the paper's first stage ranks the sentences of
the whole collection, here those of the pool, so that any corpus serves; the abstract says not how sentences and passages are
weighed in the second. Failure modes: a lexical gap in the first stage is never closed by the second; an encoder trained on
other text; no threshold, so that it answers always where a word is shared.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from osler.case import Case
from osler.context import Context, cited
from osler.methods import queries, sentences
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer


@method(
    "two-stage-qa",
    source="Nguyen et al. 2022 (SPBERTQA)",
    needs=("corpus", "encoder"),
    fidelity="abstract",
    answers=("text",),
    calls=lambda: 0,
)
async def two_stage_qa(
    case: Case,
    ctx: Context,
    pool: Annotated[int, Field(ge=1, le=1000)] = 100,
    shortlist: Annotated[int, Field(ge=1, le=200)] = 10,
) -> Answer:
    """BM25 over sentences makes a shortlist, an encoder puts it in order, the best passage is quoted; no model."""
    query = queries.of(case)
    found = await ctx.retrieve(query, pool, label="pool")
    ranked = await rerank(ctx, query, first_stage(ctx, query, found, shortlist))
    if not ranked:
        with ctx.step("conclude") as step:
            step.note("not found\n")
        why = "no word of the question is in it"
        return Answer(
            kind="text", abstained=True, confidence=0.0, note=f"not found in {ctx.retriever.name}: {why}"
        )
    best, sentence = ranked[0]
    with ctx.step("conclude", "passage") as step:
        step.note(f"{sentence.text}\n", [cited(best, supports=True), cited(sentence, supports=True)])
    return Answer(kind="text", text=best.text)


def first_stage(ctx: Context, query: str, found: list[Passage], most: int) -> list[Passage]:
    """The passages of the best sentences by BM25, best first; one `verify` step with the sentence that brought each."""
    owners = [(sentence, passage) for passage in found for sentence in sentences.split(passage)]
    scores = sentences.bm25(query, [sentence for sentence, _ in owners])
    best: dict[tuple[str, str, int], Passage] = {}
    rows = []
    for place in sorted(range(len(owners)), key=lambda place: (-scores[place], place)):
        sentence, passage = owners[place]
        key = (passage.corpus, passage.document, passage.start)
        if key not in best and len(best) < most:
            best[key] = passage._replace(score=scores[place])
            rows.append(
                {"document": passage.document, "sentence": sentence.start, "bm25": round(scores[place], 4)}
            )
    with ctx.step("verify", "sentences") as step:
        step.note("".join(f"{row['document']}: {row['bm25']:.2f}\n" for row in rows), shortlist=rows)
    return list(best.values())


async def rerank(ctx: Context, query: str, shortlist: list[Passage]) -> list[tuple[Passage, Passage]]:
    """The shortlist in the encoder's order, each passage with its sentence nearest to the question."""
    owned = [(passage, sentences.split(passage) or [passage]) for passage in shortlist]
    texts = [sentence.text for _, held in owned for sentence in held]
    if not texts:
        return []
    asked = (await ctx.embed([query], "query"))[0]
    scores = iter((np.asarray(await ctx.embed(texts, "passage")) @ asked).tolist())
    ranked = []
    for passage, held in owned:
        scored = [(next(scores), sentence) for sentence in held]
        score, sentence = max(scored, key=lambda pair: pair[0])
        ranked.append((passage._replace(score=score), sentence._replace(score=score)))
    ranked.sort(key=lambda pair: -pair[0].score)
    with ctx.step("retrieve", "re-ranked") as step:
        step.note(
            "".join(f"{passage.document}: {passage.score:.2f}\n" for passage, _ in ranked),
            [cited(p) for p, _ in ranked],
        )
    return ranked
