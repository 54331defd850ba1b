"""R2MED: queries whose right documents share the hidden diagnosis with them, and few of their words.

Source: Li et al. 2025 (arXiv 2505.14558). Layout: a folder for each of eight sets with query.jsonl, corpus.jsonl (`id`, `text`) and
qrels.txt (tab-separated, with or without TREC's iteration column); the Hub's form with qrels.jsonl (`q_id`, `p_id`, `score`) reads as
well. The published figure is nDCG@10 of each set and their unweighted mean.
"""

from __future__ import annotations

from pathlib import Path

from osler.benchmarks.beir import (
    Judgements,
    document_of,
    folders_of,
    judge,
    read_documents,
    read_judgements,
)
from osler.benchmarks.files import Files, pick
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.registry import benchmark

NEEDS = "R2MED's folder: one folder for each set with query.jsonl, corpus.jsonl and qrels.txt"
# The published order, task by task: Q&A reference, clinical evidence, clinical case.
ORDER = (
    "Biology",
    "Bioinformatics",
    "Medical-Sciences",
    "MedXpertQA-Exam",
    "MedQA-Diag",
    "PMC-Treatment",
    "PMC-Clinical",
    "IIYi-Clinical",
)
TASKS = dict(zip(ORDER, ("Q&A reference",) * 3 + ("clinical evidence",) * 3 + ("clinical case",) * 2, strict=True))  # fmt: skip


@benchmark(
    "r2med", source="Li et al. 2025 (R2MED)", needs=(f"--data {NEEDS}",), judged=True, splits=("test",)
)
class R2Med:
    """Medical queries that need a diagnosis before the right document can be found; eight sets."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The eight sets, or those that are there; there is one split, test."""
        if split not in (None, "test"):
            raise InputError(f"r2med has no split {split!r}; there is: test")
        with Files(path, NEEDS) as files:
            found = folders_of(files)
            return [
                JudgedSet(
                    name,
                    _queries(files, found[name], name),
                    lambda name=name: read_documents(path, NEEDS, "corpus.jsonl", name),
                    collection=name,
                )
                for name in pick(subset, _in_order(found), "set")
            ]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The sets that are there."""
        with Files(path, NEEDS) as files:
            return _in_order(folders_of(files))


def _in_order(found: dict[str, str]) -> list[str]:
    return [name for name in ORDER if name in found] + sorted(set(found) - set(ORDER))


def _queries(files: Files, folder: str, name: str) -> tuple[JudgedQuery, ...]:
    gains, queries = _judgements(files, folder), files.like("query.jsonl")
    there = [one for one in queries if one == f"{folder}query.jsonl"]
    if not there:
        raise InputError(f"{name}: there is no query.jsonl beside corpus.jsonl")
    tags = {"task": TASKS[name]} if name in TASKS else {}
    found = []
    for where, row in files.rows(there[0]):
        query = document_of(row, where, name)
        if query is not None and any(gain > 0 for gain in gains.get(query.id, {}).values()):
            found.append(JudgedQuery(query.id, query.text, gains[query.id], tags=tags))
    if not found:
        raise InputError(f"{name}: no query has a relevant document")
    return tuple(found)


def _judgements(files: Files, folder: str) -> Judgements:
    if f"{folder}qrels.jsonl" not in files.names:
        return read_judgements(files, f"{folder}qrels.txt")
    found: Judgements = {}
    for where, row in files.rows(f"{folder}qrels.jsonl"):
        try:
            query, document, gain = str(row["q_id"]), str(row["p_id"]), float(row["score"])
        except (KeyError, TypeError, ValueError):
            raise InputError(f"{where}: is not q_id, p_id, score") from None
        judge(found, query, document, gain, where)
    return found
