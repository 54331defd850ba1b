"""Precision, recall and F1 of spans."""

from __future__ import annotations

from osler.scoring.spans import Counts, document_counts, mention_counts

GOLD = [{(0, 4, "A"), (6, 9, "B")}, {(0, 3, "A")}]
FOUND = [{(0, 4, "A"), (6, 8, "B")}, set()]


def test_a_mention_is_right_when_start_end_and_id_are():
    counts = mention_counts(FOUND, GOLD)
    assert counts == Counts(true=1, false=1, missed=2)
    assert counts.figures() == {"P": 0.5, "R": 0.3333, "F1": 0.4}


def test_a_document_counts_ids_once():
    assert document_counts(FOUND, GOLD) == Counts(true=2, false=0, missed=1)


def test_nothing_found_and_nothing_there():
    assert mention_counts([set()], [set()]).figures() == {"P": 0.0, "R": 0.0, "F1": 0.0}
