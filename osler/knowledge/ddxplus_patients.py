"""Counts P(evidence | condition) in the synthetic patients of DDXPlus, where the ready-made table is not there."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.data.progress import progress
from osler.errors import InputError

PATIENT_FILES = ("release_train_patients.zip", "release_train_patients.csv", "release_train_patients")
_CODE = re.compile(r"E_\d+")


def count_patients(path: Path) -> dict[str, Any]:
    """`{"condition_counts": {condition: n}, "probabilities": {condition: {evidence: share}}}` over all patients.

    `path` is the training set as CSV or zipped CSV with the columns PATHOLOGY and EVIDENCES. Raises InputError when it
    is not such a table.
    """
    patients: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    try:
        with progress(f"Counting the patients of {path.name}", None):
            for row in _rows(path):
                condition = row["PATHOLOGY"]
                patients[condition] += 1
                seen[condition].update(set(_CODE.findall(row["EVIDENCES"])))
    except (KeyError, TypeError, OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path.name} is not the patient table of DDXPlus ({error!r}); fetch it again."
        ) from None
    if not patients:
        raise InputError(f"{path.name} holds no patients; fetch it again.")
    shares = {
        condition: {code: count / patients[condition] for code, count in codes.items()}
        for condition, codes in seen.items()
    }
    return {"condition_counts": dict(patients), "probabilities": shares}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix != ".zip":
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
        return
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as raw:
        yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
