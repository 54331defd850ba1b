"""The calls of the methods in which one model speaks for itself: zero-shot, chain of thought, few-shot, plan-and-solve,
self-consistency, ensemble refinement, self-refine, ranked lists. Number, order, what ran at once, what each saw."""

from __future__ import annotations

import json

import pytest
from scripted import Script, choose, one, pool_of, question

from osler.case import Case
from osler.services import Example
from osler.trace import Answer


def test_zero_shot_is_one_call_for_the_answer_alone():
    script = Script(lambda call: {"answer": "C"})
    done = one("zero-shot", question(), script)
    [call] = script.calls
    assert done.answer.choice == "C" and call.fields == ["answer"] and call.options == list("ABCD")
    assert "Patient 0" in call.text and "B. Clopidogrel" in call.text
    assert call.sampling.temperature == 0.0


def test_chain_of_thought_is_one_call_that_reasons_before_it_answers():
    script = Script(lambda call: choose("B"))
    done = one("zero-shot-cot", question(), script)
    assert [call.fields for call in script.calls] == [["reasoning", "answer"]]
    assert done.answer.choice == "B" and "step by step" in script.calls[0].text


def test_few_shot_shows_solved_turns_and_never_the_case_itself_or_its_vignette():
    pool = pool_of(10)
    twin = question(0, id="twin", question="Another question about the same patient: which one?")
    near = question(0, id="near", text=question(0).text + " ", options=[])
    for copy in (question(0), twin, near):
        pool.examples.append(Example(copy, Answer(kind="choice", choice="A")))
    pool = type(pool)(pool.examples)
    script = Script(lambda call: {"answer": "A"})
    for choice in ("few-shot(k=13)", "few-shot(k=13, nearest=true)"):
        one(choice, question(0), script, pool=pool)
    for call in script.calls:
        turns = [message for message in call.messages if message.role != "system"]
        assert [turn.role for turn in turns] == ["user", "assistant"] * 10 + ["user"]
        assert sum("Patient 0" in turn.text for turn in turns) == 1 and "Patient 0" in turns[-1].text
        assert all(json.loads(turn.text)["answer"] in "ABCD" for turn in turns[1::2])


def test_few_shot_takes_k_and_nearest_takes_the_most_similar_last_in_the_pool_or_not():
    pool = pool_of(20)
    close = Example(
        question(
            7,
            id="close",
            text="",
            question="Patient 7 is a sailor who should be given what first of all drugs?",
        ),
        Answer(kind="choice", choice="D"),
    )
    pool = type(pool)([*pool.examples, close])
    script = Script(lambda call: {"answer": "A"})
    one("few-shot(k=1, nearest=true)", question(0), script, pool=pool)
    assert "Patient 7" in script.calls[0].messages[1].text
    assert json.loads(script.calls[0].messages[2].text) == {"answer": "D"}


def test_plan_and_solve_plans_and_carries_out_then_reads_the_answer_off():
    def say(call):
        if call.fields == ["plan", "execution"]:
            return {"plan": "First the risk.", "execution": "The risk is high, so C."}
        assert "First the risk." in call.text and "The risk is high, so C." in call.text
        return {"conclusion": "C fits", "answer": "C"}

    script = Script(say)
    done = one("plan-and-solve", question(), script)
    assert [len(stage) for stage in script.stages()] == [1, 1] and done.answer.choice == "C"
    assert done.step("plan").text == "First the risk."
    assert done.step("execution").text == "The risk is high, so C."
    assert {call.sampling.temperature for call in script.calls} == {0.0}


def test_plan_and_solve_takes_a_reply_without_the_two_fields_as_a_whole():
    script = Script(
        lambda call: (
            "Plan: think. So it is B." if "plan" in call.fields else {"conclusion": "B", "answer": "B"}
        )
    )
    done = one("plan-and-solve", question(), script)
    assert done.answer.choice == "B" and "Plan: think. So it is B." in script.calls[-1].text
    assert "plan" not in done.labels


def test_self_consistency_draws_at_once_and_apart_and_counts_votes():
    replies = iter(["A", "B", "B", "", "C"])
    script = Script(lambda call: choose(key) if (key := next(replies, "")) else "no idea at all")
    done = one("self-consistency", question(), script)
    first, repairs = script.stages()
    assert len(first) == 5 and len(repairs) == 1  # one reply could not be read, nor could its repair
    assert len({call.draw for call in first}) == 5 and {call.text for call in first} == {first[0].text}
    assert {call.sampling.temperature for call in first} == {0.7}
    assert done.answer.choice == "B" and done.answer.confidence == pytest.approx(2 / 5)


def test_self_consistency_gives_a_tie_to_the_first_seen_and_says_so():
    replies = iter("CAAC")
    done = one("self-consistency(samples=4)", question(), Script(lambda call: choose(next(replies))))
    assert done.answer.choice == "C" and done.step("vote").text == "tie of C, A; first seen taken"


