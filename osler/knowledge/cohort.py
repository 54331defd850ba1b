"""A table of patients as something to search: nearest by numeric features, each standardised over the cohort.

A column whose values are numbers is a feature; z = (value − mean) / standard deviation, over the patients that have it. How near two
patients are is 1 / (1 + d), d the root mean square difference of z over the features that both have (at least half of those that
the query states). Yes/no words and F/M count as 0 and 1. One patient is one passage, "name: value" a line, its class last.
Columns named id, split, patient… are no features. Knows nothing of models.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from osler.errors import InputError, UsageError
from osler.passages import Filters, Fit, Passage

MOST_ROWS = 1_000_000
LABELS = ("label", "class", "severity", "stage", "cdr", "diagnosis", "group")
_ASIDE = re.compile(r"(?:patient|subject|mri|record|row)?[ _-]?(?:id|uid|number)|split|fold", re.IGNORECASE)
_LINE = re.compile(r"^\s*([^:\n]{1,80}?)\s*:\s*(.+?)\s*$", re.MULTILINE)
# Thousands are parted by commas in groups of three; a comma elsewhere (1,5) could mean two things and is no number.
_NUMBER = re.compile(
    r"[-+−]?(?:[1-9]\d{0,2}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d*)?(?!\d*,\d)|\.\d+)(?:e[-+−]?\d+)?",
    re.IGNORECASE,
)
_WORDS = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0, "m": 1.0, "male": 1.0, "f": 0.0, "female": 0.0}


@dataclass(frozen=True)
class Patient:
    """One row: its id (row number where there is none), what is stated of it, its class, and its split."""

    id: str
    values: Mapping[str, str]
    label: str = ""
    split: str = ""

    def profile(self) -> str:
        """What is stated, a line each: what a search is asked and what a prompt shows."""
        return "\n".join(f"{name}: {value}" for name, value in self.values.items())


@dataclass(frozen=True)
class Cohort:
    """The rows of a table and the name of the column that holds the class."""

    name: str
    label: str
    patients: Sequence[Patient] = field(default_factory=tuple)


def read_cohort(path: Path, label: str | None = None) -> Cohort:
    """A CSV or TSV table with a header. `label` is the class's column; without, the first of the usual names.

    Raises InputError for a file that cannot be read or has no rows, UsageError where no column can be the class.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            names = [name.strip() for name in rows.fieldnames or ()]
            rows.fieldnames = names
            column = _label_of(names, label, path)
            found = [
                _patient(row, column, number) for number, row in enumerate(rows, 1) if number <= MOST_ROWS
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"the table {path} cannot be read ({type(error).__name__}); give CSV or TSV"
        ) from None
    if not found:
        raise InputError(f"the table {path} has no rows below its header")
    return Cohort(path.stem, column, tuple(found))


def _label_of(names: Sequence[str], label: str | None, path: Path) -> str:
    if label is not None:
        if label not in names:
            raise UsageError(f"{path} has no column {label!r}; it has: {', '.join(names)}")
        return label
    known = {name.casefold(): name for name in names}
    found = next((known[name] for name in LABELS if name in known), None)
    if found is None:
        raise UsageError(
            f"no column of {path} is named as a class ({', '.join(LABELS)}); name it with label=COLUMN"
        )
    return found


def _patient(row: Mapping[str, str | None], label: str, number: int) -> Patient:
    said = {name: str(value).strip() for name, value in row.items() if name and str(value or "").strip()}
    key = next(
        (name for name in said if _ASIDE.fullmatch(name) and name.casefold() not in ("split", "fold")), None
    )
    split = next((value for name, value in said.items() if name.casefold() == "split"), "")
    values = {name: value for name, value in said.items() if name != label and not _ASIDE.fullmatch(name)}
    return Patient(said[key] if key else str(number), values, said.get(label, ""), split)


class CohortRetriever:
    """Patients of a cohort that have a class, nearest first. Test rows (split `test`) are never among them."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort, self.name = cohort, f"cohort:{cohort.name}"
        self.patients = [one for one in cohort.patients if one.label and one.split.casefold() != "test"]
        read = [_features(one.values) for one in self.patients]
        self.features = sorted({name for values in read for name in values})
        table = np.array([[values.get(name, np.nan) for name in self.features] for values in read], float)
        table = table.reshape(len(read), len(self.features))
        counted = np.maximum(1, (~np.isnan(table)).sum(axis=0))
        self._mean = np.nansum(table, axis=0) / counted
        spread = np.sqrt(np.nansum((table - self._mean) ** 2, axis=0) / counted)
        self._spread = np.where(spread > 0, spread, 1.0)
        self._z = (table - self._mean) / self._spread

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The nearest patients to a profile ("name: value", a line each). Raises UsageError for filters: there are none."""
        if filters is not None and filters != Filters():
            raise UsageError(f"{self.name} is a table of patients; it takes no filters")
        scores = self.nearness(query)
        order = [i for i in np.argsort(-scores, kind="stable").tolist() if scores[i] > 0][:top]
        return [self._passage(self.patients[i], float(scores[i])) for i in order]

    def nearness(self, query: str) -> np.ndarray:
        """How near each patient is to a profile, float64[patients], 0 to 1; 0 where too few features are shared."""
        names = {name.casefold(): place for place, name in enumerate(self.features)}
        own = {names[name]: value for name, value in features_of(query).items() if name in names}
        if not own:
            return np.zeros(len(self.patients))
        places = sorted(own)
        z = (np.array([own[i] for i in places]) - self._mean[places]) / self._spread[places]
        apart = self._z[:, places] - z
        shared = (~np.isnan(apart)).sum(axis=1)
        distance = np.sqrt(np.nansum(apart**2, axis=1) / np.maximum(1, shared))
        return np.where(shared * 2 >= len(places), 1 / (1 + distance), 0.0)

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a patient against a profile: the probability is the nearness, and no words are marked."""
        return Fit(passage.score, ())

    def _passage(self, patient: Patient, score: float) -> Passage:
        text = f"{patient.profile()}\n{self.cohort.label}: {patient.label}"
        return Passage(text, patient.id, 0, len(text), self.cohort.name, score, corpus=self.name)


def number_of(value: str) -> float | None:
    """A value as a number: what it begins with ("27 of 30" is 27, "120mmHg" 120, "1,234" 1234), yes or no, male or female.

    None for other words, and for what is too great to be a number.
    """
    folded = value.strip().casefold()
    if folded in _WORDS:
        return _WORDS[folded]
    found = _NUMBER.match(folded)
    number = float(found[0].replace(",", "").replace("−", "-")) if found else math.inf
    return number if math.isfinite(number) else None


def features_of(profile: str) -> dict[str, float]:
    """The numbers of a profile ("name: value", a line each), by name in small letters."""
    return _features({name.casefold(): value for name, value in _LINE.findall(profile)})


def _features(values: Mapping[str, str]) -> dict[str, float]:
    read = {name: number_of(value) for name, value in values.items()}
    return {name: value for name, value in read.items() if value is not None}
