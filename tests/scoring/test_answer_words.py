"""Answers in words: precision, recall and F1 by hand values, and what withheld and unreadable answers count as."""

import pytest

from osler.scoring.answer_words import AnswerWords, overlap
from osler.scoring.references import TextReference
from osler.trace import Answer

GOLD = TextReference("Rest and drink plenty of water.")


def test_words_are_counted_as_often_as_both_have_them():
    # "drink water water and sleep": five words, three of them right; the gold answer has six.
    assert overlap("Drink water, water and sleep!", GOLD.text) == pytest.approx((3 / 5, 3 / 6, 2 * 3 / 11))
    assert overlap("", GOLD.text) == overlap("x", "") == overlap("none", GOLD.text) == (0.0, 0.0, 0.0)


def test_the_published_answer_itself_is_whole():
    row = AnswerWords.score(GOLD, Answer(kind="text", text=GOLD.text))
    assert (row["precision"], row["recall"], row["f1"], row["rouge_l"]) == (1.0, 1.0, 1.0, 1.0)


def test_withheld_and_unreadable_answers_are_wrong_and_counted_apart():
    rows = [
        AnswerWords.score(GOLD, answer)
        for answer in (
            Answer(kind="text", text=GOLD.text),
            Answer(kind="text", abstained=True),
            Answer(kind="text", unreadable=True),
            Answer(kind="text"),
        )
    ]
    found = AnswerWords.summarise(rows, ["a", "b", "c", "d"])
    assert (found["n"], found["f1"], found["abstained"], found["format_failures"]) == (4, 0.25, 1, 2)
    assert set(found["ci"]) == {"precision", "recall", "f1", "rouge_l"}
