"""MedCalc-Bench: a note, a question for one number (a score, a date, a gestational age), and the entities it takes.

Layout: CSV with `Row Number`, `Calculator ID`, `Calculator Name`, `Category`, `Output Type`, `Note ID`, `Patient Note`,
`Question`, `Relevant Entities` (a Python literal), `Ground Truth Answer`, `Lower Limit`, `Upper Limit`; the first release and
the later ones differ in names of entities, both are read. Where there is a column `Corrected Answer`, it is the reference and
the first answer is kept as a tag; a row that it marks "N/A" has no right answer and is left out.
Rows of one note form one group. With `inputs="gold"` a case states the row's calculator and its entities as inputs.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import as_example
from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.benchmarks.medcalc_bench_entities import by_id, conventions, inputs_of, table
from osler.case import Calculation, Case, opaque_id
from osler.errors import InputError, UsageError
from osler.registry import benchmark
from osler.scoring.references import CalculationReference
from osler.services import Example

NEEDS = "a CSV of MedCalc-Bench in its published layout, or the folder or ZIP that holds it"
INPUTS = ("gold", "text")
_FILES = {
    "test": ("test_data*.csv", "test*.csv"),
    "train": ("train*.csv",),
    "disputed": ("*disputed*.csv",),
}
_NONE = ("", "n/a", "na", "nan", "none")
# Equations are right within ±5 %, the rest exactly. One release stores no limits for its dosage conversions.
_TOLERANCE = 0.05
_WIDE = ("lab", "physical", "dosage")


@benchmark(
    "medcalc-bench",
    source="Khandekar et al. 2024 (MedCalc-Bench)",
    needs=(f"--data {NEEDS}",),
    scorer="calculation",
    splits=("test", "train", "disputed"),
    inputs=INPUTS,
)
class MedCalcBench:
    """Clinical calculations from patient notes: 55 calculators, from the note or from the entities given."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None, inputs: str | None = None
    ) -> Iterator[Item[CalculationReference]]:
        """Items of a split (test where it is there, else train) and of one category (`subset`)."""
        if inputs not in (None, *INPUTS):
            raise UsageError(f"--inputs takes {' or '.join(INPUTS)}, not {inputs!r}")
        with Files(path, NEEDS) as files:
            names = _names(files, split)
            found = (_item(row, where, inputs) for name in names for where, row in files.rows(name))
            yield from distinct(item for item in found if item and subset in (None, item.subset))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The categories: lab, risk, physical, …"""
        return sorted({item.subset for item in MedCalcBench.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The rows of the training file, each with its published explanation where it has one."""
        with Files(path, NEEDS) as files:
            rows = [(where, row) for name in _names(files, "train") for where, row in files.rows(name)]
        found = [(row, item) for where, row in rows if (item := _item(row, where, None))]
        return [_explained(item, row) for row, item in found if subset in (None, item.subset)]


def _explained(item: Item[CalculationReference], row: Row) -> Example:
    example, words = as_example(item), str(row.get("Ground Truth Explanation") or "").strip()
    return replace(example, answer=example.answer.model_copy(update={"note": words or None}))


def _names(files: Files, split: str | None) -> list[str]:
    """The files of a split; of the one file that was named, only itself."""
    if files.path.is_file() and len(files.names) == 1:
        return files.names
    if split is not None and split not in _FILES:
        raise InputError(f"MedCalc-Bench has no split {split!r}; there are: {', '.join(_FILES)}")
    for one in [split] if split else ["test", "train"]:
        for pattern in _FILES[one]:
            found = [n for n in files.like(pattern) if one == "disputed" or "disputed" not in n]
            if found:
                return found
    raise InputError(
        f"{files.path} holds no file of MedCalc-Bench ({split or 'test or train'}); give {NEEDS}"
    )


