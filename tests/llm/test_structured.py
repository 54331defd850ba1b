"""From text to a value: one reading order, never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.llm import instruct, read_choice, read_structured, repair_prompt
from osler.llm.schema import Misfit, conform
from osler.llm.structured import strictly

KEYS = ["A", "B", "C", "D"]
SCHEMA = {
    "type": "object",
    "properties": {
        "reasoning": {"type": "string"},
        "answer": {"enum": KEYS},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
    },
    "required": ["reasoning", "answer"],
}


# --- 1. the schema's fields ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        '{"reasoning": "x", "answer": "B"}',
        '```json\n{"reasoning": "x", "answer": "B"}\n```',
        'Here it is: {"reasoning": "x", "answer": "B"} I hope it helps.',
        '{"reasoning": "x", "answer": "B",}',
        "{'reasoning': 'x', 'answer': 'B'}",
        '{"reasoning": "x\nwith a line", "answer": "B"}',
        '{"reasoning": "x {not} [this]", "answer": "(B)"}',
        '{"reasoning": "x", "answer": "b"}',
        '{"reasoning": "x", "answer": "B) Aspirin"}',
        '{"reasoning": "x", "answer": "B."}',
        'First I thought {of this}. {"reasoning": "x", "answer": "B"} {"reasoning": "x", "answer": "B"}',
    ],
)
def test_the_schema_is_read_through_fences_prose_and_small_slips(text):
    read = read_structured(text, SCHEMA)
    assert read.how == "schema" and read.value["answer"] == "B"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "I would rather not say.",
        '{"reasoning": "x", "answer": "E"}',
        '{"reasoning": "x", "answer": "A and B"}',
        '{"reasoning": "x", "answer": ["A"]}',
        '{"reasoning": "x", "answer": null}',
        '{"reasoning": "x"}',
        '{"reasoning": "x", "answer": "B"',  # cut off
        '{"reasoning": "the answer is probably',
        '{"reasoning": "x", "answer": "A"} or rather {"reasoning": "x", "answer": "B"}',
        '["A"]',
        "A, B",
        "null",
    ],
)
def test_what_is_not_clearly_an_answer_is_unreadable_and_says_why(text):
    read = read_structured(text, SCHEMA)
    assert (read.value, read.how) == (None, "unreadable") and read.problem


def test_nesting_beyond_reason_and_size_do_no_harm():
    assert read_structured("[" * 100_000, SCHEMA).how == "unreadable"
    assert read_structured('{"a":' * 50_000, SCHEMA).how == "unreadable"
    assert read_structured("{" * 5000 + "}" * 5000, SCHEMA).how == "unreadable"


@given(st.text(max_size=300))
def test_no_text_at_all_breaks_the_reader(text):
    read = read_structured(text, SCHEMA)
    assert read.value is None or read.value["answer"] in KEYS
    read_choice(text, KEYS, "lenient", {"A": "x"})


# --- 2. explicit statements --------------------------------------------------------------------------------------------
def test_a_stated_answer_is_read_where_the_rest_can_be_filled_with_what_was_said():
    read = read_structured("The rash points to it. Final answer: C", SCHEMA)
    assert (read.how, read.value["answer"]) == ("pattern", "C") and "rash" in read.value["reasoning"]
    needs_more = {
        **SCHEMA,
        "required": ["reasoning", "answer", "votes"],
        "properties": {**SCHEMA["properties"], "votes": {"type": "integer"}},
    }
    assert read_structured("Final answer: C", needs_more).how == "unreadable"
    number = {"type": "object", "properties": {"answer": {"type": "number"}}, "required": ["answer"]}
    assert read_structured("So the answer is 1,234.5 mL/min.", number).value == {"answer": 1234.5}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Answer: B", "B"),
        ("**Answer:** B", "B"),
        ("**Final Answer: (B)**", "B"),
        ("The answer is B.", "B"),
        ("the correct answer is (B) Clopidogrel", "B"),
        ("The best choice would be option B", "B"),
        (r"Hence \boxed{B}", "B"),
        (r"$\boxed{\text{B}}$", "B"),
        ("<answer>B</answer>", "B"),
        ("ANSWER: $B$", "B"),
        ("B", "B"),
        ("(B)", "B"),
        ("B. Clopidogrel", "B"),
        ("If it were viral, the answer is A. It is not, so the answer is B", "B"),
        ("Answer: A, at first sight. Final answer: B", "B"),
        ("The answer is A because of the rash.", "A"),
        ("Answer: A or B", None),
        ("Answer: A/B", None),
        ("Answer: A viral infection", None),
        ("The answer is a viral infection", None),
        ("An answer is hard to give; Both are fine", None),
        ("The answer is E", None),
        ("Answer: Bacterial meningitis", None),
        ("A patient with B symptoms", None),
        ("", None),
    ],
)
def test_choices_by_the_published_patterns(text, key):
    assert read_choice(text, KEYS).key == key


def test_words_as_keys_in_any_case():
    assert read_choice("Answer: Maybe", ["yes", "no", "maybe"]).key == "maybe"
    assert read_choice("the answer is NO.", ["yes", "no", "maybe"]).key == "no"
    assert read_choice("There is no answer; nobody knows", ["yes", "no", "maybe"]).key is None


def test_the_audit_reads_stricter_and_more_leniently():
    options = {"A": "Aspirin", "B": "Clopidogrel", "C": "Warfarin", "D": "Heparin"}
    for text, strict, standard, lenient in [
        ("B", "B", "B", "B"),
        ("Reasons.\nAnswer: B", "B", "B", "B"),
        ("The answer is B.", None, "B", "B"),
        ("Clopidogrel it is, then.", None, None, "B"),
        ("I would go with (B) here", None, None, "B"),
        ("Aspirin or Heparin", None, None, None),
    ]:
        found = [read_choice(text, KEYS, mode, options).key for mode in ("strict", "standard", "lenient")]
        assert found == [strict, standard, lenient], text


# --- schemas -----------------------------------------------------------------------------------------------------------
def test_values_conform_to_references_branches_and_bounds():
    schema = {
        "$defs": {"Item": {"type": "object", "properties": {"id": {"type": "string"}, "p": {"type": "number", "maximum": 1}}, "required": ["id"]}},
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1, "maxItems": 2},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "sure": {"type": "boolean"},
            "n": {"type": "integer"},
        },
        "required": ["items", "note"],
        "additionalProperties": False,
    }  # fmt: skip
    assert conform({"items": [{"id": 5, "p": "0.5"}], "sure": "yes", "n": 2.0, "extra": 1}, schema) == {
        "items": [{"id": "5", "p": 0.5}], "note": None, "sure": True, "n": 2,
    }  # fmt: skip
    for bad in (
        {"items": []},
        {"items": [{}]},
        {"items": [{"id": "x", "p": 2}]},
        {"items": [{"id": "x"}] * 3},
        {"items": [{"id": "x"}], "n": 1.5},
        {"items": [{"id": "x"}], "n": True},
        {"items": [{"id": "x"}], "sure": "perhaps"},
        {"items": "x"},
    ):
        with pytest.raises(Misfit):
            conform(bad, schema)


def test_a_schema_that_refers_to_itself_is_followed_as_far_as_the_value_goes():
    tree = {
        "$defs": {
            "T": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}
        },
        "$ref": "#/$defs/T",
    }
    assert conform({"kids": [{"kids": []}]}, tree) == {"kids": [{"kids": []}]}
    with pytest.raises(Misfit):
        conform({}, {"$defs": {"A": {"$ref": "#/$defs/A"}}, "$ref": "#/$defs/A"})


def test_the_strict_form_keeps_a_property_that_is_called_default():
    schema = {
        "type": "object",
        "properties": {"default": {"type": "string", "default": "x"}, "a": {"type": "integer"}},
    }
    closed = strictly(schema)
    assert list(closed["properties"]) == ["default", "a"] == closed["required"]
    assert closed["properties"]["default"] == {"type": "string"}


def test_the_prompts_hold_the_schema():
    assert '"enum":["A","B","C","D"]' in instruct(SCHEMA)
    assert "it was empty" in repair_prompt("it was empty", SCHEMA) and "confidence" in repair_prompt(
        "", SCHEMA
    )
