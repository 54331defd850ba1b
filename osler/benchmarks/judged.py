"""What a benchmark of retrieval yields: queries with their judgements, and the documents that are searched. Knows no layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from osler.knowledge.corpus.documents import Document
from osler.passages import Filters

USUAL = ("nDCG@10", "R@100", "RR", "AP")


@dataclass(frozen=True)
class JudgedQuery:
    """A query and what was judged for it: gains by document id, above 0 for what is relevant.

    `filters` say where this query searches (one patient's note, for instance), `without` which documents are taken out of its
    ranking (the query's own patient). `group` is what intervals are clustered by: the query itself where it is empty.
    """

    id: str
    text: str
    judged: Mapping[str, float]
    group: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    filters: Filters | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class JudgedSet:
    """Queries over one collection. `documents` gives it anew at each call; None where it is a corpus that must be named.

    Sets with the same `collection` search the same documents, so one index serves them.
    """

    name: str
    queries: tuple[JudgedQuery, ...]
    documents: Callable[[], Iterator[Document]] | None = None
    measures: tuple[str, ...] = USUAL
    collection: str = ""


class JudgedBenchmark(Protocol):
    """What a registered benchmark of retrieval offers (`judged=True`). Both raise InputError that names file and row."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The sets in the published order; one of them with `subset`, the published test split without `split`."""
        ...

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The names that `subset` takes for this data."""
        ...
