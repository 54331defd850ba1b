"""Calculator-one-shot: a worked example of the same calculator as an earlier turn, then the model calculates by itself.

Source: Khandekar et al. 2024 (MedCalc-Bench, arXiv 2406.12036), one-shot chain of thought, checked against the released code.
Stages: choose the example of the pool that asks for the same calculator (the one named by the case, else the one whose
question is worded most like this one; of equals the note that is most alike); show it with its published explanation where
there is one; one question as in calculator-direct. Defaults: greedy, unless the run sets a temperature. Calls per case: 1.
Deviations: the paper fixes one example per calculator by its number; here it is drawn from the training split by the
question, and cases that share the note are held out. Where an example has no explanation, its inputs and result are shown.
Failure modes: values of the example carried over into the answer; a pool without the calculator asked for.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from osler.case import Case
from osler.context import Context
from osler.llm.types import Message
from osler.methods import task, worked
from osler.methods.few_shot import solution
from osler.registry import method
from osler.services import Example
from osler.trace import Answer

ONE_SHOT = (
    "{case}\n\nWork the result out yourself, step by step. Say which calculator, score or formula is asked for, take each "
    "value that it needs from the text with its unit, convert units where needed, put the numbers in and calculate; for a "
    "score, go through its items and add up the points. A condition that the text does not mention counts as absent."
)


@method(
    "calculator-one-shot",
    source="Khandekar et al. 2024 (MedCalc-Bench)",
    needs=("model", "examples"),
    fidelity="code",
    cost="1 call",
    answers=worked.ANSWERS,
    calls=lambda: 1,
)
async def calculator_one_shot(case: Case, ctx: Context) -> Answer:
    """Show one worked example of the same calculator, then let the model calculate."""
    wording = ctx.prompt("calculator-one-shot", ONE_SHOT)
    example = chosen(case, ctx.examples.nearest(case))
    messages = [
        *(turns(example, wording) if example else ()),
        Message("user", wording.format(case=worked.shown(case))),
    ]
    asked = await ctx.greedy().ask(messages, schema=worked.schema(case), system=task.SYSTEM, kind="calculate")
    return worked.read(case, asked)


def chosen(case: Case, ranked: Any) -> Example | None:
    """The example of the same calculator, else of the most similar question; None where the pool has none to show.

    `ranked` are (number, example), the most similar case first, which decides between equals.
    """
    wanted = case.calculation.calculator if case.calculation else None
    asked, kind = _words(case), worked.kind_of(case)

    def fit(example: Example) -> tuple[bool, bool, float]:
        work, words = example.answer.calculated, _words(example.case)
        same = wanted is not None and work is not None and work.calculator == wanted
        return same, example.answer.kind == kind, len(asked & words) / (len(asked | words) or 1)

    return max((example for _, example in ranked), key=fit, default=None)


def turns(example: Example, wording: str) -> list[Message]:
    """The example as a question and a worked reply."""
    answer, work = example.answer, example.answer.calculated
    reply: dict[str, Any] = {"reasoning": answer.note or ""}
    if work is not None:
        inputs = [{"name": name, "value": _said(value)} for name, value in work.inputs.items()]
        reply |= {"calculator": work.calculator or "", "inputs": inputs}
    reply["answer"] = solution(answer)
    return [
        Message("user", wording.format(case=worked.shown(example.case))),
        Message("assistant", orjson.dumps(reply).decode()),
    ]


def _words(case: Case) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", (case.question or "").casefold()))


def _said(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
