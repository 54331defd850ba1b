"""MedMCQA: entrance-exam questions with subject, topic and an explanation.

Layout: `{train,dev,test}.json` with one object per line (`question`, `opa` … `opd`, `cop`, `subject_name`, `topic_name`, `exp`).
The first release counts `cop` from 1, the hub's copy from 0: which it is shows in the file (a 4, or a 0). Rows without a right
option (the test split, or `cop` -1) are refused. Explanations do not enter the case; they are exported apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import as_example, choice_item
from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "MedMCQA's folder (train.json, dev.json), or one of its files"
_COLUMNS = ("opa", "opb", "opc", "opd")
_LOOK_AHEAD = 20_000


@benchmark(
    "medmcqa",
    source="Pal et al. 2022 (MedMCQA)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
    splits=("dev", "train"),
)
class MedMCQA:
    """Medical entrance-exam questions over 21 subjects."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """Questions of a split (dev by default, whose answers are public) and of a subject (`subset`)."""
        with Files(path, NEEDS) as files:
            name, base = _named(files, split or "dev")
            items = distinct(_item(row, base, where) for where, row in files.rows(name))
            yield from (item for item in items if subset in (None, item.subset))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The subjects."""
        return sorted({item.subset for item in MedMCQA.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Questions of the training split."""
        return [as_example(item) for item in MedMCQA.items(path, subset=subset, split="train")]


def explanations(path: Path, split: str = "train") -> Iterator[dict[str, Any]]:
    """The explanations as retrieval text: `{"id", "text", "subject", "topic"}`; rows without one are left out."""
    with Files(path, NEEDS) as files:
        name, base = _named(files, split)
        for where, row in files.rows(name):
            if text := str(row.get("exp") or "").strip():
                item = _item(row, base, where)
                yield {
                    "id": item.key,
                    "text": text,
                    "subject": item.subset,
                    "topic": str(row.get("topic_name") or ""),
                }


def training_targets(path: Path, split: str = "train") -> Iterator[dict[str, str]]:
    """Question and options as `prompt`, explanation and answer as `completion`, for supervised fine-tuning."""
    with Files(path, NEEDS) as files:
        name, base = _named(files, split)
        for where, row in files.rows(name):
            item = _item(row, base, where)
            options = "\n".join(f"{option.key}. {option.text}" for option in item.case.options)
            reason = str(row.get("exp") or "").strip()
            answer = f"Answer: {item.reference.key}"
            yield {
                "prompt": f"{item.case.question}\n{options}",
                "completion": f"{reason}\n{answer}" if reason else answer,
            }


def _named(files: Files, split: str) -> tuple[str, int]:
    """The file of a split, and from which number its `cop` counts. Raises InputError when that does not show."""
    name = files.only(f"{split}.json", f"{split}.jsonl")
    seen = {str(row.get("cop")) for _, row in islice(files.rows(name), _LOOK_AHEAD)}
    if "0" in seen and "4" in seen:
        raise InputError(f"{name}: field 'cop' holds both 0 and 4; two releases are mixed")
    if not seen & {"0", "4"}:
        raise InputError(
            f"{name}: field 'cop' holds neither 0 nor 4, so it does not show whether it counts from 0 or 1; read it with "
            "--map question=question,options=opa+opb+opc+opd,answer=cop,base=0 (or base=1)"
        )
    return name, int("4" in seen)


def _item(row: Row, base: int, where: str) -> Item[ChoiceReference]:
    cop = str(row.get("cop"))
    if not cop.isdigit() or not base <= int(cop) < base + len(_COLUMNS):
        raise InputError(f"{where}: field 'cop' names no option")
    options = [("ABCD"[i], words_of(row, column, where)) for i, column in enumerate(_COLUMNS)]
    subject, topic = str(row.get("subject_name") or ""), str(row.get("topic_name") or "")
    tags = {name: value for name, value in (("subject", subject), ("topic", topic)) if value}
    return choice_item(
        words_of(row, "question", where), options, "ABCD"[int(cop) - base], where, subset=subject, tags=tags
    )
