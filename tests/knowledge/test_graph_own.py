"""Osler's own graph: built from the packaged HPO, and from the optional sources where they are."""

from __future__ import annotations

import asyncio

import pytest

from osler.context import Context
from osler.errors import UsageError
from osler.knowledge.graph import Graph, PathFinder, load_graph
from osler.knowledge.graph.connect import GraphService, connect, sentence
from osler.knowledge.graph.link import link, resolve
from osler.services import Services
from osler.trace import AtPath, Recorder, replay


@pytest.fixture(scope="module")
def packaged(tmp_path_factory) -> Graph:
    """The graph without any optional source."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OSLER_DATA", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("none")))
        return load_graph()


def named(graph: Graph, name: str) -> int:
    (found,) = resolve(graph, name)
    return found


def test_the_packaged_graph_has_terms_diseases_and_genes_and_names_what_is_missing(packaged):
    found = packaged.stats()
    assert found["kinds"]["disease"] > 10_000 and found["kinds"]["gene"] > 4_000
    assert found["relations"]["has_phenotype"] > 200_000 and found["relations"]["is_a"] > 20_000
    missing = {text.partition(":")[0] for text in found["notices"]}
    assert missing == {"mondo", "disease-ontology", "pharmacotherapydb", "maxo", "loinc2hpo", "icd10cm"}


def test_an_annotation_keeps_its_frequency_and_citations(packaged):
    marfan, lens = named(packaged, "OMIM:154700"), named(packaged, "HP:0001083")
    edges = [packaged.edge(at) for at in packaged.between(marfan, lens)]
    assert edges and all(
        edge.relation == "has_phenotype" and edge.source == "HPO annotations" for edge in edges
    )
    assert any(edge.frequency and edge.frequency > 0.4 and edge.references for edge in edges)
    assert all(edge.date == "2025-01-16" for edge in edges)


def test_a_gene_joins_its_diseases(packaged):
    path = PathFinder(packaged).paths(named(packaged, "FBN1"), named(packaged, "Marfan syndrome"))[0]
    assert sentence(packaged, path) == "FBN1 ←associated_with_gene– Marfan syndrome"


def test_a_calculator_needs_findings_and_measurements_that_others_share(packaged):
    score = named(packaged, "CHA2DS2-VASc")
    needs = [packaged.edge(int(at)) for at in packaged.out(score)]
    assert {edge.relation for edge in needs} == {"needs"} and any(edge.references for edge in needs)
    assert {"HP:0001635", "INPUT:age"} <= {edge.end for edge in needs}  # congestive heart failure
    age = packaged.find("INPUT:age")
    assert age is not None and len(packaged.into(age)) > 20 and packaged.node(age).kind == "input"


def test_what_calculators_need_joins_no_findings_unless_it_is_named(packaged):
    """Heart failure and stroke stand in one score, which says nothing of medicine."""
    heart, stroke = named(packaged, "HP:0001635"), named(packaged, "HP:0001297")
    plain = PathFinder(packaged).paths(heart, stroke)
    named_too = PathFinder(packaged, packaged.view(("needs",))).paths(heart, stroke)
    assert not any("needs" in sentence(packaged, path) for path in plain)
    assert any("CHA₂DS₂-VASc" in sentence(packaged, path) for path in named_too)


def test_replaced_and_merged_ids_lead_to_the_same_node(packaged, knowledge):
    several = next(ids for ids in knowledge.xrefs if len(ids) > 1)
    assert len({packaged.find(other) for other in several}) == 1


def test_a_name_that_means_nothing_or_several_things_is_refused_with_suggestions(packaged):
    with pytest.raises(UsageError, match="no node called"):
        resolve(packaged, "xyzzy")
    with pytest.raises(UsageError, match="Marfan syndrome"):
        resolve(packaged, "Marfan syn")


def test_linking_text_gives_findings_with_status_and_names_and_abstains(packaged):
    text = "A girl with Marfan syndrome, no seizures. FBN1 was read. The gene fbn1, and GAPDH-like words, mean nothing here."
    found = {text[one.start : one.end]: (packaged.ids[one.node], one.status) for one in link(packaged, text)}
    assert found["Marfan syndrome"] == ("OMIM:154700", "")
    assert found["seizures"] == ("HP:0001250", "absent")
    assert found["FBN1"] == ("NCBIGene:2200", "")
    assert "fbn1" not in found
    only = link(packaged, text, ["gene"])
    assert [packaged.ids[one.node] for one in only] == ["NCBIGene:2200"]


def test_a_context_records_paths_as_evidence(packaged):
    service = GraphService()
    service.__dict__["graph"] = packaged
    recorder = Recorder()
    ctx = Context(Services(graph=service), recorder)

    async def ask() -> list:
        found = await ctx.graph("Marfan syndrome", "Ectopia lentis", cap=3)
        near = await ctx.graph("Marfan syndrome", relations=["associated_with_gene"])
        return [found, near, await ctx.graph("xyzzy", "Fever")]

    paths, near, nothing = asyncio.run(ask())
    assert nothing == []
    assert isinstance(paths[0].locator, AtPath)
    assert paths[0].locator.nodes == ["OMIM:154700", "HP:0001083"]
    assert paths[0].locator.relations == ["has_phenotype"]
    assert paths[0].references and paths[0].source.startswith("graph osler")
    assert {item.locator.nodes[1] for item in near} >= {"NCBIGene:2200"}
    steps = replay(recorder.events)
    assert [step.kind for step in steps] == ["retrieve"] * 3
    assert steps[0].evidence == paths
    assert "no node called" in steps[2].text


def test_a_context_without_a_graph_says_so():
    with pytest.raises(UsageError, match="no graph"):
        asyncio.run(Context(Services(), Recorder()).graph("a", "b"))


def test_the_optional_sources_bring_drugs_tests_actions_and_body_parts(data_dir):
    graph = load_graph()
    kinds = graph.stats()["kinds"]
    for kind, least in (("drug", 600), ("test", 2_000), ("action", 1_500), ("body part", 100)):
        assert kinds[kind] >= least, kind
    assert {"treats", "palliates", "is_a", "high_result_shows", "disease_has_location"} <= set(
        graph.relations
    )
    potassium = [graph.edge(int(at)) for at in graph.out(named(graph, "LOINC:2823-3"))]
    assert ("low_result_shows", "HP:0002900") in {(edge.relation, edge.end) for edge in potassium}
    assert all(edge.date.startswith("20") for edge in potassium)


def test_a_broken_optional_source_is_left_out_and_named(tmp_path, monkeypatch, private_cache):
    for name, file in (
        ("maxo", "maxo.obo"),
        ("pharmacotherapydb", "catalog.xlsx"),
        ("disease-ontology", "disease-ontology.zip"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_bytes(b"PK\x03\x04 cut off \xff")
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    graph = load_graph()
    said = {text.partition(":")[0]: text for text in graph.notices}
    assert all("cannot be read" in said[name] for name in ("maxo", "pharmacotherapydb", "disease-ontology"))
    assert "not at hand" in said["mondo"]
    assert "treats" not in graph.relations and graph.find("OMIM:154700") is not None


def test_one_disease_is_one_node_under_its_omim_mondo_and_doid_ids(data_dir):
    graph = load_graph()
    # Marfan syndrome
    assert graph.find("OMIM:154700") == graph.find("MONDO:0007947") == graph.find("DOID:14323") is not None


def test_codes_hang_on_the_diseases_that_they_mean_and_take_no_name_away(data_dir):
    graph = load_graph()
    marfan = graph.find("OMIM:154700")
    code = graph.find("ICD10CM:Q87.4")
    assert marfan is not None and code is not None and resolve(graph, "Marfan syndrome") == [marfan]
    assert [graph.edge(at).relation for at in graph.between(marfan, code, graph.view(("has_code",)))] == [
        "has_code"
    ]
    assert graph.names[code] == "Q87.4 Marfan's syndrome"
    parents = [graph.edge(int(at)).end for at in graph.out(code) if graph.edge(int(at)).relation == "is_a"]
    assert parents == ["ICD10CM:Q87"]
    assert graph.stats()["kinds"]["code"] > 90_000


def test_a_description_of_a_code_makes_no_name_of_a_disease_ambiguous(data_dir):
    service = GraphService()
    graph = service.graph
    assert resolve(graph, "Type 2 diabetes mellitus") == resolve(graph, "MONDO:0005148")
    checked = service.check("metformin", "treats", "type 2 diabetes mellitus")
    assert checked.verdict == "true" and "PharmacotherapyDB" in checked.evidence[0].record
    assert resolve(graph, "Cholera due to Vibrio cholerae 01, biovar eltor") == resolve(
        graph, "ICD10CM:A00.1"
    )


def test_a_drug_and_a_finding_are_joined_over_what_the_drug_treats(data_dir):
    graph = load_graph()
    paths = connect(PathFinder(graph), "Metformin", "Lactic acidosis")
    assert paths and len(paths[0].nodes) <= 5
    assert all("treats" in sentence(graph, path) or "palliates" in sentence(graph, path) for path in paths)
