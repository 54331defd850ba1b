"""The HPO corpus: its layout, its figures, and what is said when the path is wrong."""

from __future__ import annotations

import zipfile

import pytest

from osler.benchmarks.hpo_gsc import evaluate_hpo_gsc, phenotypic, read_hpo_gsc
from osler.errors import InputError
from osler.findings.values import Notes

TEXT = "Short stature and cleft palate."
GOLD = "0:13\tHP:0004322\tShort stature\n18:30\tHP:0000175\tcleft palate\n18:30\tHP:0000006\tcleft palate\n"


@pytest.fixture
def corpus(tmp_path):
    for folder, content in (("Text", TEXT), ("Annotations", GOLD)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1").write_text(content)
    return tmp_path


def test_a_folder_and_a_zip_are_read_alike(corpus, tmp_path):
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.writestr("Text/1", TEXT)
        archive.writestr("Annotations/1", GOLD)
    assert read_hpo_gsc(corpus) == read_hpo_gsc(tmp_path / "corpus.zip")
    assert len(read_hpo_gsc(corpus)[0].mentions) == 3


def test_terms_outside_phenotypic_abnormality_do_not_count(corpus, knowledge):
    (document,) = read_hpo_gsc(corpus)
    assert phenotypic(document.mentions, knowledge.ontology) == {
        (0, 13, "HP:0004322"),
        (18, 30, "HP:0000175"),
    }


def test_figures_of_a_small_corpus(corpus, knowledge):
    result = evaluate_hpo_gsc(corpus)
    assert result["n"] == 1
    assert result["mention"] == result["document"] == {"P": 1.0, "R": 1.0, "F1": 1.0}
    assert result["longest"]["mention"]["F1"] == 1.0 and result["mchar_per_s"] > 0


def test_damaged_lines_are_counted(corpus):
    (corpus / "Annotations" / "1").write_text(
        "w0:13\tHP:0004322\tShort stature\nnonsense\n99:120\tHP:0004322\tx\n"
    )
    notes = Notes()
    (document,) = read_hpo_gsc(corpus, notes)
    assert document.mentions == ((0, 13, "HP:0004322"),)
    assert notes.count("gold-damaged") == 2


@pytest.mark.parametrize("name", ["missing.zip", "empty", "broken.zip", "1"])
def test_a_bad_path_gives_a_clear_error(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "1").write_text("text")
    with pytest.raises(InputError, match=name):
        read_hpo_gsc(tmp_path / name)


def test_the_corpus_reaches_its_target(data_dir, knowledge):
    result = evaluate_hpo_gsc(data_dir / "hpo-gsc" / "gsc-2024.zip")
    assert result["n"] == 114
    assert result["document"]["F1"] >= 0.84 and result["mention"]["F1"] >= 0.82
