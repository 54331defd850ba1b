"""Shortest paths: complete, the same from both engines, hubs last, and only along what was asked for."""

from __future__ import annotations

import importlib.util
import math
from itertools import pairwise

import numpy as np
import pytest
from graphs import graph_of, random_graph

from osler.errors import UsageError
from osler.knowledge.graph import Graph, PathFinder
from osler.knowledge.graph.build import Details
from osler.knowledge.graph.paths import DAMPING

needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="the extra `graph` is not installed"
)


def shown(graph: Graph, finder: PathFinder, a: str, b: str, **limits: int) -> list[str]:
    ends = [graph.find(name) for name in (a, b)]
    assert None not in ends
    return [" ".join(graph.ids[node] for node in path.nodes) for path in finder.paths(*ends, **limits)]


def by_hand(graph: Graph, cost: np.ndarray, a: int, b: int, cap: int) -> list[list[int]]:
    """All simple paths tried one edge longer each time, the slow and certain way."""
    paths = [[a]]
    for _ in range(4 if a != b else 0):
        paths = [
            [*path, node]
            for path in paths
            for node in graph.everything.row(path[-1]).tolist()
            if node not in path
        ]
        found = [path for path in paths if path[-1] == b]
        if found:
            return sorted(found, key=lambda path: (sum(int(cost[n]) for n in path[1:-1]), path))[:cap]
    return []


@pytest.mark.parametrize("engine", ["numpy", pytest.param("numba", marks=needs_numba)])
def test_the_paths_are_all_the_shortest_ones_best_first(engine):
    rng = np.random.default_rng(5)
    lengths = set()
    for nodes, edges, skew in ((40, 60, 0.0), (60, 70, 0.7), (30, 90, 0.7), (80, 120, 0.0)):
        graph = random_graph(rng, nodes, edges, skew)
        finder = PathFinder(graph, engine=engine)
        for a, b in rng.integers(0, nodes, (60, 2)).tolist():
            cap = int(rng.choice([1, 3, 50]))
            found = finder.nodes(a, b, cap=cap).tolist()
            assert found == by_hand(graph, finder.cost, a, b, cap)
            lengths |= {len(path) - 1 for path in found}
    assert lengths == {1, 2, 3, 4}


@needs_numba
def test_both_engines_give_the_same_paths_also_on_part_of_a_graph():
    rng = np.random.default_rng(6)
    for nodes, edges, skew in ((300, 2_000, 0.7), (500, 900, 0.5), (50, 600, 0.0)):
        graph = random_graph(rng, nodes, edges, skew)
        for view in (graph.everything, graph.view(("relation 1",)), graph.view((), ("relation 1",))):
            plain, compiled = (PathFinder(graph, view, engine=name) for name in ("numpy", "numba"))
            for a, b in rng.integers(0, nodes, (100, 2)).tolist():
                for cap in (1, 7, 50):
                    assert np.array_equal(plain.nodes(a, b, cap=cap), compiled.nodes(a, b, cap=cap))


def test_paths_through_hubs_come_last_and_score_less():
    others = [("hub", "joins", f"other {i}") for i in range(20)]
    graph = graph_of(
        ("a", "joins", "hub"),
        ("hub", "joins", "b"),
        ("a", "joins", "quiet"),
        ("quiet", "joins", "b"),
        *others,
    )
    finder = PathFinder(graph)
    assert shown(graph, finder, "a", "b") == ["a quiet b", "a hub b"]
    assert shown(graph, finder, "a", "b", cap=1) == ["a quiet b"]
    first, second = finder.paths(*(graph.find(name) or 0 for name in ("a", "b")))
    assert first.score == pytest.approx(2**-DAMPING)
    assert second.score == pytest.approx(22**-DAMPING)


def test_a_direct_edge_scores_one_and_keeps_every_relation_between_its_ends():
    graph = graph_of(
        ("drug", "treats", "disease"), ("disease", "has", "drug"), ("drug", "palliates", "disease")
    )
    path = PathFinder(graph).paths(graph.find("disease") or 0, graph.find("drug") or 0)[0]
    assert path.score == 1.0
    assert {graph.edge(edge).relation for edge in path.edges[0]} == {"treats", "has", "palliates"}


