"""Collects nodes and typed, directed edges from any number of sources and compiles them to arrays (see store.py)."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from osler.data.arrays import Arrays, pack_strings

FORMAT = 10
SEXES = ("", "MALE", "FEMALE")
# Relations that say that something is not so: kept, shown and exported, but walked along only when named.
NEGATIVE = frozenset(
    {"lacks_phenotype", "does_not_treat", "normal_result_excludes", "disease_phenotype_negative"}
)


# These join thousands of diseases by a word such as "autosomal recessive", or what merely stands beside medicine: codes, and
# what calculators need. Walked along only when named.
DESCRIPTIVE = frozenset({"has_inheritance", "has_course", "has_code", "needs"})


def is_walked(relation: str) -> bool:
    """Whether paths follow a relation without being told to."""
    return relation.partition(":")[0] not in NEGATIVE | DESCRIPTIVE


def name_key(text: str) -> str:
    """A name as it is looked up: its words without case and punctuation."""
    return " ".join(re.findall(r"[^\W_]+", text.replace("'s", "").replace("’s", "").casefold()))


@dataclass(slots=True)
class Details:
    """What is known of one edge beyond its ends. Ages in years; dates as YYYY-MM-DD.

    `groups` are the people that it is said of: (group in words, advice, reason), the group empty for people in general.
    """

    frequency: float = math.nan
    num: int = 0
    den: int = 0
    date: str = ""
    onset: str = ""
    age_from: float = math.nan
    sex: str = ""
    references: tuple[str, ...] = ()
    age_to: float = math.nan
    groups: tuple[tuple[str, str, str], ...] = ()


@dataclass
class Builder:
    """Nodes and edges so far. A node is known by its id and by every alias of it; the first name given stands."""

    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    synonyms: list[tuple[str, int]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    relations: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    tail: array = field(default_factory=lambda: array("i"))
    head: array = field(default_factory=lambda: array("i"))
    relation: array = field(default_factory=lambda: array("h"))
    source: array = field(default_factory=lambda: array("h"))
    details: dict[int, Details] = field(default_factory=dict)
    definitions: dict[int, str] = field(default_factory=dict)

    def add_source(self, name: str, release: str = "", licence: str = "") -> int:
        """A source that edges name by the number returned; `release` is its date or version."""
        self.sources.append({"name": name, "release": release, "licence": licence})
        return len(self.sources) - 1

    def node(self, identity: str, name: str = "", kind: str = "", synonyms: Iterable[str] = ()) -> int:
        """The node of this id, made where it is new; a name or kind fills in what was empty."""
        at = self.index.get(identity)
        if at is None:
            at = self.index[identity] = len(self.ids)
            self.ids.append(identity)
            self.names.append(name)
            self.kinds.append(kind)
        else:
            self.names[at] = self.names[at] or name
            self.kinds[at] = self.kinds[at] or kind
        self.synonyms += [(text, at) for text in synonyms]
        return at

    def alias(self, other: str, at: int) -> None:
        """Another id of a node; an id that already has a node keeps it."""
        self.index.setdefault(other, at)

    def edge(self, tail: int, relation: str, head: int, source: int, details: Details | None = None) -> None:
        """One edge from `tail` to `head`, numbers from `node`. An edge from a node to itself says nothing and is left out."""
        if tail == head:
            return
        if details is not None:
            self.details[len(self.tail)] = details
        self.tail.append(tail)
        self.head.append(head)
        self.relation.append(self.relations.setdefault(relation, len(self.relations)))
        self.source.append(source)

    def compile(self, meta: dict[str, Any]) -> Arrays:
        """The arrays of `store.Graph`. Nodes are numbered by degree, so a sorted row of neighbours has hubs last."""
        n = len(self.ids)
        tail, head = np.array(self.tail, np.int32), np.array(self.head, np.int32)
        relation, source = np.array(self.relation, np.int16), np.array(self.source, np.int16)
        names = list(self.relations)
        walked = np.isin(relation, [i for i, name in enumerate(names) if is_walked(name)])
        degree = np.diff(walk(tail[walked], head[walked], n)[0])
        order = np.lexsort((np.array(self.ids, dtype=object).argsort().argsort(), degree))
        place = np.empty(n, np.int32)
        place[order] = np.arange(n, dtype=np.int32)
        tail, head = place[tail], place[head]
        kept = _first_of_equals(tail, head, relation, source, self.details)
        parts: dict[str, np.ndarray] = {
            "edge.head": head[kept],
            "edge.relation": _narrow(relation[kept]),
            "edge.source": _narrow(source[kept]),
        }
        parts["out.indptr"] = _indptr(tail[kept], n)
        parts["in.edge"] = np.argsort(head[kept], kind="stable").astype(np.int32)
        parts["in.indptr"] = _indptr(head[kept], n)
        still = walked[kept]
        parts["walk.indptr"], parts["walk.indices"] = walk(tail[kept][still], head[kept][still], n)
        kinds = sorted(set(self.kinds))
        parts["kind"] = np.array([kinds.index(self.kinds[i]) for i in order], np.int8)
        parts |= pack_strings("ids", [self.ids[i] for i in order])
        parts |= pack_strings("names", [self.names[i] or self.ids[i] for i in order])
        parts |= self._indexes(place) | self._details(kept) | self._definitions(place)
        about = {**meta, "kinds": kinds, "relations": names, "sources": self.sources, "notices": self.notices}
        return Arrays(parts, about)

    def _indexes(self, place: np.ndarray) -> dict[str, np.ndarray]:
        """Sorted look-up tables: every id, and every name and synonym by its words."""
        aliases = sorted(self.index.items())
        # An edge list without names means its nodes by the words that it has.
        shown = (name or ("" if ":" in self.ids[i] else self.ids[i]) for i, name in enumerate(self.names))
        words = {(name_key(name), i) for i, name in enumerate(shown)}
        words |= {(name_key(text), i) for text, i in self.synonyms}
        named = sorted(pair for pair in words if pair[0])
        return {
            **pack_strings("alias", [key for key, _ in aliases]),
            "alias.node": place[np.array([i for _, i in aliases], np.int64)],
            **pack_strings("named", [key for key, _ in named]),
            "named.node": place[np.array([i for _, i in named], np.int64)],
        }

    def _definitions(self, place: np.ndarray) -> dict[str, np.ndarray]:
        """Definitions of nodes that have one, by (sorted) position."""
        rows = sorted((int(place[at]), text) for at, text in self.definitions.items())
        return {
            "defined.node": np.array([at for at, _ in rows], np.int32),
            **pack_strings("defined", [text for _, text in rows]),
        }

    def _details(self, kept: np.ndarray) -> dict[str, np.ndarray]:
        """Columns over the edges that have details only, found by their (sorted) edge numbers."""
        at = {int(old): new for new, old in enumerate(kept.tolist()) if int(old) in self.details}
        rows = [(new, self.details[old]) for old, new in at.items()]
        references = sorted({text for _, row in rows for text in row.references})
        number = {text: i for i, text in enumerate(references)}
        indptr = np.zeros(len(rows) + 1, np.int32)
        np.cumsum([len(row.references) for _, row in rows], out=indptr[1:])
        return {
            "more.edge": np.array([new for new, _ in rows], np.int32),
            "more.frequency": np.array([row.frequency for _, row in rows], np.float32),
            "more.num": np.array([row.num for _, row in rows], np.int32),
            "more.den": np.array([row.den for _, row in rows], np.int32),
            "more.age_from": np.array([row.age_from for _, row in rows], np.float32),
            **_bounds_above(rows),
            "more.sex": np.array([SEXES.index(row.sex) for _, row in rows], np.int8),
            **pack_strings("more.onset", [row.onset for _, row in rows]),
            **pack_strings("more.date", [row.date for _, row in rows]),
            "more.ref_indptr": indptr,
            "more.ref": np.array([number[text] for _, row in rows for text in row.references], np.int32),
            **pack_strings("references", references),
            **_groups(rows),
        }


def _narrow(numbers: np.ndarray) -> np.ndarray:
    """As bytes where they fit: a graph of millions of edges has few relations and sources."""
    return numbers.astype(np.uint8) if not len(numbers) or int(numbers.max()) < 256 else numbers


def _bounds_above(rows: list[tuple[int, Details]]) -> dict[str, np.ndarray]:
    """Ages until which edges apply; few state one."""
    stated = [(new, row.age_to) for new, row in rows if not math.isnan(row.age_to)]
    return {
        "until.edge": np.array([new for new, _ in stated], np.int32),
        "until.age": np.array([age for _, age in stated], np.float32),
    }


def _groups(rows: list[tuple[int, Details]]) -> dict[str, np.ndarray]:
    """The groups of people that edges are said of, by (sorted) edge number."""
    stated = [(new, *group) for new, row in rows for group in row.groups]
    columns = list(zip(*stated, strict=True)) if stated else [(), (), (), ()]
    texts = zip(("said", "advice", "because"), columns[1:], strict=True)
    packed = [pack_strings(f"group.{name}", list(column)) for name, column in texts]
    return {"group.edge": np.array(columns[0], np.int32), **packed[0], **packed[1], **packed[2]}


def walk(tail: np.ndarray, head: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours of each node whichever way an edge points, each once, sorted: (indptr int64[n + 1], indices int32)."""
    pairs = np.concatenate([tail.astype(np.int64) * n + head, head.astype(np.int64) * n + tail])
    pairs.sort()
    if len(pairs):
        pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
    return _indptr(pairs // max(n, 1), n), (pairs % max(n, 1)).astype(np.int32)


def _indptr(rows: np.ndarray, n: int) -> np.ndarray:
    indptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=n), out=indptr[1:])
    return indptr


def _first_of_equals(
    tail: np.ndarray,
    head: np.ndarray,
    relation: np.ndarray,
    source: np.ndarray,
    details: Sequence[int] | dict[int, Details],
) -> np.ndarray:
    """Positions of the edges to keep, sorted by (tail, head, relation); equal edges without details are one."""
    order = np.lexsort((source, relation, head, tail))
    if not len(order):
        return order
    columns = [column[order] for column in (tail, head, relation, source)]
    new = np.concatenate([[True], np.any([column[1:] != column[:-1] for column in columns], axis=0)])
    new |= np.isin(order, np.fromiter(details, np.int64, len(details)))
    return order[new]
