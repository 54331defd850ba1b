"""`osler data …` as scripts use it."""

import shutil
from pathlib import Path

import pytest

from osler.data import offline

SMALL = Path(__file__).parent.parent / "fixtures" / "hpo-small"


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("OSLER_DATA", raising=False)
    yield
    offline.allow()


def test_list_shows_version_licence_state_and_place(osler):
    ran = osler("data", "list", "--json")
    sets = {item["name"]: item for item in ran.json["data_sets"]}
    assert ran.code == 0 and sets["hpo"]["state"] == "packaged" and sets["mondo"]["licence"] == "CC BY 4.0"
    assert all({"version", "licence", "state", "where", "here"} <= item.keys() for item in sets.values())
    assert "mondo" in osler("data", "list").out


def test_a_release_is_used_verified_and_removed(osler, tmp_path):
    folder = tmp_path / "release"
    shutil.copytree(SMALL, folder)
    ran = osler("data", "use", "hpo", folder, "--json")
    assert ran.code == 0 and ran.json["knowledge"] == "hpo@2030-02-03" and ran.json["diseases"] == 3
    assert (
        osler("disease", "quivering 1", "--knowledge", "hpo@2030-02-03", "--json").json["id"] == "OMIM:100001"
    )
    assert osler("data", "verify", "hpo", "--json").json["ok"]
    (folder / "hp.obo").unlink()
    broken = osler("data", "verify", "hpo", "--json")
    assert broken.code == 1 and "no hp.obo" in broken.json["results"][0]["problems"][0]
    assert osler("data", "remove", "hpo").code == 0 and (folder / "phenotype.hpoa").exists()


def test_a_damaged_release_is_refused_and_not_remembered(osler, tmp_path):
    folder = tmp_path / "release"
    shutil.copytree(SMALL, folder)
    (folder / "phenotype.hpoa").write_text("#version: 2030-02-03\nnonsense\n")
    ran = osler("data", "use", "hpo", folder)
    assert ran.code == 3 and "not an HPO annotation table" in ran.err and "Traceback" not in ran.err
    assert osler("data", "remove", "hpo").code == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["get", "nothing"], 2, "there are: hpo"),
        (["get", "hpo-gsc"], 2, "osler data use"),
        (["use", "mondo", "nowhere"], 3, "no file or folder"),
        (["verify", "mondo"], 4, "osler data get mondo"),
        (["remove", "mondo"], 2, "nothing to remove"),
        (["get", "mondo", "--from", "nowhere"], 4, "no file"),
    ],
)
def test_what_goes_wrong_says_what_to_do(osler, words, code, said):
    ran = osler("data", *words)
    assert ran.code == code and said in ran.err and ran.out == ""


def test_offline_makes_a_download_an_error(osler):
    ran = osler("data", "get", "mondo", "--offline")
    assert ran.code == 4 and "not allowed with --offline" in ran.err


def test_the_cache_is_cleared(osler, private_cache):
    (private_cache / "osler").mkdir(parents=True)
    (private_cache / "osler" / "x.arrays").write_bytes(b"123")
    assert osler("data", "clear", "--json").json == {"freed_bytes": 3}


def test_eval_finds_what_was_brought_in_and_says_how_to_bring_it(osler, tmp_path):
    missing = osler("eval", "phenopackets")
    assert missing.code == 2 and "osler data get phenopackets" in missing.err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "all_phenopackets.zip").write_bytes(b"no archive")
    assert osler("data", "use", "phenopackets", tmp_path / "mine").code == 0
    found = osler("eval", "phenopackets")
    assert found.code == 3 and "all_phenopackets.zip" in found.err


def test_doctor_names_a_way_that_works_for_each_missing_set(osler):
    hints = {hint.split()[2]: hint for hint in osler("doctor", "--json").json["hints"] if "data set" in hint}
    assert "osler data get mondo" in hints["mondo"] and "osler data use hpo-gsc PATH" in hints["hpo-gsc"]
