"""extractive: the passages of a corpus that answer a question, quoted, or "not found"; no language model.

Source: Osler's own. Stages: retrieve (the question's words, BM25), verify (how probably each passage is about what was asked),
conclude (the best one, verbatim, where that is at least `threshold`; else an abstention). Defaults: `top=3` passages,
`threshold=0.5`. Calls per case: none. Failure modes: the answer stands in other words than the question (add synonyms, or a
corpus with more ways of saying it); a passage about the right disease that answers another question about it.
"""

from __future__ import annotations

from osler.case import Case
from osler.context import Context, cited
from osler.errors import InputError
from osler.registry import method
from osler.trace import Answer


@method("extractive", source="Osler", fidelity="osler", needs=("corpus",), answers=("text",), calls=lambda: 0)
async def extractive(case: Case, ctx: Context, top: int = 3, threshold: float = 0.5) -> Answer:
    """The best passages of a corpus, quoted with their places, or "not found"; no model, nothing put into words."""
    question = (case.question or case.text)[:2000].strip()
    if not question:
        raise InputError("there is no question to look for; give one")
    found = await ctx.retrieve(question, top)
    with ctx.step("verify", "fit") as step:
        fits = [ctx.retriever.fit(question, passage) for passage in found]
        shown = [
            {"document": passage.document, "start": passage.start, "probability": round(fit.probability, 4),
             "spans": [list(span) for span in fit.spans]}
            for passage, fit in zip(found, fits, strict=True)
        ]  # fmt: skip
        step.note("".join(f"{one['document']}: {one['probability']:.2f}\n" for one in shown), passages=shown)
    sure = fits[0].probability if fits else 0.0
    if sure < threshold:
        with ctx.step("conclude") as step:
            step.note("not found\n")
        why = (
            "no word of the question is in it"
            if not found
            else f"the best passage fits with probability {sure:.2f}"
        )
        return Answer(
            kind="text", abstained=True, confidence=sure, note=f"not found in {ctx.retriever.name}: {why}"
        )
    with ctx.step("conclude") as step:
        step.note(f"{found[0].document}\n", [cited(found[0], supports=True)])
    return Answer(kind="text", text=found[0].text, confidence=sure)
