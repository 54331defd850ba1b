"""Methods of one or two calls that also say how sure they are: asked for after the answer, off unless wanted."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from scripted import Script, one, pool_of, question, right, several

from osler.cli import eval_tables
from osler.methods import task
from osler.scoring.choice import ChoiceScorer
from osler.scoring.references import ChoiceReference
from osler.scoring.selective import calibration_figures
from osler.services import Asked

METHODS = {
    "zero-shot": ["answer"],
    "zero-shot-cot": ["reasoning", "answer"],
    "zero-shot-cot(extract=true)": ["conclusion", "answer"],
    "few-shot": ["answer"],
    "plan-and-solve": ["conclusion", "answer"],
}
KINDS = ["choice", "choices", "number", "text", "differential", "plan"]


def sure(method: str) -> str:
    """The method with its confidence asked for."""
    return f"{method[:-1]}, confidence=true)" if method.endswith(")") else f"{method}(confidence=true)"


def certain(call):
    """The answer B at 0.85, where it is asked for."""
    values = {"confidence": 0.85, "answer": "B"}
    return {name: values.get(name, "words") for name in call.fields} if call.fields else "So it is B."


@pytest.mark.parametrize("method", METHODS)
def test_confidence_comes_after_the_answer_and_reaches_the_answer(method):
    script = Script(certain)
    done = one(sure(method), question(), script, pool=pool_of())
    *_, last = script.calls
    assert last.fields == [*METHODS[method], "confidence"]
    assert last.text.endswith(
        "After the answer, state the probability that your answer is right, from 0 to 1."
    )
    assert done.answer.choice == "B" and done.answer.confidence == 0.85


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_asked_beyond_the_published_method_by_default(method):
    script = Script(certain)
    done = one(method, question(), script, pool=pool_of())
    assert script.calls[-1].fields == METHODS[method] and done.answer.confidence is None
    assert not any("probability" in call.text for call in script.calls)


def test_an_answer_in_prose_is_read_without_a_confidence():
    script = Script(lambda call: "The risk is high.\nAnswer: C")
    done = one("zero-shot-cot(confidence=true)", question(), script)
    assert len(script.calls) == 1 and done.answer.choice == "C" and done.answer.confidence is None


def test_a_confidence_in_per_cent_is_asked_for_again_not_guessed():
    replies = iter([85, 0.85])
    script = Script(lambda call: {"answer": "C", "confidence": next(replies)})
    done = one("zero-shot(confidence=true)", question(), script)
    assert "outside its range" in script.calls[1].text and done.answer.confidence == 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_may_have_one(kind):
    values = {"choice": "A", "choices": ["A"], "number": 2.0, "text": "words"}
    case, value = question(1, kind), values.get(kind, ["Flu"])
    assert list(task.schema(case, confidence=True)["properties"])[-2:] == ["answer", "confidence"]
    answer = task.read(case, Asked({"answer": value, "confidence": 0.25}, "schema", ""))
    assert answer.kind == kind and answer.confidence == 0.25
    assert ("first of your list" in task.how_sure(case)) == (kind == "differential")


def figures(profile: str) -> dict[str, float]:
    """Calibration of zero-shot over 400 cases of a simulated model."""
    cases = [question(n) for n in range(400)]
    found = several("zero-shot(confidence=true)", profile, cases)
    rows = [
        ChoiceScorer.score(ChoiceReference(right(n), ("A", "B", "C", "D")), done.answer)
        for n, done in enumerate(found)
    ]
    return calibration_figures(rows)["calibration"]


def test_a_calibrated_model_has_a_small_error_and_a_boasting_one_a_large_one():
    honest = figures("accuracy=0.6,spread=0.5,calibration=1")
    boasting = figures("accuracy=0.6,spread=0.5,calibration=0,boast=0.97")
    assert honest["ece"] < 0.1 < 0.3 < boasting["ece"]
    assert honest["auroc"] > 0.7 and boasting["auroc"] == pytest.approx(0.5)
    assert honest["brier"] < boasting["brier"]


def test_the_figures_are_printed_and_one_that_does_not_exist_is_a_dash():
    rows = [{"confidence": 0.8, "correct": 1.0}, {"confidence": 0.6, "correct": 1.0}]
    screen = Console(file=io.StringIO(), width=200)
    eval_tables._stated(screen, calibration_figures(rows)["calibration"])
    words = screen.file.getvalue()  # type: ignore[attr-defined]
    assert words.startswith("confidence stated in 2 answers: ECE 0.300, Brier 0.100, AUROC of being right –")
    assert "1.000 at 50 %" in words
