"""Graphs in others' layouts: PrimeKG, Hetionet, edge lists. The fixtures are written by hand."""

from __future__ import annotations

import gzip

import pytest

from osler.errors import InputError
from osler.knowledge.graph import Graph, load_graph

PRIMEKG = """relation,display_relation,x_index,x_id,x_type,x_name,x_source,y_index,y_id,y_type,y_name,y_source
indication,indication,0,DB00331,drug,Metformin,DrugBank,1,5148,disease,type 2 diabetes mellitus,MONDO
indication,indication,1,5148,disease,type 2 diabetes mellitus,MONDO,0,DB00331,drug,Metformin,DrugBank
drug_effect,side effect,2,3128,effect/phenotype,Lactic acidosis,HPO,0,DB00331,drug,Metformin,DrugBank
drug_effect,side effect,0,DB00331,drug,Metformin,DrugBank,2,3128,effect/phenotype,Lactic acidosis,HPO
drug_protein,target,0,DB00331,drug,Metformin,DrugBank,3,5564,gene/protein,PRKAB1,NCBI
protein_protein,ppi,3,5564,gene/protein,PRKAB1,NCBI,4,5562,gene/protein,PRKAA1,NCBI
protein_protein,ppi,4,5562,gene/protein,PRKAA1,NCBI,3,5564,gene/protein,PRKAB1,NCBI
disease_phenotype_negative,phenotype absent,1,5148,disease,type 2 diabetes mellitus,MONDO,5,1945,effect/phenotype,Fever,HPO
disease_phenotype_positive,phenotype present,6,12592_14672,disease,"lipodystrophy, partial",MONDO_grouped,2,3128,effect/phenotype,Lactic acidosis,HPO
"""


def edges_of(graph: Graph) -> set[tuple[str, str, str]]:
    found = [graph.edge(at) for at in range(len(graph.head))]
    return {(edge.start, edge.relation, edge.end) for edge in found}


def test_primekg_is_read_one_way_with_padded_ids(tmp_path, private_cache):
    (tmp_path / "kg.csv").write_text(PRIMEKG)
    graph = load_graph(str(tmp_path / "kg.csv"))
    assert edges_of(graph) == {
        ("DRUGBANK:DB00331", "indication", "MONDO:0005148"),
        ("DRUGBANK:DB00331", "drug_effect:side_effect", "HP:0003128"),
        ("DRUGBANK:DB00331", "drug_protein:target", "NCBIGene:5564"),
        ("NCBIGene:5564", "protein_protein:ppi", "NCBIGene:5562"),
        ("MONDO:0005148", "disease_phenotype_negative:phenotype_absent", "HP:0001945"),
        ("MONDO_grouped:12592_14672", "disease_phenotype_positive:phenotype_present", "HP:0003128"),
    }
    assert graph.find("MONDO:0014672") == graph.find("MONDO_grouped:12592_14672")
    assert graph.node(graph.find("HP:0003128") or 0).kind == "phenotype"
    assert len(graph.relation_numbers(("drug_protein",))) == 1
    assert load_graph(str(tmp_path)).checksum == graph.checksum
    fever = graph.find("HP:0001945")
    assert fever is not None and not len(graph.everything.row(fever)), "an absent finding is not walked to"


