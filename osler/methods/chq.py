"""CHQ: a patient's long question is put as a short one, matched to an FAQ, and sentences of its answer are quoted.

Source: Mrini et al. 2022 (Medical Question Understanding and Answering with Knowledge Grounding and Semantic
Self-Supervision), checked against the released code. Stages: (1) a model puts the consumer health question as one short
question; (2) a search with it gives `shortlist` entries of the FAQ, and the one whose question means the same is matched: by
the run's encoder where there is one, else by the words that both share, rare ones counting more; below `threshold` nothing is
matched; (3) the `keep` sentences of its answer nearest to the short question are quoted in the order of the answer, each with
its document and its place. Defaults: 32 in the shortlist, 3 sentences, threshold 0.5, greedy. Calls per case: 1.
Deviations: the released model summarises with a fine-tuned BART and compares contextual word vectors of the same model
(BERTScore); here any model summarises (a tiny one will do) and whole sentences are compared. Its three self-supervised losses
train that model and belong to training, not here. Where nothing matches the released code quotes the nearest all the same; here
it is "not found". Defects of the released code not copied: for two questions of a test set the matched entry is written into the
code, an entry without an answer answers with the question itself, and sentences that name an agency are dropped whatever they say.
Failure modes: a question that asks two things loses one; the FAQ has the disease but not what was asked of it; a summary that
changes the question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from osler.case import Case
from osler.context import Context, cited
from osler.methods import sentences, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer

SUMMARISE = (
    "{case}\n\nDo not answer. Put what this person wants to know as one short question, at most twenty words, in medical "
    "terms where they are plain. Leave out all that does not matter for the answer; add nothing."
)
_FORM = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "question": {"type": "string"}},
    "required": ["reasoning", "question"],
    "additionalProperties": False,
}


@method(
    "chq",
    source="Mrini et al. 2022",
    needs=("model", "corpus"),
    fidelity="code",
    cost="1 call",
    calls=lambda: 1,
    answers=("text",),
)
async def chq(
    case: Case,
    ctx: Context,
    shortlist: Annotated[int, Field(ge=1, le=200)] = 32,
    keep: Annotated[int, Field(ge=1, le=20)] = 3,
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5,
) -> Answer:
    """Shorten a patient's question, match it to an FAQ, and quote the sentences of its answer that say it."""
    prompt = ctx.prompt("chq", SUMMARISE).format(case=task.present(case, with_options=False))
    asked = await ctx.greedy().ask(prompt, schema=_FORM, system=task.SYSTEM, label="summarise")
    short = task.line(asked.value.get("question", ""), 300)
    if not asked.readable or not short:
        return Answer(kind="text", unreadable=True)
    found = await ctx.retrieve(short, shortlist, label="shortlist")
    key, title, near = await _match(ctx, short, found)
    sure = min(1.0, max(0.0, near))
    if key is None or near < threshold:
        with ctx.step("conclude") as step:
            step.note("not found\n")
        why = (
            f"the nearest question scores {sure:.2f}" if key else "no entry of the FAQ shares a word with it"
        )
        note = f"not found in {ctx.retriever.name}: {why}"
        return Answer(kind="text", abstained=True, confidence=sure, note=note)
    held = sorted((one for one in found if (one.corpus, one.document) == key), key=lambda one: one.start)
    chosen = await _said(ctx, short, held, keep)
    with ctx.step("conclude", "sentences") as step:
        step.note(f"{title}\n", [cited(one, supports=True) for one in chosen], document=key[1])
    return Answer(kind="text", text=" ".join(one.text for one in chosen), confidence=sure)


async def _match(
    ctx: Context, short: str, found: Sequence[Passage]
) -> tuple[tuple[str, str] | None, str, float]:
    """The entry whose question is nearest: its corpus and document, its question, how near; one `verify` step with all."""
    first: dict[tuple[str, str], Passage] = {}
    for one in found:
        first.setdefault((one.corpus, one.document), one)
    titles = [one.title or one.text for one in first.values()]
    near = await nearness(ctx, short, titles)
    rows = [
        {"document": document, "question": title, "score": round(score, 4)}
        for (_, document), title, score in zip(first, titles, near, strict=True)
    ]
    best = max(range(len(near)), key=lambda place: near[place]) if near else None
    with ctx.step("verify", "match") as step:
        step.note("" if best is None else f"{titles[best]}\n", question=short, candidates=rows)
    return (None, "", 0.0) if best is None else (list(first)[best], titles[best], near[best])


async def _said(ctx: Context, short: str, held: Sequence[Passage], keep: int) -> list[Passage]:
    """The sentences nearest to the question, in the order of the answer; those that ask something themselves say nothing."""
    said = sentences.distinct([one for passage in held for one in sentences.split(passage)])
    said = [one for one in said if not one.text.rstrip("\"') ").endswith("?")] or said
    near = await nearness(ctx, short, [one.text for one in said])
    best = sorted(range(len(said)), key=lambda place: (-near[place], place))[:keep]
    return [said[place] for place in sorted(best)]


async def nearness(ctx: Context, question: str, texts: Sequence[str]) -> list[float]:
    """How near each text is to a question: by the run's encoder where there is one, else by words. At most 1."""
    if not texts:
        return []
    if ctx.services.encoder is None:
        return by_words(question, texts)
    asked, others = await ctx.embed([question], "query"), await ctx.embed(list(texts), "passage")
    return [float(value) for value in np.asarray(others) @ np.asarray(asked)[0]]


def by_words(question: str, texts: Sequence[str]) -> list[float]:
    """Cosine of the words of a question and each text, a word weighed by how few of the texts have it; 0 to 1."""
    held = [set(sentences.words(text)) for text in texts]
    wanted = set(sentences.words(question))
    count = len(held)

    def weight(word: str) -> float:
        n = sum(word in words for words in held)
        return math.log1p((count - n + 0.5) / (n + 0.5)) ** 2

    weights = {word: weight(word) for word in set().union(wanted, *held)}

    def size(words: set[str]) -> float:
        return math.sqrt(sum(weights[word] for word in words))

    return [
        sum(weights[word] for word in wanted & words) / (size(wanted) * size(words))
        if wanted and words
        else 0.0
        for words in held
    ]
