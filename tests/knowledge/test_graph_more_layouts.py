"""The UMLS in its published tables, QKG's facts alone and over PrimeKG, and edge lists that say for whom an edge counts."""

from __future__ import annotations

import gzip
import json

import pytest

from osler.errors import InputError
from osler.graphs import Person
from osler.knowledge.graph import load_graph
from osler.knowledge.graph.connect import GraphService

CONSO = """\
C0011860|ENG|P|L1|PF|S1|Y|A1||M1|D1|MSH|MH|D003924|Type 2 Diabetes Mellitus|0|N|256|
C0011860|ENG|S|L2|PF|S2|Y|A2||M1|D1|SNOMEDCT_US|PT|44054006|NIDDM|0|N|256|
C0011860|ENG|S|L3|VO|S3|N|A3||M1|D1|MSH|ET|D003924|Sweet disease|0|Y||
C0011860|SPA|P|L4|PF|S4|Y|A4||M1|D1|MSHSPA|MH|D003924|Diabetes tipo 2|3|N||
C0011849|ENG|P|L5|PF|S5|Y|A5||M2|D2|MSH|MH|D003920|Diabetes Mellitus|0|N|256|
C0025598|ENG|P|L6|PF|S6|Y|A6||M3|D3|RXNORM|IN|6809|metformin|0|N|256|
"""
STY = """\
C0011860|T047|B2.2.1.2.1|Disease or Syndrome|AT1|256|
C0011849|T047|B2.2.1.2.1|Disease or Syndrome|AT2|256|
C0025598|T109|A1.4.1.2.1|Organic Chemical|AT3|256|
C0025598|T121|A1.4.1.1.1|Pharmacologic Substance|AT4|256|
"""
# The second concept of a row stands in the relation to the first.
REL = """\
C0011860|A1|AUI|PAR|C0011849|A5|AUI|inverse_isa|R1||MSH|MSH|||N||
C0011849|A5|AUI|CHD|C0011860|A1|AUI|isa|R2||MSH|MSH|||N||
C0011860|A1|AUI|RO|C0025598|A6|AUI|may_treat|R3||MED-RT|MED-RT||Y|N||
C0025598|A6|AUI|RO|C0011860|A1|AUI|may_be_treated_by|R4||MED-RT|MED-RT||N|N||
C0025598|A6|AUI|RO|C0011849|A5|AUI|gone|R5||MED-RT|MED-RT|||O||
C0025598|A6|AUI|RO|C9999999|A9|AUI|has_part|R6||MED-RT|MED-RT|||N||
"""
DOC = "RELA|may_treat|rela_inverse|may_be_treated_by|\nRELA|may_be_treated_by|rela_inverse|may_treat|\n"
DEF = """\
C0011860|A1|AT5||MSH|Old words.|O||
C0011860|A1|AT6||MSH|A subclass of diabetes mellitus.|N|256|
"""


def umls(folder, **tables):
    files = {"MRCONSO": CONSO, "MRSTY": STY, "MRREL": REL, "MRDEF": DEF, **tables}
    for name, text in files.items():
        if text:
            (folder / f"{name}.RRF").write_text(text)
    return load_graph(str(folder))


def triples(graph):
    found = [graph.edge(at) for at in range(len(graph.head))]
    return sorted((edge.start, edge.relation, edge.end) for edge in found)


@pytest.mark.parametrize("doc", ["", DOC])
def test_umls_concepts_names_kinds_definitions_and_each_relation_once(tmp_path, private_cache, doc):
    graph = umls(tmp_path, MRDOC=doc)
    two = graph.find("UMLS:C0011860")
    assert (
        two is not None
        and graph.node(two).name == "Type 2 Diabetes Mellitus"
        and graph.node(two).kind == "disease"
    )
    assert (
        graph.named("niddm") == [two] and graph.named("Sweet disease") == graph.named("Diabetes tipo 2") == []
    )
    assert graph.node(graph.named("metformin")[0]).kind == "drug"
    assert (
        graph.definition(two) == "A subclass of diabetes mellitus."
        and graph.definition(0 if two else 1) == ""
    )
    treats = (
        ("UMLS:C0011860", "may_be_treated_by", "UMLS:C0025598")
        if doc
        else ("UMLS:C0025598", "may_treat", "UMLS:C0011860")
    )
    assert triples(graph) == sorted([("UMLS:C0011860", "is_a", "UMLS:C0011849"), treats])
    checked = GraphService(str(tmp_path)).check("metformin", "treats", "NIDDM")
    assert checked.verdict == "true"


def test_umls_tables_may_be_zipped_and_what_is_missing_is_said(tmp_path, private_cache):
    (tmp_path / "MRCONSO.RRF.gz").write_bytes(gzip.compress(CONSO.encode()))
    (tmp_path / "MRREL.RRF").write_text(REL)
    graph = load_graph(str(tmp_path))
    assert {graph.node(at).kind for at in range(3)} == {"concept"} and any(
        "MRSTY" in text for text in graph.notices
    )


def test_a_umls_table_of_another_shape_is_refused_with_its_line(tmp_path, private_cache):
    with pytest.raises(InputError, match=r"MRREL\.RRF, line 2: 3 columns instead of the 16"):
        umls(tmp_path, MRREL=REL.splitlines()[0] + "\na|b|c|\n")


# --- QKG -----------------------------------------------------------------------------------------------------------------
def fact(x, relation, y, *groups):
    ends = {
        name: {"index": i, "name": label, "type": kind} for name, (i, label, kind) in (("x", x), ("y", y))
    }
    said = [{"patient_characteristics": g, "applicability": a, "evidence": e} for g, a, e in groups]
    return json.dumps(
        {"triplet": {**ends, "relation": relation}, "audit_reasoning": "so", "relation_constraints": said}
    )


