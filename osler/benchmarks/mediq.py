"""MediQ with full information: every fact of the case is known from the start, so this is the ceiling of asking.

Layout: JSON lines with `context` (sentences), `question`, `options`, `answer_idx`, `facts` (atomic) and `patient`. Its
vignettes come from MedQA; the group is the vignette's hash, which other sets share.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osler.benchmarks.choices import as_example, choice_item, options_of, right_key, with_text
from osler.benchmarks.files import Files, Row, list_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "MediQ's JSON-lines file (all_dev_good.jsonl), or its folder"


@benchmark(
    "mediq",
    source="Li et al. 2024 (MediQ), full-information setting",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
)
class MediQ:
    """Choice questions on a vignette that is told in full; the interactive form is a clinic."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """All cases, or those of one specialty (`subset`). `split` picks a file by its name: dev (default), train, test."""
        with Files(path, NEEDS) as files:
            name = files.only(
                f"*{split}*.jsonl" if split else "all_dev_good.jsonl", *(() if split else ("*.jsonl",))
            )
            found = False
            for item in distinct(_item(row, where) for where, row in files.rows(name)):
                if subset in (None, item.subset):
                    found = True
                    yield item
        if not found and subset is not None:
            raise InputError(f"{name} has no specialty {subset!r}; see `subsets`")

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The specialties."""
        return sorted({item.subset for item in MediQ.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Cases of a training file (`*train*.jsonl`)."""
        return [as_example(item) for item in MediQ.items(path, subset=subset, split="train")]


def _item(row: Row, where: str) -> Item[ChoiceReference]:
    options = options_of(row.get("options"), where)
    context = row.get("context")
    text = (
        context.strip()
        if isinstance(context, str)
        else " ".join(str(s).strip() for s in list_of(row, "context", where))
    )
    patient = row.get("patient")
    specialty = str(patient.get("gpt_specialty") or "") if isinstance(patient, dict) else ""
    answer = row["answer_idx"] if "answer_idx" in row else row.get("answer")
    return choice_item(
        words_of(row, "question", where),
        with_text(options),
        right_key(answer, options, where),
        where,
        text=text,
        subset=specialty or "unspecified",
        tags={"specialty": specialty} if specialty else {},
    )
