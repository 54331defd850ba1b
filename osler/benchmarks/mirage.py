"""MIRAGE: five choice sets (MedQA, MedMCQA, PubMedQA*, BioASQ, MMLU-Med) in one `benchmark.json`.

Layout: `{set: {id: {"question", "options": {key: text}, "answer": key}}}`. PubMedQA and BioASQ come without their
abstracts, as published: the set measures retrieval. It has no training split.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import choice_item, options_of, right_key, with_text
from osler.benchmarks.files import Files, object_of, pick, words_of
from osler.benchmarks.items import Item, distinct
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "MIRAGE's benchmark.json, or its folder"


@benchmark("mirage", source="Xiong et al. 2024 (MIRAGE)", needs=(f"--data {NEEDS}",), scorer="choice")
class Mirage:
    """Five medical choice sets without their context: 7,663 questions in the release."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """All questions, or those of one set; `split` other than "test" is refused."""
        if split not in (None, "test"):
            raise InputError(f"MIRAGE has no split {split!r}: all of it is for testing")
        name, sets = _sets(path)
        yield from distinct(
            _item(question, chosen, f"{name} {chosen}/{key}")
            for chosen in pick(subset, list(sets), "set")
            for key, question in object_of(sets, chosen, name).items()
        )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The sets in the file."""
        return list(_sets(path)[1])

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Refused: MIRAGE has no training split."""
        raise InputError("MIRAGE has no training split")


def _sets(path: Path) -> tuple[str, dict[str, Any]]:
    with Files(path, NEEDS) as files:
        name = files.only("benchmark.json")
        sets = files.json(name)
    if not isinstance(sets, dict) or not sets:
        raise InputError(f"{name} is not MIRAGE's layout: an object of sets, each an object of questions")
    return name, sets


def _item(row: Any, subset: str, where: str) -> Item[ChoiceReference]:
    if not isinstance(row, dict):
        raise InputError(f"{where} is not an object with question, options and answer")
    options = options_of(row.get("options"), where)
    return choice_item(
        words_of(row, "question", where),
        with_text(options),
        right_key(row.get("answer"), options, where),
        where,
        subset=subset,
    )
