"""The case that tests of the dialogue talk about, and a talk over several questions."""

from __future__ import annotations

from osler import runtime
from osler.diagnosis.dialogue import reply


def marfan_like(knowledge):
    """A man of 24 for whom Marfan syndrome comes first."""
    return runtime.case_from(
        present=["Ectopia lentis", "Arachnodactyly", "Scoliosis", "Aortic root aneurysm"], absent=["Cleft palate"], age=24, sex="male",
        base=knowledge,
    )  # fmt: skip


def asked(engine, case, *questions, trace=None):
    """The turn for the last question, after those before it."""
    turns = []
    for question in questions:
        turns.append(reply(question, case, engine, turns, trace))
    return turns[-1]
