"""similar-cases: patients like this one are found in a corpus of case reports, held against this one, and the decision is made with them in view.

Source: Zhao et al. 2023 (PMC-Patients, arXiv 2202.13876), from the paper's abstract: retrieval-based clinical decision support by similar patients
and relevant articles. Stages: (1) retrieve: patients for the case's text and question; this very patient (a report of
nearly the same text) is left out with every passage of it and counted, told by what was found of it or, where the corpus
keeps its documents, by its whole text; (2) with `check`, one call in which the model says for each whether it is alike in what
matters here, and only those are kept, as the paper's patient–patient similarity task asks; (3) one call that answers with the cases
in view, each fenced and numbered, cites those it goes by, and says where this patient differs. Defaults: 5 patients, checked;
40,000 characters; greedy. Calls per case: 2, without `check` or where nothing is found 1.
Deviations: the paper measures the retrieval (`osler corpus eval pmc-patients`) and leaves open how a decision is made of what is
found; (2) and (3) are Osler's. Failure modes: reported cases are the unusual ones, so their frequencies mislead; two patients
with the same words have different diseases; a similar patient's treatment is not evidence that it worked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.methods import evidence, queries, task
from osler.passages import Passage, Texts
from osler.registry import method
from osler.trace import Answer

CHECK = (
    "{case}\n\nA search found these other patients.\n\n{passages}\n\nDo not answer yet. Go through them in order: is the patient alike in what "
    "matters for this question (the problem, its course, age and sex, decisive findings), or only in words? Then list the numbers of "
    "those that are alike."
)
ANSWER = (
    "{case}\n\nThese are other patients, alike in some ways.\n\n{passages}\n\nWork out what they teach about this patient, and where this patient "
    "differs so that a case does not carry over. Cases show what happened once, not what is usual. Cite by number those that your answer rests "
    "on, then answer."
)
ALIKE = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string", "description": "case by case, in order"},
        "alike": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["reasoning", "alike"],
    "additionalProperties": False,
}
# Share of a patient's words that another text holds, from which on it is the same patient's.
SAME = 0.9
_WORD = re.compile(r"\w+")


@method(
    "similar-cases",
    source="Zhao et al. 2023 (PMC-Patients)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="2 calls, 1 without check",
    calls=lambda check: Calls(1, 2) if check else 1,
)
async def similar_cases(
    case: Case,
    ctx: Context,
    k: Annotated[int, Field(ge=1, le=50)] = 5,
    check: bool = True,
    characters: Annotated[int, Field(ge=100)] = evidence.MOST,
) -> Answer:
    """Find similar patients, keep those that are alike in what matters, and decide with them in view."""
    query = queries.of(case)
    found = await ctx.retrieve(query, k + 3, label="similar patients")
    others = _others(case, ctx, found)
    if len(others) < k and len(found) == k + 3:  # the patient's own report took the places of others
        found = await ctx.retrieve(query, 4 * (k + 3), label="more similar patients")
        others = _others(case, ctx, found)
    shown = evidence.keep_within(others[:k], characters)
    if check and shown:
        shown = await _alike(case, ctx, shown)
    wording = ctx.prompt("similar-cases", ANSWER)
    left_out = len(found) - len(others)
    return await evidence.answer(case, ctx, shown, wording, characters=characters, own=left_out)


async def _alike(case: Case, ctx: Context, shown: Sequence[Passage]) -> list[Passage]:
    """Those of the patients that the model finds alike; all of them where its reply cannot be read."""
    prompt = ctx.prompt("similar-cases.check", CHECK).format(
        case=task.present(case, with_options=False), passages=evidence.show(shown)
    )
    asked = await ctx.greedy().ask(prompt, schema=ALIKE, system=evidence.SYSTEM, kind="verify", label="alike")
    if not asked.readable:
        return list(shown)
    numbers = {number for number in asked.value["alike"] if 1 <= number <= len(shown)}
    return [one for number, one in enumerate(shown, 1) if number in numbers]


def _others(case: Case, ctx: Context, found: Sequence[Passage]) -> list[Passage]:
    """What was found of other patients: a document that is this very patient's, by one passage or its whole text, is not shown.

    The search gives a few pieces of a report, and the piece with the patient's own words need not be among them.
    """
    texts = ctx.retriever if isinstance(ctx.retriever, Texts) else None
    own = {(one.corpus, one.document) for one in found if same_patient(case, one.text)}
    for one in {(one.corpus, one.document): one for one in found}.values():
        if texts is not None and (one.corpus, one.document) not in own:
            whole = texts.text_of(one)
            if whole and same_patient(case, whole):
                own.add((one.corpus, one.document))
    return [one for one in found if (one.corpus, one.document) not in own]


def same_patient(case: Case, text: str) -> bool:
    """Whether a text is the case's own, a part of it or more of it: nearly all words of the one stand in the other.

    Words count in runs of three; fewer than ten runs tell no patient.
    """
    own, other = _runs(case.text or case.question or ""), _runs(text)
    fewer = min(len(own), len(other))
    return fewer >= 10 and len(other & own) >= SAME * fewer


def _runs(text: str) -> set[Any]:
    words = _WORD.findall(text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))
