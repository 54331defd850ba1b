"""ViHealthQA: Vietnamese questions on health, each to be led to the answer passage that an expert wrote for it.

Source: Nguyen et al. 2022 (SPBERTQA, arXiv 2206.09600). Layout: one CSV a split (`train.csv`, `val.csv`, `test.csv`) with the columns
`id`, `question`, `answer` and `link`, in any case; other columns are left alone. What is searched are the answer passages of all splits
that are there, each text once. `pairs` gives the questions
with their answers, for training an encoder (train split).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.registry import benchmark

NEEDS = "the folder of ViHealthQA (train.csv, val.csv, test.csv), or one of its CSV files"
SPLITS = ("test", "val", "train")


@benchmark(
    "vihealthqa",
    source="Nguyen et al. 2022 (ViHealthQA)",
    needs=(f"--data {NEEDS}",),
    judged=True,
    splits=SPLITS,
)
class ViHealthQA:
    """Vietnamese health questions over the passages that experts answered with."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """One set, the test split (where there is none, the first of test, val, train that there is)."""
        if subset not in (None, "vihealthqa"):
            raise InputError(f"ViHealthQA has no subset {subset!r}; there is: vihealthqa")
        with Files(path, NEEDS) as files:
            there = _splits(files)
            if split is not None and split not in there:
                raise InputError(f"{path} has no split {split!r}; there are: {', '.join(there)}")
            wanted = split or next(iter(there))
            asked = list(_rows(files, there[wanted]))
            answers = _ids_by_answer(files, there)
        queries = tuple(
            JudgedQuery(f"q{row_id}", question, {answers[answer]: 1.0})
            for row_id, question, answer, _ in asked
        )
        found = lambda: _documents(path)  # noqa: E731 (made anew at each call)
        return [JudgedSet("vihealthqa", queries, found, ("P@1", "AP", "RR", "R@10"))]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The one set."""
        return ["vihealthqa"]


def pairs(path: Path, split: str = "train") -> list[tuple[str, str]]:
    """Question and answer of each row of a split. Raises InputError where it is not there."""
    with Files(path, NEEDS) as files:
        there = _splits(files)
        if split not in there:
            raise InputError(f"{path} has no split {split!r}; there are: {', '.join(there)}")
        return [(question, answer) for _, question, answer, _ in _rows(files, there[split])]


def _splits(files: Files) -> dict[str, str]:
    """The file of each split that is there; a single file is the test split whatever its name, unless it says another."""
    found = {split: names[0] for split in SPLITS if (names := files.like(f"*{split}*.csv"))}
    return found or {"test": files.only("*.csv")}


def _rows(files: Files, name: str) -> Iterator[tuple[str, str, str, str]]:
    """Id, question, answer and address of each row; a row without an id gets its split and number."""
    for number, (where, row) in enumerate(files.rows(name), 1):
        known: Row = {str(key).strip().lower(): value for key, value in row.items()}
        row_id = str(known.get("id") or f"{Path(name).stem}-{number}")
        yield (
            row_id,
            words_of(known, "question", where),
            words_of(known, "answer", where),
            str(known.get("link") or ""),
        )


def _ids_by_answer(files: Files, there: dict[str, str]) -> dict[str, str]:
    """The document that holds each answer: the first row's that has it. Ids that two splits share are told apart."""
    found: dict[str, str] = {}
    taken: defaultdict[str, int] = defaultdict(int)
    for name in there.values():
        for row_id, _, answer, _ in _rows(files, name):
            if answer not in found:
                taken[row_id] += 1
                found[answer] = row_id if taken[row_id] == 1 else f"{row_id}-{taken[row_id]}"
    return found


def _documents(path: Path) -> Iterator[Document]:
    """The answer passages, each text once; the question is no part of them, or the search would be for itself."""
    with Files(path, NEEDS) as files:
        there = _splits(files)
        ids, given = _ids_by_answer(files, there), set()
        for name in there.values():
            for _, _, answer, link in _rows(files, name):
                if answer not in given:
                    given.add(answer)
                    yield Document(ids[answer], answer, source="ViHealthQA", url=link)
