"""DDXPlus patients in the published layout: evidences, conditions, and CSV files (plain or zipped) of patients.

Layout (Fansi Tchango et al. 2022, arXiv 2205.09148): `release_evidences.json`, `release_conditions.json`, and
`release_{train,validate,test}_patients` as .csv or .zip with the columns AGE, DIFFERENTIAL_DIAGNOSIS, SEX, PATHOLOGY,
EVIDENCES, INITIAL_EVIDENCE. An evidence is `E_91`, or `E_55_@_V_29` with one of its values.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from osler.case import Case, Demographics, Finding, Term
from osler.errors import InputError
from osler.knowledge.ddxplus import disease_id
from osler.registry import benchmark

EVIDENCES, CONDITIONS = "release_evidences.json", "release_conditions.json"
COLUMNS = ("AGE", "DIFFERENTIAL_DIAGNOSIS", "SEX", "PATHOLOGY", "EVIDENCES", "INITIAL_EVIDENCE")
VALUE = "_@_"
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Patient:
    """One row. `differential` maps condition names to probabilities; evidences as in the file; age in years."""

    age: int
    sex: str
    pathology: str
    differential: Mapping[str, float]
    evidences: tuple[str, ...]
    initial: str

    @cached_property
    def codes(self) -> frozenset[str]:
        """Codes of the evidences that are there, without their values."""
        return frozenset(evidence.split(VALUE)[0] for evidence in self.evidences)

    def opening(self) -> Case:
        """What the patient opens with, and all that a method is shown: age, sex and the initial evidence."""
        term = Term(id=f"DDXPLUS:{self.initial.split(VALUE)[0]}")
        sex = {"M": "male", "F": "female"}.get(self.sex)
        return Case(
            findings=[Finding(term=term, source="ddxplus")],
            demographics=Demographics(age_days=self.age * DAYS_PER_YEAR, sex=sex),  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Definitions:
    """The two files of definitions, as published, by code and by name."""

    evidences: Mapping[str, Mapping[str, Any]]
    conditions: Mapping[str, Mapping[str, Any]]

    def disease_of(self, condition: str) -> str:
        """The id that the knowledge base gives a condition. Raises InputError for a name that is not defined."""
        if condition not in self.conditions:
            raise InputError(f"condition {condition!r} is not in {CONDITIONS}")
        return disease_id(condition)


@benchmark(
    "ddxplus",
    source="Fansi Tchango et al. 2022 (NeurIPS Datasets and Benchmarks)",
    needs=("--data folder with release_*.json",),
    fidelity="code",
)
def read_patients(path: Path, definitions: Definitions, limit: int | None = None) -> Iterator[Patient]:
    """Synthetic patients of 49 common conditions: ask under a budget, then give a graded differential.

    Reads a .csv, or a .zip that holds one. Raises InputError with the line for a row that does not fit the layout.
    """
    with _open_table(path) as stream:
        table = csv.DictReader(stream)
        missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
        if missing:
            raise InputError(f"{path.name} is no DDXPlus patient file: it has no column {', '.join(missing)}")
        for number, row in enumerate(islice(table, limit), start=2):
            try:
                patient = _patient(row)
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                raise InputError(f"{path.name}, line {number}: does not fit the DDXPlus layout") from None
            unknown = sorted(patient.codes - definitions.evidences.keys())
            if unknown:
                raise InputError(f"{path.name}, line {number}: evidence {unknown[0]!r} is not in {EVIDENCES}")
            definitions.disease_of(patient.pathology)
            yield patient


def read_definitions(folder: Path) -> Definitions:
    """The definitions in a folder (or its subfolder "release"). Raises InputError when one is missing or garbled."""
    found = []
    for name in (EVIDENCES, CONDITIONS):
        path = next((p for p in (folder / name, folder / "release" / name) if p.is_file()), None)
        if path is None:
            raise InputError(f"{folder} has no {name}; --data takes the folder of the DDXPlus release")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(f"{path} is not valid JSON; fetch it again") from None
        if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
            raise InputError(f"{path} is not a DDXPlus definition file; fetch it again")
        found.append(content)
    return Definitions(*found)


def patient_file(folder: Path) -> Path | None:
    """The patients to test on, where the folder has them: the test split, else validation, else training."""
    for split in ("test", "validate", "train"):
        for place in (folder, folder / "release"):
            for suffix in (".csv", ".zip"):
                path = place / f"release_{split}_patients{suffix}"
                if path.is_file():
                    return path
    return None


def write_patients(path: Path, patients: list[Patient]) -> None:
    """Write patients as a CSV in the published layout."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(COLUMNS)
        for p in patients:
            differential = str([[name, chance] for name, chance in p.differential.items()])
            table.writerow([p.age, differential, p.sex, p.pathology, str(list(p.evidences)), p.initial])


def _patient(row: Mapping[str, str]) -> Patient:
    differential = ast.literal_eval(row["DIFFERENTIAL_DIAGNOSIS"])
    evidences = ast.literal_eval(row["EVIDENCES"])
    return Patient(
        age=int(row["AGE"]),
        sex=row["SEX"],
        pathology=row["PATHOLOGY"],
        differential={str(name): float(chance) for name, chance in differential},
        evidences=tuple(str(evidence) for evidence in evidences),
        initial=row["INITIAL_EVIDENCE"],
    )


def _open_table(path: Path) -> io.TextIOBase:
    try:
        if not zipfile.is_zipfile(path):
            return path.open(newline="", encoding="utf-8")
        zipped = zipfile.ZipFile(path)
        # The published archives hold one file without a suffix.
        members = [
            name for name in zipped.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise InputError(f"{path.name} should hold one patient file, it holds {len(members)}")
        return io.TextIOWrapper(zipped.open(members[0]), encoding="utf-8", newline="")
    except (OSError, zipfile.BadZipFile):
        raise InputError(f"{path} cannot be read; fetch it again") from None