def test_hetionet_is_read_from_its_two_tables(tmp_path, private_cache):
    (tmp_path / "hetionet-v1.0-nodes.tsv").write_text(
        "id\tname\tkind\nCompound::DB00331\tMetformin\tCompound\nDisease::DOID:9352\ttype 2 diabetes mellitus\tDisease\n"
        "Gene::2645\tGCK\tGene\nAnatomy::UBERON:0002107\tliver\tAnatomy\nSymptom::D005334\tFever\tSymptom\n"
    )
    with gzip.open(tmp_path / "hetionet-v1.0-edges.sif.gz", "wt") as file:
        file.write("source\tmetaedge\ttarget\nCompound::DB00331\tCtD\tDisease::DOID:9352\n")
        file.write("Disease::DOID:9352\tDaG\tGene::2645\nAnatomy::UBERON:0002107\tAeG\tGene::2645\n")
        file.write("Disease::DOID:9352\tDpS\tSymptom::D005334\nGene::2645\tGr>G\tGene::2645\n")
    graph = load_graph(str(tmp_path))
    assert edges_of(graph) == {
        ("DRUGBANK:DB00331", "treats", "DOID:9352"),
        ("DOID:9352", "associates", "NCBIGene:2645"),
        ("UBERON:0002107", "expresses", "NCBIGene:2645"),
        ("DOID:9352", "presents", "MESH:D005334"),
    }
    assert graph.find("Gene::2645") == graph.find("NCBIGene:2645")
    assert graph.node(graph.find("UBERON:0002107") or 0).kind == "body part"


def test_an_edge_list_with_a_header_keeps_frequency_date_sex_and_age(tmp_path, private_cache):
    (tmp_path / "mine.csv").write_text(
        "source,relation,target,target_name,target_kind,frequency,date,sex,age_from,references\n"
        "D:1,has,F:1,Fever,finding,0.4,2024-01-02,f,18,PMID:1; PMID:2\nD:1,has,F:2,Cough,finding,,,,,\n"
    )
    graph = load_graph(str(tmp_path / "mine.csv"))
    edge = next(graph.edge(int(at)) for at in graph.into(graph.find("F:1") or 0))
    assert (edge.frequency, edge.date, edge.sex, edge.age_from) == (0.4, "2024-01-02", "FEMALE", 18.0)
    assert edge.references == ("PMID:1", "PMID:2") and edge.source == "mine.csv"
    assert graph.node(graph.find("F:1") or 0).name == "Fever"


@pytest.mark.parametrize("header", ["", "head\trelation\ttail\n"])
def test_triples_start_at_the_head(tmp_path, private_cache, header):
    (tmp_path / "triples.tsv").write_text(header + "aspirin\ttreats\theadache\n")
    assert edges_of(load_graph(str(tmp_path / "triples.tsv"))) == {("aspirin", "treats", "headache")}


def test_a_changed_file_is_read_again(tmp_path, private_cache):
    path = tmp_path / "mine.tsv"
    path.write_text("a\tr\tb\n")
    assert len(load_graph(str(path))) == 2
    path.write_text("a\tr\tb\nb\tr\tc\n")
    assert len(load_graph(str(path))) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one,two\n1,2\n", "source and target"),
        ("source,target\na,\n", "lacks one of its ends"),
        ("source,target,frequency\na,b,often\n", "no number"),
        ("source,target,sex\na,b,x\n", "male or female"),
        ("source,target\n", "no edge"),
        ("", "source and target"),
    ],
)
def test_a_file_that_is_no_graph_is_refused_in_words(tmp_path, private_cache, text, said):
    path = tmp_path / "odd.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        load_graph(str(path))


def test_what_is_not_there_or_not_whole_is_refused(tmp_path, private_cache):
    with pytest.raises(InputError, match="no graph file"):
        load_graph(str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="neither"):
        load_graph(str(tmp_path))
    (tmp_path / "x-nodes.tsv").write_text("id\tname\tkind\nGene::1\tA\tGene\n")
    (tmp_path / "x-edges.sif").write_text("source\tmetaedge\ttarget\nGene::1\tGiG\tGene::2\n")
    with pytest.raises(InputError, match="Gene::2"):
        load_graph(str(tmp_path))
    (tmp_path / "x-edges.sif").write_text("source\tmetaedge\ttarget\nGene::1\tGiG\n")
    with pytest.raises(InputError, match="2 columns"):
        load_graph(str(tmp_path))
    (tmp_path / "bytes.csv").write_bytes(b"\x1f\x8b\x00\xff\xfe not gzip")
    with pytest.raises(InputError, match="cannot be read"):
        load_graph(str(tmp_path / "bytes.csv"))
