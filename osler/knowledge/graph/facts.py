"""Single statements of a graph: its edges as triples, whether one holds, and for whom it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from osler.errors import Unplaced
from osler.graphs import Checked, Linked, RelationKind, Way
from osler.knowledge.graph.build import NEGATIVE, is_walked, name_key
from osler.knowledge.graph.link import link, resolve
from osler.knowledge.graph.spread import Near, neighbours
from osler.knowledge.graph.store import Graph
from osler.trace import AtPath, Evidence

# Words that people use for a relation, and the relations of the known layouts that they may mean.
_WORDS = {
    "treats": ("treats", "palliates", "indication", "off-label use", "may_treat", "may_be_treated_by"),
    "indication": ("indication", "treats", "may_treat"),
    "contraindicated": ("contraindication", "has_contraindicated_drug", "contraindicated_with_disease"),
    "has phenotype": ("has_phenotype", "has_symptom", "disease_phenotype_positive", "presents", "disease_has_feature"),
    "side effect": ("drug_effect", "causes"),
    "associated with gene": ("associated_with_gene", "disease_protein", "associates"),
    "targets": ("drug_protein", "binds", "downregulates", "upregulates"),
    "is a": ("is_a", "disease_disease", "phenotype_phenotype", "anatomy_anatomy"),
    "located in": ("disease_has_location", "localizes", "disease_has_inflammation_site"),
}  # fmt: skip
_SAME = {
    "treats": ("treat", "treated by", "treated with", "treatment of", "is treated by", "therapy for", "may treat"),
    "indication": ("indicated for", "indicated in", "is indicated for"),
    "contraindicated": ("contraindicated in", "contraindicated for", "contraindication", "is contraindicated in", "avoid in"),
    "has phenotype": (
        "has symptom", "has finding", "phenotype", "symptom of", "symptom", "presents with", "manifests as", "phenotype present",
        "manifestation of", "disease phenotype positive",
    ),
    "side effect": ("has side effect", "adverse effect", "causes side effect", "side effect of"),
    "associated with gene": ("gene", "caused by gene", "gene associated with"),
    "targets": ("target", "acts on", "inhibits", "activates", "binds"),
    "is a": ("subtype of", "type of", "kind of", "parent of", "parent child", "subclass of"),
    "located in": ("location", "affects", "site"),
}  # fmt: skip
_ANY = {"associated with", "related to", "linked to", "associated", "association", "interacts with"}
# The relation that denies another.
_DENIES = {
    "lacks_phenotype": ("has_phenotype", "has_symptom"),
    "does_not_treat": ("treats", "palliates"),
    "disease_phenotype_negative": ("disease_phenotype_positive",),
}
_UNDIRECTED = {"resembles", "covaries", "interacts", "exact_match"}
# A disease that has a finding has every broader one too.
_BROADENS = ("has_phenotype", "has_symptom")


def linked(graph: Graph, text: str, kinds: Sequence[str] = ()) -> list[Linked]:
    """What a text mentions: the whole text where it is an id or a name, else the mentions in it (see link.py)."""
    start = len(text) - len(text.lstrip())
    span = (start, start + len(text.strip()))
    try:
        nodes = [at for at in resolve(graph, text) if not kinds or graph.kinds[int(graph.kind[at])] in kinds]
    except Unplaced:
        nodes = []
    if nodes:
        return [_linked(graph, at, text.strip(), span) for at in nodes]
    return [
        _linked(graph, one.node, text[one.start : one.end], (one.start, one.end), one.status)
        for one in link(graph, text, kinds)
    ]


def _linked(graph: Graph, at: int, written: str, span: tuple[int, int], status: str = "") -> Linked:
    node, key = graph.node(at), name_key(written)
    own = key == name_key(node.name) or graph.find(written) == at
    score = 1.0 if own else 0.9 if at in graph.named(written) else 0.8
    return Linked(node.id, node.name, node.kind, span, score, status)


def triples(
    graph: Graph,
    name: str,
    relations: Sequence[str] = (),
    kinds: Sequence[str] = (),
    top: int = 30,
    way: Way = "",
) -> list[Evidence]:
    """Edges of a name, at most `top`, the most frequent first; several edges of one relation to one node are one triple."""
    found: dict[tuple[int, int, int], list[int]] = {}
    for node in resolve(graph, name):
        for near in neighbours(graph, node, relations, kinds, way):
            found.setdefault(_ends(graph, node, near), []).append(near.edge)
            if len(found) > top:
                break
    return [triple_evidence(graph, *key, edges) for key, edges in list(found.items())[:top]]


def _ends(graph: Graph, node: int, near: Near) -> tuple[int, int, int]:
    relation = int(graph.relation[near.edge])
    return (node, relation, near.node) if near.outward else (near.node, relation, node)


def triple_evidence(
    graph: Graph, head: int, relation: int, tail: int, edges: Iterable[int], supports: bool | None = None
) -> Evidence:
    """Edges of one relation between two nodes as evidence; its words are `head –relation→ tail`."""
    shown = [graph.edge(edge) for edge in edges]
    name = graph.relations[relation]
    cited = dict.fromkeys(text for edge in shown for text in edge.references)
    shares = [edge.frequency for edge in shown if edge.frequency is not None]
    return Evidence(
        source=f"graph {graph.name} {graph.checksum}".strip(),
        record="; ".join(dict.fromkeys(f"{edge.source} {edge.date}".strip() for edge in shown)),
        locator=AtPath(nodes=[graph.ids[head], graph.ids[tail]], relations=[name]),
        quote=f"{graph.names[head]} –{name}→ {graph.names[tail]}",
        score=max(shares) if shares else None,
        score_unit="frequency" if shares else None,
        supports=supports,
        references=list(cited)[:20],
    )


def edges_of(graph: Graph, evidence: Evidence) -> list[int]:
    """The edges behind a triple; nothing for evidence that is none of this graph."""
    place = evidence.locator
    if not isinstance(place, AtPath) or len(place.nodes) != 2 or len(place.relations) != 1:
        return []
    head, tail = (graph.find(one) for one in place.nodes)
    if head is None or tail is None:
        return []
    name = place.relations[0]
    return [
        edge for edge in _joining(graph, head, tail) if graph.relations[int(graph.relation[edge])] == name
    ]


def _joining(graph: Graph, head: int, tail: int) -> list[int]:
    """Edges from one node to another, of any relation."""
    start, end = int(graph.out_indptr[head]), int(graph.out_indptr[head + 1])
    low, high = np.searchsorted(graph.head[start:end], (tail, tail + 1))
    return list(range(start + int(low), start + int(high)))


@lru_cache(maxsize=4)
def relation_kinds(graph: Graph) -> tuple[RelationKind, ...]:
    """Which relations join which kinds of nodes, and how often; the most frequent first."""
    count = len(graph.kinds)
    starts = np.repeat(graph.kind, np.diff(graph.out_indptr))
    code = (graph.relation.astype(np.int32) * count + starts) * count + graph.kind[graph.head]
    many = np.bincount(code)
    rows = [
        RelationKind(
            graph.relations[at // count**2],
            graph.kinds[at // count % count],
            graph.kinds[at % count],
            int(many[at]),
        )
        for at in np.flatnonzero(many).tolist()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name, row.head_kind, row.tail_kind)))


def relations_meant(graph: Graph, words: str) -> set[int] | None:
    """The relations that words may mean, by name, family or everyday words; None where any will do."""
    key = name_key(words)
    if key in _ANY:
        return None
    named = {i for i, name in enumerate(graph.relations) if key in _names_of(name)}
    usual = next((meant for meant, others in _SAME.items() if key == meant or key in others), "")
    wanted = _WORDS.get(usual, ())
    return named | {
        i for i, name in enumerate(graph.relations) if name in wanted or name.partition(":")[0] in wanted
    }


def _names_of(relation: str) -> tuple[str, ...]:
    family, _, shown = relation.partition(":")
    return tuple(name_key(text.replace("_", " ")) for text in (relation, family, shown) if text)


def check(graph: Graph, head: str, relation: str, tail: str) -> Checked:
    """Whether a statement holds; see `osler.graphs.Checked`. Between different kinds of nodes the direction is that of the graph."""
    ends = linked(graph, head), linked(graph, tail)
    for words, found in ((head, ends[0]), (tail, ends[1])):
        if not found or len({one.span for one in found}) != 1:
            return Checked("unknown", f"{words!r} cannot be linked to one name of the graph")
    meant = relations_meant(graph, relation)
    if meant is not None and not meant:
        return Checked("unknown", f"the graph has no relation like {relation!r}", (), ends[0][0], ends[1][0])
    tried = [_pair(graph, a, relation, b, meant) for a in ends[0] for b in ends[1]]
    for verdict in ("true", "false"):
        for one in tried:
            if one.verdict == verdict:
                return one
    return tried[0]


def _pair(graph: Graph, a: Linked, relation: str, b: Linked, meant: set[int] | None) -> Checked:
    x, y = graph.find(a.id), graph.find(b.id)
    assert x is not None and y is not None
    strict = (
        a.kind == b.kind and meant is not None and not any(_either_way(graph.relations[i]) for i in meant)
    )
    ways = [(x, y)] if strict else [(x, y), (y, x)]
    found = [(h, t, edge) for h, t in ways for edge in _joining(graph, h, t)]
    against = [one for one in found if _denies(graph, one[2], meant)]
    spoken = [one for one in found if _says(graph, one[2], meant) and graph.edge(one[2]).frequency != 0]
    if against and not spoken:
        return Checked(
            "false", "the graph says the contrary", _evidence(graph, against, False), a, b, relation
        )
    if spoken:
        return Checked("true", "the graph holds it", _evidence(graph, spoken, True), a, b, relation)
    narrower = next((path for h, t in ways for path in _narrower(graph, h, t, meant)), None)
    if narrower is not None:
        return Checked("true", "the graph holds a narrower finding", (narrower,), a, b, relation)
    held = [
        one.name
        for one in relation_kinds(graph)
        if (one.head_kind, one.tail_kind) in ((a.kind, b.kind), (b.kind, a.kind))
        and (meant is None or graph.relations.index(one.name) in meant)
    ]
    if not held:
        return Checked(
            "unknown", f"the graph holds no such relation between a {a.kind} and a {b.kind}", (), a, b
        )
    return Checked("false", f"both are in the graph, and {held[0]} does not join them", (), a, b, held[0])


def _either_way(relation: str) -> bool:
    """Whether a relation between nodes of one kind has no direction: resembles, drug_drug, …"""
    family = relation.partition(":")[0]
    return family in _UNDIRECTED or family.partition("_")[0] == family.partition("_")[2]


def _says(graph: Graph, edge: int, meant: set[int] | None) -> bool:
    relation = int(graph.relation[edge])
    return is_walked(graph.relations[relation]) if meant is None else relation in meant


def _denies(graph: Graph, edge: int, meant: set[int] | None) -> bool:
    name = graph.relations[int(graph.relation[edge])]
    if name in NEGATIVE and (meant is None or int(graph.relation[edge]) in meant):
        return meant is None
    return meant is not None and any(graph.relations[i] in _DENIES.get(name, ()) for i in meant)


def _evidence(graph: Graph, found: list[tuple[int, int, int]], supports: bool) -> tuple[Evidence, ...]:
    grouped: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for head, tail, edge in found:
        grouped[head, int(graph.relation[edge]), tail].append(edge)
    return tuple(triple_evidence(graph, *key, edges, supports) for key, edges in grouped.items())


def _narrower(graph: Graph, head: int, tail: int, meant: set[int] | None) -> Iterable[Evidence]:
    """A finding of `head` that `tail` is broader than, as a path `head –has→ narrower –is_a→ … → tail`."""
    broadens = {i for i, name in enumerate(graph.relations) if name in _BROADENS}
    if "is_a" not in graph.relations or not (broadens if meant is None else broadens & meant):
        return
    is_a = graph.relations.index("is_a")
    for edge in graph.out(head):
        if int(graph.relation[edge]) not in broadens or graph.edge(int(edge)).frequency == 0:
            continue
        path = _upward(graph, int(graph.head[edge]), tail, is_a)
        if path:
            name = graph.relations[int(graph.relation[edge])]
            names = [graph.names[at] for at in path]
            yield Evidence(
                source=f"graph {graph.name} {graph.checksum}".strip(),
                record=graph.edge(int(edge)).source,
                locator=AtPath(
                    nodes=[graph.ids[at] for at in (head, *path)],
                    relations=[name, *["is_a"] * (len(path) - 1)],
                ),
                quote=f"{graph.names[head]} –{name}→ " + " –is_a→ ".join(names),
                supports=True,
                references=list(graph.edge(int(edge)).references)[:20],
            )


def is_above(graph: Graph, low: int, high: int) -> bool:
    """Whether one node stands above another in the hierarchy."""
    return "is_a" in graph.relations and bool(_upward(graph, low, high, graph.relations.index("is_a")))


def _upward(graph: Graph, start: int, goal: int, is_a: int) -> list[int]:
    """Nodes from one up the hierarchy to another; nothing where it is not above."""
    above, front = {start: -1}, [start]
    while front:
        reached = []
        for node in front:
            for edge in graph.out(node):
                parent = int(graph.head[edge])
                if int(graph.relation[edge]) == is_a and parent not in above:
                    above[parent] = node
                    reached.append(parent)
        if goal in above:
            path = [goal]
            while path[-1] != start:
                path.append(above[path[-1]])
            return path[::-1]
        front = reached
    return []
