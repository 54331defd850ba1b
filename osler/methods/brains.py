"""brains: a patient's scores and measures are set beside the nearest patients of a cohort, and the model stages the disease with both in view.

Source: Das Gupta et al. 2025 (BRAINS, arXiv 2511.02490), from the paper's abstract only. Stages: (1) observe: age, sex and measured
values become a profile, one line each (the case's text where it has no measured values); (2) retrieve: the nearest patients of a
cohort with their known class, by standardised features where the corpus is a table (`--corpus cohort:FILE.csv`), by words
elsewhere; the patient itself (the same row, or the same numbers to four digits) is left out; (3) fusion: the case and its neighbours with their classes, each fenced and numbered, in
one prompt; (4) one call that reasons over values, course and neighbours, then gives the class. Defaults: 5 neighbours;
greedy. Calls per case: 1.
Deviations: the paper fine-tunes its models and fuses latent vectors of cases by a trained layer; here neighbours are found by distance
over standardised values (cosine, as one report of the paper has it, would take a little below the mean everywhere for far below) and
fused in the prompt. Failure modes: a cohort's class shares are not the clinic's; features that say little count as much as
those that decide; the model repeats the neighbours' majority.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.knowledge.cohort import features_of
from osler.methods import evidence, queries, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer

FUSE = (
    "{case}\n\nThese are the nearest patients of a cohort whose class is known, nearest first.\n\n{passages}\n\nFirst judge this patient's own "
    "values: which are normal, which are not, how far. Then weigh the neighbours: how close they are, and on which values they differ. Where the two "
    "disagree, say why you follow the one. Cite the neighbours you go by, then answer."
)
# Relative difference up to which two values are the same measurement, written with more or fewer digits.
SAME = 1e-4


@method(
    "brains",
    source="Das Gupta et al. 2025 (BRAINS)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 call",
    calls=lambda: 1,
)
async def brains(case: Case, ctx: Context, k: Annotated[int, Field(ge=1, le=50)] = 5) -> Answer:
    """Stage a patient with the nearest patients of a cohort in view."""
    own = profile(case)
    with ctx.step("observe", "profile") as step:
        step.note(own)
    found = await ctx.retrieve(own, k + 3, label="nearest patients")
    others = [one for one in found if not itself(case, own, one)][:k]
    wording = ctx.prompt("brains", FUSE)
    return await evidence.answer(case, ctx, others, wording, classes=_classes(others))


def profile(case: Case) -> str:
    """Age, sex and measured values, a line each; the case as a query where nothing is measured."""
    age, sex = case.demographics.age_years, case.demographics.sex
    lines = [f"Age: {_number(round(age, 4))}"] if age is not None else []
    lines += [f"Sex: {sex}"] if sex else []
    measured = []
    for one in case.measurements:
        value = (
            f"{_number(one.quantity.value)} {one.quantity.unit}".rstrip()
            if one.quantity
            else one.value_text or ""
        )
        if value:
            measured.append(f"{task.line(one.term.label or one.term.id)}: {task.line(value)}")
    return "\n".join([*lines, *measured]) if measured else queries.of(case)


def _number(value: float) -> str:
    """All digits that a number has: a row is known again by its values."""
    return repr(float(value)).removesuffix(".0")


def itself(case: Case, own: str, passage: Passage) -> bool:
    """Whether a neighbour is taken for the patient: the same row, or the same numbers, at least three of them.

    Numbers are the same to four digits; those of the patient must all be the neighbour's or the other way round.
    """
    row = passage.text.rpartition("\n")[0].strip() or passage.text
    if row == case.text.strip():
        return True
    stated, other = features_of(own), features_of(row)
    shared = stated.keys() & other.keys()
    if len(shared) < 3 or len(shared) < min(len(stated), len(other)):
        return False
    return all(math.isclose(stated[name], other[name], rel_tol=SAME, abs_tol=1e-12) for name in shared)


def _classes(found: Sequence[Passage]) -> dict[str, int]:
    """How many neighbours there are of each class: what stands last in their rows."""
    return dict(Counter(one.text.rsplit("\n", 1)[-1] for one in found if "\n" in one.text))
