"""NLI4CT: does one clinical trial report, or two compared, entail a statement? And which of its lines show it?

Layout: `train.json`, `dev.json` (and `test.json`, whose labels are published apart) with {id: {Type, Section_id, Primary_id,
Secondary_id?, Statement, Label, Primary_evidence_index, Secondary_evidence_index?}}, and `CT json/<NCT id>.json` with the
sections as lists of lines. Two tasks: `entailment` (a label) and `evidence` (every line that is needed). Items of one primary
trial form a group. Trial ids do not enter the case.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import as_example, choice_case
from osler.benchmarks.files import Files, list_of, pick, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Document, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference, ChoicesReference
from osler.services import Example

NEEDS = "the folder or ZIP of NLI4CT (dev.json, train.json, CT json/)"
TASKS = ["entailment", "evidence"]
LABELS = {
    "entailment": "the report entails the statement",
    "contradiction": "the report contradicts the statement",
}
SECTIONS = ("Intervention", "Eligibility", "Adverse Events", "Results")
Reference = ChoiceReference | ChoicesReference


@benchmark(
    "nli4ct",
    source="Jullien et al. 2023 (SemEval-2023 Task 7, NLI4CT)",
    needs=(f"--data {NEEDS}",),
    scorer="nli",
    splits=("dev", "train", "test"),
)
class Nli4ct:
    """Statements about breast cancer trials: entailment or contradiction, and the lines that prove it."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[Reference]]:
        """Both tasks for every statement, or one task (`subset`); `split` is dev (default), train, or test with labels."""
        tasks = pick(subset, TASKS, "task")
        with Files(path, NEEDS) as files:
            name = files.only(f"{split or 'dev'}.json")
            rows = files.json(name)
            if not isinstance(rows, dict):
                raise InputError(f"{name} is not NLI4CT's layout: an object of statements")
            trials = _Trials(files)
            yield from distinct(
                item for key, row in rows.items() for item in _items(row, trials, f"{name} {key[:8]}", tasks)
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The two tasks."""
        return list(TASKS)

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Statements of the training split; of the entailment task unless the other is named."""
        return [as_example(item) for item in Nli4ct.items(path, subset=subset or "entailment", split="train")]


class _Trials:
    """Trial reports by id, read when they are needed; the last few are kept."""

    def __init__(self, files: Files) -> None:
        names = files.like("NCT*.json")
        self._names = {
            name.rsplit("/", 1)[-1].rsplit("!", 1)[-1].removesuffix(".json"): name for name in names
        }
        self._read = lru_cache(maxsize=256)(lambda key: files.json(self._names[key]))

    def lines(self, key: str, section: str, where: str) -> list[str]:
        """The lines of a section. Raises InputError when the trial or section is missing."""
        if key not in self._names:
            raise InputError(f"{where}: the report of trial {key} is not in the data (CT json/)")
        report = self._read(key)
        return [str(line).strip() for line in list_of(report, section, f"trial {key}")]


def _items(row: Any, trials: _Trials, where: str, tasks: list[str]) -> Iterator[Item[Reference]]:
    if not isinstance(row, dict):
        raise InputError(f"{where} is not an object with Statement and Label")
    section, statement = words_of(row, "Section_id", where), words_of(row, "Statement", where)
    label = words_of(row, "Label", where).lower()
    if label not in LABELS:
        raise InputError(f"{where}: field 'Label' is neither Entailment nor Contradiction")
    reports = {"P": trials.lines(words_of(row, "Primary_id", where), section, where)}
    if row.get("Secondary_id"):
        reports["S"] = trials.lines(words_of(row, "Secondary_id", where), section, where)
    group = opaque_id(words_of(row, "Primary_id", where))
    tags = {"section": section, "type": str(row.get("Type") or "")}
    if "entailment" in tasks:
        yield _entailment(statement, label, reports, section, where, group, tags)
    if "evidence" in tasks:
        yield _evidence(row, statement, reports, where, group, tags)


def _entailment(
    statement: str,
    label: str,
    reports: dict[str, list[str]],
    section: str,
    where: str,
    group: str,
    tags: dict[str, str],
) -> Item[Reference]:
    names = {"P": "primary trial", "S": "secondary trial"}
    documents = [
        Document(id=names[key], title=f"{names[key]}, {section.lower()}", text="\n".join(lines))
        for key, lines in reports.items()
    ]
    asked = f"Does the report entail or contradict this statement? Statement: {statement}"
    case = choice_case(asked, list(LABELS.items()), where, documents=documents, kind="label")
    return Item(case.id, case, ChoiceReference(label, tuple(LABELS)), group, subset="entailment", tags=tags)


def _evidence(
    row: dict[str, Any],
    statement: str,
    reports: dict[str, list[str]],
    where: str,
    group: str,
    tags: dict[str, str],
) -> Item[Reference]:
    options = [(f"{key}{i}", line) for key, lines in reports.items() for i, line in enumerate(lines) if line]
    asked = (
        "Which lines of the report (P: primary trial, S: secondary trial) are needed to decide whether it entails or "
        f"contradicts this statement? Statement: {statement}"
    )
    case = choice_case(asked, options, where, kind="choices")
    keys = {key for key, _ in options}
    right = [
        f"{key}{index}"
        for key, field in (("P", "Primary_evidence_index"), ("S", "Secondary_evidence_index"))
        for index in row.get(field) or []
    ]
    for key in right:
        if key not in keys and key[0] not in reports:
            raise InputError(f"{where}: evidence line {key} is not in the report")
    reference = ChoicesReference(tuple(key for key in right if key in keys), tuple(key for key, _ in options))
    return Item(case.id, case, reference, group, subset="evidence", tags=tags)
