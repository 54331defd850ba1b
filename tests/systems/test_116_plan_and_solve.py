"""Row 116, Plan-and-Solve: on a calculator item the strategy records plan and execution apart with a simulated model; the
plain and extended forms differ only in instructions."""

import pytest
from spoken import Spoken, through

from osler.case import Case
from osler.llm import Planted, Simulated

CASE = Case(
    text="A 60-year-old woman weighs 72 kg; her serum creatinine is 1.2 mg/dL.",
    question="What is her creatinine clearance by Cockcroft and Gault, in mL/min?",
    answer_kind="number",
    answer_unit="mL/min",
)


@pytest.mark.parametrize("form", ["plan-and-solve", "plan-and-solve(plus=false)"])
def test_plan_and_execution_are_recorded_apart(form):
    model = Simulated("perfect").plant([Planted(CASE.question or "", 56.7)])
    trace = through(form, CASE, model)
    labels = [step.label for _, step in trace.walk()]
    assert labels == ["plan and solve", "plan", "execution", "read the answer"]
    plan, execution = (next(s for s in trace.steps if s.label == part) for part in ("plan", "execution"))
    assert plan.text and execution.text and plan.text != execution.text and plan.path != execution.path
    assert (
        trace.answer is not None
        and trace.answer.number == pytest.approx(56.7)
        and trace.answer.unit == "mL/min"
    )


def test_the_two_forms_differ_only_in_instructions():
    def sent(form):
        def say(text, schema):
            asked.append(schema)
            return (
                {"plan": "p", "execution": "e"}
                if "plan" in schema["properties"]
                else {"conclusion": "c", "answer": 1}
            )

        asked = []
        model = Spoken(say)
        through(form, CASE, model)
        return [model.prompt(0), model.prompt(1)], asked

    (first, extract), schemas = sent("plan-and-solve(plus=false)")
    (first_plus, extract_plus), schemas_plus = sent("plan-and-solve")
    assert schemas == schemas_plus and extract == extract_plus
    shown, _, words = first.rpartition("\n\n")
    shown_plus, _, words_plus = first_plus.rpartition("\n\n")
    assert shown == shown_plus and words != words_plus
    assert all(
        word in words_plus and word not in words
        for word in ("values with units", "intermediate", "arithmetic")
    )
