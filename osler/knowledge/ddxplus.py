"""DDXPlus as a second knowledge base: 49 common conditions, their evidences, and P(evidence | condition).

Source: Fansi Tchango et al. 2022, "DDXPlus: a new dataset for automatic medical diagnosis" (arXiv 2205.09148, CC BY 4.0).
Evidences that say the same as an HPO term become that term (ddxplus_links.yaml), so findings read from text or chosen
from the HPO count; the others become terms of their own beside it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from osler.data.paths import data_dir
from osler.data.store import used_paths
from osler.errors import InputError, SourceError
from osler.knowledge.ddxplus_patients import PATIENT_FILES, count_patients
from osler.knowledge.hpoa import Annotation
from osler.ontology.hpo import PHENOTYPIC_ROOT
from osler.ontology.obo import TermRecord

FORMAT = 2
RELEASE = "2022"
REFERENCE = "arXiv:2205.09148"
_EVIDENCES, _CONDITIONS, _PROBABILITIES = (
    "release_evidences.json",
    "release_conditions.json",
    "symptom_condition_probs.json",
)
_BRANCHES = {
    False: ("DDXPLUS:symptoms", "Symptom asked for"),
    True: ("DDXPLUS:antecedents", "Antecedent asked for"),
}


@dataclass(frozen=True, slots=True)
class Links:
    """Evidence code → HPO id, and place of pain → HPO id."""

    evidences: Mapping[str, str]
    pain: Mapping[str, str]


def ddxplus_files() -> list[Path]:
    """Evidences, conditions, and the table of probabilities or else the patients, from `osler data use ddxplus` or OSLER_DATA. Raises SourceError."""
    root = data_dir()
    for folder in [*used_paths("ddxplus"), *([root / "ddxplus"] if root else [])]:
        evidences, conditions = _first(folder, _EVIDENCES), _first(folder, _CONDITIONS)
        tables = (_first(folder, name) for name in (_PROBABILITIES, *PATIENT_FILES))
        table = next((path for path in tables if path), None)
        if evidences and conditions and table:
            return [evidences, conditions, table]
    raise SourceError(
        f"DDXPlus is not there. It needs {_EVIDENCES}, {_CONDITIONS} and {PATIENT_FILES[0]} (or {_PROBABILITIES}) in "
        "one folder: osler data get ddxplus, or osler data use ddxplus PATH"
    )


def read_links() -> Links:
    """The written table that links evidences to HPO terms."""
    import yaml

    table = yaml.safe_load(
        files("osler.knowledge").joinpath("ddxplus_links.yaml").read_text(encoding="utf-8")
    )
    return Links(table["evidences"], table["pain"])


def read_rows(paths: Sequence[Path]) -> tuple[list[Annotation], dict[str, float]]:
    """Annotation rows of the 49 conditions (terms are DDXPLUS ids) and each condition's weight among the patients.

    Only yes/no evidences have a probability of their own; details (where, how strong) come with every "yes" of their
    parent and would count it twice.
    """
    evidences, conditions = _json(paths[0]), _json(paths[1])
    table = _json(paths[2]) if paths[2].suffix == ".json" else count_patients(paths[2])
    rows, priors = [], {}
    try:
        for name, condition in sorted(conditions.items()):
            disease = disease_id(name)
            patients = int(table["condition_counts"][name])
            priors[disease] = float(patients)
            for code, probability in sorted(table["probabilities"][name].items()):
                if probability > 0 and evidences[code]["data_type"] == "B":
                    rows.append(_row(disease, _name(name, condition), code, float(probability), patients))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"The DDXPlus files do not fit together ({error!r}); fetch them again.") from None
    return rows, priors


def join_terms(
    terms: Sequence[TermRecord], evidence_file: Path, links: Links
) -> tuple[list[TermRecord], dict[str, str]]:
    """HPO terms and DDXPlus evidences as one ontology, and the question text of each term that has one.

    A linked evidence becomes an alternative id of its HPO term; the others, and the values of questions with several
    answers, become terms below their evidence.
    """
    evidences = _json(evidence_file)
    records = {term.id: replace(term, alt_ids=list(term.alt_ids)) for term in terms}
    questions: dict[str, str] = {}
    for branch, label in _BRANCHES.values():
        records[branch] = TermRecord(branch, label, parents=[PHENOTYPIC_ROOT])
    place: dict[str, str] = {}
    for code in sorted(evidences, key=lambda c: evidences[c]["code_question"] != c):  # parents before details
        evidence = evidences[code]
        own, linked = f"DDXPLUS:{code}", links.evidences.get(code, "")
        question = str(evidence["question_en"]).replace("’", "'").strip()
        if linked in records:
            records[linked].alt_ids.append(own)
            place[code] = linked
            questions.setdefault(linked, question)
        else:
            parent = place.get(evidence["code_question"], _BRANCHES[bool(evidence["is_antecedent"])][0])
            records[own] = TermRecord(own, question.rstrip("?: "), parents=[parent])
            place[code] = own
            questions[own] = question
        _add_values(records, code, evidence, place[code], links)
    return list(records.values()), questions


def disease_id(name: str) -> str:
    """`Acute COPD exacerbation / infection` → `DDXPLUS:acute-copd-exacerbation-infection`."""
    return "DDXPLUS:" + re.sub(r"[^a-z0-9]+", "-", name.lower().replace("é", "e")).strip("-")


def _add_values(records: dict[str, TermRecord], code: str, evidence: dict, parent: str, links: Links) -> None:
    """Terms for the named answers of one evidence; numbers, "no" and the answer that means nothing get none."""
    for value, meaning in (evidence["value_meaning"] or {}).items():
        text = str(meaning["en"])
        if value == evidence["default_value"] or text in ("NA", "N", "Y", "nowhere"):
            continue
        own = f"DDXPLUS:{code}@{value}"
        linked = links.pain.get(re.sub(r"\([RL]\)$", "", text)) if code == "E_55" else None
        if linked in records:
            records[linked].alt_ids.append(own)
        else:
            records[own] = TermRecord(own, f"{records[parent].name}: {text}", parents=[parent])


_NAMES = {
    "Boerhaave": "Boerhaave syndrome",
    "Chagas": "Chagas disease",
    "Ebola": "Ebola virus disease",
    "GERD": "Gastroesophageal reflux disease",
    "Larygospasm": "Laryngospasm",
    "Possible NSTEMI / STEMI": "Possible myocardial infarction (NSTEMI / STEMI)",
    "PSVT": "Paroxysmal supraventricular tachycardia",
    "SLE": "Systemic lupus erythematosus",
    "URTI": "Upper respiratory tract infection",
}


def _name(key: str, condition: Mapping[str, Any]) -> str:
    return _NAMES.get(key, str(condition.get("cond-name-eng") or condition.get("cond_name_eng") or key))


def _row(disease: str, name: str, code: str, probability: float, patients: int) -> Annotation:
    counted = 0 < patients < 2**31 and 0 < probability <= 1
    return Annotation(
        disease=disease, name=name, term=f"DDXPLUS:{code}", negated=False, references=(REFERENCE,), evidence="PCS",
        onset="", frequency=probability if counted else math.nan, num=round(probability * patients) if counted else 0,
        den=patients if counted else 0, frequency_class="", sex="", modifiers=(), aspect="P", curated="",
    )  # fmt: skip


def _first(folder: Path, name: str) -> Path | None:
    """The file of that name in the folder or one below it; a folder "release" (the upstream layout) goes first."""
    for path in (folder / name, folder / "release" / name):
        if path.is_file():
            return path
    return next(iter(sorted(folder.glob(f"*/{name}"))), None)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); fetch DDXPlus again.") from None
    if not isinstance(found, dict):
        raise InputError(f"{path.name} is not a DDXPlus file; fetch DDXPlus again.")
    return found
