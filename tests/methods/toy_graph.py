"""A medical graph of a test's own: a dozen nodes, each edge known by heart, some of them for some people only."""

from __future__ import annotations

import math

from osler.knowledge.graph import Graph
from osler.knowledge.graph.build import Builder, Details
from osler.knowledge.graph.connect import GraphService

KINDS = {
    "Metformin": "drug", "Glipizide": "drug", "Insulin": "drug", "Type 2 diabetes": "disease", "Type 1 diabetes": "disease",
    "Diabetes": "disease", "Kidney failure": "disease", "Lactic acidosis": "phenotype", "Hypoglycaemia": "phenotype",
    "Thirst": "phenotype", "Insulin resistance": "phenotype", "Metabolic acidosis": "phenotype", "TCF7L2": "gene",
}  # fmt: skip
SYNONYMS = {"Metformin": ("Glucophage",), "Type 2 diabetes": ("T2DM", "adult-onset diabetes")}
EDGES = (
    ("Metformin", "treats", "Type 2 diabetes"),
    ("Glipizide", "treats", "Type 2 diabetes"),
    ("Insulin", "treats", "Type 1 diabetes"),
    ("Insulin", "treats", "Type 2 diabetes"),
    ("Metformin", "does_not_treat", "Type 1 diabetes"),
    ("Metformin", "causes", "Lactic acidosis"),
    ("Glipizide", "causes", "Hypoglycaemia"),
    ("Type 2 diabetes", "is_a", "Diabetes"),
    ("Type 1 diabetes", "is_a", "Diabetes"),
    ("Lactic acidosis", "is_a", "Metabolic acidosis"),
    ("Type 2 diabetes", "has_phenotype", "Insulin resistance"),
    ("Type 2 diabetes", "has_phenotype", "Thirst"),
    ("Type 1 diabetes", "has_phenotype", "Thirst"),
    ("Type 2 diabetes", "associated_with_gene", "TCF7L2"),
)


def details(
    *groups: tuple[str, str, str], age_from: float = math.nan, age_to: float = math.nan, sex: str = ""
) -> Details:
    """What an edge is said of: groups as (people in words, advice, reason), ages in years, a sex."""
    return Details(groups=groups, age_from=age_from, age_to=age_to, sex=sex)


def toy(
    *more: tuple[str, str, str],
    about: dict[tuple[str, str, str], Details] | None = None,
    kinds: dict[str, str] | None = None,
    ids: dict[str, str] | None = None,
) -> GraphService:
    """The graph behind a context. `more` adds triples, `about` conditions of single edges, `kinds` those of new nodes.

    `ids` are those of nodes that have another than `TOY:Name_with_underscores`.
    """
    known, builder, other = {**KINDS, **(kinds or {})}, Builder(), ids or {}
    source = builder.add_source("notes", "2024-05-01")
    for name, kind in known.items():
        builder.node(_id(name, other), name, kind, SYNONYMS.get(name, ()))
    for edge in (*EDGES, *more):
        head, relation, tail = edge
        ends = [builder.node(_id(name, other), name, known.get(name, "thing")) for name in (head, tail)]
        builder.edge(ends[0], relation, ends[1], source, (about or {}).get(edge))
    service = GraphService()
    service.__dict__["graph"] = Graph(builder.compile({"name": "toy", "checksum": "0"}))
    return service


def _id(name: str, other: dict[str, str]) -> str:
    return other.get(name, f"TOY:{name.replace(' ', '_')}")


def heart_graph(*words: str) -> GraphService:
    """The same with what the cases of `scripted.question` name: chest pain and four drugs. `words` name one more node beside it."""
    kinds = {
        "Chest pain": "phenotype",
        "Angina": "disease",
        "Thrombosis": "disease",
        **dict.fromkeys(_DRUGS, "drug"),
    }
    edges = [("Angina", "has_phenotype", "Chest pain"), ("Thrombosis", "has_phenotype", "Chest pain")]
    edges += [(drug, "treats", "Angina" if drug == "Aspirin" else "Thrombosis") for drug in _DRUGS]
    edges += [("Angina", "is_a", "Heart disease"), *(("Chest pain", "is_a", word) for word in words)]
    edges += [("Aspirin", "treats", word) for word in words]
    return toy(*edges, kinds=kinds)


_DRUGS = ("Aspirin", "Clopidogrel", "Warfarin", "Heparin")
