"""Row 245, CMExam: a CMExam CSV loads with all five fields; accuracy and weighted F1 per slice and explanation ROUGE/BLEU match
hand values."""

import csv

import pytest
from asking import answers, scored

from osler.benchmarks.cmexam import CMExam, explanations
from osler.llm.simulated import Planted
from osler.scoring.breakdown import breakdown
from osler.scoring.choice import weighted_f1
from osler.scoring.rouge import bleu, rouge_1, rouge_l

HEADER = [
    "Question",
    "Options",
    "Answer",
    "Explanation",
    "ICD-11",
    "Subject",
    "一级标签",
    "Ability",
    "Difficulty level",
]
OPTIONS = "A 头痛\nB 咳嗽\nC 发热\nD 腹泻"
ROWS = [
    ["哪一种症状最常见于感冒患者？", OPTIONS, "B", "感冒常见咳嗽", "呼吸系统疾病", "内科", "临床医学", "疾病诊断和鉴别诊断", "1"],
    ["哪一种症状提示感染正在发生？", OPTIONS, "C", "感染引起发热", "某些感染性疾病或寄生虫病", "内科", "临床医学", "疾病诊断和鉴别诊断", "2"],
    ["哪些症状可见于病毒性胃肠炎？", OPTIONS, "CD", "可有发热和腹泻", "消化系统疾病", "儿科", "临床医学", "医学基础知识", "3"],
    ["哪一种症状最常见于偏头痛患者？", OPTIONS, "A", "偏头痛即头痛", "神经系统疾病", "外科", "中医学", "医学基础知识", "2"],
    ["没有答案的题目不计入", OPTIONS, "", "", "", "", "", "", ""],
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    with (tmp_path / "test_with_annotations.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, *ROWS])
    return tmp_path


def test_all_five_fields_load(folder):
    items = list(CMExam.items(folder))
    assert [item.case.answer_kind for item in items] == ["choice", "choice", "choices", "choice"]
    assert items[0].tags == {
        "disease group": "呼吸系统疾病",
        "department": "内科",
        "discipline": "临床医学",
        "competency": "疾病诊断和鉴别诊断",
        "difficulty": "1",
    }
    assert items[0].case.options[1].text == "咳嗽" and items[2].reference.choices == ("C", "D")


def test_accuracy_and_weighted_f1_per_slice_match_hand_values(folder):
    items = [item for item in CMExam.items(folder) if item.case.answer_kind == "choice"]
    believed = ["B", "B", "A"]  # the second should be C
    table = [
        Planted(item.case.question, key, {o.key: o.text for o in item.case.options})
        for item, key in zip(items, believed, strict=True)
    ]
    rows = scored(items, answers(items, "accuracy=1.0", planted=table), "by-kind")
    slices = {
        (one.tag, one.value): one
        for one in breakdown(rows, [i.tags for i in items], [i.group for i in items])
    }
    assert slices["department", "内科"].figure == 0.5 and slices["department", "外科"].figure == 1.0
    # Gold B, C, A against B, B, A: B has P 1/2, R 1, F1 2/3; C 0; A 1.
    assert weighted_f1(rows) == pytest.approx((2 / 3 + 0 + 1) / 3)
    inner = [row for row, item in zip(rows, items, strict=True) if item.tags["department"] == "内科"]
    assert weighted_f1(inner) == pytest.approx((2 / 3 + 0) / 2)


def test_explanations_are_scored_by_hand_values_of_rouge_and_bleu(folder):
    items = list(CMExam.items(folder))
    gold = explanations(folder)[items[0].key]
    assert gold == "感冒常见咳嗽"
    said = "感冒可见咳嗽"  # five of six characters in common, in order
    assert rouge_1(said, gold) == pytest.approx(5 / 6) == pytest.approx(rouge_l(said, gold))
    # Bigrams in common: 感冒, 见咳, 咳嗽 of five; trigrams: 见咳嗽 of four; no four in common.
    assert bleu(said, gold, most=3) == pytest.approx((5 / 6 * 3 / 5 * 1 / 4) ** (1 / 3))
    assert bleu(said, gold) == 0.0 and bleu(gold, gold) == 1.0
