"""The methods in which a model calculates: what they make of its replies, and where a wrong result is said to go wrong."""

from __future__ import annotations

import json

import pytest
from scripted import Script, model_of, one, run
from scripted import ask as ask_method

from osler.benchmarks.pool import Pool
from osler.case import Calculation, Case
from osler.llm import Planted, Simulated
from osler.scoring.calculation import CalculationScorer
from osler.scoring.references import CalculationReference
from osler.services import Example
from osler.trace import Answer, Calculated

CASE = Case(
    id="c",
    text="A man of 60 years, 70 kg and 175 cm, has a creatinine of 1.4 mg/dL.",
    question="What is the patient's creatinine clearance using the Cockcroft-Gault equation in mL/min?",
    answer_kind="number",
)
GOLD = CalculationReference(
    55.556,
    52.778,
    58.333,
    calculator="cockcroft-gault",
    inputs={
        "age": "60 years",
        "weight": "70 kg",
        "height": "175 cm",
        "sex": "male",
        "creatinine": "1.4 mg/dL",
    },
    decimals=3,
)
DUE = Case(
    id="d",
    text="Her last period began on 03/10/2020. Today is 06/02/2020.",
    question="When is the child due?",
    answer_kind="text",
)


def reply(**changes):
    inputs = {"Age (years)": "60", "body weight": "70 kg", "Height": "175 cm", "Patient's sex": "male",
              "Serum creatinine": "1.4 mg/dL", **changes.pop("inputs", {})}  # fmt: skip
    return {
        "reasoning": "x",
        "calculator": "Creatinine clearance (Cockcroft-Gault)",
        "inputs": [{"name": name, "value": value} for name, value in inputs.items() if value is not None],
        "expression": "(140 - 60) * 70 / (72 * 1.4)",
        "unit": "mL/min",
        "answer": 55.56,
        **changes,
    }


def direct(said, case=CASE):
    return one("calculator-direct", case, Script(lambda call: said, seconds=0)).answer


def test_what_the_model_states_is_kept_under_oslers_names():
    answer = direct(reply())
    assert (answer.kind, answer.number, answer.unit) == ("number", 55.56, "mL/min")
    assert answer.calculated == Calculated(
        calculator="cockcroft-gault", inputs=GOLD.inputs | {"age": "60"}, expression="(140 - 60) * 70 / (72 * 1.4)"
    )  # fmt: skip
    assert CalculationScorer.score(GOLD, answer)["correct"] == 1.0


@pytest.mark.parametrize(
    ("said", "error", "detail"),
    [
        (
            {"answer": 70, "expression": "(140 - 39.2) * 70 / 100.8", "inputs": {"Age (years)": "39"}},
            "wrong value",
            "age",
        ),
        ({"answer": 0.63, "inputs": {"Serum creatinine": "1.4 umol/L"}}, "wrong unit", "creatinine"),
        ({"answer": 40, "inputs": {"body weight": None}}, "wrong value", "weight: left out"),
        ({"answer": 65.1}, "wrong arithmetic", "is 55.5556, not 65.1"),
        ({"answer": 77.78, "expression": "(140 - 60) * 70 / 72"}, "wrong formula", "(140 - 60) * 70 / 72"),
        ({"answer": 52.0, "calculator": "MDRD GFR equation"}, "wrong calculator", "mdrd, not cockcroft-gault"),
        ({"answer": 52.0, "calculator": "a formula of mine"}, "wrong calculator", "a formula of mine"),
        ({"answer": 52.0, "calculator": "", "inputs": dict.fromkeys(
            ["Age (years)", "body weight", "Height", "Patient's sex", "Serum creatinine"]), "expression": ""}, "not used", ""),
    ],
)  # fmt: skip
def test_a_wrong_result_is_traced_to_its_first_mistake(said, error, detail):
    row = CalculationScorer.score(GOLD, direct(reply(**said)))
    assert (row["correct"], row["error"]) == (0.0, error)
    assert detail in row.get("detail", "")


def test_a_plain_sentence_with_the_result_is_read_without_the_calculation():
    answer = direct("I multiply and divide. The answer is 55.6.")
    assert (answer.number, answer.unreadable) == (55.6, False)
    assert CalculationScorer.score(GOLD, direct("The answer is 12."))["error"] == "not used"


def test_a_date_is_answered_in_words():
    answer = direct({"reasoning": "Naegele", "calculator": "Estimated due date", "answer": "2020-12-15"}, DUE)
    assert (answer.kind, answer.text) == ("text", "2020-12-15")
    assert answer.calculated and answer.calculated.calculator == "estimated-due-date"
    due = CalculationReference("12/15/2020", form="date", calculator="estimated-due-date")
    assert CalculationScorer.score(due, answer)["correct"] == 1.0


@pytest.mark.parametrize("method", ["calculator-direct", "calculator-code"])
def test_accuracy_follows_the_models(method):
    cases = [
        CASE.model_copy(
            update={
                "id": str(n),
                "question": f"{CASE.question} Patient number {n} of the ward is meant here.",
            }
        )
        for n in range(60)
    ]

    def share(accuracy):
        known = [Planted(case.question or "", 3.0 + n) for n, case in enumerate(cases)]
        model = Simulated(f"accuracy={accuracy}").plant(known)
        answers = [run(ask_method(method, case, model_of(model))).answer for case in cases]
        return sum(answer.number == 3.0 + n for n, answer in enumerate(answers)) / len(cases)

    assert share(1.0) == 1.0 and share(0.0) == 0.0
    assert 0.4 < share(0.6) < 0.8


