"""What lies near a node: typed neighbours, meta-paths, personalised PageRank, and the part of the graph around nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osler.errors import UsageError
from osler.graphs import Way
from osler.knowledge.graph.paths import DAMPING, expand
from osler.knowledge.graph.store import Graph, View


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour: its position, the edge, and whether that edge points away from where one stands."""

    node: int
    edge: int
    outward: bool


def neighbours(
    graph: Graph, node: int, relations: Sequence[str] = (), kinds: Sequence[str] = (), way: Way = ""
) -> list[Near]:
    """Edges of a node, of some relations and to some kinds of nodes only; the most frequent first, then by name.

    `way` "out" is those that point away from it, "in" those that point at it, "" both.
    """
    unknown = sorted(set(kinds) - set(graph.kinds))
    if unknown:
        raise UsageError(f"the graph has no nodes of kind {unknown[0]!r}; it has {', '.join(graph.kinds)}")
    edges = [graph.out(node)[: None if way != "in" else 0], graph.into(node)[: None if way != "out" else 0]]
    if relations:
        wanted = graph.relation_numbers(tuple(relations))
        edges = [several[np.isin(graph.relation[several], wanted)] for several in edges]
    found = [(edge, int(graph.head[edge]), True) for edge in edges[0].tolist()]
    found += [(edge, _tail(graph, edge), False) for edge in edges[1].tolist()]
    kept = [
        Near(other, edge, outward)
        for edge, other, outward in found
        if not kinds or graph.kinds[int(graph.kind[other])] in kinds
    ]
    frequency = {near.edge: graph.edge(near.edge).frequency for near in kept}
    return sorted(kept, key=lambda near: (-(frequency[near.edge] or 0.0), graph.names[near.node], near.edge))


def _tail(graph: Graph, edge: int) -> int:
    return int(np.searchsorted(graph.out_indptr, edge, side="right")) - 1


@dataclass(frozen=True, slots=True)
class Reached:
    """A node at the end of a meta-path: over how many paths, and their summed weight (degree^-0.4 at every step)."""

    node: int
    paths: int
    weight: float


def meta_path(graph: Graph, starts: Iterable[int], steps: Sequence[str]) -> list[Reached]:
    """Nodes reached by following relations in turn; `^relation` follows it against its direction. Heaviest first.

    The weight is the degree-weighted path count (Himmelstein and Baranzini 2015): each step divides by the number of
    such edges at both ends to the power 0.4. A path may come back to where it was. Raises UsageError without steps.
    """
    if not steps:
        raise UsageError("a meta-path has at least one step, such as has_phenotype or ^has_phenotype")
    count = np.zeros(len(graph))
    count[list(starts)] = 1.0
    weight = count.copy()
    for step in steps:
        edges = np.isin(graph.relation, graph.relation_numbers((step.removeprefix("^"),)))
        tail, head = graph.tail[edges], graph.head[edges]
        if step.startswith("^"):
            tail, head = head, tail
        pairs = np.unique(np.stack([tail, head], 1), axis=0)
        tail, head = pairs[:, 0], pairs[:, 1]
        out, into = np.bincount(tail, minlength=len(graph)), np.bincount(head, minlength=len(graph))
        damped = (out[tail] * into[head]).astype(float) ** -DAMPING
        count, weight = (
            np.bincount(head, weights=values, minlength=len(graph))
            for values in (count[tail], weight[tail] * damped)
        )
    reached = np.flatnonzero(count)
    order = reached[np.lexsort((reached, -weight[reached]))]
    return [Reached(int(node), int(count[node]), float(weight[node])) for node in order]


def pagerank(
    graph: Graph,
    seeds: Iterable[int],
    *,
    restart: float = 0.15,
    tolerance: float = 1e-9,
    view: View | None = None,
) -> np.ndarray:
    """Personalised PageRank (float64[n], sums to 1): where a walk ends up that returns to the seeds with chance `restart`.

    Power iteration until the change is below `tolerance` (Haveliwala 2002). A node without neighbours sends the walk
    back to the seeds. Raises UsageError without seeds.
    """
    from scipy.sparse import csr_array

    start = np.zeros(len(graph))
    start[list(seeds)] = 1.0
    if not start.any() or not 0 < restart < 1:
        raise UsageError("PageRank needs at least one seed, and a chance of return between 0 and 1")
    start /= start.sum()
    view = view or graph.everything
    degree = np.diff(view.indptr)
    ones = np.ones(len(view.indices), np.float32)
    joined = csr_array((ones, view.indices, view.indptr), shape=(len(graph), len(graph)))
    share = np.divide(1.0, degree, out=np.zeros(len(graph)), where=degree > 0)
    rank = start.copy()
    while True:
        lost = float(rank[degree == 0].sum())
        new = (1 - restart) * (joined @ (rank * share) + lost * start) + restart * start
        if np.abs(new - rank).sum() < tolerance:
            return new
        rank = new


def subgraph(
    graph: Graph, nodes: Iterable[int], hops: int = 0, limit: int = 500
) -> tuple[list[int], list[int]]:
    """(nodes, edges): those given and what lies within so many hops, at most `limit`, and every edge among them.

    The nearer come first, and those with the fewest neighbours first among equally near ones, so hubs are left out
    first. Relations that are walked only when named are among the edges but are not followed.
    """
    kept = dict.fromkeys(int(node) for node in nodes)
    if len(kept) > limit:
        raise UsageError(f"{len(kept)} nodes are more than the limit of {limit}")
    edge_of = np.array(list(kept), np.int64)
    for _ in range(hops):
        if len(kept) >= limit or not len(edge_of):
            break
        reached = np.unique(expand(graph.everything, edge_of)[0])
        new = [int(node) for node in reached if int(node) not in kept][: limit - len(kept)]
        kept.update(dict.fromkeys(new))
        edge_of = np.array(new, np.int64)
    inside = np.zeros(len(graph), bool)
    inside[list(kept)] = True
    edges = [int(edge) for node in sorted(kept) for edge in graph.out(node) if inside[graph.head[edge]]]
    return list(kept), edges


def as_json(graph: Graph, near: Near) -> dict[str, Any]:
    """A neighbour with its edge."""
    node = graph.node(near.node)
    way = {"id": node.id, "name": node.name, "kind": node.kind, "outward": near.outward}
    definition = graph.definition(near.node)
    return {**way, **({"definition": definition} if definition else {}), "edge": graph.as_dict(near.edge)}
