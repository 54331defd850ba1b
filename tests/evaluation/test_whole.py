"""Benchmarks that are scored in one go keep a run folder too."""

import json

import pytest

from osler.errors import UsageError
from osler.evaluation import whole
from osler.evaluation.compare import compare_runs

ROW = {"id": "1", "text": "She has chest pain.", "entities": [{"start": 8, "end": 18, "label": "Disease"}]}


@pytest.fixture
def arguments(tmp_path):
    path = tmp_path / "tagged.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    return {"data": str(path), "limit": None, "seed": 0, "sample": None}


def test_figures_are_kept_and_come_back_the_same(tmp_path, arguments, knowledge):
    whole.start("clinical-ner", arguments, tmp_path / "run")
    found = whole.figures(tmp_path / "run")
    assert found["strict"]["F1"] == 1.0 and found["run"] == str(tmp_path / "run")
    whole.resume(tmp_path / "run")
    assert whole.figures(tmp_path / "run") == found


def test_a_run_that_was_killed_is_finished_by_resuming(tmp_path, arguments, knowledge):
    run = tmp_path / "run"
    whole.start("clinical-ner", arguments, run)
    lines = (run / "cases.jsonl").read_bytes()
    (run / "cases.jsonl").write_bytes(lines[:-9])
    with pytest.raises(UsageError, match="--resume"):
        whole.figures(run)
    whole.resume(run)
    assert (run / "cases.jsonl").read_bytes() == lines


def test_the_corpus_of_abstracts(data_dir, tmp_path):
    arguments = {"data": str(data_dir / "hpo-gsc" / "gsc-2024.zip"), "limit": 10, "seed": 0, "sample": None}
    whole.start("hpo-gsc", arguments, tmp_path / "run")
    found = whole.figures(tmp_path / "run")
    assert {"n", "mention", "document", "longest", "mchar_per_s"} <= set(found)
    assert "mchar_per_s" not in (tmp_path / "run" / "cases.jsonl").read_text("utf-8")


def test_figures_alone_cannot_be_compared(tmp_path, arguments, knowledge):
    whole.start("clinical-ner", arguments, tmp_path / "a")
    with pytest.raises(UsageError, match="nothing to pair"):
        compare_runs(tmp_path / "a", tmp_path / "a")
