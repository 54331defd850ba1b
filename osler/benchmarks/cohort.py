"""A table of patients with a class, as classification: each row is a case of measured values, the classes are the labels.

`--map label=COLUMN` names the class's column (else label, class, severity, stage, CDR, diagnosis or group). Rows whose column
`split` says test are the items; without such a column all rows are. The same file is the case base of `brains`
(`--corpus cohort:FILE`), which searches the other rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from osler.benchmarks.items import Item, distinct
from osler.case import Case, Measurement, Option, Quantity, Term, opaque_id
from osler.errors import InputError
from osler.knowledge.cohort import Cohort as Table
from osler.knowledge.cohort import Patient, number_of, read_cohort
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example
from osler.trace import Answer


@benchmark(
    "cohort",
    source="the user's own table",
    needs=("--data FILE.csv", "--map label=COLUMN"),
    scorer="choice",
)
class Cohort:
    """Patients of a table, to be put into their class: accuracy and macro F1."""

    @staticmethod
    def items(
        path: Path,
        *,
        subset: str | None = None,
        split: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Iterator[Item[ChoiceReference]]:
        """Rows of a split (`test` where the table has splits) that have a class. Raises InputError where there are not two classes."""
        table = read_cohort(path, (columns or {}).get("label"))
        classes = _classes(table)
        if len(classes) < 2:
            raise InputError(
                f"column {table.label!r} of {path} holds {len(classes)} class; a classification needs two"
            )
        yield from distinct(
            Item(case.id, case, ChoiceReference(patient.label, classes), case.id)
            for patient in _of_split(table, split)
            for case in [_case(patient, table, classes)]
        )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """None: a table is one set."""
        return []

    @staticmethod
    def examples(
        path: Path, *, subset: str | None = None, columns: Mapping[str, str] | None = None
    ) -> list[Example]:
        """The rows that are not test rows, with their class."""
        table = read_cohort(path, (columns or {}).get("label"))
        classes = _classes(table)
        return [
            Example(_case(one, table, classes), Answer(kind="label", choice=one.label))
            for one in table.patients
            if one.label and one.split.casefold() != "test"
        ]


def _of_split(table: Table, split: str | None) -> list[Patient]:
    there = {one.split.casefold() for one in table.patients if one.split}
    wanted = split.casefold() if split else "test" if "test" in there else ""
    if wanted and wanted not in there:
        raise InputError(
            f"the table {table.name} has no split {split!r}; it has: {', '.join(sorted(there)) or 'none'}"
        )
    return [one for one in table.patients if one.label and (not wanted or one.split.casefold() == wanted)]


def _classes(table: Table) -> tuple[str, ...]:
    """All classes, in the order of numbers where they are numbers."""
    found = {one.label for one in table.patients if one.label}
    return tuple(sorted(found, key=lambda label: (number_of(label) or 0.0, label)))


def _case(patient: Patient, table: Table, classes: tuple[str, ...]) -> Case:
    text = patient.profile()
    return Case(
        id=opaque_id("cohort", table.label, text),
        text=text,
        measurements=[_measured(name, value) for name, value in patient.values.items()],
        question=f"Which {table.label} does this patient have?",
        options=[Option(key=label, text=label) for label in classes],
        answer_kind="label",
    )


def _measured(name: str, value: str) -> Measurement:
    try:
        number = float(value)
    except ValueError:
        number = math.inf
    term = Term(id="", label=name)
    if math.isfinite(number):
        return Measurement(term=term, quantity=Quantity(value=number))
    return Measurement(term=term, value_text=value)
