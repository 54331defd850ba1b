"""SL-HyDE's self-learning step: training pairs are mined from documents that nobody has labelled. No training happens here.

Source: Li et al. 2024 (AutoMIR, arXiv 2410.20050), checked against the released code. For each document: (1) a model writes a
question that it answers; (2) `samples` times, at once, it writes a passage that answers the question, the document in view; (3)
question and passage become one vector, the mean of both, and the passage whose vector ranks the document highest among all of
them is kept. Two files come of it, for training that stands elsewhere: what the writer is to learn (question → the kept
passage), and what the encoder is to learn (question and kept passage → the document, and not these others). Negatives are drawn
from places 6 to 100 of the question's own ranking. Defaults: 5 samples at temperature 1.2 of at most 512 tokens, questions at
1.0, 8 negatives. Calls per document: 6. Deviations: no worked examples are shown for the question; a document whose question
cannot be read is left out and counted; a passage that repeats the document word for word is no candidate, since it ranks it
first and teaches copying. The encoder's file has the passages of the same writer: the released code writes them anew with the
tuned one, which is `mine` once more. Failure modes: questions that the document answers but no patient asks; a question that
another document answers better, which then is a false negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from osler.context import Context
from osler.methods import evidence, task
from osler.methods.hyde import LONGEST
from osler.passages import Passage

ASK = (
    "{passage}\n\nWrite one medical question that this passage answers. It must be a question that somebody would ask "
    "who has not seen it: self-contained, not about the passage, and in other words than it uses."
)
WRITE = (
    "{question}\n\nThis is a reference.\n\n{passage}\n\nWrite a short medical passage that answers the question, from "
    "the reference, in your own words."
)
NEAREST, FARTHEST = 5, 100
_QUESTION = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "question": {"type": "string"}},
    "required": ["reasoning", "question"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Mined:
    """A document with its question, what was written for it, the place each gave the document (from 1), and the negatives."""

    document: Passage
    question: str
    written: tuple[str, ...]
    ranks: tuple[int, ...]
    negatives: tuple[str, ...]

    @property
    def best(self) -> str:
        """What was kept: the passage that ranks the document highest, the first of equals."""
        return self.written[min(range(len(self.ranks)), key=lambda place: self.ranks[place])]


async def mine(
    documents: Sequence[Passage],
    ctx: Context,
    *,
    samples: int = 5,
    temperature: float = 1.2,
    negatives: int = 8,
) -> list[Mined]:
    """The pairs of these documents; they are all that is searched. Those left out are noted in the trace.

    The context needs a model and an encoder. Raises UsageError without them, CallFailed where a call fails.
    """
    vectors = np.asarray(await ctx.embed([one.text for one in documents], "passage"))
    made = await ctx.gather(_written(ctx.child(), one, samples, temperature) for one in documents)
    found = []
    for place, (question, written) in enumerate(made):
        if not written:
            continue
        asked = np.asarray(await ctx.embed([question], "query"))
        means = (np.asarray(await ctx.embed(written, "passage")) + asked) / 2
        scores = means @ vectors.T
        ranks = tuple(int(1 + (row > row[place]).sum()) for row in scores)
        others = _negatives(ctx, documents, (asked @ vectors.T)[0], place, negatives)
        found.append(Mined(documents[place], question, tuple(written), ranks, others))
    with ctx.step("conclude", "mined") as step:
        step.note(
            f"{len(found)} of {len(documents)} documents\n",
            kept=len(found),
            left_out=len(documents) - len(found),
        )
    return found


async def _written(
    ctx: Context, document: Passage, samples: int, temperature: float
) -> tuple[str, list[str]]:
    """A question and the passages for it; no passages where the question could not be read."""
    shown = evidence.show([document])
    asked = await ctx.sampling(1.0).ask(
        ctx.prompt("sl-hyde.ask", ASK).format(passage=shown),
        schema=_QUESTION,
        system=evidence.SYSTEM,
        label="question",
    )
    question = task.line(asked.value.get("question", ""), 500)
    if not question:
        return "", []
    prompt = ctx.prompt("sl-hyde.write", WRITE).format(
        question=task.fence("question", question), passage=shown
    )
    replies = await ctx.gather(
        ctx.sampling(temperature).ask(prompt, system=evidence.SYSTEM, label="invent", max_tokens=LONGEST)
        for _ in range(samples)
    )
    texts = [reply.text.strip() for reply in replies]
    own = task.folded(document.text)
    return question, [text for text in texts if text and own not in task.folded(text)]


def _negatives(
    ctx: Context, documents: Sequence[Passage], scores: np.ndarray, own: int, most: int
) -> tuple[str, ...]:
    """Texts from the places 6 to 100 of the question's ranking, drawn by chance; of a small collection what there is."""
    order = [int(place) for place in np.argsort(-scores, kind="stable") if place != own]
    order = [place for place in order if documents[place].text != documents[own].text]
    pool = order[NEAREST:FARTHEST] if len(order) > NEAREST + most else order
    chosen = ctx.child().rng.sample(pool, min(most, len(pool)))
    return tuple(documents[place].text for place in chosen)


def write(mined: Sequence[Mined], folder: Path) -> dict[str, int]:
    """Write `generator.jsonl` and `encoder.jsonl` into a folder; how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    generator: list[Mapping[str, Any]] = [
        {"question": one.question, "written": one.best, "document": one.document.document, "ranks": one.ranks}
        for one in mined
    ]
    encoder: list[Mapping[str, Any]] = [
        {"query": one.question, "written": one.best, "pos": [one.document.text], "neg": one.negatives}
        for one in mined
    ]
    for name, rows in (("generator", generator), ("encoder", encoder)):
        (folder / f"{name}.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return {"generator": len(generator), "encoder": len(encoder)}
