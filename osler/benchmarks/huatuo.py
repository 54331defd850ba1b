"""Huatuo-26M: Chinese questions on health with their answers, to be found again or to be answered in words.

Source: Li et al. 2023 (arXiv 2305.01526; NAACL 2025 findings), checked against the paper's abstract and the released files' fields.
Layout: JSON lines, plain or .gz, of `questions` (one, or several ways of asking it, in lists) and `answers`, as in the encyclopedia,
knowledge-graph and test shards; Huatuo26M-Lite's `question`, `answer`, `label` (department) and `related_diseases` read as well. A shard
is read line by line and never held whole. Rows whose answer is only an address (the consultation shards) are left out.

Retrieval (`osler corpus eval huatuo`): each first way of asking over the answers of all shards at the path; other ways are left
out. Ids come from an answer's own words, so that one answer that stands twice is one document. Generation (`osler eval
huatuo`): the question to be answered in words, scored by words (Chinese character by character) shared with the answer.
As a corpus: `osler corpus add huatuo SHARD.jsonl`. What is asked is the test shard where there is one, else the first shard.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.items import Item, distinct
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.sources import Opener, Unit, units
from osler.registry import benchmark
from osler.scoring.references import TextReference
from osler.services import Example
from osler.trace import Answer

NEEDS = "a shard of Huatuo-26M (….jsonl), or a folder of them"
SPLITS = ("test", "validation", "train")
MEASURES = ("R@5", "R@20", "R@100", "RR", "nDCG@10")
MAX_LINE = 10_000_000
_ADDRESS = re.compile(r"(?:https?://\S+\s*)+")


@dataclass(frozen=True)
class Pair:
    """A question with its answer, and where it stands; `label` is the department, where the shard says it."""

    question: str
    answer: str
    where: str
    label: str = ""


@benchmark(
    "huatuo",
    source="Li et al. 2023 (Huatuo-26M)",
    needs=(f"--data {NEEDS}",),
    scorer="answer-words",
    judged=True,
    splits=SPLITS,
)
class Huatuo:
    """Chinese questions on health: find the answer among all of a shard's, or write it."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """One set: the questions of a split (test without one) over the answers of all shards."""
        _no_subset(subset)
        queries = [
            JudgedQuery(_id(pair.where), pair.question, {_id(pair.answer): 1.0}, _id(pair.answer), _tags(pair))
            for pair in pairs(path, split or "")
        ]  # fmt: skip
        if not queries:
            raise InputError(f"{path} holds no question with an answer in words")
        return [JudgedSet("huatuo", tuple(queries), lambda: documents(path), MEASURES)]

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[TextReference]]:
        """The questions of a split in the order of the file, read line by line."""
        _no_subset(subset)
        yield from distinct(_item(pair) for pair in pairs(path, split or ""))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """None."""
        return []

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The first thousand questions of the train shard."""
        found = []
        for pair in pairs(path, "train"):
            found.append(Example(_item(pair).case, Answer(kind="text", text=pair.answer)))
            if len(found) == 1000:
                break
        return found


def pairs(path: Path, split: str = "") -> Iterator[Pair]:
    """Questions with answers in words, one line of the file at a time; those of a split, or of the shard that is asked.

    Raises InputError that names file and line.
    """
    for unit in _shards(path, split):
        yield from _lines(unit)


def documents(path: Path) -> Iterator[Document]:
    """The answers of all shards; one that stands again has the same id."""
    for unit in _units(path):
        for pair in _lines(unit):
            yield Document(_id(pair.answer), pair.answer, source="Huatuo-26M", section=pair.label)


def _item(pair: Pair) -> Item[TextReference]:
    key = opaque_id("huatuo", pair.question)
    case = Case(id=key, question=pair.question, answer_kind="text")
    return Item(key, case, TextReference(pair.answer), _id(pair.answer), tags=_tags(pair))


def _tags(pair: Pair) -> dict[str, str]:
    return {"department": pair.label} if pair.label else {}


def _no_subset(subset: str | None) -> None:
    if subset is not None:
        raise InputError("Huatuo-26M has no subsets; give one shard with --data")


def _units(path: Path) -> list[Unit]:
    found = [unit for unit in units(path) if unit.suffix in (".jsonl", ".ndjson", ".json")]
    if not found:
        raise InputError(f"{path} holds no shard; --data takes {NEEDS}")
    return found


def _shards(path: Path, split: str) -> list[Unit]:
    """The shards of a split, by their names; without one those of the first split that is there, else the first shard."""
    every = _units(path)
    named = {one: [unit for unit in every if one in unit.name.rsplit("/", 1)[-1].lower()] for one in SPLITS}
    if split:
        if not named.get(split):
            there = ", ".join(one for one in SPLITS if named[one]) or "none that its name tells"
            raise InputError(f"{path} has no split {split!r}; there are: {there}")
        return named[split]
    return next((found for found in named.values() if found), every[:1])


def _lines(unit: Unit) -> Iterator[Pair]:
    opener, number = Opener(), 0
    try:
        with opener.open(unit) as file:
            while line := file.readline(MAX_LINE + 1):
                number += 1
                where = f"{unit.name} line {number}"
                if len(line) > MAX_LINE:
                    raise InputError(f"{where} is longer than {MAX_LINE // 1_000_000} MB")
                if line.strip() and (pair := _pair(line, where)):
                    yield pair
    finally:
        opener.close()


def _pair(line: bytes, where: str) -> Pair | None:
    """A line's first question and first answer; None where the answer is an address."""
    try:
        row = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{where} is not valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where} is not an object with fields")
    question = _first(row.get("questions", row.get("question")))
    answer = _first(row.get("answers", row.get("answer")))
    if not question or not answer:
        raise InputError(f"{where} has no {'questions' if not question else 'answers'}")
    if _ADDRESS.fullmatch(answer):
        return None
    label = row.get("label")
    return Pair(question, answer, where, label.strip() if isinstance(label, str) else "")


def _first(value: Any) -> str:
    """The first text of a value that may be lists in lists."""
    while isinstance(value, list):
        value = next((one for one in value if one), "")
    return value.strip() if isinstance(value, str) else ""


def _id(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
