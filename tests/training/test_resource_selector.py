"""A tiny model that chooses FHIR resources: it learns words that the built-in cues do not know, and is kept in a small file."""

from __future__ import annotations

import pytest

from osler.case import Document
from osler.errors import InputError, UsageError
from osler.methods.resource_selector import Selector, by_cues
from osler.training.resource_selector import train

RECORD = [
    Document(id="Condition/1", text="Condition\nCode: Hypertension", section="Condition"),
    Document(id="Device/1", text="Device\nType: Cardiac pacemaker", section="Device"),
    Document(id="Procedure/1", text="Procedure\nCode: Appendectomy", section="Procedure"),
]
MARKED = [
    ("Which gadgets are implanted?", RECORD, {"Device/1"}),
    ("Any implanted gadgets?", RECORD, {"Device/1"}),
    ("What diagnoses are known?", RECORD, {"Condition/1"}),
]


def test_it_learns_what_the_cues_do_not_know(tmp_path) -> None:
    question = "Does he have gadgets?"
    assert max(by_cues(question, RECORD)) < 0.5

    model = train(MARKED)
    model.save(tmp_path / "selector.json")
    again = Selector.load(tmp_path / "selector.json")
    chosen = [
        one.id
        for one, p in zip(RECORD, again.probabilities(question, RECORD), strict=True)
        if p >= again.threshold
    ]
    assert chosen == ["Device/1"]
    assert (tmp_path / "selector.json").stat().st_size < 20_000


def test_the_same_pairs_give_the_same_model() -> None:
    assert (train(MARKED).weights == train(MARKED).weights).all()


def test_pairs_that_teach_nothing_and_files_that_are_something_else_are_refused(tmp_path) -> None:
    with pytest.raises(UsageError):
        train([("x", RECORD, set())])
    with pytest.raises(UsageError):
        train([])
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(InputError):
        Selector.load(tmp_path / "x.json")
