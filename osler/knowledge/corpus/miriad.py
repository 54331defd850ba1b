"""MIRIAD's rows: a question and its answer, with the passage and the paper that they were made from.

Source: Zheng et al. 2025 (arXiv 2506.06091); fields as published: qa_id, paper_id, question, answer, paper_url, paper_title,
passage_text, passage_position, year, venue, specialty. `osler corpus add` makes of a row the pair: its question is the title, its
answer the text, its paper the source, its specialty the section. `passages` gives the raw passages of the same rows, each once, for a
corpus of their own to compare with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from osler.knowledge.corpus.documents import Document

OF_EVERY_ROW = ("qa_id", "question", "answer", "paper_id", "passage_text")
FIELDS = (*OF_EVERY_ROW, "paper_url", "paper_title", "passage_position", "year", "venue", "specialty")


def is_row(row: Mapping[str, Any]) -> bool:
    """Whether a row is of this layout."""
    return all(name in row for name in OF_EVERY_ROW)


def pair(row: Mapping[str, Any]) -> Document:
    """The question with its answer as one passage, cited by its own id, with its paper's title, address, id and venue."""
    known = tuple((name, str(row[name])) for name in ("paper_id", "venue") if row.get(name))
    found = _document(row, str(row["qa_id"]), str(row["answer"]), str(row["question"]))
    return replace(found, whole=True, fields=known)


def passage(row: Mapping[str, Any]) -> Document:
    """The passage that a row was made from, cited by its paper and its place in it."""
    place = "-".join(str(row.get("passage_position") or 0).split())
    return _document(
        row, f"{row['paper_id']}_{place}", str(row["passage_text"]), str(row.get("paper_title") or "")
    )


def passages(rows: Iterable[Mapping[str, Any]]) -> Iterator[Document]:
    """The passages of rows in order, each once, whichever number of pairs was made from it."""
    seen: set[str] = set()
    for row in rows:
        found = passage(row)
        if found.id not in seen:
            seen.add(found.id)
            yield found


def write(documents: Iterable[Document], path: Path) -> int:
    """Write documents as JSON lines that `osler corpus add` reads; how many there were."""
    count = 0
    with path.open("wb") as file:
        for one in documents:
            count += 1
            fields = ("id", "title", "text", "source", "section", "date", "url")
            file.write(orjson.dumps({name: getattr(one, name) for name in fields}) + b"\n")
    return count


def _document(row: Mapping[str, Any], name: str, text: str, title: str) -> Document:
    paper = str(row.get("paper_title") or row["paper_id"])
    return Document(
        name,
        text,
        title,
        paper,
        str(row.get("specialty") or ""),
        _year(row.get("year")),
        str(row.get("paper_url") or ""),
    )


def _year(value: Any) -> str:
    """A year as it is published, a number with a fraction of nothing (2016.0); empty where there is none."""
    try:
        year = int(float(value))
    except (TypeError, ValueError, OverflowError):
        return ""
    return str(year) if 1000 <= year <= 9999 else ""
