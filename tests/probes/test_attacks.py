"""Attacks on a question, by rule: the same text is always changed in the same way."""

from __future__ import annotations

import asyncio

import pytest

from osler.probes.attacks import attacks, distract, negate, swap
from osler.probes.saliency import Weight, by_word, leave_one_out, shades


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("He has chest pain. Which drug?", "He does not have chest pain. Which drug?"),
        ("She was pale.", "She was not pale."),
        ("She does not have fever.", "She has fever."),
        ("He came without pain.", "He came with pain."),
        ("A man with gout.", "A man without gout."),
    ],
)
def test_a_statement_is_denied_and_a_denial_taken_back(text: str, changed: str) -> None:
    found = negate(text)

    assert found is not None and found.text == changed


def test_the_weightiest_words_change_places() -> None:
    found = swap("Warfarin was given for atrial fibrillation.", salient=("given", "warfarin"))

    assert found is not None and found.text == "given was Warfarin for atrial fibrillation."


def test_without_weights_the_longest_change_places_and_numbers_stay() -> None:
    found = swap("A 45-year-old man has chest pain and takes warfarin.")

    assert found is not None and found.text == "A 45-year-old man has warfarin pain and takes chest."


def test_a_distractor_stands_before_the_question_and_names_an_option() -> None:
    found = distract("He has pain. Which drug?", ["Aspirin", "Heparin"])

    assert (
        found.text
        == "He has pain. A neighbour of the patient was once given the answer “Heparin”. Which drug?"
    )


def test_where_a_text_gives_no_hold_an_attack_is_left_out() -> None:
    assert [one.name for one in attacks("Why?")] == ["distractor"]


def test_leaving_a_word_out_weighs_it() -> None:
    async def predict(text: str) -> float:
        return 0.9 if "thirst" in text else 0.4

    found = asyncio.run(leave_one_out("much thirst today", predict, 0.9))

    assert [(one.word, round(one.weight, 6)) for one in found] == [("much", 0), ("thirst", 0.5), ("today", 0)]


def test_tokens_are_summed_into_words() -> None:
    found = by_word("met formin", [(0, 1, 0.5), (1, 3, 0.25), (4, 10, -1.0)])

    assert found == [Weight("met", 0, 3, 0.75), Weight("formin", 4, 10, -1.0)]
    assert shades(found) == [0.75, -1.0]
