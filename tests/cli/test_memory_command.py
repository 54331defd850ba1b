"""`osler memory …`: a solved case is kept, listed and forgotten by the name it was given."""

import pytest


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_a_case_is_remembered_and_forgotten_by_its_name(osler, letter):
    assert osler("memory", "add", letter, "--diagnosis", "OMIM:301500", "--name", "mine").code == 0
    (case,) = osler("memory", "list", "--json").json["cases"]
    assert case["diagnosis"] == "OMIM:301500" and case["name"] == "mine"
    assert osler("memory", "remove", "mine", "--json").json == {"removed": case["id"]}
    assert osler("memory", "list", "--json").json["cases"] == []
    assert osler("memory", "remove", "mine").code == 2
