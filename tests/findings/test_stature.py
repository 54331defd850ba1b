"""Stature said in a word counts where it is said of a person."""

import pytest

from osler.findings.stature import said_statures
from osler.findings.text import find_findings

TALL, SHORT = "Tall stature", "Short stature"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He is tall, and slim.", [(TALL, "present", "tall")]),
        (
            "Tall man of 24 with flat feet",
            [(TALL, "present", "Tall"), ("Pes planus", "present", "flat feet")],
        ),
        ("A tall, slender 24-year-old woman", [(TALL, "present", "tall")]),
        ("She was short for her age", [(SHORT, "present", "short")]),
        ("A 12-year-old short girl", [(SHORT, "present", "short")]),
        ("He is not tall", [(TALL, "absent", "tall")]),
        ("She isn't short", [(SHORT, "absent", "short")]),
        ("his father is tall", [(TALL, "family", "tall")]),
        ("Both parents are short", [(SHORT, "family", "short")]),
    ],
)
def test_a_word_says_how_tall_a_person_is(text, expected):
    assert [(one.label, one.status, one.text) for one in find_findings(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "He is 176 cm tall", "a 176 cm tall man", "A 190-cm-tall boy", "She was 5'10\" tall",
        "tall T waves", "a very short course of steroids", "In short, the patient is well", "short patient note",
        "For a short time the child slept", "short interval child follow-up", "The QT is very short", "he was short with me",
    ],
)  # fmt: skip
def test_a_measure_and_other_things_say_nothing(text):
    assert not list(said_statures(text))
    assert not {TALL, SHORT} & {one.label for one in find_findings(text)}


def test_short_of_breath_is_dyspnoea_alone():
    assert [one.label for one in find_findings("He is short of breath.")] == ["Dyspnea"]
