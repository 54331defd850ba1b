"""Row 114, nephSAP comparison: a file in that question style loads; five simulated models are ranked with paired intervals,
and unreadable replies are wrong and listed separately."""

import csv

import numpy as np
import pytest
from asking import answers, scored

from osler.benchmarks.own import Own, read_map
from osler.llm.choices import read_choice
from osler.scoring.ranking import rank_systems
from osler.scoring.reading_audit import ReplyToRead, audit_reading

MODELS = {
    "large": "accuracy=0.95,seed=1",
    "good": "accuracy=0.75,seed=2",
    "middling": "accuracy=0.6,seed=3",
    "small": "accuracy=0.35,seed=4",
    "broken": "accuracy=0.9,malformed=0.6,kinds=prose+empty,seed=5",
}


@pytest.fixture
def items(tmp_path):
    path = tmp_path / "nephrology.csv"
    with path.open("w", newline="") as stream:
        rows = [["item", "stem", "A", "B", "C", "D", "E", "answer", "topic"]]
        rows += [
            [
                i,
                f"Vignette {i}: a patient has kidney trouble number {i}, with creatinine {100 + i}. What is best?",
            ]
            + [f"measure {letter}{i}" for letter in "ABCDE"]
            + ["ABCDE"[i % 5], ["electrolytes", "transplant"][i % 2]]
            for i in range(150)
        ]
        csv.writer(stream).writerows(rows)
    return list(
        Own.items(path, columns=read_map("question=stem,options=A+B+C+D+E,answer=answer,topic=topic"))
    )


def test_the_style_loads(items):
    assert len(items) == 150 and len(items[0].case.options) == 5 and items[1].tags == {"topic": "transplant"}


def test_five_models_are_ranked_with_paired_intervals(items):
    said = {name: answers(items, spec) for name, spec in MODELS.items()}
    outcomes = {name: [row["correct"] for row in scored(items, own, "by-kind")] for name, own in said.items()}
    ranking = rank_systems(outcomes, [item.group for item in items])
    names = [row.name for row in ranking]
    assert names[0] == "large" and names.index("good") < names.index("middling") < names.index("small")
    assert ranking[0].against_best is None and [row.place for row in ranking] == sorted(
        row.place for row in ranking
    )
    last = ranking[-1].against_best
    assert last.verdict == "loss" and last.paired.ci.high < 0 and last.p_holm < 0.001 and last.h < -0.8
    # Unreadable replies are wrong: the broken model is far below what it knows.
    assert np.mean(outcomes["broken"]) < 0.75


def test_unreadable_replies_are_wrong_and_listed_separately(items):
    said = answers(items, MODELS["broken"])
    rows = scored(items, said, "by-kind")
    lost = [item.key for item, row in zip(items, rows, strict=True) if row["unreadable"]]
    assert lost and all(row["correct"] == 0.0 for row in rows if row["unreadable"])
    texts = ["Answer: A", "It could be any of these."] * 75
    assert read_choice(texts[1], "ABCDE").key is None
    audit = audit_reading(
        [
            ReplyToRead(item.key, text, {o.key: o.text for o in item.case.options}, item.reference)
            for item, text in zip(items, texts, strict=True)
        ]
    )
    assert [entry.case for entry in audit.unreadable] == [item.key for item in items[1::2]]
