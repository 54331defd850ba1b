"""What is asked of the graph, as plain data: paths between two names, what is near one, what a text names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from osler.errors import UsageError
from osler.knowledge.graph.connect import connect
from osler.knowledge.graph.facts import relation_kinds
from osler.knowledge.graph.link import link, resolve
from osler.knowledge.graph.paths import DAMPING, GraphPath, PathFinder
from osler.knowledge.graph.spread import as_json, meta_path, neighbours
from osler.knowledge.graph.spread import pagerank as rank
from osler.knowledge.graph.store import Graph


def paths(
    graph: Graph,
    start: str,
    end: str,
    relations: Sequence[str] = (),
    without: Sequence[str] = (),
    sex: str | None = None,
    age: float | None = None,
    longest: int = 4,
    cap: int = 50,
) -> list[GraphPath]:
    """The shortest paths between two names, those through hubs last. Raises UsageError for a name that is unknown."""
    view = graph.view(tuple(relations), tuple(without), sex or "", age)
    return connect(PathFinder(graph, view), start, end, longest, cap)


def paths_json(graph: Graph, found: Sequence[GraphPath], cap: int) -> dict[str, Any]:
    """`osler graph path --json`."""
    about = {"capped": len(found) == cap, "graph": {"name": graph.name, "checksum": graph.checksum}}
    return {"paths": [one.as_dict(graph) for one in found], **about}


def same(graph: Graph, start: str, end: str) -> dict[str, Any] | None:
    """The one node that both names mean; None where they mean different ones. Raises UsageError for an unknown name."""
    both = [at for at in resolve(graph, start) if at in resolve(graph, end)]
    return node(graph, both[0]) if both else None


def joined_by(graph: Graph, start: str, end: str) -> list[str]:
    """For each pair of kinds that two names have: which relations the graph holds between such nodes, in a line."""
    kinds = {
        (graph.kinds[int(graph.kind[a])], graph.kinds[int(graph.kind[b])]): None
        for a in resolve(graph, start)
        for b in resolve(graph, end)
    }
    return [_joined(graph, *pair) for pair in kinds]


def _joined(graph: Graph, first: str, second: str) -> str:
    held = [
        f"{one.name} {one.count:,}"
        for one in relation_kinds(graph)
        if (one.head_kind, one.tail_kind) in ((first, second), (second, first))
    ]
    if held:
        return f"between {first} and {second} this graph holds: {', '.join(held)}"
    return (
        f"this graph holds no edge between {first} and {second}; that a path goes round by others says "
        "nothing of whether they belong together (other graphs: docs/graph.md)"
    )


def near(
    graph: Graph,
    name: str,
    relations: Sequence[str] = (),
    kinds: Sequence[str] = (),
    along: Sequence[str] = (),
    pagerank: bool = False,
) -> tuple[list[int], list[dict[str, Any]]]:
    """The nodes of a name, and what they are joined to: directly, along relations in turn, or by PageRank.

    Raises UsageError for a name or kind that is unknown, and for ways of ranking that exclude each other.
    """
    if along and pagerank:
        raise UsageError("--along and --pagerank are two ways of ranking; choose one")
    if relations and along:
        raise UsageError("--along names its relations itself; leave --relation out")
    if unknown := sorted(set(kinds) - set(graph.kinds)):
        raise UsageError(f"the graph has no nodes of kind {unknown[0]!r}; it has {', '.join(graph.kinds)}")
    starts = resolve(graph, name)
    if along or pagerank:
        return starts, _ranked(graph, starts, relations, along, pagerank, kinds)
    return starts, [as_json(graph, one) for at in starts for one in neighbours(graph, at, relations, kinds)]


def near_json(graph: Graph, starts: Sequence[int], rows: Sequence[Any], top: int) -> dict[str, Any]:
    """`osler graph near --json`."""
    return {"nodes": [node(graph, at) for at in starts], "near": list(rows[:top]), "total": len(rows)}


def mentions(graph: Graph, text: str, kinds: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The nodes that a text names, with their places in it."""
    return [
        {"text": text[one.start : one.end], "start": one.start, "end": one.end, "status": one.status or None}
        | node(graph, one.node)
        for one in link(graph, text, kinds)
    ]


def node(graph: Graph, at: int) -> dict[str, Any]:
    """A node in brief."""
    one = graph.node(at)
    return {"id": one.id, "name": one.name, "kind": one.kind}


def _ranked(
    graph: Graph,
    starts: list[int],
    relations: Sequence[str],
    along: Sequence[str],
    pagerank: bool,
    kinds: Sequence[str],
) -> list[dict[str, Any]]:
    if pagerank:
        view = graph.view(tuple(relations))
        # What is joined to everything is near everything: its share is damped as the inner nodes of paths are.
        scores = rank(graph, starts, view=view) * np.maximum(np.diff(view.indptr), 1.0) ** -DAMPING
        order = [int(at) for at in (-scores).argsort(kind="stable")[:5_000] if scores[at] > 0]
        rows = [{**node(graph, at), "score": float(scores[at])} for at in order if at not in starts]
    else:
        reached = meta_path(graph, starts, along)
        rows = [{**node(graph, one.node), "score": one.weight, "paths": one.paths} for one in reached]
        rows = [row for row in rows if row["id"] not in {graph.ids[at] for at in starts}]
    return [row for row in rows if not kinds or row["kind"] in kinds]
