"""What is near a node: neighbours, meta-paths, PageRank, the part of the graph around nodes, and its export."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import numpy as np
import pytest
from graphs import graph_of, random_graph

from osler.errors import UsageError
from osler.knowledge.graph.build import Details
from osler.knowledge.graph.export import export
from osler.knowledge.graph.paths import DAMPING
from osler.knowledge.graph.spread import meta_path, neighbours, pagerank, subgraph

CLINIC = graph_of(
    ("flu", "has", "fever"), ("flu", "has", "cough"), ("cold", "has", "cough"), ("drug", "treats", "flu"), ("flu", "is_a", "infection"),
    e0=Details(frequency=0.9), e1=Details(frequency=0.5),
)  # fmt: skip


def at(name: str) -> int:
    found = CLINIC.find(name)
    assert found is not None
    return found


def test_neighbours_of_a_relation_the_most_frequent_first():
    near = neighbours(CLINIC, at("flu"), ["has"])
    assert [CLINIC.ids[one.node] for one in near] == ["fever", "cough"]
    assert all(one.outward for one in near)
    everything = {(CLINIC.ids[one.node], one.outward) for one in neighbours(CLINIC, at("flu"))}
    assert everything == {("fever", True), ("cough", True), ("infection", True), ("drug", False)}


def test_a_relation_or_kind_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="heals"):
        neighbours(CLINIC, at("flu"), ["heals"])
    with pytest.raises(UsageError, match="planet"):
        neighbours(CLINIC, at("flu"), (), ["planet"])


def test_a_meta_path_follows_relations_in_turn_and_back():
    found = meta_path(CLINIC, [at("flu")], ["has", "^has"])
    assert {CLINIC.ids[one.node]: one.paths for one in found} == {"flu": 2, "cold": 1}
    # cough has two diseases, flu two findings, cold one: each step is damped at both of its ends.
    cold = next(one for one in found if CLINIC.ids[one.node] == "cold")
    assert cold.weight == pytest.approx((2 * 2) ** -DAMPING * (2 * 1) ** -DAMPING)
    with pytest.raises(UsageError):
        meta_path(CLINIC, [at("flu")], [])


def test_pagerank_agrees_with_the_linear_equations_and_sums_to_one():
    graph = random_graph(np.random.default_rng(4), 30, 40, 0.3)
    seeds = [3, 11]
    rank = pagerank(graph, seeds, restart=0.2)
    joined = np.zeros((30, 30))
    for node in range(30):
        row = graph.everything.row(node)
        if len(row):
            joined[row, node] = 1 / len(row)
        else:
            joined[seeds, node] = 0.5
    start = np.zeros(30)
    start[seeds] = 0.5
    exact = np.linalg.solve(np.eye(30) - 0.8 * joined, 0.2 * start)
    assert np.allclose(rank, exact, atol=1e-7)
    assert rank.sum() == pytest.approx(1)
    with pytest.raises(UsageError):
        pagerank(graph, [])


def test_the_part_around_a_node_has_every_edge_among_its_nodes():
    nodes, edges = subgraph(CLINIC, [at("cold")], hops=2)
    assert {CLINIC.ids[node] for node in nodes} == {"cold", "cough", "flu"}
    assert {(CLINIC.edge(e).start, CLINIC.edge(e).end) for e in edges} == {
        ("cold", "cough"),
        ("flu", "cough"),
    }
    nodes, _ = subgraph(CLINIC, [at("cold")], hops=4, limit=2)
    assert len(nodes) == 2
    with pytest.raises(UsageError):
        subgraph(CLINIC, range(5), limit=3)


def test_graphml_and_cytoscape_hold_the_same_nodes_and_edges():
    graph = graph_of(('<a> & "b"', "is\x07_a", "c"), e0=Details(frequency=0.5, references=("PMID:1",)))
    nodes, edges = list(range(len(graph))), list(range(len(graph.head)))
    tree = ElementTree.fromstring("".join(export(graph, nodes, edges, "graphml")))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    edge = next(tree.iter(f"{space}edge"))
    assert edge.attrib["source"] == '<a> & "b"' and edge.attrib["target"] == "c"
    assert {part.attrib["key"]: part.text for part in edge}["e_frequency"] == "0.5"
    elements = json.loads("".join(export(graph, nodes, edges, "cytoscape")))["elements"]
    assert {node["data"]["id"] for node in elements["nodes"]} == {'<a> & "b"', "c"}
    data = elements["edges"][0]["data"]
    assert (data["source"], data["target"], data["provenance"]) == ('<a> & "b"', "c", "notes")
    assert data["references"] == ["PMID:1"]