def test_ensemble_refinement_shows_every_draft_to_every_refinement():
    numbers = iter(range(1, 12))

    def say(call):
        if "attempt 1" not in call.text:
            number = next(numbers)
            return choose("ABCD"[number % 4], f"draft number {number}, " + "long " * 1000 + "END")
        assert all(f"draft number {n}," in call.text for n in range(1, 12)) and "END" not in call.text
        assert call.text.count("\nAnswer: ") == 11  # cut drafts keep their answers
        return choose("D")

    script = Script(say)
    done = one("ensemble-refinement", question(), script)
    drafts, *refined = script.stages()
    assert len(drafts) == 11 and sum(map(len, refined)) == 33
    assert all("attempt" not in call.text for call in drafts)
    assert {call.sampling.temperature for call in script.calls} == {0.7}
    assert len({call.draw for call in script.calls}) == 44
    assert done.answer.choice == "D" and done.answer.confidence == 1.0


def critic(*verdicts):
    """A model that drafts A, then B, then C …, criticised by these verdicts."""
    left, drafts = list(verdicts), iter("ABCD")

    def say(call):
        if "accept" in call.fields:
            return left.pop(0)
        return choose(next(drafts), "so I think")

    return say


def test_self_refine_stops_when_the_critic_accepts():
    script = Script(critic({"feedback": "good", "accept": True}))
    done = one("self-refine", question(), script)
    assert [call.fields for call in script.calls] == [["reasoning", "answer"], ["feedback", "accept"]]
    assert done.answer.choice == "A" and done.step("answer").data == {
        "first": "A",
        "last": "A",
        "changed": False,
    }


def test_self_refine_revises_with_draft_comments_and_options_in_view():
    script = Script(
        critic({"feedback": "the dose is wrong", "accept": False}, {"feedback": "fine", "accept": True})
    )
    done = one("self-refine", question(), script)
    _, first_review, revision, second_review = script.calls
    assert len(script.stages()) == 4
    assert "D. Heparin" in first_review.text and '"answer": "A"' in first_review.text
    assert (
        "the dose is wrong" in revision.text
        and "D. Heparin" in revision.text
        and '"answer": "A"' in revision.text
    )
    assert '"answer": "B"' in second_review.text and "the dose is wrong" not in second_review.text
    assert done.answer.choice == "B" and done.step("answer").data["changed"]


def test_self_refine_ends_after_its_rounds_and_an_unreadable_critic_rejects_nothing():
    never = [{"feedback": "no", "accept": False}] * 3
    script = Script(critic(*never))
    assert one("self-refine", question(), script).answer.choice == "D" and len(script.calls) == 7
    script = Script(critic("incorrect: not accepted", "still no form"))
    assert one("self-refine", question(), script).answer.choice == "A" and len(script.calls) == 3


def test_a_ranked_list_asks_openly_and_keeps_each_name_once():
    names = ["Stable angina", "stable  ANGINA", " ", "Aortic stenosis", "Anaemia"]
    script = Script(lambda call: {"reasoning": "exercise", "answer": names})
    done = one("ranked-list(k=4)", question(), script)
    call, repair = script.calls
    assert "Warfarin" not in call.text and call.schema["properties"]["answer"]["maxItems"] == 4
    assert (
        "could not be read" in repair.text and done.answer.unreadable
    )  # five names where four were asked for

    script = Script(lambda call: {"reasoning": "exercise", "answer": names})
    done = one("ranked-list(k=5)", question(), script)
    assert [entry.name for entry in done.answer.differential] == [
        "Stable angina",
        "Aortic stenosis",
        "Anaemia",
    ]


def test_coded_cases_are_told_in_words():
    from osler.case import Demographics, Finding, Measurement, Medication, Quantity, Term

    case = Case(
        demographics=Demographics(age_days=30 * 365.25, sex="female"),
        findings=[
            Finding(term=Term(id="HP:1", label="Fever")),
            Finding(term=Term(id="HP:2", label="Rash"), status="absent"),
        ],
        measurements=[
            Measurement(term=Term(id="", label="Sodium"), quantity=Quantity(value=128, unit="mmol/L")),
            Measurement(term=Term(id="", label="Nitrite"), value_text="positive"),
        ],
        medications=[Medication(term=Term(id="", label="Methotrexate"))],
    )
    script = Script(lambda call: {"reasoning": "r", "answer": ["Flu"]})
    one("ranked-list", case, script)
    for words in (
        "Age 30 years.",
        "Findings: Fever.",
        "Absent: Rash.",
        "Sodium: 128 mmol/L",
        "Nitrite: positive",
        "Methotrexate",
    ):
        assert words in script.calls[0].text