METFORMIN, DIABETES = (7, "Metformin", "drug"), (9, "type 2 diabetes mellitus", "disease")
FACT = fact(
    METFORMIN, "indication", DIABETES,
    (None, "RECOMMENDED", "first line"), ("age over 80 years", "CAUTION", "falls"),
    ("patients with severe renal impairment", "AVOID", "lactic acidosis"), ("others", "Not Determinable", ""),
)  # fmt: skip
KG = """\
relation,display_relation,x_index,x_id,x_type,x_name,x_source,y_index,y_id,y_type,y_name,y_source
indication,indication,7,DB00331,drug,Metformin,DrugBank,9,5148,disease,type 2 diabetes mellitus,MONDO
indication,indication,9,5148,disease,type 2 diabetes mellitus,MONDO,7,DB00331,drug,Metformin,DrugBank
drug_effect,side effect,7,DB00331,drug,Metformin,DrugBank,11,3128,effect/phenotype,Lactic acidosis,HPO
drug_effect,side effect,11,3128,effect/phenotype,Lactic acidosis,HPO,7,DB00331,drug,Metformin,DrugBank
"""


def verdicts(service):
    [found] = service.triples("Metformin", relations=["indication"])
    people = (
        Person(age=60, lacks=("severe renal impairment",)),
        Person(age=85, lacks=("severe renal impairment",)),
        Person(age=60, has=("severe renal impairment",)),
        Person(age=60),
    )
    return [service.applicable(found, person).verdict for person in people]


def test_qkg_facts_alone_and_over_primekg_say_for_whom_an_edge_counts(tmp_path, private_cache):
    alone = tmp_path / "facts.jsonl"
    alone.write_text(FACT + "\n")
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "kg.csv").write_text(KG)
    (tmp_path / "both" / "facts.jsonl").write_text(FACT + "\n")
    for path in (alone, tmp_path / "both"):
        service = GraphService(str(path))
        assert verdicts(service) == ["applies", "caution", "not", "unknown"], path.name
        [found] = service.triples("Metformin", relations=["indication"])
        assert [one.advice for one in service.conditions(found)] == ["recommended", "caution", "avoid"]
    graph = load_graph(str(tmp_path / "both"))
    assert len(graph.head) == 2 and graph.find("DRUGBANK:DB00331") is not None
    assert (
        service.triples("Metformin", kinds=["phenotype"])[0].quote
        == "Metformin –drug_effect:side_effect→ Lactic acidosis"
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"triplet": {"x": {"index": 1}}}', "no fact of QKG"),
        (fact(METFORMIN, "indication", DIABETES, (None, "Perhaps", "")), "applicability 'perhaps'"),
        ("{nonsense", "no fact of QKG"),
    ],
)
def test_a_line_that_is_no_fact_is_refused_with_its_number(tmp_path, private_cache, line, what):
    path = tmp_path / "facts.jsonl"
    path.write_text(f"{FACT}\n{line}\n")
    with pytest.raises(InputError, match=f"line 2.*{what}"):
        load_graph(str(path))


def test_facts_over_a_primekg_without_indexes_are_refused(tmp_path, private_cache):
    (tmp_path / "kg.csv").write_text("\n".join(line.replace("x_index", "x_i") for line in KG.splitlines()))
    (tmp_path / "facts.jsonl").write_text(FACT)
    with pytest.raises(InputError):
        load_graph(str(tmp_path))


# --- edge lists ----------------------------------------------------------------------------------------------------------
def test_an_edge_list_may_say_for_whom_an_edge_counts(tmp_path, private_cache):
    path = tmp_path / "mine.csv"
    path.write_text(
        "source,relation,target,age_from,age_to,group,advice\nA drug,treats,An illness,18,65,,\nA drug,harms,A child,,,children,avoid\n"
    )
    service = GraphService(str(path))
    [treats] = service.triples("A drug", relations=["treats"])
    [harms] = service.triples("A drug", relations=["harms"])
    assert [service.applicable(treats, Person(age=age)).verdict for age in (17, 40, 66)] == [
        "not",
        "applies",
        "not",
    ]
    assert service.applicable(harms, Person(age=5)).verdict == "not"
    assert service.graph.edge(0).age_to in (None, 65.0)
    path.write_text("source,target,advice\na,b,perhaps\n")
    with pytest.raises(InputError, match="advice is one of"):
        load_graph(str(path))


def test_nodes_of_an_edge_list_without_names_are_found_in_any_case_and_in_a_text(tmp_path, private_cache):
    path = tmp_path / "mine.csv"
    path.write_text("source,relation,target\nmetformin,treats,type 2 diabetes\nHP:1,is_a,HP:2\n")
    service = GraphService(str(path))
    assert [one.name for one in service.link("Metformin helps in type 2 diabetes.")] == [
        "metformin",
        "type 2 diabetes",
    ]
    assert service.check("METFORMIN", "treats", "Type 2 diabetes").verdict == "true"
    assert service.graph.named("hp 1") == []


def test_a_view_for_an_age_leaves_out_edges_that_ended_before(tmp_path, private_cache):
    path = tmp_path / "mine.csv"
    path.write_text("source,relation,target,age_to\na,r,b,10\na,r,c,\n")
    graph = load_graph(str(path))
    a = graph.find("a")
    assert a is not None
    assert len(graph.view((), (), "", 9).row(a)) == 2 and len(graph.view((), (), "", 11).row(a)) == 1
