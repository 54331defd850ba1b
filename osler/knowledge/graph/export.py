"""Writes a part of the graph, or all of it, as GraphML or as Cytoscape.js JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from osler.knowledge.graph.store import Graph

Format = Literal["graphml", "cytoscape"]
_NODE_KEYS = {"name": "string", "kind": "string"}
_EDGE_KEYS = {
    "relation": "string", "source": "string", "date": "string", "frequency": "double", "counts": "string",
    "onset": "string", "age_from": "double", "sex": "string", "references": "string",
}  # fmt: skip


def export(graph: Graph, nodes: Sequence[int], edges: Sequence[int], form: Format) -> Iterator[str]:
    """Pieces of the file's text, in order."""
    yield from (_graphml if form == "graphml" else _cytoscape)(graph, nodes, edges)


def _graphml(graph: Graph, nodes: Sequence[int], edges: Sequence[int]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for owner, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for key, kind in keys.items():
            name = f"{owner[0]}_{key}"
            yield f'  <key id="{name}" for="{owner}" attr.name="{key}" attr.type="{kind}"/>\n'
    yield f'  <graph id={quoteattr(graph.name)} edgedefault="directed">\n'
    for at in nodes:
        node = graph.node(at)
        cells = _cells("n", {"name": node.name, "kind": node.kind})
        yield f"    <node id={quoteattr(_clean(node.id))}>{cells}</node>\n"
    for at in edges:
        edge = asdict(graph.edge(at))
        ends = f"source={quoteattr(_clean(edge.pop('start')))} target={quoteattr(_clean(edge.pop('end')))}"
        edge["references"] = "; ".join(edge["references"])
        yield f'    <edge id="e{at}" {ends}>{_cells("e", edge)}</edge>\n'
    yield "  </graph>\n</graphml>\n"


def _cells(prefix: str, values: dict[str, object]) -> str:
    stated = {key: value for key, value in values.items() if value not in (None, "")}
    return "".join(f'<data key="{prefix}_{key}">{escape(_clean(str(v)))}</data>' for key, v in stated.items())


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or c >= " ")


def _cytoscape(graph: Graph, nodes: Sequence[int], edges: Sequence[int]) -> Iterator[str]:
    import orjson

    def piece(data: dict[str, object]) -> str:
        return orjson.dumps({"data": data}).decode()

    yield '{"elements": {"nodes": ['
    for i, at in enumerate(nodes):
        yield (",\n" if i else "\n") + piece(asdict(graph.node(at)))
    yield '], "edges": ['
    for i, at in enumerate(edges):
        edge = asdict(graph.edge(at))
        about = {
            "id": f"e{at}",
            "provenance": edge.pop("source"),
            "source": edge.pop("start"),
            "target": edge.pop("end"),
        }
        yield (",\n" if i else "\n") + piece({**about, **edge})
    yield "]}}\n"
