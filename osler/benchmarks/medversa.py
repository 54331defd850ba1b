"""MedVersa and other files of knowledge edits: each row is asked three times, as edited, in other words, and about something else.

Layout (MedREK's release): a JSON list of rows with `prompt`, `target_new`, `rephrase_prompt`, `locality_prompt`,
`locality_ground_truth` and `subject_name`. Each row gives up to three items: `efficacy` (the prompt; right is the new answer),
`generality` (the rephrasing), `locality` (an unrelated question; right is the answer that holds without edits). The aspects are the
subsets. The same file is the store of edits: `osler eval medversa --data FILE --method medrek -m edits=FILE --model …`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.editing import ASPECTS, Aspect, EditReference
from osler.services import Example

NEEDS = "a JSON file of MedVersa (test.json, valid.json)"
FIELDS: dict[Aspect, tuple[str, str]] = {
    "efficacy": ("prompt", "target_new"),
    "generality": ("rephrase_prompt", "target_new"),
    "locality": ("locality_prompt", "locality_ground_truth"),
}


@benchmark("medversa", source="Xia et al. 2025 (MedREK)", needs=(f"--data {NEEDS}",), scorer="editing")
class MedVersa:
    """Edited medical facts: efficacy, generality and locality."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[EditReference]]:
        """Items of one aspect (`subset`) or all. Raises InputError that names the row."""
        if split not in (None, "test"):
            raise InputError(
                f"a file of edits has no split {split!r}; name the file of the split with --data"
            )
        with Files(path, NEEDS) as files:
            name = files.only("test.json", "*.json", "*.jsonl")
            yield from distinct(
                _item(row, where, aspect)
                for where, row in files.rows(name)
                for aspect in ASPECTS
                if subset in (None, aspect) and row.get(FIELDS[aspect][0])
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The three aspects."""
        return list(ASPECTS)

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """None: the edits themselves are what a method is given."""
        raise InputError("a file of edits has no training split to draw examples from")


def _item(row: Row, where: str, aspect: Aspect) -> Item[EditReference]:
    asked, wanted = FIELDS[aspect]
    question = words_of(row, asked, where)
    key = opaque_id("edit", aspect, question)
    case = Case(id=key, question=question, answer_kind="text")
    group = opaque_id("edit", str(row.get("prompt") or question))
    tags = {"subject": str(row["subject_name"])} if row.get("subject_name") else {}
    return Item(
        key, case, EditReference(aspect, words_of(row, wanted, where)), group, subset=aspect, tags=tags
    )
