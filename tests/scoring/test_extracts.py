"""Extracts against the gold ones: exact matches and overlap."""

from __future__ import annotations

import pytest

from osler.scoring.extracts import extracts

TEXTS = {"n1": "Blood pressure was 152/94 mmHg. She is well.", "n2": "No allergies."}


def test_the_gold_span_itself_is_right_in_all_ways() -> None:
    assert set(extracts([("n1", 0, 31)], [("n1", 0, 31)], TEXTS).values()) == {1.0}


def test_a_longer_span_is_not_exact_and_overlaps() -> None:
    found = extracts([("n1", 0, 31)], [("n1", 19, 30)], TEXTS)

    assert found["span_exact"] == found["text_exact"] == 0.0
    assert found["character_overlap"] == pytest.approx(2 * 11 / (31 + 11))
    # Words said: blood pressure was 152 94 mmhg; gold: 152 94 mmhg.
    assert found["word_overlap"] == pytest.approx(2 * 3 / (6 + 3))


def test_the_same_place_in_another_note_is_no_overlap() -> None:
    assert extracts([("n2", 0, 5)], [("n1", 0, 5)], TEXTS)["character_overlap"] == 0.0


def test_letter_case_and_punctuation_do_not_count_in_words() -> None:
    assert extracts([("n1", 0, 30)], [("n1", 0, 31)], TEXTS)["text_exact"] == 1.0
