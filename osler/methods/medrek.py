"""medrek: corrected facts are kept as question–answer edits; a question that one of them answers is answered by it, others are left alone.

Source: Xia et al. 2025 (MedREK, arXiv 2510.13500), checked against the released code. Stages: (1) recall: attention of the question over
the keys of all edits (the questions they answer) and a prototype that stands for "none of these", scaled dot product and softmax; the
`top` edits that weigh more than the prototype are adopted; (2) where one is, the model answers with the key and its value in the
prompt; where none is, the method `of` answers, with nothing added, so that its prompts and answers are those of an unedited
model. The edits are a file (`-m edits=FILE`): JSON with `question` and `answer`, or the released `prompt` and `target_new`; thousands
are matched at once, which is the batch editing of the paper. Similarity is cosine: of the run's encoder (`--encoder`) where there
is one, else of weighted words. Defaults: `of` zero-shot, top 1 as released, the prototype at 0.6 for an encoder and 0.35 for words;
greedy. Calls per case: those of `of`, or 1 where an edit is adopted.
Deviations: the paper trains query–key module, prototype and an encoder of continuous prompts inside the model; here nothing
is trained, the threshold is fixed and the edit is put in words, so that any model can be edited. The released test asks with a
minimal similarity of −999, so the prototype alone decides; so it does here. The question is matched without the
case's text and options. Failure modes: two questions of one pattern that differ in one name (which nerve supplies …) lie close
together, so by words an edit needs one of its rarest words in the question, and the prompt shows the key and lets the model leave
an edit aside; far paraphrases are missed without an encoder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context, Method
from osler.knowledge.edits import VECTORS, WORDS, Edit, EditStore, Match, open_edits
from osler.methods import task
from osler.methods.zero_shot import zero_shot
from osler.registry import method
from osler.trace import Answer, Evidence

EDITED = (
    "{case}\n\nThese corrections are on record: each is a question with the answer that now holds.\n\n{edits}\n\nWhere a correction is "
    "about the very thing that is asked here, it holds over what you remember, so answer by it. Where it is about something else, leave "
    "it aside. Say first which of the two it is."
)


@method(
    "medrek",
    source="Xia et al. 2025 (MedREK)",
    needs=("model",),
    fidelity="code",
    cost="`of`: 1 call by default; 1 where an edit is adopted",
    calls=lambda of: Calls(min(1, of.low), max(1, of.high), of.shared),
)
async def medrek(
    case: Case,
    ctx: Context,
    of: Method = zero_shot,
    edits: Path | None = None,
    top: Annotated[int, Field(ge=1, le=20)] = 1,
    prototype: Annotated[float, Field(ge=-1, le=1)] | None = None,
) -> Answer:
    """Answer by a stored correction where one is about the question; otherwise as the method without corrections."""
    question = (case.question or case.text).strip()
    found = await _recall(ctx, open_edits(edits), question, top, prototype) if edits and question else []
    adopted = [match.edit for match in found if match.counts]
    if not adopted:
        return await of(case, ctx.child())
    shown = "\n\n".join(
        task.fence(f"correction {number}", f"Question: {edit.question}\nAnswer: {edit.answer}")
        for number, edit in enumerate(adopted, 1)
    )
    prompt = ctx.prompt("medrek", EDITED).format(case=task.present(case), edits=shown)
    asked = await ctx.greedy().ask(
        prompt, schema=task.schema(case), system=task.SYSTEM, kind="conclude", label="edited"
    )
    return task.read(case, asked).model_copy(update={"acquired": [f"edit {edit.id}" for edit in adopted]})


async def _recall(
    ctx: Context, store: EditStore, question: str, top: int, prototype: float | None
) -> list[Match]:
    """The nearest edits with their weights, as one `recall` step."""
    if ctx.services.encoder is not None:
        keys = await ctx.shared(store.path, lambda inner: _encoded(inner, store))
        [asked] = await ctx.embed([question])
        similarities, usual = keys @ asked, VECTORS
    else:
        similarities, usual = store.similarities(question), WORDS
    limit = usual if prototype is None else prototype
    found = store.match(similarities, limit, top)
    with ctx.step("recall", "edits", f"{len(store.edits)} edits on record\n") as step:
        for match in found:
            said = "adopted" if match.counts else "left aside"
            step.note(f"{match.edit.id}: cosine {match.similarity:.3f} against {limit:.2f}, {said}\n")
        step.note("", [_evidence(match.edit, match.weight) for match in found if match.counts])
    return found


async def _encoded(ctx: Context, store: EditStore) -> Any:
    """The keys' vectors, float32 [edits, dimensions]: made once a run."""
    return await ctx.embed([edit.question for edit in store.edits])


def _evidence(edit: Edit, weight: float) -> Evidence:
    return Evidence(
        source=edit.source or "edits",
        record=edit.id,
        quote=f"{edit.question} {edit.answer}",
        score=weight,
        score_unit="attention",
        supports=True,
    )
