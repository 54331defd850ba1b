"""Reading OBO and OBO Graphs JSON files, whole and broken."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import InputError
from osler.ontology.obo import Synonym, curie, parse_json, parse_obo, read_ontology

SMALL = Path(__file__).parent.parent / "fixtures" / "hpo-small" / "hp.obo"
WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).map(
    str.strip
)


def by_id(file):
    return {term.id: term for term in file.terms}


def test_a_term_is_read_with_all_that_is_kept():
    file = read_ontology(SMALL)
    seizure = by_id(file)["HP:0001250"]
    assert file.release == "2030-02-03" and len(file.terms) == 12
    assert (
        seizure.name == "Seizure" and seizure.parents == ["HP:0000707"] and seizure.alt_ids == ["HP:0002182"]
    )
    assert seizure.definition == 'A sudden, uncontrolled burst of "electrical" activity\n in the brain.'
    assert seizure.synonyms == [
        Synonym("Fits", "EXACT", True, "layperson"),
        Synonym("Epileptic attacks", "RELATED", False, "plural_form"),
        Synonym("Epilepsy", "BROAD"),
    ]


def test_comments_and_qualifiers_after_an_id_are_dropped():
    assert by_id(read_ontology(SMALL))["HP:0001945"].parents == ["HP:0000118"]


def test_obsolete_terms_name_their_successor_or_what_to_consider():
    terms = by_id(read_ontology(SMALL))
    assert terms["HP:0009999"].obsolete and terms["HP:0009999"].replaced_by == ["HP:0001250"]
    assert terms["HP:0009998"].consider == ["HP:0001945"]


def test_a_gzipped_file_reads_the_same(tmp_path):
    packed = tmp_path / "hp.obo.gz"
    packed.write_bytes(gzip.compress(SMALL.read_bytes()))
    assert read_ontology(packed) == read_ontology(SMALL)


def test_the_json_form_reads_the_same_terms():
    node = {
        "id": "http://purl.obolibrary.org/obo/HP_0001250",
        "lbl": "Seizure",
        "type": "CLASS",
        "meta": {
            "definition": {"val": "A burst."},
            "synonyms": [
                {
                    "pred": "hasExactSynonym",
                    "val": "Fits",
                    "synonymType": "http://purl.obolibrary.org/obo/hp#layperson",
                }
            ],
            "basicPropertyValues": [
                {"pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId", "val": "HP:0002182"}
            ],
        },
    }
    root = {
        "id": "http://purl.obolibrary.org/obo/HP_0000118",
        "lbl": "Phenotypic abnormality",
        "type": "CLASS",
    }
    gone = {
        "id": "http://purl.obolibrary.org/obo/HP_0009999",
        "type": "CLASS",
        "meta": {
            "deprecated": True,
            "basicPropertyValues": [
                {"pred": "http://purl.obolibrary.org/obo/IAO_0100001", "val": node["id"]}
            ],
        },
    }
    graph = {
        "meta": {"version": "http://purl.obolibrary.org/obo/hp/releases/2030-02-03/hp.json"},
        "nodes": [node, root, gone, {"id": "x", "type": "PROPERTY", "lbl": "has part"}],
        "edges": [{"sub": node["id"], "pred": "is_a", "obj": root["id"]}],
    }
    file = parse_json(json.dumps({"graphs": [graph]}))
    terms = by_id(file)
    assert file.release == "2030-02-03" and set(terms) == {"HP:0001250", "HP:0000118", "HP:0009999"}
    assert terms["HP:0001250"].synonyms == [Synonym("Fits", "EXACT", True, "layperson")]
    assert terms["HP:0001250"].parents == ["HP:0000118"] and terms["HP:0001250"].alt_ids == ["HP:0002182"]
    assert terms["HP:0009999"].obsolete and terms["HP:0009999"].replaced_by == ["HP:0001250"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02" * 50, "no terms with parents"),
        (b"\xff\xfe\xff", "cannot be read"),
        (b"\x1f\x8b broken gzip", "cannot be read"),
        (b"[Term]\nid: HP:1\nname: Alone\n", "no terms with parents"),
        (b'{"graphs": [', "not an OBO Graphs JSON file"),
        (b'{"graphs": []}', "not an OBO Graphs JSON file"),
        (b'{"graphs": [{"nodes": 3}]}', "not an OBO Graphs JSON file"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path, content, message):
    path = tmp_path / "hp.obo"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_ontology(path)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_ontology(tmp_path / "hp.obo")
    with pytest.raises(InputError, match="cannot be read"):
        read_ontology(tmp_path)


@given(st.text())
def test_no_text_makes_the_parser_fail(text):
    parse_obo(text.splitlines())


@given(name=WORDS, synonym=WORDS)
def test_any_name_and_quoted_synonym_come_back(name, synonym):
    def escaped(text):
        return text.replace("\\", "\\\\").replace('"', '\\"')

    lines = ["[Term]", "id: X:1", f"name: {escaped(name)}", f'synonym: "{escaped(synonym)}" NARROW []']
    (term,) = parse_obo(lines).terms
    assert term.name == name
    assert term.synonyms == ([Synonym(synonym, "NARROW")] if synonym else [])


def test_curies():
    assert curie("http://purl.obolibrary.org/obo/HP_0001250") == "HP:0001250" == curie("HP:0001250")