def _item(row: Row, where: str, inputs: str | None) -> Item[CalculationReference] | None:
    number = _whole(row, "Calculator ID", where)
    if number not in table()["calculators"]:
        raise InputError(f"{where}, column 'Calculator ID': {number} is none of MedCalc-Bench's calculators")
    note, question = words_of(row, "Patient Note", where), words_of(row, "Question", where)
    first = words_of(row, "Ground Truth Answer", where)
    corrected = str(row["Corrected Answer"] or "").strip() if "Corrected Answer" in row else first
    if "Corrected Answer" in row and corrected.casefold() in _NONE:
        return None
    title, category = words_of(row, "Calculator Name", where), words_of(row, "Category", where)
    later = "Corrected Answer" in row
    gold = inputs_of(number, _entities(row, where), later)
    about = by_id().get(number)
    reference = _reference(row, where, corrected, first != corrected, about.name if about else None, gold)
    key = opaque_id(note, question, str(number), repr(sorted(gold.items())))
    case = Case(
        id=key,
        text=note,
        question=question,
        answer_kind="number" if reference.form in ("decimal", "integer") else "text",
        calculation=_calculation(inputs, number, about.name if about else None, gold, later),
    )
    tags = {"category": category, "calculator": title}
    if later:
        tags |= {"first answer": first, "relabelled": "yes" if first != corrected else "no"}
    return Item(key, case, reference, opaque_id(words_of(row, "Note ID", where)), subset=category, tags=tags)


def _calculation(
    inputs: str | None, number: int, name: str | None, gold: Mapping[str, Any], later: bool
) -> Calculation | None:
    """What a case states of its calculation: all of it (gold), the benchmark's conventions (text), or nothing."""
    if inputs == "gold":
        return Calculation(calculator=name, values=dict(gold))
    return Calculation(values=conventions(number, later)) if inputs == "text" else None


def _reference(
    row: Row, where: str, answer: str, moved: bool, name: str | None, gold: Mapping[str, Any]
) -> CalculationReference:
    """The right answer with its limits. A corrected answer gets limits of its own, as wide as the published rule makes them."""
    about = {"calculator": name, "inputs": gold, "title": words_of(row, "Calculator Name", where)}
    about["category"] = words_of(row, "Category", where)
    kind = words_of(row, "Output Type", where)
    number = _whole(row, "Calculator ID", where)
    if number in (13, 68):
        return CalculationReference(answer, form="date", **about)
    if number == 69:
        return CalculationReference(_weeks(answer, where), form="weeks", **about)
    value = _number(answer, where, "Ground Truth Answer")
    low, high = (_number(words_of(row, n, where), where, n) for n in ("Lower Limit", "Upper Limit"))
    category = str(about["category"])
    if moved or category.startswith("dosage"):
        wide = low != high or (value != 0 and category.startswith(_WIDE))
        low, high = (value * (1 - _TOLERANCE), value * (1 + _TOLERANCE)) if wide else (value, value)
    low, high = min(low, high), max(low, high)
    exact = kind == "integer" and low == high
    decimals = max(_decimals(row[n]) for n in ("Ground Truth Answer", "Lower Limit", "Upper Limit"))
    form = "integer" if exact else "decimal"
    return CalculationReference(value, low, high, form=form, decimals=decimals, **about)


def _entities(row: Row, where: str) -> dict[str, Any]:
    """The column of entities, a Python literal. Raises InputError."""
    try:
        found = ast.literal_eval(words_of(row, "Relevant Entities", where))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{where}, column 'Relevant Entities': holds no names and values")
    return {str(name): value for name, value in found.items()}


def _weeks(text: str, where: str) -> str:
    """`('14 weeks', '2 days')`, or a number of days, as `14 weeks 2 days`."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    if "week" in text and len(numbers) == 2:
        return f"{numbers[0]} weeks {numbers[1]} days"
    if len(numbers) == 1 and re.fullmatch(r"\d+(\.0+)?|\d+ days?", text):
        return f"{numbers[0] // 7} weeks {numbers[0] % 7} days"
    raise InputError(f"{where}: {text[:40]!r} is no gestational age in weeks and days")


def _number(text: str, where: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where}, column {name!r}: {text[:40]!r} is no number")
    return value


def _whole(row: Row, name: str, where: str) -> int:
    value = _number(words_of(row, name, where), where, name)
    if value != int(value):
        raise InputError(f"{where}, column {name!r}: must be a whole number")
    return int(value)


def _decimals(text: str) -> int:
    return len(str(text).partition(".")[2].rstrip("0"))
