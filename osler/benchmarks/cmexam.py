"""CMExam: questions of the Chinese medical licensing examination with explanations and five annotations.

Layout: CSV with `Question`, `Options` (one per line, `A …`), `Answer` (one letter or several), `Explanation`, and in the
annotated test file the disease group (ICD-11), clinical department, medical discipline, competency and difficulty, under the
release's column names or those of the paper. Rows without an answer are left out, as the release does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import as_example
from osler.benchmarks.files import Files
from osler.benchmarks.items import Item
from osler.benchmarks.own import Own
from osler.errors import InputError
from osler.registry import benchmark
from osler.services import Example

NEEDS = "CMExam's folder (test_with_annotations.csv, train.csv), or one of its files"
FIELDS = {
    "disease group": ("ICD-11", "ICD-11 Group", "Disease Group", "Disease Groups"),
    "department": ("Subject", "Clinical department", "Clinical Department", "Clinical Departments"),
    "discipline": ("一级标签", "Discipline", "Medical Discipline", "Medical Disciplines"),
    "competency": ("Ability", "Competency", "Medical Competency", "Areas of Competency"),
    "difficulty": ("Difficulty level", "Difficulty Level", "正确率"),
}


@benchmark(
    "cmexam",
    source="Liu et al. 2023 (CMExam)",
    needs=(f"--data {NEEDS}",),
    scorer="by-kind",
    splits=("test", "train", "val"),
)
class CMExam:
    """Chinese licensing questions, tagged by disease group, department, discipline, competency and difficulty."""

    @staticmethod
    def items(path: Path, *, subset: str | None = None, split: str | None = None) -> Iterator[Item[Any]]:
        """Questions of a split (the annotated test file by default); there are no subsets."""
        if subset is not None:
            raise InputError("CMExam has no subsets; its five annotations are tags")
        with Files(path, NEEDS) as files:
            wanted = {
                None: ("test_with_annotation*.csv", "test*.csv"),
                "test": ("test_with_annotation*.csv", "test*.csv"),
            }
            name = files.only(*wanted.get(split, (f"{split}.csv",)))
            rows = ((where, row) for where, row in files.rows(name) if str(row.get("Answer") or "").strip())
            first = next(rows, None)
            if first is None:
                raise InputError(f"{name} holds no answered question")
            yield from Own.read(first, rows, _columns(list(first[1])), name)

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """None."""
        return []

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Questions of the training file."""
        return [as_example(item) for item in CMExam.items(path, subset=subset, split="train")]


def explanations(path: Path) -> dict[str, str]:
    """The gold explanation by item key, for scoring written explanations (ROUGE, BLEU)."""
    with Files(path, NEEDS) as files:
        name = files.only("test_with_annotation*.csv", "test*.csv")
        told = [
            str(row.get("Explanation") or "")
            for _, row in files.rows(name)
            if str(row.get("Answer") or "").strip()
        ]
    items = CMExam.items(path)
    return {item.key: text for item, text in zip(items, told, strict=True)}


def _columns(there: list[str]) -> dict[str, str]:
    columns = {"question": "Question", "options": "Options", "answer": "Answer"}
    for tag, names in FIELDS.items():
        if found := next((name for name in names if name in there), None):
            columns[tag] = found
    return columns
