"""A compiled graph: nodes, typed and directed edges with where they come from, memory-mapped.

Knows nothing of how it was built (build.py) or searched (paths.py, spread.py).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

import numpy as np

from osler.data.arrays import Arrays, Strings
from osler.errors import UsageError
from osler.knowledge.graph.build import SEXES, is_walked, name_key, walk


@dataclass(frozen=True, slots=True)
class Node:
    """One node as it is shown."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge as it is shown: it points from `start` to `end` (ids), whichever way it is walked.

    `frequency` is a share (None where not stated) with the counts behind it where there are any; `onset` the age at
    which it begins in HPO's words, `age_from` and `age_to` the bounds in years; `sex` "MALE", "FEMALE" or "" for both.
    """

    start: str
    relation: str
    end: str
    source: str
    date: str
    frequency: float | None = None
    counts: str = ""
    onset: str = ""
    age_from: float | None = None
    sex: str = ""
    references: tuple[str, ...] = ()
    age_to: float | None = None


@dataclass(frozen=True)
class View:
    """What a search walks on: neighbours either way, each once, sorted (so hubs last). `edges` are those in it, None for all."""

    indptr: np.ndarray
    indices: np.ndarray
    edges: np.ndarray | None = field(default=None, compare=False)

    def row(self, node: int) -> np.ndarray:
        """Neighbours of a node, a view."""
        return self.indices[self.indptr[node] : self.indptr[node + 1]]


class Graph:
    """Nodes by position (ordered by degree, fewest neighbours first) and edges by position (sorted by tail, head).

    `ids`, `names` (one each per node), `kind` (int8 in `kinds`); `head`, `relation` (in `relations`), `source` (in
    `sources`) per edge, `tail` derived; `degree` (neighbours either way, over relations that are walked without being named).
    """

    def __init__(self, arrays: Arrays):
        self._arrays = arrays
        meta = arrays.meta
        self.name: str = meta.get("name", "")
        self.checksum: str = meta.get("checksum", "")
        self.kinds: list[str] = meta["kinds"]
        self.relations: list[str] = meta["relations"]
        self.sources: list[dict[str, str]] = meta["sources"]
        self.notices: list[str] = meta["notices"]
        self.ids: Strings = arrays.strings("ids")
        self.names: Strings = arrays.strings("names")
        self.kind: np.ndarray = arrays["kind"]
        self.head: np.ndarray = arrays["edge.head"]
        self.relation: np.ndarray = arrays["edge.relation"]
        self.source: np.ndarray = arrays["edge.source"]
        self.out_indptr: np.ndarray = arrays["out.indptr"]
        self.in_indptr: np.ndarray = arrays["in.indptr"]
        self.in_edge: np.ndarray = arrays["in.edge"]
        self.everything = View(arrays["walk.indptr"], arrays["walk.indices"])
        self.degree: np.ndarray = np.diff(self.everything.indptr)
        self.view = lru_cache(maxsize=4)(self._view)

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<Graph {self.name}, {len(self):,} nodes, {len(self.head):,} edges>"

    @cached_property
    def tail(self) -> np.ndarray:
        """Where each edge starts (int32)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.out_indptr))

    def node(self, at: int) -> Node:
        """The node at a position."""
        return Node(self.ids[int(at)], self.names[int(at)], self.kinds[int(self.kind[at])])

    def definition(self, at: int) -> str:
        """What a node is, in its source's words; empty where the source says nothing."""
        nodes = self._arrays["defined.node"]
        place = _place(nodes, at)
        return self._arrays.strings("defined")[place] if place < len(nodes) and nodes[place] == at else ""

    def find(self, any_id: str) -> int | None:
        """Position of the node with this id or alias, None where there is none."""
        table = self._arrays.strings("alias")
        at = bisect_left(table, any_id)
        return int(self._arrays["alias.node"][at]) if at < len(table) and table[at] == any_id else None

    def named(self, name: str) -> list[int]:
        """Positions of the nodes that have this name or synonym, word for word without case and punctuation."""
        table, key = self._arrays.strings("named"), name_key(name)
        start = bisect_left(table, key)
        places = takewhile(lambda at: table[at] == key, range(start, len(table))) if key else ()
        return sorted({int(self._arrays["named.node"][at]) for at in places})

    def begins(self, word: str) -> bool:
        """Whether any name begins with this word."""
        table, key = self._arrays.strings("named"), name_key(word)
        at = bisect_left(table, key)
        return bool(key) and at < len(table) and (table[at] + " ").startswith(key.split()[0] + " ")

    def names_from(self, prefix: str, limit: int = 10) -> list[int]:
        """Positions of nodes with a name that begins with these words, shortest names first."""
        table, key = self._arrays.strings("named"), name_key(prefix)
        start = bisect_left(table, key)
        places = takewhile(lambda at: table[at].startswith(key), range(start, min(start + 500, len(table))))
        found = sorted(places, key=lambda at: (len(table[at]), at)) if key else []
        return list(dict.fromkeys(int(self._arrays["named.node"][at]) for at in found))[:limit]

    def relation_numbers(self, names: tuple[str, ...]) -> list[int]:
        """Numbers of the relations so named; `drug_protein` also names `drug_protein:target`. Raises UsageError."""
        found = []
        for name in names:
            own = [i for i, text in enumerate(self.relations) if name in (text, text.partition(":")[0])]
            if not own:
                known = ", ".join(sorted(self.relations))
                raise UsageError(f"the graph has no relation {name!r}; it has {known}")
            found += own
        return found

    def out(self, node: int) -> np.ndarray:
        """Edges that start at a node."""
        return np.arange(self.out_indptr[node], self.out_indptr[node + 1])

    def into(self, node: int) -> np.ndarray:
        """Edges that end at a node."""
        return self.in_edge[self.in_indptr[node] : self.in_indptr[node + 1]]

    def between(self, a: int, b: int, view: View | None = None) -> list[int]:
        """Edges that join two nodes, either way: those of a view, or those walked without being named."""
        found = []
        for tail, head in ((a, b), (b, a)):
            start, end = int(self.out_indptr[tail]), int(self.out_indptr[tail + 1])
            low, high = np.searchsorted(self.head[start:end], (head, head + 1))
            found += range(start + int(low), start + int(high))
        if view is not None and view.edges is not None:
            return [edge for edge in found if view.edges[edge]]
        return [edge for edge in found if is_walked(self.relations[self.relation[edge]])]

    def edge(self, at: int) -> Edge:
        """The edge at a position with all that is known of it."""
        tail = int(np.searchsorted(self.out_indptr, at, side="right")) - 1
        source = self.sources[int(self.source[at])]
        plain = (
            self.ids[tail],
            self.relations[int(self.relation[at])],
            self.ids[int(self.head[at])],
            source["name"],
        )
        return Edge(*plain, **{"date": source["release"], **self._more(int(at))})

    def groups(self, edge: int) -> list[tuple[str, str, str]]:
        """The people that an edge is said of: (group in words, advice, reason); none for most edges."""
        low, high = (_place(self._arrays["group.edge"], one) for one in (edge, edge + 1))
        columns = [self._arrays.strings(f"group.{name}") for name in ("said", "advice", "because")]
        return [(columns[0][at], columns[1][at], columns[2][at]) for at in range(low, high)]

    def _until(self, edge: int) -> float | None:
        """The age until which an edge applies."""
        edges = self._arrays["until.edge"]
        at = _place(edges, edge)
        return float(self._arrays["until.age"][at]) if at < len(edges) and edges[at] == edge else None

    def _more(self, edge: int) -> dict[str, Any]:
        arrays = self._arrays
        at = _place(arrays["more.edge"], edge)
        if at >= len(arrays["more.edge"]) or arrays["more.edge"][at] != edge:
            return {}
        frequency, age = float(arrays["more.frequency"][at]), float(arrays["more.age_from"][at])
        num, den = int(arrays["more.num"][at]), int(arrays["more.den"][at])
        date, first, last = arrays.strings("more.date")[at], *arrays["more.ref_indptr"][at : at + 2].tolist()
        references = arrays.strings("references")
        return {
            "frequency": None if math.isnan(frequency) else round(frequency, 4),
            "counts": f"{num}/{den}" if den else "",
            "onset": arrays.strings("more.onset")[at],
            "age_from": None if math.isnan(age) else round(age, 3),
            "age_to": self._until(edge),
            "sex": SEXES[int(arrays["more.sex"][at])],
            "references": tuple(references[int(i)] for i in arrays["more.ref"][first:last]),
            **({"date": date} if date else {}),
        }

    def _view(
        self,
        relations: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        sex: str = "",
        age: float | None = None,
    ) -> View:
        """The part of the graph to walk on: only some relations, all but some, and edges that apply to a sex and an age.

        `age` in years: an edge that begins later in life does not apply yet. Relations that say that something is not
        so, inheritance and course are walked only when named. The last few views are kept.
        """
        if not (relations or without or sex or age is not None):
            return self.everything
        walked = [i for i, name in enumerate(self.relations) if is_walked(name)]
        keep = np.isin(self.relation, self.relation_numbers(relations) if relations else walked)
        if without:
            keep &= ~np.isin(self.relation, self.relation_numbers(without))
        more = self._arrays["more.edge"]
        if sex:
            other = ({1, 2} - {SEXES.index(sex.upper())}).pop()
            keep[more[self._arrays["more.sex"] == other]] = False
        if age is not None:
            keep[more[self._arrays["more.age_from"] > age]] = False
            keep[self._arrays["until.edge"][self._arrays["until.age"] < age]] = False
        return View(*walk(self.tail[keep], self.head[keep], len(self)), keep)

    def stats(self) -> dict[str, Any]:
        """Counts by kind, relation and source, and what was missing when it was built."""
        kinds, relations = (
            np.bincount(self.kind, minlength=len(self.kinds)),
            np.bincount(self.relation, minlength=len(self.relations)),
        )
        sources = np.bincount(self.source, minlength=len(self.sources))
        return {
            "name": self.name,
            "checksum": self.checksum,
            "nodes": len(self),
            "edges": len(self.head),
            "kinds": {name: int(count) for name, count in zip(self.kinds, kinds, strict=True)},
            "relations": {name: int(count) for name, count in zip(self.relations, relations, strict=True)},
            "sources": [
                {**about, "edges": int(count)} for about, count in zip(self.sources, sources, strict=True)
            ],
            "bytes": sum(array.nbytes for array in self._arrays.values()),
            "notices": self.notices,
        }

    def as_dict(self, at: int) -> dict[str, Any]:
        """An edge as JSON."""
        return asdict(self.edge(at))


def _place(rows: np.ndarray, value: int) -> int:
    """Where a value stands in sorted rows. In their own type: with another, numpy copies all of them first."""
    return int(np.searchsorted(rows, rows.dtype.type(value)))
