"""MedMCP-Calc's agent: a vague clinical request, several calculators, data that has to be fetched, one step at a time.

Source: Zhu et al. 2026 (MedMCP-Calc, arXiv 2601.23049), the agent checked against its released code; CalcMate, the model tuned
there, is not in that release, so its two habits (planning the scenario, using tools of its own accord) are options here.
Stages: (1) with `plan`, the model plans which calculators are needed, in which order, and what data each takes; (2) up to `turns`
steps of thought and one tool each: list, describe and query the records (one SELECT at a time), find and describe a
calculator, run it, convert a unit, do a sum; what a tool says, and what was wrong with a step, stands in view of the next;
(3) the answer, with every calculator named beside its result. With `force`, an answer is sent back until the records were
queried (where there are any) and something was calculated. Defaults: 80 steps as released, greedy, plan, no force.
Calls per case: 2 to 2 + turns (1 more with a plan). `records=FILE` names the SQLite file of the records; without it the
agent has the calculators and the case's own text.
Deviations: the calculators are Osler's own, looked up by search and description and run by code, where the released agent
searches the web for a formula and writes Python for it; SQLite stands for PostgreSQL; the answer comes in a turn of its own,
so that calculators and results are fields and not read out of prose by a second model. A released run ends at the first step
that is not JSON; here that is fed back, as its own prompt promises, and three such steps in a row end the search. Results
of a tool are cut at 6,000 characters and 50 rows. What is said to be a calculator's result and differs from what that
calculator gave is noted. What was really pulled from the records goes beside the answer.
Failure modes: values guessed instead of queried; the wrong one of two similar scores; the first row taken for the latest.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.calculators.naming import calculator_called
from osler.calls import Calls
from osler.case import Case
from osler.clinics.calculator_desk import CalculatorDesk, Seen
from osler.clinics.records import Records
from osler.context import Context
from osler.methods import task
from osler.methods.embedded_calc import inputs_of
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer, AtFormula, Calculated, Evidence, StepKind

PLAN = (
    "{case}\n\nThese tools are at hand.\n\n{tools}\n\nBefore you act, plan. Work out what the request comes to: which clinical "
    "calculators or scores it calls for, though it may not name them; in which order, where one feeds or decides another; "
    "and for each the values it takes and where they are to be found. Name every calculator."
)
TURN = (
    "{case}\n\nThese tools are at hand.\n\n{tools}\n\n{plan}Steps so far:\n\n{history}\n\nThis is step {step} of at most {turns}. "
    "Say what you make of what you have, then name one tool and its arguments as a JSON object. Never guess a value that the "
    "records or the text may hold, and never calculate in your head. Choose the tool answer, with {{}}, when every "
    "calculation that the request calls for is done, or when nothing more can be found."
)
ANSWER = (
    "{case}\n\n{plan}This is what was done.\n\n{history}\n\nNow answer. Name every calculator that you used with its result and unit, "
    "say which values it rests on and what could not be found, and then what follows for the patient."
)
FORCED = "Not yet: {todo} first. Use the tools; do not rely on memory."
_PLANNED = {
    "plan": {
        "type": "string",
        "description": "calculators in order, the values each takes, and where to find them",
    }
}
_STATED = {
    "type": "array",
    "description": "every calculator used, in order",
    "items": {
        "type": "object",
        "properties": {
            "calculator": {"type": "string", "description": "its full name"},
            "value": {"type": "string", "description": "the result"},
            "unit": {"type": "string", "description": "its unit, empty where it has none"},
        },
        "required": ["calculator", "value", "unit"],
        "additionalProperties": False,
    },
}  # fmt: skip
_KINDS: dict[str, StepKind] = {
    "list_tables": "retrieve", "describe_tables": "retrieve", "query_records": "retrieve", "search_calculators": "recall",
    "describe_calculator": "recall",
}  # fmt: skip
_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")
_STUMBLES, _MOST_ROWS = 3, 200


@dataclass
class Work:
    """What has been done so far: steps as the next one sees them, rows pulled, results, and steps wasted in a row."""

    steps: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    queried: bool = False
    summed: bool = False
    stumbles: int = 0

    def history(self) -> str:
        """Every step, fenced: what tools give is data."""
        shown = [task.fence(f"step {number}", words) for number, words in enumerate(self.steps, 1)]
        return "\n\n".join(shown) or "none"


@method(
    "medmcp-calc",
    source="Zhu et al. 2026 (MedMCP-Calc)",
    needs=("model",),
    fidelity="code",
    cost="3 to 82 calls",
    answers=("number", "text"),
    calls=lambda turns, plan: Calls(2 + plan, 1 + plan + turns),
)
async def medmcp_calc(
    case: Case,
    ctx: Context,
    records: str | None = None,
    turns: Annotated[int, Field(ge=1, le=200)] = 80,
    plan: bool = True,
    force: bool = False,
) -> Answer:
    """Plan the calculators that a vague request calls for, fetch the data by tools, calculate, and answer."""
    calm, shown, work = ctx.greedy(), task.present(case, with_options=False), Work()
    desk = CalculatorDesk(Records(records) if records else None)
    tools = "\n".join(
        f"{one.name}({', '.join(one.parameters['properties'])}): {one.description}" for one in desk.tools
    )
    planned = await _plan(calm, shown, tools) if plan else ""
    for step in range(1, turns + 1):
        prompt = ctx.prompt("medmcp-calc.turn", TURN).format(
            case=shown, tools=tools, plan=planned, history=work.history(), step=step, turns=turns
        )
        asked = await calm.ask(
            prompt, schema=_turn(desk), system=task.SYSTEM, kind="hypothesise", label="step"
        )
        if await _take(ctx, desk, work, asked, force):
            break
    prompt = ctx.prompt("medmcp-calc.answer", ANSWER).format(case=shown, plan=planned, history=work.history())
    asked = await calm.ask(prompt, schema=_form(case), system=task.SYSTEM, kind="conclude", label="answer")
    return _answer(case, asked, work)


async def _plan(ctx: Context, shown: str, tools: str) -> str:
    """The plan, fenced, for all further prompts; nothing where it could not be read."""
    form = {"type": "object", "properties": _PLANNED, "required": ["plan"], "additionalProperties": False}
    prompt = ctx.prompt("medmcp-calc.plan", PLAN).format(case=shown, tools=tools)
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="hypothesise", label="plan")
    return f"Your plan:\n\n{task.fence('plan', asked.value['plan'])}\n\n" if asked.readable else ""


def _turn(desk: CalculatorDesk) -> dict[str, Any]:
    fields = {
        "thought": {"type": "string"},
        "tool": {"type": "string", "enum": ["answer", *(tool.name for tool in desk.tools)]},
        "arguments": {"type": "string", "description": "the tool's arguments as a JSON object"},
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


async def _take(ctx: Context, desk: CalculatorDesk, work: Work, asked: Asked, force: bool) -> bool:
    """Do what a reply says and note what came of it. True where the search is over."""
    if not asked.readable:
        return _stumble(work, "The step could not be read; reply in the form that was asked for.")
    value = asked.value
    said = f"thought: {value['thought']}\ntool: {value['tool']}\narguments: {value['arguments']}"
    if value["tool"] == "answer":
        todo = _todo(desk, work) if force else ""
        if not todo:
            return True
        return _stumble(work, f"{said}\nresult: {FORCED.format(todo=todo)}", limit=False)
    try:
        arguments = json.loads(value["arguments"])
    except json.JSONDecodeError as error:
        return _stumble(work, f"{said}\nresult: the arguments are not JSON: {error.msg}")
    if not isinstance(arguments, dict):
        return _stumble(work, f"{said}\nresult: the arguments are not a JSON object")
    seen = await _act(ctx, desk, value["tool"], arguments)
    work.steps.append(f"{said}\nresult: {seen.text}")
    work.stumbles = 0
    work.queried |= seen.done and value["tool"] == "query_records"
    work.summed |= seen.done and value["tool"] in ("run_calculator", "compute")
    work.rows += [row for row in seen.rows if row not in work.rows]
    work.results += [seen.result] * (seen.result is not None)
    return False


def _stumble(work: Work, words: str, limit: bool = True) -> bool:
    work.steps.append(words)
    work.stumbles += limit
    return work.stumbles >= _STUMBLES


def _todo(desk: CalculatorDesk, work: Work) -> str:
    """What has still to be done before an answer is taken, in words."""
    todo = ["query the records"] * (desk.records is not None and not work.queried)
    return " and ".join(todo + ["run a calculator"] * (not work.summed))


async def _act(ctx: Context, desk: CalculatorDesk, tool: str, arguments: dict[str, Any]) -> Seen:
    """One action as one step of the trace, with its evidence; a calculation stands below it."""
    with ctx.step(_KINDS.get(tool, "calculate"), tool) as inside:
        seen = await CalculatorDesk(desk.records, inside.calculate).act(tool, arguments)
        found = None
        if tool == "query_records" and seen.done and desk.records is not None:
            place = AtFormula(expression=arguments["sql"])
            quote = "\n".join(seen.rows)
            found = [Evidence(source="records", record=desk.records.path.name, locator=place, quote=quote)]
        inside.note(seen.text, found, tool=tool, arguments=arguments)
    return seen


def _form(case: Case) -> dict[str, Any]:
    """The form of the answer: reasoning, the calculators with their results, then the answer itself."""
    kind = "number" if case.answer_kind != "text" else "text"
    form = task.schema(case.model_copy(update={"answer_kind": kind, "options": []}))
    own = form["properties"]
    fields = {"reasoning": own["reasoning"], "calculations": _STATED, "answer": own["answer"]}
    return {**form, "properties": fields, "required": ["reasoning", "answer"]}


def _answer(case: Case, asked: Asked, work: Work) -> Answer:
    kind = "number" if case.answer_kind != "text" else "text"
    acquired = work.rows[:_MOST_ROWS]
    if not asked.readable:
        return Answer(kind=kind, unreadable=True, acquired=acquired)
    given = {result.calculator.name: result for result in work.results}
    stated = [_stated(one, given) for one in asked.value.get("calculations") or ()]
    wrong = [f"{one.calculator}: {one.result} is said, {given[one.calculator].text} was worked out"
             for one in stated if one.calculator in given and not _agree(one.result, given[one.calculator])]  # fmt: skip
    about: dict[str, Any] = {"calculations": stated, "acquired": acquired, "note": "; ".join(wrong) or None}
    if kind == "text":
        return Answer(kind="text", text=str(asked.value["answer"]), **about)
    number = float(asked.value["answer"])
    last = next((one for one in reversed(work.results) if _agree(f"{number}", one)), None)
    basis = last or (work.results[-1] if work.results else None)
    worked = (
        Calculated(calculator=basis.calculator.name, inputs=inputs_of(basis), expression=basis.equation)
        if basis
        else None
    )
    unit = case.answer_unit or (last.unit if last else None)
    return Answer(kind="number", number=number, unit=unit, calculated=worked, **about)


def _stated(one: dict[str, Any], given: dict[str, Any]) -> Calculated:
    """A calculation as the answer states it; where that calculator was run, with the inputs of that run."""
    about = calculator_called(one["calculator"])
    result = f"{one['value']} {one['unit']}".strip()
    run = given.get(about.name) if about else None
    if run is None:
        return Calculated(calculator=task.line(one["calculator"], 200), result=task.line(result, 200))
    return Calculated(
        calculator=run.calculator.name, inputs=inputs_of(run), expression=run.equation, result=task.line(result, 200)
    )  # fmt: skip


def _agree(said: str, result: Any) -> bool:
    """Whether what is said of a result holds its number, in any unit that it is shown in, as exactly as it is written."""
    if not isinstance(result.value, int | float) or result.calculator.show is not None:
        return True
    own = [float(result.value), *(float(value) for value, _ in result.also)]
    return any(
        abs(value - float(number.replace("−", "-")))
        <= max(0.5 * 10 ** -len(number.partition(".")[2]), 0.01 * abs(value))
        for number in _NUMBER.findall(said)
        for value in own
    )
