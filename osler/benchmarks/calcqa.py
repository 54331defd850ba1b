"""CalcQA: a patient's record and a doctor's request; the right calculator is to be chosen, and its result worked out.

Layout: `clinical_case.json`, a list of objects with `patient_case`, `doctor_query`, `calculator_name`, `calculator_parameters`
(name → {"Value", "Unit"}, as JSON in a string or as it is) and `calculator_score`; the toolkit's files beside it
(`tool_scale.json`, `tool_unit.json`) are not needed, since the tools are Osler's own. Graded on tool and value apart.
The score of a scale must be met exactly, the result of an equation within 1 % or half a unit of its last decimal (the release
has no scorer of its own; this rule is Osler's). A tool of the release that holds several formulas (BMI and BSA, the QTc) is met by any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.benchmarks.vignette import vignette_hash
from osler.calculators import Calculator, ValueRefused, get
from osler.calculators.define import Number, YesNo
from osler.calculators.found import every_input
from osler.calculators.naming import calculator_called, input_called
from osler.calculators.values import read
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import CalculationReference
from osler.services import Example

NEEDS = "CalcQA's clinical_case.json, or the folder or ZIP that holds it"
# Tools of the release that hold more than one formula, by words of their names.
SEVERAL = {
    ("body mass index", "body surface area"): ("bmi", "body-surface-area", "body-surface-area-du-bois",
                                                  "body-surface-area-haycock"),
    ("corrected qt",): ("qtc-bazett", "qtc-fridericia", "qtc-framingham", "qtc-hodges", "qtc-rautaharju"),
    ("ideal body weight", "adjusted body weight"): ("ideal-body-weight", "adjusted-body-weight"),
    ("ckd-epi",): ("ckd-epi-2021", "ckd-epi-2021-creatinine-cystatin", "ckd-epi-2012-cystatin"),
    ("psi/port",): ("psi", "psi-class"),
}  # fmt: skip
_TOLERANCE = 0.01
_NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{4}")


@benchmark(
    "calcqa", source="Zhu et al. 2025 (MeNTi, CalcQA)", needs=(f"--data {NEEDS}",), scorer="calculation"
)
class CalcQA:
    """Choose a medical calculator for a record and work it out: 100 cases of 44 calculators, units to convert among them."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[CalculationReference]]:
        """All cases, or those of one calculator (`subset`); there are no splits."""
        if split not in (None, "test"):
            raise InputError("CalcQA has no splits; its calculators are subsets")
        with Files(path, NEEDS) as files:
            rows = files.rows(files.only("clinical_case*.json", "clinical_case*.jsonl"))
            yield from distinct(
                item for where, row in rows if (item := _item(row, where)).subset == subset or subset is None
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The calculators, as the release names them."""
        return sorted({item.subset for item in CalcQA.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Refused: there is no training split."""
        raise InputError("CalcQA has no training split")


def _item(row: Row, where: str) -> Item[CalculationReference]:
    text, question = words_of(row, "patient_case", where), words_of(row, "doctor_query", where)
    title = words_of(row, "calculator_name", where)
    tools = tools_of(title)
    known = get(tools[0]) if tools else None
    inputs = _inputs(known, _parameters(row, where)) if known else {}
    counted = known is None or known.kind in ("score", "rule")
    about: dict[str, Any] = {"calculator": tools[0] if tools else None, "others": tools[1:], "title": title,
                             "inputs": inputs}  # fmt: skip
    reference = _reference(row, where, counted, about)
    key = opaque_id(text, question)
    case = Case(
        id=key,
        text=text,
        question=question,
        answer_kind="text" if reference.form == "date" else "number",
        language="zh" if re.search("[\u4e00-\u9fff]", text) else "en",
    )
    return Item(key, case, reference, vignette_hash(text), subset=title, tags={"calculator": title})


def tools_of(title: str) -> tuple[str, ...]:
    """The names of Osler's calculators that a tool of the release is; empty where Osler has none."""
    low = title.lower()
    for words, names in SEVERAL.items():
        if all(word in low for word in words):
            return names
    found = calculator_called(title)
    return (found.name,) if found else ()


def _reference(row: Row, where: str, counted: bool, about: Mapping[str, Any]) -> CalculationReference:
    """The published result with the limits within which an answer is right; `counted` is that of a scale."""
    raw = row.get("calculator_score")
    text = str(raw).strip() if isinstance(raw, str | int | float) and not isinstance(raw, bool) else ""
    day = _DATE.search(text)
    if day:
        return CalculationReference(day[0], form="date", **about)
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        raise InputError(
            f"{where}: field 'calculator_score' must hold one number or a date, not {text[:40]!r}"
        )
    value = float(numbers[0].replace("−", "-"))
    if counted and value == int(value):
        return CalculationReference(value, value, value, form="integer", **about)
    decimals = len(numbers[0].partition(".")[2])
    slack = max(_TOLERANCE * abs(value), 0.5 * 10.0**-decimals)
    return CalculationReference(value, value - slack, value + slack, decimals=decimals, **about)


def _parameters(row: Row, where: str) -> Mapping[str, Any]:
    """The published parameters by name; empty where there are none."""
    raw = row.get("calculator_parameters") or {}
    if isinstance(raw, str):
        try:
            raw = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise InputError(f"{where}: field 'calculator_parameters' holds no JSON object") from None
    if not isinstance(raw, dict):
        raise InputError(f"{where}: field 'calculator_parameters' does not hold an object")
    return raw


def _inputs(about: Calculator, parameters: Mapping[str, Any]) -> dict[str, str | float | bool | None]:
    """The parameters that are inputs of Osler's calculator, as text with units. Coded categories are left out: the codes are
    those of the release's own functions.
    """
    known = {one.name: one for one in every_input(about)}
    found: dict[str, str | float | bool | None] = {}
    for written, slot in parameters.items():
        name = input_called(about, written)
        value, unit = (slot.get("Value"), slot.get("Unit")) if isinstance(slot, dict) else (slot, None)
        if name is None or value is None or isinstance(value, dict | list):
            continue
        one = known[name]
        if isinstance(one, YesNo) and value in (0, 1):
            found[name] = bool(value)
            continue
        text = f"{value} {unit}" if unit and isinstance(one, Number) else str(value)
        try:
            read(one, text, strict=False)
        except ValueRefused:
            continue
        found[name] = text
    return found
