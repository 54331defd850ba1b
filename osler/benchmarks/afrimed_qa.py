"""AfriMed-QA: questions from African medical schools with country, specialty and who wrote them. The choice questions.

Layout: CSV with `question_clean`, `answer_options` (JSON of option1 …), `correct_answer` (one key or several), `question_type`
(mcq, saq, consumer_queries), `country`, `specialty`, `gender`, `tier`, `split`. Short-answer and consumer questions have no
key and are left to judge-based scoring. Options named "n/a" are no options.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.choices import as_example
from osler.benchmarks.files import Files, Row
from osler.benchmarks.items import Item
from osler.benchmarks.own import Own
from osler.errors import InputError
from osler.registry import benchmark
from osler.services import Example

NEEDS = "AfriMed-QA's CSV file, or its folder"
_TAGS = ("country", "specialty", "gender", "tier", "discipline")


@benchmark(
    "afrimed-qa",
    source="Olatunji et al. 2024 (AfriMed-QA)",
    needs=(f"--data {NEEDS}",),
    scorer="by-kind",
    splits=("test", "train"),
)
class AfriMedQA:
    """Choice questions from African medical schools, tagged by country and specialty."""

    @staticmethod
    def items(path: Path, *, subset: str | None = None, split: str | None = None) -> Iterator[Item[Any]]:
        """Choice questions of a split (test by default, where the file tells splits); there are no subsets."""
        if subset is not None:
            raise InputError("AfriMed-QA has no subsets; country and specialty are tags")
        with Files(path, NEEDS) as files:
            name = files.only("afri*med*qa*.csv", "*.csv")
            rows = ((where, _clean(row, where)) for where, row in files.rows(name) if _wanted(row, split))
            first = next(rows, None)
            if first is None:
                raise InputError(f"{name} holds no choice questions of the split {split or 'test'}")
            text = "question_clean" if "question_clean" in first[1] else "question"
            columns = {"question": text, "options": "answer_options", "answer": "correct_answer"}
            columns |= {tag: tag for tag in _TAGS if tag in first[1]}
            yield from Own.read(first, rows, columns, name)

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """None."""
        return []

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Choice questions of the training split."""
        return [as_example(item) for item in AfriMedQA.items(path, subset=subset, split="train")]


def _wanted(row: Row, split: str | None) -> bool:
    own = str(row.get("split") or "")
    return str(row.get("question_type") or "mcq") == "mcq" and (not own or own == (split or "test"))


def _clean(row: Row, where: str) -> Row:
    try:
        options = orjson.loads(str(row.get("answer_options")))
    except orjson.JSONDecodeError:
        raise InputError(f"{where}, column 'answer_options': is not JSON") from None
    if not isinstance(options, dict):
        raise InputError(f"{where}, column 'answer_options': is no object of options")
    kept = {key: text for key, text in options.items() if str(text).strip().lower() not in ("n/a", "")}
    return {**row, "answer_options": kept}
