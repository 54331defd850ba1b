"""Published cases become items; what names the answer or its source stays out of the case."""

import sys
import zipfile
from pathlib import Path

import orjson
import pytest
import yaml

from osler.benchmarks.phenopackets import PacketSource, read_item, read_items
from osler.errors import InputError

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
from toy import PACKETS, packet


@pytest.fixture
def folder(tmp_path):
    for name, content in PACKETS.items():
        place = tmp_path / "store" / name[0] / name
        place.parent.mkdir(parents=True)
        place.write_bytes(orjson.dumps(content))
    (tmp_path / "store" / "README.md").write_text("not a case")
    return tmp_path / "store"


@pytest.fixture
def archive(folder, tmp_path):
    path = tmp_path / "store.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for file in folder.rglob("*.*"):
            zipped.write(file, file.relative_to(folder))
    return path


def item_of(content):
    return read_item(orjson.dumps(content))


def test_a_zip_a_folder_and_a_file_give_the_same_items(folder, archive):
    from_zip, from_folder = list(read_items(archive)), list(read_items(folder))
    assert from_zip == from_folder and len(from_zip) == 6
    assert list(read_items(folder / "a" / "a_cited.json")) == from_zip[:1]


def test_the_reference_is_apart_from_the_case():
    item = item_of(PACKETS["b_clean.json"])
    assert item.reference.diseases == ("OMIM:100001",)
    assert item.reference.publications == ("PMID:20",) and item.group == "PMID:20"
    shown = item.case.to_json()
    for secret in ("OMIM", "PMID", "what it is", "proband"):
        assert secret not in shown


def test_the_id_depends_on_what_was_observed_and_on_nothing_else():
    first = item_of(packet("PMID_1_x", "OMIM:100001", [1, 2], "PMID:1"))
    renamed = item_of(packet("PMID_2_y", "OMIM:100004", [2, 1], "PMID:2"))
    other = item_of(packet("PMID_1_x", "OMIM:100001", [1, 3], "PMID:1"))
    assert first.key == renamed.key == first.case.id
    assert first.case == renamed.case.model_copy(update={"findings": first.case.findings})
    assert other.key != first.key


def test_publication_from_external_references_evidence_or_id():
    by_evidence = packet("x", "OMIM:100001", [1])
    by_evidence["phenotypicFeatures"][0]["evidence"] = [{"reference": {"id": "PMID:77"}}]
    assert item_of(by_evidence).reference.publications == ("PMID:77",)
    assert item_of(packet("PMID_78_9", "OMIM:100001", [1])).reference.publications == ("PMID:78",)
    assert item_of(packet("patient 3", "OMIM:100001", [1])).reference.publications == ()


def test_version_1_and_yaml_are_read():
    old = packet("x", "OMIM:100001", [1])
    old["interpretations"][0]["diagnosis"] = [{"disease": {"term": {"id": "OMIM:100001"}}}]
    assert item_of(old).reference.diseases == ("OMIM:100001",)
    assert (
        read_item(yaml.safe_dump(PACKETS["a_cited.json"]).encode()).key
        == item_of(PACKETS["a_cited.json"]).key
    )


def test_listed_diseases_count_where_there_is_no_interpretation():
    plain = packet("x", "OMIM:1", [1])
    del plain["interpretations"]
    plain["diseases"] = [{"term": {"id": "OMIM:2"}, "excluded": True}, {"term": {"id": "OMIM:3"}}]
    assert item_of(plain).reference.diseases == ("OMIM:3",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not valid JSON"),
        (b'{"id": "x", "phenotypicFea', "not valid JSON"),
        (b"\xff\xfe\x00", "neither JSON nor YAML"),
        (b"[1, 2]", "no object"),
        (b'{"phenotypicFeatures": [], "subject": {}}', "no diagnosis"),
    ],
)
def test_what_cannot_be_scored_says_why(data, reason):
    with pytest.raises(InputError, match=reason):
        read_item(data)


def test_a_limited_run_is_a_seeded_sample_in_sorted_order(folder):
    source = PacketSource(folder)
    chosen = source.sample(3, seed=1)
    assert chosen == sorted(chosen) and len(chosen) == 3
    assert chosen == source.sample(3, seed=1)
    assert any(source.sample(3, seed=s) != chosen for s in range(5))
    assert source.sample(100, seed=1) == source.names


def test_data_that_changes_has_another_digest(folder):
    before = PacketSource(folder).digest()
    (folder / "a" / "a_cited.json").write_bytes(b"{}")
    assert PacketSource(folder).digest() != before


def test_missing_empty_and_truncated_data(tmp_path, archive):
    with pytest.raises(InputError, match="does not exist"):
        PacketSource(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no phenopackets"):
        PacketSource(tmp_path / "empty")
    (tmp_path / "cut.zip").write_bytes(archive.read_bytes()[:200])
    with pytest.raises(InputError, match="not a readable ZIP"):
        PacketSource(tmp_path / "cut.zip")


def test_a_publication_of_the_wrong_shape_is_none():
    wrong = packet("a", "OMIM:154700", ["HP:0001083"])
    wrong["metaData"] = ["PMID:1"]
    wrong["phenotypicFeatures"][0]["evidence"] = [{"reference": "PMID:1"}]
    assert item_of(wrong).reference.publications == ()


def test_a_damaged_member_of_a_zip_is_reported_as_such(archive):
    data = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as opened:
        first = min(opened.infolist(), key=lambda member: member.header_offset)
    start = first.header_offset + 30 + len(first.filename)
    data[start : start + 4] = b"\xff\xff\xff\xff"
    archive.write_bytes(data)
    with pytest.raises(InputError, match="cannot be read"):
        PacketSource(archive).read(first.filename)


def test_the_shown_cases(data_dir):
    source = PacketSource(data_dir / "phenopackets" / "phenopacket-store-before-2023.zip")
    items = [read_item(source.read(name)) for name in source.sample(40, seed=0)]
    assert all(item.reference.publications and item.reference.diseases for item in items)
    assert all("PMID" not in item.case.to_json() for item in items)
    assert all(item.year is not None and item.year < 2023 for item in items)
