"""A simulated model tells of a calculation that it knows: all of it right, or with one mistake on the way to a wrong result."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from osler.benchmarks.items import Item
from osler.case import Case
from osler.context import Context
from osler.llm import Planted, from_spec
from osler.llm.language import LanguageModels
from osler.llm.simulated.beliefs import Belief, Luck
from osler.llm.simulated.stated import as_slot, stated
from osler.methods.calculator_direct import calculator_direct
from osler.scoring.calculation import CalculationScorer
from osler.scoring.references import CalculationReference
from osler.services import Services
from osler.trace import Recorder

FACTS = {"calculator": "bmi", "inputs": {"weight": "70 kg", "height": "175 cm"}}
KNOWN = Planted("What is the body mass index of this patient?", 22.857, facts=FACTS)
OTHER = Planted("What is the anion gap of that patient?", 12.0, facts={"calculator": "anion-gap"})


def belief(right, number):
    return Belief(KNOWN, [], None, f"{number:g}", right, 0.8, number=number)


def test_who_is_right_states_what_is_known():
    told = stated(belief(True, 22.857), Luck("a"), [KNOWN, OTHER])
    assert told is not None
    assert (told.calculator, told.inputs, told.expression) == ("bmi", FACTS["inputs"], "1 * 22.857")


def test_who_knows_no_calculation_states_none():
    item = Planted("What is the body mass index of this patient?", 22.857)
    assert stated(Belief(item, [], None, "", True, 0.8, number=22.857), Luck("a"), []) is None


def test_who_is_wrong_makes_one_mistake_of_every_kind_in_turn():
    seen = set()
    for n in range(60):
        told = stated(belief(False, 45.7), Luck(n), [KNOWN, OTHER])
        assert told is not None
        changed = [name for name, value in told.inputs.items() if value != FACTS["inputs"][name]]
        odd = (told.calculator != "bmi") + len(changed)
        assert odd <= 1
        seen.add((told.calculator, tuple(told.inputs[name] for name in changed), told.expression))
    assert {("anion-gap", (), "1 * 45.7"), ("bmi", (), "1 * 45.7"), ("bmi", (), "1 * 22.857")} <= seen
    assert {
        ("bmi", ("141 kg",), "1 * 45.7"),
        ("bmi", ("70 lb",), "1 * 45.7"),
        ("bmi", ("175 in",), "1 * 45.7"),
    } <= seen


@pytest.mark.parametrize(
    ("value", "slot"),
    [
        ("70.0 kg", ("70", "kg", "70")),
        ("1.8", ("1.8", "", "1.8")),
        ("yes", ("yes", "", "yes")),
        ("2023-05-01", ("2023-05-01", "", "2023-05-01")),
        ("", ("", "", "")),
    ],
)
def test_an_input_becomes_a_slot_with_value_unit_and_quote(value, slot):
    assert tuple(as_slot(value).values()) == slot


def test_the_mistakes_are_those_that_the_scorer_names():
    reference = CalculationReference(22.857, 21.7, 24.0, calculator="bmi", inputs=FACTS["inputs"], decimals=3)
    items = [
        Item(str(n), Case(id=str(n), text=f"Note {n}: 70 kg and 175 cm.", answer_kind="number",
                          question=f"What is the body mass index of the patient with the number {n}?"), reference, str(n))
        for n in range(80)
    ]  # fmt: skip
    model = from_spec("simulated:accuracy=0.0")
    model.provider.plant([*items, OTHER])

    async def all_of_them():
        language = LanguageModels({"main": model})
        return [
            await calculator_direct(i.case, Context(Services(language=language), Recorder())) for i in items
        ]

    said = asyncio.run(all_of_them())
    found = Counter(CalculationScorer.score(reference, answer)["error"] for answer in said)
    assert set(found) == {
        "wrong calculator",
        "wrong value",
        "wrong unit",
        "wrong formula",
        "wrong arithmetic",
    }
    assert min(found.values()) >= 5
