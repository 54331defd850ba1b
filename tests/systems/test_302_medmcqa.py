"""Row 302, MedMCQA: JSON with cop and opa to opd fields loads, a simulated model's accuracy per subject equals the planted one,
and explanations export as retrieval text or SFT targets."""

import json

import pytest
from asking import answers, scored

from osler.benchmarks.medmcqa import MedMCQA, explanations, training_targets
from osler.errors import InputError
from osler.llm.simulated import Planted
from osler.scoring.breakdown import breakdown

PLANTED = {"Anatomy": 1.0, "Pathology": 0.5, "Skin": 0.0}


def rows(base):
    return [
        {
            "question": f"Item {i}: which statement about structure number {i} of the body is true?",
            **{f"op{letter}": f"statement {letter} {i}" for letter in "abcd"},
            "cop": i % 4 + base,
            "subject_name": list(PLANTED)[i % 3],
            "topic_name": "General",
            "exp": f"Because of fact {i}." if i % 2 else None,
            "choice_type": "single",
        }
        for i in range(120)
    ]


def write(folder, content):
    for split in ("dev", "train"):
        (folder / f"{split}.json").write_text("\n".join(map(json.dumps, content)))
    return folder


@pytest.mark.parametrize("base", [0, 1])
def test_cop_is_read_from_either_release(tmp_path, base):
    items = list(MedMCQA.items(write(tmp_path, rows(base))))
    assert [item.reference.key for item in items[:4]] == ["A", "B", "C", "D"]
    assert MedMCQA.subsets(tmp_path) == ["Anatomy", "Pathology", "Skin"]
    assert len(list(MedMCQA.items(tmp_path, subset="Skin"))) == 40


def test_a_file_that_does_not_show_its_base_is_refused(tmp_path):
    with pytest.raises(InputError, match="base=0"):
        list(MedMCQA.items(write(tmp_path, rows(1)[:3])))


def test_accuracy_per_subject_equals_the_planted_one(tmp_path):
    items = list(MedMCQA.items(write(tmp_path, rows(0))))
    known = dict.fromkeys(PLANTED, 0)
    table = []
    for item in items:  # the model knows the planted share of each subject, and errs on the rest
        known[item.subset] += 1
        right = known[item.subset] <= 40 * PLANTED[item.subset]
        options = {o.key: o.text for o in item.case.options}
        table.append(Planted(item.case.question, item.reference.key, options, accuracy=float(right)))
    found = breakdown(
        scored(items, answers(items, "accuracy=1.0", planted=table), "choice"),
        [item.tags for item in items],
        [item.group for item in items],
    )
    assert {one.value: one.figure for one in found if one.tag == "subject"} == PLANTED


def test_explanations_export_as_retrieval_text_and_training_targets(tmp_path):
    folder = write(tmp_path, rows(0))
    texts = list(explanations(folder))
    assert (
        len(texts) == 60 and texts[0]["text"] == "Because of fact 1." and texts[0]["subject"] == "Pathology"
    )
    assert {text["id"] for text in texts} <= {item.key for item in MedMCQA.items(folder)}
    targets = list(training_targets(folder))
    assert len(targets) == 120
    assert targets[1]["completion"] == "Because of fact 1.\nAnswer: B"
    assert targets[0]["completion"] == "Answer: A" and targets[0]["prompt"].endswith("D. statement d 0")
    # What is exported for training is not in the cases that are evaluated.
    assert not any("Because of" in item.case.to_json() for item in MedMCQA.items(folder))
