"""Answers in words that have parts: asked for as fields, read into the published words, shown in parts by examples."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Script, one, question

from osler.benchmarks.medec import FORM
from osler.benchmarks.pool import Pool
from osler.case import Case
from osler.methods import task
from osler.scoring.error_correction import read_correction
from osler.services import Example
from osler.trace import Answer

NOTE = question(1, "text", text="0 He coughs.\n1 Warfarin is started.", answer_form=FORM)
FIXED = {"error": True, "sentence": 1, "correction": "Heparin is started."}
FINE = {"error": False, "sentence": None, "correction": None}


def test_the_form_takes_the_place_of_the_usual_words_for_an_answer_in_words():
    shown = task.present(NOTE)
    assert shown.endswith(FORM.ask) and "short paragraph" not in shown
    assert FORM.ask not in task.present(NOTE, with_options=False)
    answer = task.schema(NOTE)["properties"]["answer"]
    assert list(answer["properties"]) == ["error", "sentence", "correction"] == answer["required"]
    # A form is for answers in words: another kind of the same case goes without.
    assert "items" in task.schema(NOTE.model_copy(update={"answer_kind": "plan"}))["properties"]["answer"]


@pytest.mark.parametrize(
    "method", ["zero-shot", "zero-shot-cot", "self-consistency(samples=3)", "self-refine"]
)
def test_reasoning_does_not_spoil_flag_and_sentence(method):
    wordy = "The cough is CORRECT. 0 is fine, 1 is not."

    def say(call):
        told = {"reasoning": wordy, "answer": FIXED, "feedback": wordy, "accept": True}
        return {name: told[name] for name in call.fields}

    done = one(method, NOTE, Script(say))
    found = read_correction(done.answer.text or "")
    assert (found.error, found.sentence, found.text) == (True, 1, "Heparin is started.")


def test_a_note_without_error_is_the_one_word():
    done = one("zero-shot", NOTE, Script(lambda call: {"answer": FINE}))
    assert done.answer.text == "CORRECT"
    # The flag holds: words beside "no error" are no correction.
    done = one("zero-shot", NOTE, Script(lambda call: {"answer": {**FIXED, "error": False}}))
    assert done.answer.text == "CORRECT"


@pytest.mark.parametrize("lacking", [{"sentence": None}, {"correction": None}, {"correction": "  "}])
def test_an_error_without_sentence_or_correction_is_unreadable_never_guessed(lacking):
    done = one("zero-shot", NOTE, Script(lambda call: {"answer": FIXED | lacking}))
    assert done.answer.unreadable and done.answer.text is None


def test_examples_show_the_parts():
    texts = ("1 Give iron.", "CORRECT", "in words of another form")
    pool = Pool(
        [
            Example(
                Case(id=text, text=f"0 Note {text} in ward 9 of ours.", question="Which?", answer_kind="text",
                     answer_form=FORM),
                Answer(kind="text", text=text),
            )
            for text in texts
        ]
    )  # fmt: skip
    script = Script(lambda call: {"answer": FINE})
    one("few-shot(k=3)", NOTE, script, pool=pool)
    replies = [m.text for m in script.calls[0].messages if m.role == "assistant"]
    shown = [json.loads(reply)["answer"] for reply in replies]
    assert {"error": True, "sentence": 1, "correction": "Give iron."} in shown and FINE in shown
    assert "in words of another form" in shown


@given(st.integers(0, 500), st.text(min_size=1).map(str.strip).filter(bool))
def test_words_and_parts_are_two_ways_to_say_one_thing(number, correction):
    parts = {"error": True, "sentence": number, "correction": correction}
    words = FORM.words(parts)
    assert words is not None and FORM.parts(words) == parts
    assert FORM.parts(FORM.words(FINE) or "") == FINE


def test_a_correction_with_braces_stays_as_it_is():
    assert FORM.words({**FIXED, "correction": "Give {sentence} {error}."}) == "1 Give {sentence} {error}."


def test_a_case_with_a_form_is_written_and_read_back():
    assert Case.from_json(NOTE.to_json()) == NOTE