def test_no_path_is_longer_than_asked_for_and_none_leads_to_itself():
    graph = graph_of(*((f"{i}", "next", f"{i + 1}") for i in range(6)))
    finder = PathFinder(graph)
    assert shown(graph, finder, "0", "4") == ["0 1 2 3 4"]
    assert shown(graph, finder, "0", "4", longest=3) == []
    assert shown(graph, finder, "0", "5") == []
    assert shown(graph, finder, "2", "2") == []
    for limits in ({"longest": 5}, {"longest": 0}, {"cap": 0}):
        with pytest.raises(UsageError):
            finder.nodes(0, 1, **limits)


def test_only_named_relations_are_walked():
    graph = graph_of(("a", "treats", "x"), ("x", "treats", "b"), ("a", "causes", "y"), ("y", "causes", "b"))
    assert shown(graph, PathFinder(graph, graph.view(("treats",))), "a", "b") == ["a x b"]
    assert shown(graph, PathFinder(graph, graph.view((), ("treats",))), "a", "b") == ["a y b"]
    with pytest.raises(UsageError, match="causes, treats"):
        graph.view(("heals",))


def test_what_is_not_so_is_walked_only_when_named():
    graph = graph_of(
        ("disease", "lacks_phenotype", "fever"), ("disease", "has_inheritance", "dominant"), ("x", "r", "y")
    )
    assert shown(graph, PathFinder(graph), "disease", "fever") == []
    assert shown(graph, PathFinder(graph), "disease", "dominant") == []
    named = PathFinder(graph, graph.view(("lacks_phenotype",)))
    assert shown(graph, named, "disease", "fever") == ["disease fever"]
    path = named.path([graph.find("disease") or 0, graph.find("fever") or 0])
    assert [graph.edge(edge).relation for edge in path.edges[0]] == ["lacks_phenotype"]


def test_an_edge_that_does_not_apply_to_the_person_is_not_walked():
    later = Details(onset="Adult onset", age_from=16.0)
    women = Details(sex="FEMALE")
    graph = graph_of(("disease", "has", "deafness"), ("disease", "has", "menorrhagia"), e0=later, e1=women)
    child, man = PathFinder(graph, graph.view(age=3.0)), PathFinder(graph, graph.view(sex="male"))
    grown, woman = PathFinder(graph, graph.view(age=40.0)), PathFinder(graph, graph.view(sex="female"))
    assert not shown(graph, child, "disease", "deafness") and shown(graph, grown, "disease", "deafness")
    assert not shown(graph, man, "disease", "menorrhagia") and shown(graph, woman, "disease", "menorrhagia")
    assert shown(graph, man, "disease", "deafness")


def test_edges_keep_where_they_come_from_and_what_is_known_of_them():
    details = Details(0.25, 5, 20, "2021-02-03", "Adult onset", 16.0, "MALE", ("PMID:1", "PMID:2"))
    graph = graph_of(("a", "has", "b"), ("a", "has", "c"), e1=details)
    edges = {edge.end: edge for edge in (graph.edge(int(at)) for at in graph.out(graph.find("a") or 0))}
    assert (edges["b"].source, edges["b"].date, edges["b"].frequency) == ("notes", "2024-05-01", None)
    known = edges["c"]
    assert (known.frequency, known.counts, known.date, known.onset) == (
        0.25,
        "5/20",
        "2021-02-03",
        "Adult onset",
    )
    assert (known.age_from, known.sex, known.references) == (16.0, "MALE", ("PMID:1", "PMID:2"))


def test_a_score_is_the_product_over_inner_nodes():
    graph = random_graph(np.random.default_rng(2), 60, 90, 0.5)
    finder = PathFinder(graph)
    for a, b in np.random.default_rng(3).integers(0, 60, (40, 2)).tolist():
        for path in finder.paths(a, b):
            inner = [int(graph.degree[node]) for node in path.nodes[1:-1]]
            assert path.score == pytest.approx(math.prod(inner) ** -DAMPING if inner else 1.0)
            for (x, y), edges in zip(pairwise(path.nodes), path.edges, strict=True):
                ends = [{graph.edge(edge).start, graph.edge(edge).end} for edge in edges]
                assert ends and all(pair == {graph.ids[x], graph.ids[y]} for pair in ends)
