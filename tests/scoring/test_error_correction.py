"""MEDEC's three figures, the reply's form, and ROUGE by hand."""

import pytest

from osler.scoring.error_correction import ErrorCorrection, read_correction
from osler.scoring.references import CorrectionReference
from osler.scoring.rouge import rouge_1, rouge_l
from osler.trace import Answer

WRONG = CorrectionReference(True, 5, "Culture tests indicate Trichomonas vaginalis.", "causalOrganism")
RIGHT = CorrectionReference(False)


def score(reference, text):
    return ErrorCorrection.score(reference, Answer(kind="text", text=text))


def test_gold_replies_earn_everything():
    assert score(RIGHT, "CORRECT") | {} == score(RIGHT, "correct.")
    found = score(WRONG, WRONG.answer)
    assert [found[name] for name in ("flag", "sentence", "correction_exact", "ROUGE-1")] == [1.0] * 4


def test_one_wrong_sentence_number_lowers_only_the_sentence():
    found = score(WRONG, f"4 {WRONG.correction}")
    assert [found[name] for name in ("flag", "sentence", "correction_exact", "ROUGE-1")] == [
        1.0,
        0.0,
        1.0,
        1.0,
    ]


def test_a_missed_error_and_a_false_alarm():
    missed = score(WRONG, "CORRECT")
    assert (missed["flag"], missed["sentence"], missed["ROUGE-1"], missed["unreadable"]) == (
        0.0,
        0.0,
        0.0,
        0.0,
    )
    alarm = score(RIGHT, "3 Something else.")
    assert (alarm["flag"], alarm["sentence"]) == (0.0, 0.0) and "ROUGE-1" not in alarm


@pytest.mark.parametrize(
    "text", ["", "The note is incorrect", "INCORRECT", "5", "I think it is correct because of X", "five: no"]
)
def test_other_forms_are_unreadable_never_guessed(text):
    assert not read_correction(text).readable
    assert score(RIGHT, text)["flag"] == 0.0 and score(RIGHT, text)["unreadable"] == 1.0


@pytest.mark.parametrize(
    "text", ["5 Give iron.", "5. Give iron.", "Sentence 5: Give iron.", '(5) "Give iron."']
)
def test_usual_ways_to_write_the_form_are_read(text):
    found = read_correction(text)
    assert (found.error, found.sentence, found.text) == (True, 5, "Give iron.")


def test_summary_counts_corrections_over_notes_with_an_error():
    rows = [score(WRONG, WRONG.answer), score(WRONG, "CORRECT"), score(RIGHT, "CORRECT"), score(RIGHT, "?")]
    found = ErrorCorrection.summarise(rows, ["a", "a", "b", "b"])
    assert (found["flag"], found["sentence"], found["ROUGE-1"], found["n_errors"]) == (0.5, 0.5, 0.5, 2)
    assert found["flag_by_type"] == {"causalOrganism": {"n": 2, "flag": 0.5}, "none": {"n": 2, "flag": 0.5}}
    assert found["format_failures"] == 1


def test_rouge_by_hand():
    # "the cat sat" and "the cat on the mat": two words in common, of 3 and 5.
    assert rouge_1("the cat sat", "the cat on the mat") == pytest.approx(2 * 2 / (3 + 5))
    assert rouge_1("the the the", "the cat") == pytest.approx(2 * 1 / (3 + 2))
    # Longest common subsequence of "a b c d" and "b a c d" is of length 3.
    assert rouge_l("a b c d", "b a c d") == pytest.approx(2 * 3 / 8)
    assert rouge_1("", "") == 1.0 == rouge_l("", "") and rouge_1("", "x") == 0.0 == rouge_l("x", "")
