"""Row 280, AfriMed-QA: a fixture in its layout loads, accuracy prints by country and specialty with intervals, and a simulated
model weak on one group is flagged."""

import csv
import json

import pytest
from asking import answers, scored

from osler.benchmarks.afrimed_qa import AfriMedQA
from osler.llm.simulated import Planted
from osler.scoring.breakdown import breakdown, table_of

COUNTRIES, SPECIALTIES = ("GH", "KE", "NG"), ("Surgery", "Urology")
HEADER = ["sample_id", "split", "country", "question_type", "question", "question_clean", "answer_options", "correct_answer", "specialty", "gender", "tier"]  # fmt: skip


@pytest.fixture
def items(tmp_path):
    rows = []
    for i in range(180):
        text = f"Question {i}: what should be done first for patient number {i} with complaint number {i}?"
        options = {f"option{k + 1}": f"action {i}-{k}" for k in range(4)} | {"option5": "n/a"}
        right = f"option{1 + i % 4}"
        rows.append(
            [
                i,
                "test",
                COUNTRIES[i % 3],
                "mcq",
                text,
                text,
                json.dumps(options),
                right,
                SPECIALTIES[i % 2],
                "Female",
                "expert",
            ]
        )
    rows.append(
        [
            900,
            "test",
            "NG",
            "mcq",
            "Both?",
            "Which two of these actions are right here?",
            rows[0][6],
            "option1,option3",
            "Urology",
            "Male",
            "expert",
        ]
    )
    rows.append([901, "test", "NG", "saq", "Why?", "Why?", "", "because", "Urology", "Male", "expert"])
    with (tmp_path / "afri_med_qa_15k_v2.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return list(AfriMedQA.items(tmp_path))


def test_the_layout_loads(items):
    assert len(items) == 181  # the short-answer question has no key
    assert [o.key for o in items[0].case.options] == ["option1", "option2", "option3", "option4"]
    assert items[0].tags == {"country": "GH", "specialty": "Surgery", "gender": "Female", "tier": "expert"}
    assert items[-1].reference.choices == ("option1", "option3")


def test_accuracy_prints_by_slice_and_a_weak_group_is_flagged(items):
    items = items[:-1]
    table = [
        Planted(
            item.case.question,
            item.reference.key,
            {o.key: o.text for o in item.case.options},
            accuracy=0.4 if item.tags["country"] == "KE" else 0.9,
        )
        for item in items
    ]
    rows = scored(items, answers(items, "accuracy=0.9", planted=table), "by-kind")
    slices = breakdown(rows, [item.tags for item in items], [item.group for item in items])
    flagged = {(one.tag, one.value): one.flag for one in slices}
    assert flagged["country", "KE"] == "weak"
    assert flagged["specialty", "Surgery"] == flagged["specialty", "Urology"] == ""
    kenya = next(one for one in slices if one.value == "KE")
    assert kenya.n == 60 and kenya.ci.low <= kenya.figure <= kenya.ci.high and kenya.difference < -0.3
    line = next(line for line in table_of(slices) if "country: KE" in line)
    assert line.endswith("weak") and f"{kenya.figure:.3f}" in line


def test_an_even_model_is_not_flagged(items):
    items = items[:-1]
    rows = scored(items, answers(items, "accuracy=0.7"), "by-kind")
    assert not any(one.flag for one in breakdown(rows, [i.tags for i in items], [i.group for i in items]))
