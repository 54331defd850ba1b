"""`osler study` and `osler corpus map` as people type them: what is printed, written privately, and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osler.evaluation.reader_study.study import Study


@pytest.fixture
def folder(tmp_path: Path, osler: Any) -> Path:
    cases = [
        {"id": "c0", "text": "A person.", "diagnosis": "Velamia", "differential": ["Velamia", "Torosis"]}
    ]
    about = {"name": "Toy", "arms": ["unassisted"], "readers": ["ana"], "cases": cases}
    (tmp_path / "s.json").write_text(json.dumps(about))
    ran = osler("study", "new", str(tmp_path / "s.json"), str(tmp_path / "made"))
    assert ran.code == 0 and "Toy: 1 cases in 1 arms" in ran.out and "osler serve --study" in ran.err
    assert Study(tmp_path / "made").plan.readers[0].code in ran.out
    return tmp_path / "made"


def read(folder: Path) -> None:
    study = Study(folder)
    code = study.plan.readers[0].code
    for said in (["Torosis"], ["Velamia", "Torosis"]):
        study.opened(code, study.task(code))
        study.save(code, "c0", study.task(code).phase, said)


def test_scores_are_a_table_and_comparisons_in_words(folder: Path, osler: Any) -> None:
    read(folder)

    ran = osler("study", "score", str(folder))

    assert ran.code == 0 and "1 readings of 1 cases by 1 readers" in ran.out
    assert "top-10: unassisted, before → unassisted, after: +1 (n 1), McNemar χ² 1" in ran.out


def test_the_export_is_private(folder: Path, osler: Any, tmp_path: Path) -> None:
    read(folder)

    assert osler("study", "export", str(folder), "--out", str(tmp_path / "out.csv")).code == 0
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[2].startswith("ana,c0,unassisted,after,1,Velamia | Torosis,") and len(lines) == 3
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0
    assert osler("study", "export", str(folder), "--out", str(tmp_path / "out.json")).code == 0
    assert osler("study", "score", str(tmp_path / "out.json")).code == 0
    assert osler("study", "sheet", str(folder)).out.startswith("list_id,case,diagnosis,list,quality")
    assert "1 of 1" in osler("study", "show", str(folder)).out


def test_what_is_no_study_is_said_before_anything_is_served(tmp_path: Path, osler: Any) -> None:
    assert osler("serve", "--study", str(tmp_path)).code == 2
    (tmp_path / "whole.json").write_text("{}")
    assert osler("study", "score", str(tmp_path / "whole.json")).code == 3


def test_a_study_nobody_has_read_has_no_scores(folder: Path, osler: Any) -> None:
    ran = osler("study", "score", str(folder))
    assert ran.code == 2 and "no reader has finished" in ran.err


def test_a_map_is_made_and_says_what_it_keeps(tmp_path: Path, osler: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    (tmp_path / "a.txt").write_text("The heart beats.")
    (tmp_path / "b.txt").write_text("The skin is dry.")
    osler("corpus", "add", "two", str(tmp_path))

    ran = osler("corpus", "map", "two")

    assert ran.code == 0 and "two made: 2 of 2 passages" in ran.out and "30 nearest on the map" in ran.out
    assert osler("corpus", "map", "none").code == 2
