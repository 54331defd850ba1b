"""PubMedQA: a yes / no / maybe question about an abstract that comes without its conclusion.

Layout: `ori_pqal.json` ({PMID: {QUESTION, CONTEXTS, LABELS, final_decision, …}}) and `test_ground_truth.json` (the 500
PMIDs of the test split). The conclusion (LONG_ANSWER) and the "reasoning" predictions never enter the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import as_example, choice_item
from osler.benchmarks.files import Files, list_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Document
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "the folder of PubMedQA (ori_pqal.json, test_ground_truth.json)"
LABELS = ("yes", "no", "maybe")


@benchmark(
    "pubmedqa",
    source="Jin et al. 2019 (PubMedQA, reasoning-required setting)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
    splits=("test", "train", "all"),
)
class PubMedQA:
    """Research questions answered from their abstract: yes, no or maybe."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """The published test split; `split` may be train (the labelled questions outside it) or all.

        Where the list of the test split is missing, all questions are taken. There is one subset, `labelled`.
        """
        if subset not in (None, "labelled"):
            raise InputError(f"PubMedQA has no subset {subset!r}; there is: labelled")
        if split not in (None, "test", "train", "all"):
            raise InputError(f"PubMedQA has no split {split!r}; there are: test, train, all")
        with Files(path, NEEDS) as files:
            name = files.only("ori_pqal.json", "*pqal*.json")
            rows = files.json(name)
            test = _test_ids(files, split)
        if not isinstance(rows, dict):
            raise InputError(f"{name} is not PubMedQA's layout: an object of PMIDs")
        kept = ((pmid, row) for pmid, row in rows.items() if _wanted(pmid, split, test))
        yield from distinct(_item(row, f"{name} {pmid}") for pmid, row in kept)

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """One: the expert-labelled questions (PQA-L)."""
        return ["labelled"]

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The labelled questions outside the test split."""
        return [as_example(item) for item in PubMedQA.items(path, subset=subset, split="train")]


def _test_ids(files: Files, split: str | None) -> set[str] | None:
    found = files.like("test_ground_truth.json")
    if found:
        return set(files.json(found[0]))
    if split in ("test", "train"):
        raise InputError(
            f"{files.path} holds no test_ground_truth.json, which tells test from training questions"
        )
    return None


def _wanted(pmid: str, split: str | None, test: set[str] | None) -> bool:
    if split == "all" or test is None:
        return True
    return (pmid in test) == (split != "train")


def _item(row: Any, where: str) -> Item[ChoiceReference]:
    if not isinstance(row, dict):
        raise InputError(f"{where} is not an object with QUESTION, CONTEXTS and final_decision")
    parts = [str(part).strip() for part in list_of(row, "CONTEXTS", where)]
    titles = row.get("LABELS") or []
    named = [f"{titles[i]}: {part}" if i < len(titles) else part for i, part in enumerate(parts)]
    question = words_of(row, "QUESTION", where)
    tags = {"year": str(row["YEAR"])} if row.get("YEAR") else {}
    return choice_item(
        question,
        [(label, label) for label in LABELS],
        words_of(row, "final_decision", where).lower(),
        where,
        documents=[Document(id="abstract", title="abstract", text="\n".join(named))],
        kind="label",
        subset="labelled",
        tags=tags,
    )
