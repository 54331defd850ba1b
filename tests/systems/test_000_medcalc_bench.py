"""Row 0, MedCalc-Bench: a small file in its layout loads; Osler's own calculators score 100 %; a simulated model that is fed
one wrong input fails with the mistake named."""

import asyncio
import csv
import json

import pytest
from asking import answers, figures, scored
from typer.testing import CliRunner

from osler import calculators
from osler.benchmarks.medcalc_bench import MedCalcBench
from osler.cli.main import app
from osler.context import Context
from osler.llm import from_spec
from osler.llm.language import LanguageModels
from osler.methods.embedded_calc import answer_of, embedded_calc
from osler.services import Services
from osler.trace import Recorder

COLUMNS = ["Row Number", "Calculator ID", "Calculator Name", "Category", "Output Type", "Note ID", "Note Type", "Patient Note",
           "Question", "Relevant Entities", "Ground Truth Answer", "Lower Limit", "Upper Limit", "Ground Truth Explanation"]  # fmt: skip
ROWS = [
    ["1", "2", "Creatinine Clearance (Cockcroft-Gault Equation)", "lab test", "decimal", "n-1", "Extracted",
     "A man of 60 years, 70 kg and 175 cm, has a creatinine of 1.4 mg/dL.",
     "What is the patient's Creatinine Clearance using the Cockroft-Gault Equation in terms of mL/min?",
     "{'sex': 'Male', 'age': [60, 'years'], 'weight': [70.0, 'kg'], 'height': [175.0, 'cm'], 'creatinine': [1.4, 'mg/dL']}",
     "55.556", "52.778", "58.333", "(140 - 60) * 70 / (72 * 1.4)"],
    ["2", "5", "Mean Arterial Pressure (MAP)", "physical", "decimal", "n-2", "Extracted",
     "A woman of 50 years came with a blood pressure of 120/60 mm Hg.", "What is patient's mean arterial pressure in mm Hg?",
     "{'Systolic Blood Pressure': [120.0, 'mm hg'], 'Diastolic Blood Pressure': [60.0, 'mm hg']}",
     "80.0", "76.0", "84.0", "60 + 60 / 3"],
    ["3", "4", "CHA2DS2-VASc Score for Atrial Fibrillation Stroke Risk", "risk", "integer", "n-3", "Extracted",
     "A woman of 76 years with atrial fibrillation takes insulin for her diabetes.", "What is the patient's CHA2DS2-VASc Score?",
     "{'sex': 'Female', 'age': [76.0, 'years'], 'Diabetes history': True, 'Congestive Heart Faliure': False}",
     "4", "4", "4", "1 for the sex, 2 for the age, 1 for diabetes"],
    ["4", "13", "Estimated Due Date", "date", "date", "n-4", "Template",
     "Her last period began on 03/10/2020; her cycle has 30 days.",
     "Using Naegele's Rule for estimated due date based on the last menstrual period and cycle length, what is the due date? M/D/Y",
     "{'cycle length': 30, 'Last menstrual date': '03/10/2020'}", "12/17/2020", "12/17/2020", "12/17/2020", "280 days and 2"],
    ["5", "69", "Estimated Gestational Age", "date", "integer", "n-5", "Template",
     "Today is 06/02/2020. Her last period began on 03/10/2020.",
     "Based on the patient's last menstrual period, what is the patient's estimated gestational age?",
     "{'Current Date': '06/02/2020', 'Last menstrual date': '03/10/2020'}",
     "('12 weeks', '0 days')", "('12 weeks', '0 days')", "('12 weeks', '0 days')", "84 days"],
    ["6", "19", "Fibrosis-4 (FIB-4) Index for Liver Fibrosis", "lab test", "decimal", "n-1", "Extracted",
     "A man of 60 years has AST 64 U/L, ALT 64 U/L and platelets of 150,000 per microlitre.",
     "What is the patient's Fibrosis-4 (FIB-4) index?",
     "{'age': [60, 'years'], 'Alanine aminotransferase': [64.0, 'U/L'], 'Aspartate aminotransferase': [64.0, 'U/L'], "
     "'Platelet count': [150000.0, 'µL']}", "3.2", "3.04", "3.36", "60 * 64 / (150 * 8)"],
]  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "test_data.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *ROWS])
    return path


def run(method, items, **services):
    async def all_of_them():
        made = [Services(calculators=calculators, **services) for _ in items]
        return [
            await method(item.case, Context(own, Recorder())) for item, own in zip(items, made, strict=True)
        ]

    return asyncio.run(all_of_them())


def test_oslers_own_calculators_score_every_row_from_the_gold_inputs(file):
    items = list(MedCalcBench.items(file, inputs="gold"))
    found = figures(items, run(embedded_calc, items), "calculation")
    assert found["n"] == 6 and found["accuracy"] == 1.0 and found["errors"] == {}
    assert found["by_category"] == {
        "date": {"n": 2, "accuracy": 1.0},
        "lab test": {"n": 2, "accuracy": 1.0},
        "physical": {"n": 1, "accuracy": 1.0},
        "risk": {"n": 1, "accuracy": 1.0},
    }


def test_the_command_line_runs_it_without_naming_a_method(file):
    result = CliRunner().invoke(
        app, ["eval", "medcalc-bench", "--data", str(file), "--inputs", "gold", "--json"]
    )
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["method"], found["n"], found["accuracy"]) == ("embedded-calc", 6, 1.0)
    assert found["by_calculator"]["Estimated Due Date"] == {"n": 1, "accuracy": 1.0}
    assert found["ci"]["accuracy"][1] == 1.0


def test_the_table_names_what_went_wrong(file):
    text = file.read_text(encoding="utf-8").replace("'creatinine': [1.4", "'creatinine': [2.8")
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["eval", "medcalc-bench", "--data", str(file), "--inputs", "gold"])
    assert result.exit_code == 0 and "what went wrong: wrong formula 1" in result.stdout


def test_a_simulated_model_fed_one_wrong_input_fails_with_the_mistake_named(file):
    items = [next(MedCalcBench.items(file, inputs="gold"))]
    model = from_spec("simulated:accuracy=1.0")
    model.provider.plant([{"question": items[0].case.text, "answer": "2.8 mg/dL"}])
    form = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    }

    async def reads_the_creatinine(case, ctx):
        asked = await ctx.ask(f"{case.text}\n\nWhat is the creatinine?", schema=form)
        values = {**case.calculation.values, "creatinine": asked.value["answer"]}
        return answer_of(case, await ctx.calculate(case.calculation.calculator, values))

    said = run(reads_the_creatinine, items, language=LanguageModels({"main": model}))
    (row,) = scored(items, said, "calculation")
    assert (row["correct"], row["error"]) == (0.0, "wrong value")
    assert row["detail"] == "creatinine: 2.8 mg/dL, is 1.4 mg/dL"
    assert figures(items, said, "calculation")["errors"] == {"wrong value": {"n": 1, "share": 1.0}}


def test_a_simulated_model_that_answers_alone_is_graded_on_its_number_and_its_words(file):
    items = list(MedCalcBench.items(file))
    assert figures(items, answers(items, "accuracy=1.0"), "calculation")["accuracy"] == 1.0
    wrong = scored(items, answers(items, "accuracy=0.0"), "calculation")
    assert {row["error"] for row in wrong} <= {"not used", "unreadable"}


def test_the_real_training_rows_agree_with_the_calculators(data_dir):
    items = list(MedCalcBench.items(data_dir / "medcalc-bench", inputs="gold"))
    found = figures(items, run(embedded_calc, items), "calculation")
    assert found["n"] == 1006 and found["accuracy"] >= 0.97
