"""AgentClinic's OSCE cases with everything disclosed: history, examination and tests as text, the diagnosis asked for.

Layout: JSON lines, each `{"OSCE_Examination": {Objective_for_Doctor, Patient_Actor, Physical_Examination_Findings,
Test_Results, Correct_Diagnosis}}`. The interactive form, where all this must be asked for, is a clinic. Cases were written
from MedQA vignettes: `osler data overlap` finds which.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files, Row, object_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.benchmarks.vignette import vignette_hash
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import DiagnosisReference
from osler.services import Example

NEEDS = "agentclinic_medqa.jsonl, or its folder"
SECTIONS = {
    "Objective_for_Doctor": "Reason for the visit",
    "Patient_Actor": "History",
    "Physical_Examination_Findings": "Physical examination",
    "Test_Results": "Test results",
}


@benchmark(
    "agentclinic",
    source="Schmidgall et al. 2024 (AgentClinic), all information disclosed",
    needs=(f"--data {NEEDS}",),
    scorer="ranked-names",
)
class AgentClinic:
    """OSCE cases as one text; the answer is a ranked list of diagnoses."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[DiagnosisReference]]:
        """All cases; there is one subset (`medqa`) and no split."""
        if subset not in (None, "medqa") or split not in (None, "test"):
            raise InputError("AgentClinic has the subset medqa and no splits")
        with Files(path, NEEDS) as files:
            name = files.only("agentclinic_medqa.jsonl", "agentclinic_medqa*.jsonl")
            yield from distinct(_item(row, where) for where, row in files.rows(name))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """One: the cases written from MedQA."""
        return ["medqa"]

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Refused: there is no training split."""
        raise InputError("AgentClinic has no training split")


def _item(row: Row, where: str) -> Item[DiagnosisReference]:
    exam = object_of(row, "OSCE_Examination", where)
    diagnosis = words_of(exam, "Correct_Diagnosis", where)
    blocks = [
        f"{title}\n" + "\n".join(_told(exam[name])) for name, title in SECTIONS.items() if exam.get(name)
    ]
    if not blocks:
        raise InputError(f"{where}: the examination tells nothing about the patient")
    text = "\n\n".join(blocks)
    key = opaque_id(text)
    case = Case(id=key, text=text, question="What is the most likely diagnosis?", answer_kind="differential")
    actor = exam.get("Patient_Actor")
    history = str(actor.get("History") or "") if isinstance(actor, dict) else ""
    return Item(key, case, DiagnosisReference((diagnosis,)), vignette_hash(history or text), subset="medqa")


def _told(value: Any, depth: int = 0) -> list[str]:
    """A nested record as indented lines, names with underscores as words."""
    indent = "  " * depth
    if not isinstance(value, dict):
        return [f"{indent}{_flat(value)}"]
    lines = []
    for name, inner in value.items():
        title = str(name).replace("_", " ")
        if isinstance(inner, dict):
            lines += [f"{indent}{title}:", *_told(inner, depth + 1)]
        else:
            lines.append(f"{indent}{title}: {_flat(inner)}")
    return lines


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(
            _flat(entry) if not isinstance(entry, dict) else ", ".join(_told(entry)) for entry in value
        )
    return str(value).strip()
