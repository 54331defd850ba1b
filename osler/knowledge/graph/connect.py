"""Names in, evidence out: how a method or a command asks the graph for paths between two names, or for what is near one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from osler.graphs import Applied, Checked, Condition, Linked, Person, RelationKind, Way
from osler.knowledge.graph.applies import applicable, conditions
from osler.knowledge.graph.facts import check, linked, relation_kinds, triples
from osler.knowledge.graph.link import resolve
from osler.knowledge.graph.load import OWN, load_graph
from osler.knowledge.graph.paths import CAP, LONGEST, GraphPath, PathFinder
from osler.knowledge.graph.spread import neighbours
from osler.knowledge.graph.store import Graph
from osler.trace import AtPath, Evidence


@dataclass
class GraphService:
    """A graph behind a context; loaded when it is first asked."""

    spec: str = OWN

    @cached_property
    def graph(self) -> Graph:
        """The graph itself."""
        return load_graph(self.spec)

    def paths(
        self,
        start: str,
        end: str,
        *,
        relations: Sequence[str] = (),
        without: Sequence[str] = (),
        sex: str = "",
        age: float | None = None,
        longest: int = LONGEST,
        cap: int = CAP,
    ) -> list[Evidence]:
        """The best shortest paths between two names or ids; see `connect`. Raises UsageError for a name it cannot place."""
        finder = PathFinder(self.graph, self.graph.view(tuple(relations), tuple(without), sex, age))
        return [path_evidence(self.graph, path) for path in connect(finder, start, end, longest, cap)]

    def near(
        self, name: str, *, relations: Sequence[str] = (), kinds: Sequence[str] = (), top: int = 30
    ) -> list[Evidence]:
        """What a name or id is joined to directly, at most `top`. Raises UsageError for a name it cannot place."""
        graph, found = self.graph, []
        for node in resolve(graph, name):
            for near in neighbours(graph, node, relations, kinds):
                path = GraphPath((node, near.node), 1.0, ((near.edge,),))
                found.append(path_evidence(graph, path))
        return found[:top]

    def link(self, text: str, kinds: Sequence[str] = ()) -> list[Linked]:
        """Nodes that a name or a running text mentions, in order; nothing where it means several things or none."""
        return linked(self.graph, text, kinds)

    def triples(
        self,
        name: str,
        relations: Sequence[str] = (),
        kinds: Sequence[str] = (),
        top: int = 30,
        way: Way = "",
    ) -> list[Evidence]:
        """Edges of a name or id, each in its own direction. Raises UsageError for a name it cannot place."""
        return triples(self.graph, name, relations, kinds, top, way)

    def check(self, head: str, relation: str, tail: str) -> Checked:
        """Whether the graph holds that `head` stands in `relation` to `tail`; see `osler.graphs.Checked`."""
        return check(self.graph, head, relation, tail)

    def relations(self) -> list[RelationKind]:
        """The relations that the graph holds and between what kinds of nodes, the most frequent first."""
        return list(relation_kinds(self.graph))

    def conditions(self, evidence: Evidence) -> list[Condition]:
        """What the edges behind a triple hang on."""
        return conditions(self.graph, evidence)

    def applicable(self, evidence: Evidence, person: Person) -> Applied:
        """Whether a triple counts for a person, as far as age, sex and what the person has decide it."""
        return applicable(self.graph, evidence, person)


def connect(
    finder: PathFinder, start: str, end: str, longest: int = LONGEST, cap: int = CAP
) -> list[GraphPath]:
    """The best shortest paths between two names. A name that a disease and a finding share stands for both.

    Among several pairs of nodes the shortest length counts, and the paths of that length are ranked together.
    """
    ends = resolve(finder.graph, start), resolve(finder.graph, end)
    found = [row for a in ends[0] for b in ends[1] for row in finder.nodes(a, b, longest, cap).tolist()]
    shortest = min((len(row) for row in found), default=0)
    paths = [finder.path(row) for row in found if len(row) == shortest]
    return sorted(paths, key=lambda path: (-path.score, path.nodes))[:cap]


def steps_of(graph: Graph, path: GraphPath) -> list[str]:
    """The relation of each step; `^` before one that is walked against its direction, `|` between several."""
    steps = []
    for at, edges in zip(path.nodes, path.edges, strict=False):
        ways = dict.fromkeys(
            ("" if _starts(graph, edge, at) else "^") + graph.edge(edge).relation for edge in edges
        )
        steps.append("|".join(ways))
    return steps


def _starts(graph: Graph, edge: int, node: int) -> bool:
    return int(graph.out_indptr[node]) <= edge < int(graph.out_indptr[node + 1])


def sentence(graph: Graph, path: GraphPath) -> str:
    """`Metformin –treats→ diabetes ←has_phenotype– …`, as people read it."""
    said = graph.names[path.nodes[0]]
    for step, node in zip(steps_of(graph, path), path.nodes[1:], strict=True):
        back = step.startswith("^")
        label = step.replace("^", "")
        said += f" ←{label}– " if back else f" –{label}→ "
        said += graph.names[node]
    return said


def path_evidence(graph: Graph, path: GraphPath) -> Evidence:
    """A path as evidence: node ids and relations as the locator, its words, its score, and what its edges cite."""
    ids = [graph.ids[node] for node in path.nodes]
    edges = [graph.edge(edge) for step in path.edges for edge in step]
    sources = dict.fromkeys(f"{edge.source} {edge.date}".strip() for edge in edges)
    cited = dict.fromkeys(text for edge in edges for text in edge.references)
    return Evidence(
        source=f"graph {graph.name} {graph.checksum}".strip(),
        record="; ".join(sources),
        locator=AtPath(nodes=ids, relations=steps_of(graph, path)),
        quote=sentence(graph, path),
        score=round(path.score, 6),
        score_unit="product of degree^-0.4 over inner nodes",
        references=list(cited)[:20],
    )
