"""The compiled ontology: positions, hierarchy, and what becomes of ids that are no longer used."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.ontology.graph import closure, csr, depths, transpose
from osler.ontology.hpo import Ontology, compile_ontology, compile_texts
from osler.ontology.obo import TermRecord, read_ontology

SMALL = Path(__file__).parent.parent / "fixtures" / "hpo-small" / "hp.obo"


def compiled(records):
    arrays = compile_ontology(records, name="hpo", release="r", checksum="c", root="HP:0000118")
    return Ontology(arrays, lambda: compile_texts(records, {"HP:0001945": "Do you have a fever?"}))


@pytest.fixture(scope="module")
def small():
    return compiled(read_ontology(SMALL).terms)


def ids(ontology, indices):
    return [ontology.ids[int(i)] for i in indices]


def test_terms_are_ordered_by_id_and_found(small):
    assert small.ids.tolist() == sorted(small.ids) and len(small) == 10
    assert small.labels[small.index("HP:0001250")] == "Seizure"
    assert "HP:0001250" in small and "HP:0009999" not in small
    with pytest.raises(KeyError):
        small.index("HP:0002182")


def test_the_hierarchy_is_closed_and_includes_the_term_itself(small):
    febrile = small.index("HP:0002373")
    assert ids(small, small.ancestors.row(febrile)) == [
        "HP:0000001", "HP:0000118", "HP:0000707", "HP:0001250", "HP:0002373",
    ]  # fmt: skip
    assert ids(small, small.descendants.row(small.index("HP:0001250"))) == ["HP:0001250", "HP:0002373"]
    assert ids(small, small.children.row(small.index("HP:0001250"))) == ["HP:0002373"]
    assert small.is_a(febrile, small.index("HP:0000707")) and not small.is_a(
        small.index("HP:0000707"), febrile
    )
    assert small.depth[febrile] == 4 and small.depth[small.index("HP:0000001")] == 0


def test_only_what_is_below_the_root_is_phenotypic(small):
    assert ids(small, np.flatnonzero(small.phenotypic)) == [
        "HP:0000118", "HP:0000707", "HP:0001250", "HP:0001945", "HP:0002373",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found", "words"),
    [
        ("HP:0001250", "HP:0001250", ""),
        (" HP:0001250 ", "HP:0001250", ""),
        ("HP:0002182", "HP:0001250", "is now HP:0001250"),
        ("HP:0009999", "HP:0001250", "obsolete, replaced by HP:0001250"),
        ("HP:0009998", None, "obsolete without a replacement; consider HP:0001945"),
        ("HP:7654321", None, "unknown in hpo"),
        ("", None, "unknown"),
    ],
)
def test_ids_are_resolved_with_a_note(small, asked, found, words):
    resolved = small.resolve(asked)
    assert resolved.id == found and words in resolved.note
    assert (resolved.index >= 0) == (found is not None)


def test_texts(small):
    seizure = small.index("HP:0001250")
    assert [s.text for s in small.synonyms(seizure)] == ["Fits", "Epileptic attacks", "Epilepsy"]
    assert small.synonyms(seizure)[0].layperson and small.synonyms(0) == []
    assert small.definition(seizure).startswith("A sudden") and small.question(seizure) == ""
    assert small.question(small.index("HP:0001945")) == "Do you have a fever?"
    assert small.synonym_texts()[0] == (seizure, "Fits")
    assert small.label("HP:0009999") == "Seizure" and small.label("nothing") == ""


def test_a_cycle_is_an_error():
    records = [TermRecord("A", "a", parents=["B"]), TermRecord("B", "b", parents=["A"])]
    with pytest.raises(ValueError, match="cycle"):
        compiled(records)


def test_parents_that_do_not_exist_are_dropped():
    ontology = compiled([TermRecord("A", "a"), TermRecord("B", "b", parents=["A", "GONE"])])
    assert ids(ontology, ontology.parents.row(1)) == ["A"]


# A random hierarchy: node i may only have parents before it, so it has no cycle.
hierarchies = st.lists(st.sets(st.integers(0, 20), max_size=3), min_size=1, max_size=20).map(
    lambda rows: [sorted(p for p in row if p < i) for i, row in enumerate(rows)]
)


@given(hierarchies)
def test_closure_is_reflexive_transitive_and_minimal(parents):
    closed = closure(parents)
    for node, above in enumerate(closed):
        assert above == {node}.union(*(closed[p] for p in parents[node]))


@given(hierarchies)
def test_transposing_twice_changes_nothing(parents):
    n, graph = len(parents), csr(parents)
    back = transpose(transpose(graph, n), n)
    assert (back.indptr == graph.indptr).all() and (back.indices == graph.indices).all()


@given(hierarchies)
def test_depth_is_one_more_than_the_nearest_parents(parents):
    n = len(parents)
    depth = depths(transpose(csr(parents), n), [i for i in range(n) if not parents[i]], n)
    assert all(depth[i] == (1 + min(depth[p] for p in row) if row else 0) for i, row in enumerate(parents))
