"""Data sets: fetched, used in place, found in OSLER_DATA, verified and removed, without touching what is the user's."""

import hashlib
import json
import zipfile

import pytest

from osler.data import manifest, store
from osler.data.manifest import DataFile, DataSet
from osler.errors import InputError, SourceError, UsageError

FIRST, SECOND = b"first file", b"second file"


@pytest.fixture(autouse=True)
def private_store(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("OSLER_DATA", raising=False)
    return tmp_path / "share" / "osler"


@pytest.fixture
def upstream(tmp_path, monkeypatch):
    """A source folder with two files, and a manifest whose one data set names them."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    (folder / "a.txt").write_bytes(FIRST)
    (folder / "b.txt").write_bytes(SECOND)
    files = (
        DataFile(
            name="a.txt", url=(folder / "a.txt").as_uri(), sha256=hashlib.sha256(FIRST).hexdigest(), size=10
        ),
        DataFile(name="b.txt", url=(folder / "b.txt").as_uri()),
    )
    entry = DataSet(
        name="toy", title="Toy", version="1 beta", licence="CC0", homepage="x", used_for="tests", files=files,
        needs=(("a.txt", "a.txt.gz"),),
    )  # fmt: skip
    monkeypatch.setattr(manifest, "manifest", lambda: {"toy": entry})
    return folder


def state():
    return next(item for item in store.listing() if item["name"] == "toy")


def test_the_manifest_names_source_licence_and_checksum_or_none():
    entries = manifest.manifest()
    assert {"hpo", "mondo", "ddxplus", "phenopackets", "hpo-gsc", "loinc2hpo", "icd10cm"} <= entries.keys()
    for entry in entries.values():
        assert entry.licence and entry.homepage.startswith("https://")
        assert all(file.url.startswith("https://") for file in entry.files)


def test_get_installs_records_and_does_not_fetch_twice(upstream, private_store):
    assert state()["state"] == "absent" and not state()["here"]
    folder = store.get("toy")
    assert (folder / "a.txt").read_bytes() == FIRST
    assert state()["state"] == "fetched" and state()["where"] == str(folder) == str(store.locate("toy"))
    recorded = json.loads((folder / "installed.json").read_text())["files"]
    assert recorded["b.txt"]["sha256"] == hashlib.sha256(SECOND).hexdigest()
    (upstream / "a.txt").unlink()
    assert store.get("toy") == folder


def test_get_from_another_place(upstream, tmp_path):
    mirror = tmp_path / "mirror"
    upstream.rename(mirror)
    with pytest.raises(SourceError, match="no file"):
        store.get("toy")
    assert store.get("toy", source=str(mirror)).is_dir()


def test_a_wrong_checksum_installs_nothing(upstream):
    (upstream / "a.txt").write_bytes(b"tampered!!")
    with pytest.raises(SourceError, match="not what the manifest names"):
        store.get("toy")
    assert state()["state"] == "absent"


def test_verify_finds_altered_and_missing_files(upstream):
    folder = store.get("toy")
    assert store.verify("toy") == {
        "name": "toy", "state": "fetched", "where": str(folder), "ok": True, "problems": [], "checked": 2,
    }  # fmt: skip
    (folder / "b.txt").write_text("changed")
    (folder / "a.txt").unlink()
    assert store.verify("toy")["problems"] == ["no a.txt or a.txt.gz", "a.txt is missing", "b.txt is altered"]
    store.get("toy")
    assert store.verify("toy")["ok"]


def test_verify_of_what_is_not_there(upstream):
    with pytest.raises(SourceError, match="osler data get toy"):
        store.verify("toy")


def test_use_takes_a_folder_in_place_and_remove_leaves_it(upstream):
    assert store.use("toy", [upstream]) == upstream
    assert state()["state"] == "used"
    assert store.remove("toy") == {"name": "toy", "deleted": False, "forgotten": [str(upstream)]}
    assert (upstream / "a.txt").exists() and state()["state"] == "absent"


def test_use_gathers_single_files(upstream):
    folder = store.use("toy", [upstream / "a.txt"])
    assert (folder / "a.txt").read_bytes() == FIRST and store.used_paths("toy") == [folder]
    store.remove("toy")
    assert (upstream / "a.txt").exists() and not folder.exists()


def test_use_says_what_a_folder_lacks(upstream, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no a\.txt or a\.txt\.gz"):
        store.use("toy", [tmp_path / "empty"])
    with pytest.raises(InputError, match="no file or folder"):
        store.use("toy", [tmp_path / "nowhere"])
    assert store.used_paths("toy") == []


def test_a_folder_in_osler_data_is_used_in_place(upstream, tmp_path, monkeypatch):
    (tmp_path / "data" / "toy").mkdir(parents=True)
    (tmp_path / "data" / "toy" / "a.txt").write_bytes(FIRST)
    monkeypatch.setenv("OSLER_DATA", str(tmp_path / "data"))
    assert state()["state"] == "in OSLER_DATA" and store.verify("toy")["checked"] == 1
    with pytest.raises(UsageError, match="OSLER_DATA, which Osler does not change"):
        store.remove("toy")


def test_unknown_names_list_the_known_ones(upstream):
    for call in (store.get, store.verify, store.remove):
        with pytest.raises(UsageError, match="there are: toy"):
            call("other")


def test_a_set_without_an_address_says_how_to_come_by_it():
    with pytest.raises(UsageError, match="osler data use"):
        store.get("hpo-gsc")


def test_archives_are_unpacked_but_never_outside(upstream, tmp_path, monkeypatch):
    def serve(member):
        with zipfile.ZipFile(upstream / "z.zip", "w") as archive:
            archive.writestr(member, "inside")
        file = DataFile(name="z.zip", url=(upstream / "z.zip").as_uri(), unpack=True)
        entry = DataSet(name="z", title="", version="1", licence="", homepage="", used_for="", files=(file,))
        monkeypatch.setattr(manifest, "manifest", lambda: {"z": entry})

    serve("folder/x.txt")
    assert (store.get("z") / "folder" / "x.txt").read_text() == "inside"
    store.remove("z")
    serve("../../../outside.txt")
    with pytest.raises(SourceError, match="outside its folder"):
        store.get("z")
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_damaged_registry_is_taken_as_empty(upstream, private_store):
    store.use("toy", [upstream])
    (private_store / "sources.json").write_text("{broken")
    assert store.used_paths("toy") == []
    store.use("toy", [upstream])
    assert store.used_paths("toy") == [upstream]


def test_a_store_that_cannot_be_made(upstream, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(SourceError, match="XDG_DATA_HOME"):
        store.get("toy")


def test_the_cache_can_be_cleared(private_cache):
    (private_cache / "osler").mkdir(parents=True)
    (private_cache / "osler" / "x.arrays").write_bytes(b"12345")
    assert store.clear_cache() == 5 and not (private_cache / "osler").exists()
