"""MedMCP-Calc: clinical scenarios put vaguely, each calling for several calculators and for data from a record database.

Layout: `tasks.jsonl` with `task_id`, `task_scenario`, `task_category`, `patient_id`, `task_description` (names the calculators, so
it is never shown), `fuzzy_question`, `required_calculators` and `calculator_answers` (a list of `name`, `inputs` with `field`
and `value`, `final_answer`). The question is shown as the release shows it, with the patient's id. The published database is
not part of Osler: name an SQLite file of it to the method (`medmcp-calc(records=FILE)`). Without one, `inputs="gold"` states
the data as the text of the case, fields and values only, so that choice and calculation can be measured; no data are acquired
then. A result that was published as null counts for the choice alone; the released scoring also drops results of 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files, Row, list_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Case, opaque_id
from osler.errors import InputError, UsageError
from osler.registry import benchmark
from osler.scoring.references import WorkflowReference
from osler.services import Example

NEEDS = "the folder of MedMCP-Calc, or its tasks.jsonl"
INPUTS = ("records", "gold")
QUESTION = (
    "This is about the patient whose patient_id is {patient}. Choose and name the medical calculators that apply, work them "
    "out, and give their results.\n\n{question}"
)


@benchmark(
    "medmcp-calc",
    source="Zhu et al. 2026 (MedMCP-Calc)",
    needs=(f"--data {NEEDS}",),
    scorer="calculator-workflow",
    inputs=INPUTS,
)
class MedMcpCalc:
    """Vague requests that call for several calculators: choice, data acquisition and results, scored apart."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None, inputs: str | None = None
    ) -> Iterator[Item[WorkflowReference]]:
        """Items of a clinical domain (`subset`); there is one split. `inputs`: `records` to be queried, or `gold` data stated."""
        if inputs not in (None, *INPUTS):
            raise UsageError(f"--inputs takes {' or '.join(INPUTS)}, not {inputs!r}")
        if split not in (None, "test"):
            raise InputError(f"MedMCP-Calc has no split {split!r}; there is: test")
        with Files(path, NEEDS) as files:
            rows = files.rows(files.only("tasks.jsonl", "*.jsonl"))
            found = (_item(row, where, inputs == "gold") for where, row in rows)
            yield from distinct(item for item in found if subset in (None, item.subset))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The clinical domains (the second level of a task's category)."""
        return sorted({item.subset for item in MedMcpCalc.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """None: there is no training split."""
        raise InputError("MedMCP-Calc has no training split to draw examples from")


def _item(row: Row, where: str, stated: bool) -> Item[WorkflowReference]:
    question = words_of(row, "fuzzy_question", where)
    patient = words_of(row, "patient_id", where)
    answers = [_answer(one, where) for one in list_of(row, "calculator_answers", where)]
    if not answers:
        raise InputError(f"{where}: field 'calculator_answers' is empty")
    reference = WorkflowReference(
        tuple((name, value) for name, value, _ in answers),
        tuple(dict.fromkeys(pair for _, _, fields in answers for pair in fields)),
    )
    # Sorted, so that the order of the fields does not tell the order of the calculators.
    text = "\n".join(sorted(f"{name}: {value}" for name, value in reference.fields)) if stated else ""
    levels = [level.strip() for level in str(row.get("task_category") or "").split("/")]
    domain = levels[1] if len(levels) > 1 else "unknown"
    key = opaque_id(patient, question)
    asked = QUESTION.format(patient=patient, question=question)
    case = Case(id=key, text=text, question=asked, answer_kind="text")
    return Item(key, case, reference, key, subset=domain, tags={"domain": domain})


def _answer(one: Any, where: str) -> tuple[str, float | str | None, list[tuple[str, str]]]:
    """A calculator with its result and the fields that it takes."""
    if not isinstance(one, dict):
        raise InputError(f"{where}: field 'calculator_answers' must hold objects")
    name = words_of(one, "name", f"{where}, calculator_answers")
    value = one.get("final_answer")
    if isinstance(value, bool) or not isinstance(value, int | float | str | type(None)):
        value = str(value)
    fields = []
    for given in one.get("inputs") or []:
        if not isinstance(given, dict) or not str(given.get("field") or "").strip():
            raise InputError(f"{where}, {name}: an input has no field")
        fields.append((str(given["field"]).strip(), str(given.get("value", "")).strip()))
    return name, value if value != "" else None, fields
