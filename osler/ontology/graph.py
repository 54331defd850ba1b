"""Compressed sparse rows over term indices, and the transitive closure of a directed acyclic graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class CSR(NamedTuple):
    """`indices[indptr[i]:indptr[i + 1]]` are the (sorted) members of row `i`; both arrays are int32."""

    indptr: np.ndarray
    indices: np.ndarray

    def row(self, i: int) -> np.ndarray:
        """Members of row `i`, a view."""
        return self.indices[self.indptr[i] : self.indptr[i + 1]]

    def counts(self) -> np.ndarray:
        """Number of members of each row."""
        return np.diff(self.indptr)


def csr(rows: Sequence[Sequence[int]] | Sequence[set[int]]) -> CSR:
    """Pack rows of indices; members are sorted and repeated ones dropped."""
    cleaned = [sorted(set(row)) for row in rows]
    indptr = np.zeros(len(cleaned) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in cleaned], out=indptr[1:])
    return CSR(indptr, np.array([i for row in cleaned for i in row], dtype=np.int32))


def transpose(graph: CSR, columns: int) -> CSR:
    """Rows become members: row `j` of the result lists the rows of `graph` that hold `j`."""
    owners = np.repeat(np.arange(len(graph.indptr) - 1, dtype=np.int32), graph.counts())
    order = np.argsort(graph.indices, kind="stable")
    indptr = np.zeros(columns + 1, dtype=np.int32)
    np.cumsum(np.bincount(graph.indices, minlength=columns), out=indptr[1:])
    return CSR(indptr, owners[order])


def closure(parents: Sequence[Sequence[int]]) -> list[set[int]]:
    """For each node the set of itself and everything above it. Raises ValueError when the graph has a cycle."""
    done: list[set[int] | None] = [None] * len(parents)
    for start in range(len(parents)):
        stack = [start]
        open_nodes: set[int] = set()
        while stack:
            node = stack[-1]
            if done[node] is not None:
                stack.pop()
                continue
            waiting = [p for p in parents[node] if done[p] is None]
            if waiting:
                if node in open_nodes:
                    raise ValueError(f"the hierarchy has a cycle through node {node}")
                open_nodes.add(node)
                stack.extend(waiting)
                continue
            done[node] = {node}.union(*(done[p] or () for p in parents[node]))
            stack.pop()
    return [row or set() for row in done]


def depths(children: CSR, roots: Sequence[int], n: int) -> np.ndarray:
    """Length of the shortest path from a root to each node (int16; -1 where none leads there)."""
    result = np.full(n, -1, dtype=np.int16)
    level, frontier = 0, list(roots)
    while frontier:
        result[frontier] = level
        below = {int(c) for node in frontier for c in children.row(node)}
        frontier = [node for node in below if result[node] < 0]
        level += 1
    return result
