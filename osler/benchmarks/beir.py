"""BEIR's layout, of any collection: corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv; and TREC's form of the judgements.

Source: Thakur et al. 2021 (arXiv 2104.08663). A folder may hold several collections, each in a folder of its own; their folders'
names are the subsets. Judgements have three columns (query, document, gain), with or without a heading, or TREC's four. Queries
without a relevant document are left out, as in trec_eval's means. The helpers serve the readers of kindred layouts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files, pick
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.registry import benchmark

NEEDS = "a folder or ZIP with corpus.jsonl, queries.jsonl and qrels/test.tsv (of one collection, or a folder for each)"
Judgements = dict[str, dict[str, float]]


@benchmark(
    "beir",
    source="Thakur et al. 2021 (BEIR), the layout of NFCorpus, TREC-COVID, SciFact and others",
    needs=(f"--data {NEEDS}",),
    judged=True,
    splits=("test", "dev", "train"),
)
class Beir:
    """Any collection in BEIR's layout: queries, documents and judgements."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """One set for each collection; `split` is test (default), dev or train."""
        with Files(path, NEEDS) as files:
            found = folders_of(files)
            return [
                JudgedSet(
                    name,
                    read_queries(files, found[name], f"qrels/{split or 'test'}.tsv", name),
                    lambda name=name: read_documents(path, NEEDS, "corpus.jsonl", name),
                    collection=name,
                )
                for name in pick(subset, list(found), "collection")
            ]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The collections by the names of their folders."""
        with Files(path, NEEDS) as files:
            return list(folders_of(files))


def folders_of(files: Files, corpus: str = "corpus.jsonl") -> dict[str, str]:
    """Each collection's name with the folder that holds it (with its final slash, or empty). Raises InputError without one."""
    found = {}
    for name in files.like(corpus):
        folder = name[: len(name) - len(corpus)]
        *_, last = folder.rstrip("/!").replace("!", "/").split("/")
        found[last.removesuffix(".zip") or files.path.stem] = folder
    if not found:
        files.only(corpus)
    return found


def read_queries(
    files: Files, folder: str, judgements: str, name: str, queries: str = "queries.jsonl"
) -> tuple[JudgedQuery, ...]:
    """The queries of a folder that have a relevant document. Raises InputError where none has."""
    gains = read_judgements(files, folder + judgements)
    found = []
    for where, row in files.rows(_there(files, folder + queries)):
        key, text = _key(row, where), str(row.get("text") or "").strip()
        if any(gain > 0 for gain in gains.get(key, {}).values()):
            if not text:
                raise InputError(f"{where}: field 'text' is missing")
            found.append(JudgedQuery(key, text, gains[key]))
    if not found:
        raise InputError(f"{name}: no query of {queries} has a relevant document in {judgements}")
    return tuple(found)


def read_judgements(files: Files, name: str) -> Judgements:
    """Gains by query and document. Three columns, with or without a heading, or TREC's four.

    Raises InputError, which names the row, for another form, a gain that is no finite number, and a pair judged twice with two
    gains (the same judgement twice counts once).
    """
    found: Judgements = {}
    for number, line in enumerate(files.text(_there(files, name)).splitlines(), 1):
        cells = line.split("\t") if "\t" in line else line.split()
        if not line.strip():
            continue
        if len(cells) not in (3, 4) or not (number == 1 or _is_number(cells[-1])):
            raise InputError(f"{name} row {number}: is not query, document, gain")
        if _is_number(cells[-1]):  # else it is the heading
            judge(found, cells[0], cells[-2], float(cells[-1]), f"{name} row {number}")
    return found


def judge(found: Judgements, query: str, document: str, gain: float, where: str) -> None:
    """Put a judgement with the others. Raises InputError for a gain that is no finite number, or that contradicts another."""
    if not math.isfinite(gain):
        raise InputError(f"{where}: gain {gain} is no finite number")
    known = found.setdefault(query, {}).setdefault(document, gain)
    if known != gain:
        raise InputError(
            f"{where}: query {query!r} and document {document!r} are judged twice, {known:g} and {gain:g}"
        )


def read_documents(path: Path, needs: str, corpus: str, collection: str) -> Iterator[Document]:
    """The documents of a collection, one at a time. One that is empty is left out; a title alone is its text."""
    with Files(path, needs) as files:
        name = folders_of(files, corpus)[collection] + corpus
        for where, row in files.rows(name):
            if (document := document_of(row, where, collection)) is not None:
                yield document


def document_of(row: Mapping[str, Any], where: str, source: str) -> Document | None:
    """A row of a corpus as a document; None where it has neither text nor title."""
    title, text = str(row.get("title") or "").strip(), str(row.get("text") or "")
    if not (title or text.strip()):
        return None
    return Document(_key(row, where), text if text.strip() else title, title if text.strip() else "", source)


def _key(row: Mapping[str, Any], where: str) -> str:
    for field in ("_id", "id"):
        if isinstance(row.get(field), str | int) and str(row[field]).strip():
            return str(row[field])
    raise InputError(f"{where}: field '_id' is missing")


def _there(files: Files, name: str) -> str:
    if name not in files.names:
        raise InputError(f"{files.path} holds no {name}; --data takes {files.needs}")
    return name


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
