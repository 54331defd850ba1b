"""PMC-Patients: for a patient, find similar patients (PPR) and relevant articles (PAR), in both released layouts.

Source: Zhao et al. 2023 (arXiv 2202.13876); measures as in the released evaluation (reciprocal rank, P@10, nDCG@10, R@1000).
Layouts: (1) `PMC-Patients.json` (or .csv): rows with `patient_uid`, `PMID`, `title`, `patient`, `age`, `gender` and the links `similar_patients`
(uid to 1 or 2, or a list of uids) and `relevant_articles` (PMID to 1 or 2, or a list); every patient that has links is a query,
or those alone that `SPLIT_patient_uids.json` beside it names. Articles are not in it: `--subset PAR` then searches the corpus of PubMed that
`--corpus` names, whose documents are called by their PMIDs. (2) the ReCDS release in BEIR's layout: `queries/SPLIT_queries.jsonl`, `PPR` and `PAR` with `corpus.jsonl`
and `qrels_SPLIT.tsv` (older: `PPR_corpus.jsonl`, `PPR_SPLIT_qrels.tsv`). The query's own patient never counts. Patients of one
article form one group.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osler.benchmarks.beir import Judgements, document_of, read_judgements
from osler.benchmarks.files import Files, Row, pick, words_of
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.registry import benchmark

NEEDS = "PMC-Patients.json (or .csv), or the folder of the ReCDS release"
TASKS: Mapping[str, str] = {"PPR": "similar_patients", "PAR": "relevant_articles"}
MEASURES = ("RR", "P@10", "nDCG@10", "R@1000")
SOURCE = "PMC-Patients"
_LINK = re.compile(r"""['"]?([\w-]+)['"]?\s*:\s*([\d.]+)""")


@benchmark(
    "pmc-patients",
    source="Zhao et al. 2023 (PMC-Patients)",
    needs=(f"--data {NEEDS}",),
    judged=True,
    splits=("test", "dev", "train"),
)
class PmcPatients:
    """Patient-to-patient and patient-to-article retrieval over case reports."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The tasks PPR and PAR whose documents are there, or the one that `subset` names; one without any link is left out."""
        with Files(path, NEEDS) as files:
            wanted = pick(subset, list(TASKS), "task")
            released = _released(files)
            found = [
                _recds(path, files, task, split or "test") if released else _linked(path, files, task, split)
                for task in wanted
            ]
        there = [one for one in found if one is not None and (one.documents or subset is not None)]
        if not there:
            raise InputError(f"{path}: no patient has links for {' or '.join(wanted)}")
        return there

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The two tasks."""
        return list(TASKS)


# --- one file with links --------------------------------------------------------------------------------------------------
def _linked(path: Path, files: Files, task: str, split: str | None) -> JudgedSet | None:
    """A task from the patients' own links; None where no query has one."""
    chosen = _split(files, split)
    queries = []
    for where, row in _patients(files):
        uid, own = words_of(row, "patient_uid", where), str(row.get("PMID") or "")
        judged = dict(_links(row.get(TASKS[task]), where))
        judged.pop(uid, None)
        if judged and (chosen is None or uid in chosen):
            hidden = frozenset({uid} if task == "PPR" else {own} - judged.keys())
            queries.append(JudgedQuery(uid, words_of(row, "patient", where), judged, own, without=hidden))
    if not queries:
        return None
    documents = (lambda: patients(path)) if task == "PPR" else None
    return JudgedSet(task, tuple(queries), documents, MEASURES, task)


def patients(path: Path) -> Iterator[Document]:
    """Every patient of a file as a document, called by its uid."""
    with Files(path, NEEDS) as files:
        for where, row in _patients(files):
            uid, title = words_of(row, "patient_uid", where), str(row.get("title") or "").strip()
            yield Document(uid, words_of(row, "patient", where), title, SOURCE)


def _patients(files: Files) -> Iterator[tuple[str, Row]]:
    return files.rows(files.only("PMC-Patients*.json", "PMC-Patients*.csv", "PMC-Patients*.jsonl"))


def _split(files: Files, split: str | None) -> set[str] | None:
    """The uids of a split, from the file that lists them; None where none was asked for and none is listed."""
    names = files.like(f"{split or 'test'}_patient_uids.json")
    if not names:
        if split is not None:
            raise InputError(
                f"{files.path} holds no {split}_patient_uids.json, which lists the patients of a split"
            )
        return None
    listed = files.json(names[0])
    if not isinstance(listed, list):
        raise InputError(f"{names[0]} is no list of patients")
    return {str(uid) for uid in listed}


def _links(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """Links with their grades: an object, a list (grade 1), or either as text in a table's cell."""
    if isinstance(value, Mapping):
        for key, gain in value.items():
            if not isinstance(gain, int | float) or not math.isfinite(gain):
                raise InputError(f"{where}: the link to {key!r} has no number for its grade")
            yield str(key), float(gain)
    elif isinstance(value, list):
        yield from ((str(key), 1.0) for key in value)
    elif isinstance(value, str):
        graded = _LINK.findall(value)
        yield from ((key, float(gain)) for key, gain in graded)
        if not graded:
            yield from ((key, 1.0) for key in re.findall(r"[\w-]+", value))
    elif value is not None:
        raise InputError(f"{where}: links are neither an object nor a list")


# --- the release in BEIR's layout -----------------------------------------------------------------------------------------
def _released(files: Files) -> bool:
    return bool(files.like("queries/*_queries.jsonl"))


def _recds(path: Path, files: Files, task: str, split: str) -> JudgedSet | None:
    """A task of the ReCDS release; None where its folder is not there."""
    judgements = files.like(f"{task}/qrels_{split}.tsv", f"{task}/{task}_{split}_qrels.tsv")
    if not judgements:
        return None
    corpora = files.like(f"{task}/corpus.jsonl", f"{task}/{task}_corpus.jsonl")
    gains = read_judgements(files, judgements[0])
    queries = tuple(_queries(files, files.only(f"queries/{split}_queries.jsonl"), gains))
    documents = (lambda: _corpus(path, corpora[0])) if corpora else None
    return JudgedSet(task, queries, documents, MEASURES, task) if queries else None


def _queries(files: Files, name: str, gains: Judgements) -> Iterator[JudgedQuery]:
    for where, row in files.rows(name):
        uid = words_of(row, "_id", where)
        judged = {key: gain for key, gain in gains.get(uid, {}).items() if key != uid}
        if any(gain > 0 for gain in judged.values()):
            article = uid.rpartition("-")[0]
            yield JudgedQuery(uid, words_of(row, "text", where), judged, article, without=frozenset({uid}))


def _corpus(path: Path, name: str) -> Iterator[Document]:
    with Files(path, NEEDS) as files:
        for where, row in files.rows(name):
            if (document := document_of(row, where, SOURCE)) is not None:
                yield document
