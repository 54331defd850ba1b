"""Row 67, MEDEC: a MEDEC-format CSV loads; gold output scores 1.0 on flag, sentence and correction; one wrong sentence id
lowers only the sentence score."""

import csv

import pytest
from asking import answers, figures, scored

from osler.benchmarks.medec import Medec
from osler.trace import Answer

COLUMNS = ["Text ID", "Text", "Sentences", "Error Flag", "Error Type", "Error Sentence ID", "Error Sentence", "Corrected Sentence"]  # fmt: skip
ROWS = [
    ["ms-1", "Sputum grows yeast. He smokes.", "0 Sputum grows yeast.\n1 He smokes.", "1", "causalOrganism", "0", "Sputum grows yeast.", "Sputum grows pneumococci."],
    ["ms-2", "She is pregnant. Warfarin is started.", "0 She is pregnant.\n1 Warfarin is started.", "1", "pharmacotherapy", "1", "Warfarin is started.", "Heparin is started."],
    ["ms-3", "He fell. The wrist is broken.", "0 He fell.\n1 The wrist is broken.", "0", "NA", "-1", "NA", "NA"],
]  # fmt: skip
FIGURES = ("flag", "sentence", "correction_exact", "ROUGE-1")


@pytest.fixture
def items(tmp_path):
    with (tmp_path / "MEDEC-MS-ValidationSet.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *ROWS])
    return list(Medec.items(tmp_path))


def gold(items):
    return [Answer(kind="text", text=item.reference.answer) for item in items]


def test_gold_output_scores_one_on_all_three(items):
    found = figures(items, gold(items), "error-correction")
    assert [found[name] for name in FIGURES] == [1.0] * 4
    assert found["flag_by_type"].keys() == {"causalOrganism", "pharmacotherapy", "none"}


def test_one_wrong_sentence_id_lowers_only_the_sentence_score(items):
    said = gold(items)
    said[1] = Answer(kind="text", text="0 Heparin is started.")
    found = figures(items, said, "error-correction")
    assert found["sentence"] == pytest.approx(2 / 3)
    assert [found[name] for name in FIGURES if name != "sentence"] == [1.0] * 3


def test_a_simulated_model_answers_in_the_published_form(items):
    said = answers(items, "accuracy=1.0")
    assert figures(items, said, "error-correction")["flag"] == 1.0
    assert not any(row["unreadable"] for row in scored(items, said, "error-correction"))


def test_the_real_file_loads_and_gold_scores_one(data_dir):
    items = list(Medec.items(data_dir / "medec"))
    found = figures(items, gold(items), "error-correction")
    assert len(items) == 574 and found["n_errors"] == 319
    assert [found[name] for name in FIGURES] == [1.0] * 4
