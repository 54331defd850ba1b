"""Row 329, DocHop-QA: sample items with text, table and layout blocks load; evidence-index F1 and answer overlap match hand values when
two documents must be joined."""

import json

import pytest
from asking import figures
from spoken import Spoken, through

from osler.benchmarks.dochop_qa import DocHopQa
from osler.errors import InputError

ITEM = {
    "question": "Does the gene of paper one explain the survival in paper two?",
    "answer": "Yes, the kinase gene doubles survival.",
    "concept": "cause",
    "documents": [
        {"id": "PMC1", "title": "A gene", "blocks": [
            {"index": 1, "type": "title", "text": "A gene", "page": 1, "bbox": [10, 20, 200, 40]},
            {"index": 2, "type": "text", "text": "The gene encodes a kinase.", "page": 1},
            {"index": 3, "type": "text", "text": "It was found in 1990."},
        ]},
        {"id": "PMC2", "title": "A trial", "blocks": [
            {"index": 4, "type": "table", "text": "Survival", "rows": [["arm", "months"], ["kinase gene", 20], ["none", 10]]},
            {"index": 5, "type": "text", "text": "All patients gave consent."},
        ]},
    ],
    "evidence": [2, 4],
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    other = {
        **ITEM,
        "question": "When was the gene found?",
        "answer": "In 1990.",
        "evidence": [3],
        "concept": "time",
    }
    path = tmp_path / "dochop.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in (ITEM, other)))
    return path


def said(items, replies):
    """Answers by a model that gives these (evidence, words)."""
    return [
        through(
            "zero-shot", item.case, Spoken(lambda *_, r=reply: {"answer": {"evidence": r[0], "answer": r[1]}})
        ).answer
        for item, reply in zip(items, replies, strict=True)
    ]


def test_text_table_and_layout_blocks_load(file):
    first, second = DocHopQa.items(file)
    one, two = first.case.documents
    assert (
        "[1] (title, page 1, at 10, 20, 200, 40) A gene" in one.text
        and "[2] (text, page 1) The gene" in one.text
    )
    assert "[4] (table) Survival\narm | months\nkinase gene | 20\nnone | 10" in two.text
    assert first.tags["documents needed"] == "2" and second.tags["documents needed"] == "1"
    assert DocHopQa.subsets(file) == ["cause", "time"]
    assert "PMC1" not in first.case.to_json() and "doubles" not in first.case.to_json()


def test_index_f1_and_overlap_are_those_of_a_hand(file):
    items = list(DocHopQa.items(file))
    found = figures(items, said(items, [("2, 5", "The kinase gene doubles it."), ("3", "In 1990")]), "dochop")
    # First: one of two right and one wrong: P = R = F1 = 1/2; document PMC2 is not joined. Second: all right.
    assert found["evidence_f1"] == pytest.approx((0.5 + 1.0) / 2) and found["joined"] == 0.0
    assert (found["P"], found["R"]) == pytest.approx((2 / 3, 2 / 3))
    # Words: said kinase gene doubles it (4), right yes kinase gene doubles survival (5), three in common: F1 = 6/9.
    assert found["answer_f1"] == pytest.approx((6 / 9 + 1.0) / 2)


def test_both_documents_must_be_joined(file):
    items = list(DocHopQa.items(file, subset="cause"))
    joined = figures(items, said(items, [("2, 4, 5", "Yes.")]), "dochop")
    apart = figures(items, said(items, [("2", "Yes.")]), "dochop")
    assert joined["joined"] == 1.0 and apart["joined"] == 0.0
    assert joined["evidence_f1"] == pytest.approx(0.8) and apart["evidence_f1"] == pytest.approx(2 / 3)


def test_evidence_that_is_no_block_is_refused(file):
    file.write_text(json.dumps({**ITEM, "evidence": [9]}) + "\n")
    with pytest.raises(InputError, match="evidence"):
        list(DocHopQa.items(file))
