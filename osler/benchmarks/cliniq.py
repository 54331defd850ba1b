"""CliniQ: entities searched in discharge summaries, within one patient's note and over all, by literal and semantic match.

Source: Zhao et al. 2025 (arXiv 2502.06252); layout and settings checked against the released code. Layout: corpus.jsonl of chunks
(`_id` is NOTE_NUMBER, `text`), and for each of disease, procedure and drug queries_KIND.jsonl and qrels_KIND.tsv (query, chunk, kind
of match), without a heading. The corpus must be made from MIMIC-III by the authors' script.

Settings, as released: single-patient ranks the chunks of one note, for each query and each note that has a relevant chunk, where the
note has at least five chunks and not all of them are relevant; for a single kind of match, chunks relevant by another kind are
taken out. Multi-patient ranks all chunks. Subsets are `single/KIND OF MATCH` (and `single/overall`) and `multi/KIND OF QUERY`.
Departures: nDCG's ideal order is over all that is relevant, also where the ranking lacks it (the released code takes it over what was
ranked, which forgives what was missed); a chunk that shares no word with a query is not ranked by BM25, so it counts as missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from osler.benchmarks.beir import document_of, folders_of
from osler.benchmarks.files import Files, pick
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.passages import Filters
from osler.registry import benchmark

NEEDS = "CliniQ's folder: corpus.jsonl, and queries_KIND.jsonl with qrels_KIND.tsv for disease, procedure and drug"
QUERIES = ("disease", "procedure", "drug")
MATCHES = ("string", "synonym", "abbreviation", "hyponym", "implication")
SINGLE, MULTI = ("RR", "nDCG", "AP"), ("RR", "nDCG@10", "R@100")
FEWEST = 5
Matches = dict[str, dict[str, set[str]]]  # query → kind of match → chunks


@benchmark(
    "cliniq", source="Zhao et al. 2025 (CliniQ)", needs=(f"--data {NEEDS}",), judged=True, splits=("test",)
)
class CliniQ:
    """Search in patients' notes: one note or all of them, judged apart for literal and four kinds of semantic match."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The sets of both settings; there is one split, test."""
        if split not in (None, "test"):
            raise InputError(f"cliniq has no split {split!r}; there is: test")
        with Files(path, NEEDS) as files:
            sizes = Counter(document.source for document in _chunks(files))
            found = _single(files, sizes) | _multi(files)
        return [
            JudgedSet(
                name,
                tuple(found[name]),
                lambda: _documents(path),
                SINGLE if name.startswith("single/") else MULTI,
                "notes",
            )
            for name in pick(subset, list(found), "setting")
        ]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """Settings with their kinds."""
        return [one.name for one in CliniQ.sets(path)]


def note_of(chunk: str) -> str:
    """The note that a chunk belongs to."""
    return chunk.split("_", 1)[0]


def _documents(path: Path) -> Iterator[Document]:
    with Files(path, NEEDS) as files:
        yield from _chunks(files)


def _chunks(files: Files) -> Iterator[Document]:
    """Chunks as documents, the note as their source, so that a search can keep to one note."""
    for where, row in files.rows(files.only("corpus.jsonl")):
        document = document_of(row, where, "")
        if document is not None:
            yield replace(document, source=note_of(document.id))


def _single(files: Files, sizes: Counter[str]) -> dict[str, list[JudgedQuery]]:
    found: dict[str, list[JudgedQuery]] = {f"single/{kind}": [] for kind in (*MATCHES, "overall")}
    for kind, texts, matches in _judged(files):
        for query, by_match in matches.items():
            everything = set().union(*by_match.values())
            for note in sorted({note_of(chunk) for chunk in everything}):
                here = {chunk for chunk in everything if note_of(chunk) == note}
                if sizes[note] < FEWEST or sizes[note] == len(here):
                    continue
                found["single/overall"].append(_query(kind, query, texts[query], note, here, set()))
                for match in MATCHES:
                    own = by_match[match] & here
                    if own and sizes[note] > len(here):
                        one = _query(kind, query, texts[query], note, own, here - own)
                        found[f"single/{match}"].append(one)
    return {name: queries for name, queries in found.items() if queries}


def _query(kind: str, query: str, text: str, note: str, right: set[str], out: set[str]) -> JudgedQuery:
    return JudgedQuery(
        f"{query} {note}",
        text,
        dict.fromkeys(sorted(right), 1.0),
        group=query,
        tags={"entity": kind},
        filters=Filters(source=note),
        without=frozenset(out),
    )


def _multi(files: Files) -> dict[str, list[JudgedQuery]]:
    found: dict[str, list[JudgedQuery]] = defaultdict(list)
    for kind, texts, matches in _judged(files):
        for query, by_match in matches.items():
            right = sorted(set().union(*by_match.values()))
            one = JudgedQuery(query, texts[query], dict.fromkeys(right, 1.0), tags={"entity": kind})
            found[f"multi/{kind}"].append(one)
    return dict(found)


def _judged(files: Files) -> Iterator[tuple[str, dict[str, str], Matches]]:
    """For each kind of query: the queries' texts, and their relevant chunks by kind of match. Raises InputError."""
    folder, any_there = next(iter(folders_of(files).values())), False
    for kind in QUERIES:
        name = f"{folder}queries_{kind}.jsonl"
        if name not in files.names:
            continue
        any_there = True
        texts = {str(row.get("_id")): str(row.get("text") or "").strip() for _, row in files.rows(name)}
        matches: Matches = {}
        qrels = f"{folder}qrels_{kind}.tsv"
        for number, line in enumerate(files.text(files.only(qrels)).splitlines(), 1):
            cells = line.split("\t")
            if not line.strip():
                continue
            if len(cells) != 3 or cells[2] not in MATCHES or not texts.get(cells[0]):
                raise InputError(
                    f"{qrels} row {number}: is not query, chunk, kind of match ({', '.join(MATCHES)})"
                )
            matches.setdefault(cells[0], {match: set() for match in MATCHES})[cells[2]].add(cells[1])
        yield kind, texts, matches
    if not any_there:
        raise InputError(
            f"{files.path} holds no queries_disease.jsonl, queries_procedure.jsonl or queries_drug.jsonl"
        )
