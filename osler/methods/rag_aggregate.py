"""Aggregate RAG: one answer for each of several numbers of passages in view, and the majority.

Source: Sultana et al. 2025 (BanglaMedQA and BanglaMMedBench, arXiv 2511.04560), checked against its abstract and a review of it.
Stages: (1) one search by the question; (2) for each number of `ks` (joined by +) an answer with so many of the passages in view, all at once;
(3) the majority; a tie goes to the answer of the smallest number of passages that has it. Defaults: ks = 3+5+10, greedy. Calls per
case: one for each of `ks`, that is 3.
Deviations: the paper searches with question and options, which `options_in_query` does; by default the options stay out. The
numbers are not in the abstract and are Osler's.
Failure modes: the first passages are in every view, so a wrong one among them outvotes the rest.
"""

from __future__ import annotations

from osler.case import Case
from osler.context import Context
from osler.errors import UsageError
from osler.methods import evidence, votes
from osler.methods.rag_fallback import SOURCE, Characters, query_of
from osler.registry import method
from osler.trace import Answer

FOUND = (
    "{case}\n\nA search found these passages. Some may be off the point or wrong.\n\n{passages}\n\nThink step by step, cite the passages that "
    "you rest on by their numbers, then commit to your answer."
)


@method(
    "rag-aggregate",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="one for each of `ks`: 3 calls",
    calls=lambda ks: len(numbers_in(ks)),
)
async def rag_aggregate(
    case: Case,
    ctx: Context,
    ks: str = "3+5+10",
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer with several numbers of passages in view, and take the majority."""
    several = numbers_in(ks)
    found = await ctx.retrieve(query_of(case, options_in_query), max(several))
    wording = ctx.prompt("rag-aggregate", FOUND)
    answers = await ctx.gather(
        evidence.answer(case, ctx.child(), found[:k], wording, characters=characters, k=k) for k in several
    )
    with ctx.step("conclude", "vote") as step:
        voted = votes.majority(answers)
        said = {str(k): votes.key_of(answer) for k, answer in zip(several, answers, strict=True)}
        step.note(voted.note or "", votes=said, confidence=voted.confidence)
    return voted


def numbers_in(ks: str) -> list[int]:
    """Numbers of passages as typed, joined by +. Raises UsageError for what is none."""
    parts = ks.split("+")
    if not all(part.strip().isdecimal() and 0 < int(part) <= 500 for part in parts):
        raise UsageError(f"ks is numbers of passages joined by +, such as 3+5+10, not {ks!r}")
    return list(dict.fromkeys(int(part) for part in parts))
