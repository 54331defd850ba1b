"""Exact equivalences from Mondo's tables, in every layout they come in."""

import zipfile

import pytest

from osler.errors import InputError
from osler.ontology.mondo import read_equivalents, read_names

TABLE = """# comment: a mapping set
subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label
MONDO:1\tone\tskos:exactMatch\tOMIM:100001\tone
MONDO:1\tone\tskos:exactMatch\tOrphanet:77\tone
MONDO:2\ttwo\tskos:broadMatch\tOMIM:100002\ttwo
MONDO:3\tobsolete three\tskos:exactMatch\tOMIM:100003\tthree
MONDO:4\tfour\tskos:exactMatch\tOMIM:100004\tfour
MONDO:5\tfive\tskos:exactMatch\tOMIM:100004\tfour
MONDO:6\tsix\tskos:exactMatch\tMESH:D1\tsix
"""


def test_exact_ones_only_and_each_id_once(tmp_path):
    (tmp_path / "mondo_omim.tsv").write_text(TABLE)
    assert read_equivalents(tmp_path) == {"OMIM:100001": "MONDO:1", "ORPHA:77": "MONDO:1"}


def test_a_zip_archive_reads_the_same(tmp_path):
    with zipfile.ZipFile(tmp_path / "mondo.zip", "w") as archive:
        archive.writestr("mappings/mondo_exactmatch_omim.sssom.tsv", TABLE)
        archive.writestr("mappings/mondo_exactmatch_mesh.sssom.tsv", "ignored")
    assert read_equivalents(tmp_path)["ORPHA:77"] == "MONDO:1"


def test_a_folder_without_mappings_and_a_broken_archive(tmp_path):
    with pytest.raises(InputError, match="no exact mappings"):
        read_equivalents(tmp_path)
    (tmp_path / "mondo.zip").write_bytes(b"PK broken")
    with pytest.raises(InputError, match="cannot be read"):
        read_equivalents(tmp_path)


def test_the_real_mappings(data_dir):
    found = read_equivalents(data_dir / "mondo")
    assert found["OMIM:154700"] == found["ORPHA:558"] and len(found) > 15_000


def test_names_are_those_of_both_sides_of_an_exact_mapping(tmp_path):
    (tmp_path / "mondo_orphanet.tsv").write_text(
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\n"
        "MONDO:1\tsheldon syndrome\tskos:exactMatch\tOrphanet:7\tNON RARE IN EUROPE: Whistling face\n"
        "MONDO:2\ttwo\tskos:broadMatch\tOrphanet:8\tanother\n"
        "MONDO:3\tthree\tskos:exactMatch\tOrphanet:9\tOBSOLETE: gone\n"
    )

    assert list(read_names(tmp_path)) == [
        ("ORPHA:7", "sheldon syndrome"),
        ("ORPHA:7", "Whistling face"),
        ("ORPHA:9", "three"),
    ]
