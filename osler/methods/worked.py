"""A calculation as a model states it: which calculator, the inputs it took, the numbers put in, the result. What the calculator
methods share: how a case is shown, the form of the reply, and the answer that is read from it, with all that is needed to
say later where it went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osler.calculators.naming import calculator_called, input_called
from osler.case import Case
from osler.methods import task
from osler.services import Asked
from osler.trace import Answer, Calculated

ANSWERS = ("number", "text")
ASK_FOR = {
    "number": "Give one number{unit}, without rounding it further than the last step needs.",
    "text": "Give the date as YYYY-MM-DD, or the age as weeks and days, and nothing else in the answer.",
}
_ANSWER = {
    "number": {"type": "number", "description": "the result alone"},
    "text": {"type": "string", "description": "the date or age alone, such as 2023-08-31 or 14 weeks 2 days"},
}
INPUT = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "the input as the calculator calls it"},
        "value": {"type": "string", "description": "its value with the unit, as the text states it"},
    },
    "required": ["name", "value"],
    "additionalProperties": False,
}


def shown(case: Case) -> str:
    """The case as a prompt shows it, with what form the result takes."""
    unit = f" in {case.answer_unit}" if case.answer_unit else ""
    return f"{task.present(case, with_options=False)}\n\n{ASK_FOR[kind_of(case)].format(unit=unit)}"


def kind_of(case: Case) -> str:
    """`text` where a date, an age or other words are asked for, else `number`."""
    return "text" if case.answer_kind == "text" else "number"


def schema(case: Case) -> dict[str, Any]:
    """The form of a worked calculation. Only reasoning and answer must be there, so that a plain "the answer is 3" is read."""
    fields: dict[str, Any] = {
        "reasoning": {"type": "string", "description": "step by step, before the answer"},
        "calculator": {"type": "string", "description": "the name of the calculator, score or formula used"},
        "inputs": {"type": "array", "items": INPUT, "description": "every value that it took from the text"},
        "expression": {
            "type": "string",
            "description": "the calculation with the numbers put in, as plain arithmetic; for a score its points added up",
        },
        "unit": {"type": "string", "description": "the unit of the answer, empty where it has none"},
        "answer": _ANSWER[kind_of(case)],
    }
    required = ["reasoning", "answer"]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def read(case: Case, asked: Asked) -> Answer:
    """The answer with the calculation that the reply states; an unreadable reply is an unreadable answer."""
    if not asked.readable:
        return Answer(kind=_kind(case), unreadable=True)
    value = asked.value
    work = calculated(value.get("calculator"), value.get("inputs") or (), value.get("expression") or "")
    if kind_of(case) == "text":
        return Answer(kind="text", text=str(value["answer"]), calculated=work)
    unit = value.get("unit") or case.answer_unit
    return Answer(kind="number", number=float(value["answer"]), unit=unit or None, calculated=work)


def calculated(
    calculator: str | None, inputs: Sequence[Mapping[str, Any]], expression: str
) -> Calculated | None:
    """What was stated, under Osler's own names where the names that were used can be told; None where nothing was."""
    about = calculator_called(calculator) if calculator else None
    values: dict[str, Any] = {}
    for one in inputs:
        name = str(one["name"]).strip()
        values[(about and input_called(about, name)) or name] = str(one["value"]).strip()
    if not (calculator or values or expression):
        return None
    return Calculated(
        calculator=about.name if about else calculator, inputs=values, expression=expression.strip()
    )


def withheld(case: Case, why: str, work: Calculated | None = None) -> Answer:
    """No result, and why."""
    return Answer(kind=_kind(case), abstained=True, note=why, calculated=work)


def unreadable(case: Case) -> Answer:
    """An answer that could not be read."""
    return Answer(kind=_kind(case), unreadable=True)


def _kind(case: Case) -> Any:
    return kind_of(case)
