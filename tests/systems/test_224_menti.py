"""Row 224, MeNTi: a case with creatinine in micromol/L triggers a nested conversion before the score; the trace shows each call,
and items in CalcQA's format are graded on tool and value."""

import asyncio
import json
import re

import pytest
from asking import figures, scored
from spoken import Spoken, fields, through
from typer.testing import CliRunner

from osler import calculators
from osler.benchmarks.calcqa import CalcQA
from osler.cli.main import app
from osler.compose import compose
from osler.context import Context
from osler.llm import Model, Prices
from osler.llm.language import LanguageModels
from osler.services import Services
from osler.trace import Answer, Calculated, Recorder

LIVER = (
    "A 61-year-old man with alcoholic cirrhosis and tense ascites. Total bilirubin 3.2 mg/dL, INR 1.9, "
    "creatinine 159 umol/L, sodium 130 mmol/L. He is not on dialysis."
)
STROKE = "A woman of 76 years with atrial fibrillation takes insulin for her diabetes."
ROWS = [
    {
        "patient_case": LIVER,
        "doctor_query": "How high is his mortality while he waits for a liver?",
        "calculator_name": "MELD Na (UNOS/OPTN)",
        "calculator_parameters": json.dumps({
            "dialysis": {"Value": 0, "Unit": None}, "creatinine": {"Value": 1.7986, "Unit": "mg/dL"},
            "bilirubin": {"Value": 3.2, "Unit": "mg/dL"}, "INR": {"Value": 1.9, "Unit": None},
            "sodium": {"Value": 130, "Unit": "mmol/L"}}),
        "calculator_converted_parameters": json.dumps({"creatinine": [159, "umol/L"]}),
        "calculator_score": 28,  # MELD 9.57 ln 1.8 + 3.78 ln 3.2 + 11.2 ln 1.9 + 6.43 = 24, then + 1.32 · 7 − 0.033 · 24 · 7
    },
    {
        "patient_case": STROKE,
        "doctor_query": "Does she need an anticoagulant against stroke?",
        "calculator_name": "CHA2DS2-VASc Score for Atrial Fibrillation Stroke Risk",
        "calculator_parameters": {"age": {"Value": 76, "Unit": "years"}, "sex": {"Value": 1, "Unit": None},
                                  "diabetes": {"Value": 1, "Unit": None}},
        "calculator_score": "4",
    },
]  # fmt: skip
SLOTS = {
    "creatinine": ("159", "umol/L", "creatinine 159 umol/L"),
    "bilirubin": ("3.2", "mg/dL", "Total bilirubin 3.2 mg/dL"),
    "inr": ("1.9", "", "INR 1.9"),
    "sodium": ("130", "mmol/L", "sodium 130 mmol/L"),
    "dialysis": ("no", "", "not on dialysis"),
    "age": ("76", "years", "76 years"),
    "sex": ("female", "", "A woman"),
    "diabetes": ("yes", "", "her diabetes"),
}
CONVERSION = "The creatinine is 159 umol/L; it needs to be converted from umol/L to mg/dL."


def model(text, schema):
    """Picks the right tool for each case, and asks for a conversion while the creatinine is in micromol/L."""
    asked, nested = set(fields(schema)), "<<< task" in text or f"<<< query\n{CONVERSION}" in text
    result = re.search(r"159 umol/L is ([\d.]+) mg/dL", text)
    if not asked:
        return "Something is wrong with the liver or the heart."
    if "toolkit" in asked:
        return {"toolkit": "unit" if nested else "scale"}
    if "queries" in asked:
        whole = "CHA2DS2-VASc" if "stroke" in text else "MELD sodium liver transplant"
        topic = "creatinine unit" if nested else whole
        return {"queries": [topic, f"{topic} tool", f"score of {topic}"]}
    if "tool" in asked:
        wanted = "cha2ds2-vasc" if "stroke" in text else "meld-na"
        return {"reasoning": "", "tool": "convert-creatinine" if nested else wanted}
    if "to" in asked:
        return {"reasoning": "", "value": 159, "unit": "umol/L", "to": "mg/dL"}
    if "decision" in asked:
        call = "umol/L" in text and not result
        return {
            "reasoning": "",
            "decision": "toolcall" if call else "calculate",
            "tasks": [CONVERSION] * call,
        }
    given = {name: slot for name, slot in SLOTS.items() if slot[2] in text}
    if result:
        given["creatinine"] = (result[1], "mg/dL", f"is {result[1]} mg/dL")
    empty = ("", "", "")
    slots = {n: given.get(n, empty) for n in schema["properties"]["slots"]["properties"]}
    return {
        "reasoning": "",
        "slots": {n: dict(zip(("value", "unit", "quote"), slot, strict=True)) for n, slot in slots.items()},
    }


@pytest.fixture
def items(tmp_path):
    (tmp_path / "clinical_case.json").write_text(json.dumps(ROWS), encoding="utf-8")
    (tmp_path / "tool_scale.json").write_text("[]", encoding="utf-8")
    return list(CalcQA.items(tmp_path))


def test_creatinine_in_micromol_is_converted_by_a_nested_call_before_the_score(items):
    trace = through("menti", items[0].case, Spoken(model), calculators=calculators)
    calls = [(len(step.path), step.label) for _, step in trace.walk() if step.kind == "calculate"]
    assert calls == [(2, "nested call"), (3, "convert-creatinine"), (2, "meld-na")]
    conversion = next(step for step in trace.steps if step.label == "convert-creatinine")
    assert conversion.text == "creatinine: 159 umol/L is 1.79861 mg/dL"
    score = next(step for step in trace.steps if step.label == "meld-na")
    assert score.evidence[0].locator.inputs["creatinine"] == "1.79861 mg/dL"
    assert [step.label for _, step in trace.walk()].count("reflect") == 2
    assert trace.answer is not None and trace.answer.number == 28


def answers(items):
    async def one(case):
        language = LanguageModels({"main": Model(Spoken(model), prices=Prices())})
        services = Services(language=language, calculators=calculators)
        return await compose("menti").call(case, Context(services, Recorder()))

    return [asyncio.run(one(item.case)) for item in items]


def test_items_in_calcqas_format_are_graded_on_tool_and_value(items):
    said = answers(items)
    found = figures(items, said, "calculation")
    assert (found["n"], found["accuracy"]) == (2, 1.0)
    assert found["tool"] == {"n": 2, "accuracy": 1.0, "named": 2}
    wrong = [
        Answer(kind="number", number=28, calculated=Calculated(calculator="meld")),  # the value by another tool
        Answer(kind="number", number=3, calculated=Calculated(
            calculator="cha2ds2-vasc", inputs={"age": "67 years", "diabetes": "yes"})),
    ]  # fmt: skip
    rows = scored(items, wrong, "calculation")
    assert [(row["correct"], row["tool"], row["error"]) for row in rows] == [
        (1.0, 0.0, "right"),
        (0.0, 1.0, "wrong value"),
    ]
    assert figures(items, wrong, "calculation")["tool"]["accuracy"] == 0.5


def test_the_command_line_runs_it_on_the_published_layout(items, tmp_path):
    made = CliRunner().invoke(
        app,
        ["eval", "calcqa", "--data", str(tmp_path), "--method", "calculator-direct", "--model",
         "simulated:accuracy=1.0", "--out", str(tmp_path / "run"), "--json"],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert (found["n"], found["accuracy"]) == (2, 1.0)
    assert set(found["by_calculator"]) == {row["calculator_name"] for row in ROWS}
