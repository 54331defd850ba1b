"""DocHop-QA: questions whose evidence lies in blocks of several papers: text, tables, and what the layout says of them.

Source: Park et al. 2025 (arXiv 2508.15851), from its abstract: the released files could not be seen, so the layout here is Osler's, to which
they are to be brought. JSON or JSON lines, a row an item: `question`, `answer`, `concept` (a tag), `documents` (each `id`, `title`, `blocks`)
and `evidence` (indices of blocks). A block has `index` (counted through the item where it is missing), `type` (text, title, table,
figure, list …), `text`, or `rows` for a table, and `page` with `bbox` where its place is known. Every block is shown under its index with its
kind and place; the answer names the indices that it rests on and says it in a few sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files, Row, list_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import AnswerField, AnswerForm, Case, Document, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.dochop import HopReference

NEEDS = "JSON lines of items with question, answer, documents (blocks) and evidence (docs/retrieval-evaluation.md)"
FORM = AnswerForm(
    ask="First name the index of every block that the answer rests on; several documents may have to be joined. Then answer in at most "
    "three sentences.",
    fields=[
        AnswerField(name="evidence", type="string", holds="indices of blocks, parted by commas"),
        AnswerField(name="answer", type="string", holds="the answer"),
    ],
    text="evidence: {evidence}\nanswer: {answer}",
)


@benchmark(
    "dochop-qa",
    source="Park et al. 2025 (DocHop-QA)",
    needs=(f"--data {NEEDS}",),
    scorer="dochop",
    splits=("test",),
)
class DocHopQa:
    """Multi-hop questions over several papers with tables and layout: evidence indices and an answer in words."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[HopReference]]:
        """All items, or those of one concept (`subset`)."""
        with Files(path, NEEDS) as files:
            for name in _names(files):
                yield from distinct(
                    _item(row, where)
                    for where, row in files.rows(name)
                    if subset is None or str(row.get("concept") or "") == subset
                )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The concepts."""
        with Files(path, NEEDS) as files:
            rows = [row for name in _names(files) for _, row in files.rows(name)]
        return sorted({str(row.get("concept") or "") for row in rows} - {""})


def _names(files: Files) -> list[str]:
    names = files.like("*.jsonl", "*.json")
    return names or [files.only("*.jsonl", "*.json")]


def _item(row: Row, where: str) -> Item[HopReference]:
    question, answer = words_of(row, "question", where), words_of(row, "answer", where)
    documents, owner, index = [], {}, 0
    for number, paper in enumerate(list_of(row, "documents", where), 1):
        if not isinstance(paper, Mapping):
            raise InputError(f"{where}: document {number} is not an object with blocks")
        lines = []
        for block in list_of(paper, "blocks", f"{where}, document {number}"):
            index = _index(block, index, where)
            if index in owner:
                raise InputError(f"{where}: index {index} stands twice")
            owner[index] = str(paper.get("id") or number)
            lines.append(shown(block, index, where))
        documents.append(
            Document(
                id=str(number),
                title=f"document {number}: {paper.get('title') or ''}".strip(": "),
                text="\n".join(lines),
            )
        )
    evidence = tuple(sorted({int(one) for one in list_of(row, "evidence", where)}))
    if not evidence or not set(evidence) <= owner.keys():
        raise InputError(f"{where}: 'evidence' names no block, or one that is not there")
    key = opaque_id(question, *(one.text for one in documents))
    case = Case(id=key, question=question, documents=documents, answer_kind="text", answer_form=FORM)
    tags = {
        "concept": str(row.get("concept") or ""),
        "documents needed": str(len({owner[one] for one in evidence})),
    }
    group = opaque_id(*sorted(owner.values()))
    return Item(key, case, HopReference(answer, evidence, owner), group, subset=tags["concept"], tags=tags)


def shown(block: Any, index: int, where: str) -> str:
    """A block as the case shows it: its index, kind and place, then its words; a table's rows on lines of their own."""
    if not isinstance(block, Mapping):
        raise InputError(f"{where}: a block is not an object with type and text")
    kind = str(block.get("type") or "text")
    at = [f"page {block['page']}"] if block.get("page") is not None else []
    if isinstance(box := block.get("bbox"), Sequence) and len(box) == 4:
        at.append("at " + ", ".join(f"{float(side):g}" for side in box))
    rows = block.get("rows")
    words = str(block.get("text") or "").strip()
    if isinstance(rows, Sequence) and not isinstance(rows, str):
        table = "\n".join(" | ".join(str(cell) for cell in one) for one in rows)
        words = f"{words}\n{table}".strip()
    return f"[{index}] ({', '.join([kind, *at])}) {words}"


def _index(block: Any, last: int, where: str) -> int:
    given = block.get("index") if isinstance(block, Mapping) else None
    if given is None:
        return last + 1
    if not isinstance(given, int):
        raise InputError(f"{where}: the index of a block is no whole number")
    return given
