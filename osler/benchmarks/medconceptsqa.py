"""MedConceptsQA: what does a medical code mean? At three levels of difficulty, read from its files or made from a code tree.

Layout: `<vocabulary>_<level>.csv` with `question`, `option1` … `option4`, `answer_id`, `vocab`, `level`; the options that the
question repeats are taken out. Levels, by where the wrong options come from: easy, anywhere; medium, three to five steps away
in the tree; hard, codes with the same parent (the release takes any code two steps away, parents' parents included).
The release's generator has no letter for a right answer in third place and drops those rows, so its answers are never C;
items made here are even.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from osler.benchmarks.choices import as_example, choice_item, right_key
from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.errors import InputError, UsageError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "MedConceptsQA's folder of CSV files, or one of them"
LEVELS = ("easy", "medium", "hard")
_COLUMNS = ("option1", "option2", "option3", "option4")
_REPEATED = re.compile(r"\n\s*A\. .*\Z", re.DOTALL)


@dataclass(frozen=True)
class Code:
    """A node of a code tree: its description, and its parent's code (None at the top)."""

    description: str
    parent: str | None = None


@benchmark(
    "medconceptsqa",
    source="Ben Shoham & Rappoport 2024 (MedConceptsQA)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
)
class MedConceptsQA:
    """Diagnosis, procedure and drug codes: which description belongs to a code."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """Questions of all files, or of one level (`subset`); there are no splits."""
        if split not in (None, "test"):
            raise InputError("MedConceptsQA has no splits; its levels are subsets")
        if subset is not None and subset not in LEVELS:
            raise InputError(f"there is no level {subset!r}; there are: {', '.join(LEVELS)}")
        with Files(path, NEEDS) as files:
            files.only("*.csv")
            names = files.like("*.csv")
            items = distinct(_item(row, where) for name in names for where, row in files.rows(name))
            yield from (item for item in items if subset in (None, item.subset))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The levels there are."""
        there = {item.subset for item in MedConceptsQA.items(path)}
        return [level for level in LEVELS if level in there]

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The questions of a file that is kept for examples; the code at hand is held out by its question."""
        return [as_example(item) for item in MedConceptsQA.items(path, subset=subset)]


def make_questions(
    tree: Mapping[str, Code], vocabulary: str, level: str, seed: int = 0
) -> Iterator[dict[str, str]]:
    """One row in the published layout for every code that has three wrong options of the level.

    Wrong options with the right one's description are left out. Raises UsageError for an unknown level or parent.
    """
    if level not in LEVELS:
        raise UsageError(f"there is no level {level!r}; there are: {', '.join(LEVELS)}")
    children: dict[str | None, list[str]] = defaultdict(list)
    for code, node in tree.items():
        if node.parent is not None and node.parent not in tree:
            raise UsageError(f"code {code} has the parent {node.parent}, which is not in the tree")
        children[node.parent].append(code)
    for number, code in enumerate(sorted(tree), 1):
        rng = random.Random(f"{seed} {vocabulary} {level} {code}")
        right = tree[code].description
        others = {tree[other].description for other in _wrong(tree, children, code, level)} - {right}
        if len(others) < 3:
            continue
        options = [right, *rng.sample(sorted(others), 3)]
        rng.shuffle(options)
        yield {
            "question_id": str(number),
            "answer": right,
            "answer_id": "ABCD"[options.index(right)],
            **dict(zip(_COLUMNS, options, strict=True)),
            "question": f"What is the description of the medical code {code} in {vocabulary}?",
            "vocab": vocabulary,
            "level": level,
        }


def _wrong(
    tree: Mapping[str, Code], children: Mapping[str | None, list[str]], code: str, level: str
) -> set[str]:
    if level == "easy":
        return set(tree) - {code}
    if level == "hard":
        return set(children[tree[code].parent]) - {code}
    away = {code: 0}
    queue = deque([code])
    while queue:
        here = queue.popleft()
        if away[here] == 5:
            continue
        parent = tree[here].parent
        for other in [*children.get(here, ()), *([parent] if parent is not None else [])]:
            if other not in away:
                away[other] = away[here] + 1
                queue.append(other)
    return {other for other, steps in away.items() if steps >= 3}


def _item(row: Row, where: str) -> Item[ChoiceReference]:
    options = [("ABCD"[i], words_of(row, column, where)) for i, column in enumerate(_COLUMNS)]
    level = words_of(row, "level", where).lower()
    return choice_item(
        _REPEATED.sub("", words_of(row, "question", where)).strip(),
        options,
        right_key(words_of(row, "answer_id", where), options, where),
        where,
        subset=level,
        tags={"vocabulary": words_of(row, "vocab", where), "level": level},
    )