# --- a worked example ---------------------------------------------------------------------------------------------------
def example(name, question, note="", number=7.0, **about):
    case = Case(id=name, text=f"Note of {name}.", question=question, answer_kind="number")
    work = Calculated(calculator=name, inputs={"sodium": "140 mmol/L", "stroke": True})
    return Example(case, Answer(kind="number", number=number, calculated=work, note=note or None, **about))


POOL = Pool(
    [
        example("anion-gap", "What is the patient's anion gap?"),
        example(
            "cockcroft-gault", "What is the creatinine clearance using the Cockcroft-Gault equation?", "First, …"
        ),
        example("mdrd", "What is the patient's GFR using the MDRD equation in mL/min?"),
    ]
)  # fmt: skip


def test_the_example_is_of_the_same_calculator_and_shows_its_explanation():
    script = Script(lambda call: reply(), seconds=0)
    one("calculator-one-shot", CASE, script, pool=POOL)
    [call] = script.calls
    asked, worked, last = [m.text for m in call.messages if m.role != "system"]
    assert "Note of cockcroft-gault." in asked and CASE.text in last
    shown = json.loads(worked)
    assert (shown["reasoning"], shown["calculator"], shown["answer"]) == ("First, …", "cockcroft-gault", 7.0)
    assert shown["inputs"] == [
        {"name": "sodium", "value": "140 mmol/L"},
        {"name": "stroke", "value": "yes"},
    ]


def test_a_calculator_that_the_case_names_goes_before_the_wording():
    named = CASE.model_copy(update={"calculation": Calculation(calculator="mdrd")})
    script = Script(lambda call: reply(), seconds=0)
    one("calculator-one-shot", named, script, pool=POOL)
    assert "Note of mdrd." in script.calls[0].text


# --- a formula ----------------------------------------------------------------------------------------------------------
def formula(**changes):
    values = [("age", 60, "years"), ("weight", 70, "kg"), ("creatinine", 124, "umol/L")]
    return {
        "reasoning": "x",
        "calculator": "Cockcroft-Gault",
        "values": [{"name": n, "value": v, "unit": u} for n, v, u in values],
        "steps": [{"name": "scr", "expression": "creatinine / 88.4"}],
        "expression": "(140 - age) * weight / (72 * scr)",
        "unit": "mL/min",
        **changes,
    }


def test_the_formula_is_worked_out_and_shown_with_its_numbers():
    done = one("calculator-code", CASE, Script(lambda call: formula(), seconds=0))
    answer = done.answer
    assert answer.number == pytest.approx(80 * 70 / (72 * 124 / 88.4)) and answer.unit == "mL/min"
    assert answer.calculated
    assert answer.calculated.expression == "(140 - 60) * 70 / (72 * 1.402714932)"
    assert answer.calculated.inputs["creatinine"] == "124 umol/L"
    [place] = [evidence.locator for evidence in done.step("evaluate").evidence]
    assert place.expression == "(140 - 60) * 70 / (72 * 1.402714932) = 55.44802867"
    assert place.inputs == {"age": 60, "weight": 70, "creatinine": 124}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"expression": "__import__('os').system('true')"}, "final expression: the expression may not use"),
        ({"expression": "open(age)"}, "no function is called 'open'"),
        ({"expression": "(140 - age) * mass"}, "names 'mass', which has no value here"),
        ({"steps": [{"name": "scr", "expression": "creatinine / 0"}]}, "scr: the expression has no value"),
    ],
)
def test_an_error_goes_back_to_the_model_which_mends_the_formula(broken, why):
    said = [formula(**broken), formula()]
    script = Script(lambda call: said[len(script.calls) - 1], seconds=0)
    done = one("calculator-code", CASE, script)
    assert done.answer.number == pytest.approx(55.448, abs=0.001)
    first, second = script.calls
    assert why in second.text and "weight = 70 kg" in second.text
    assert "weight = 70 kg" not in first.text
    assert done.labels == ["formula", "evaluate", "mend the formula", "evaluate"]


def test_a_formula_that_stays_broken_is_withheld_after_three_turns():
    script = Script(lambda call: formula(expression="while True: pass"), seconds=0)
    answer = one("calculator-code", CASE, script).answer
    assert len(script.calls) == 3
    assert answer.abstained and answer.number is None and "cannot be read" in (answer.note or "")
    assert CalculationScorer.score(GOLD, answer)["error"] == "withheld"


@pytest.mark.parametrize(
    ("expression", "form", "text"),
    [
        ("last_period + 280", "date", "2020-12-15"),
        ("today - last_period", "weeks and days", "12 weeks 0 days"),
        ("(today - last_period) / 7", "number", "12"),
    ],
)
def test_dates_are_days_and_come_back_as_dates_and_ages(expression, form, text):
    said = {
        "reasoning": "x",
        "calculator": "Estimated due date",
        "values": [],
        "steps": [],
        "expression": expression,
        "dates": [
            {"name": "last_period", "date": "2020-03-10"},
            {"name": "today", "date": "2020-06-02"},
        ],
        "form": form,
    }
    answer = one("calculator-code", DUE, Script(lambda call: said, seconds=0)).answer
    assert (answer.kind, answer.text) == ("text", text)


def test_a_date_that_does_not_exist_is_an_error_the_model_is_told():
    said = {"reasoning": "x", "calculator": "", "values": [], "steps": [], "expression": "day + 280",
            "dates": [{"name": "day", "date": "2020-02-31"}], "form": "date"}  # fmt: skip
    script = Script(lambda call: said, seconds=0)
    answer = one("calculator-code(turns=2)", DUE, script).answer
    assert "'2020-02-31' is no date" in script.calls[1].text and answer.abstained
