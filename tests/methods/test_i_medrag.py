"""i-MedRAG: rounds of follow-up queries, each answered by RAG at once; its 22 calls, what each sees, and what is lost."""

from __future__ import annotations

import pytest
import scripted
from corpora import Toy, passage
from scripted import Script, one, question

from osler.compose import compose

CASE = question(2)
CORPUS = [
    passage("a", "Aspirin thins the blood."),
    passage("b", "Heparin needs a drip."),
    passage("c", "Warfarin needs tests."),
]


class Asker(Script):
    """Writes new queries each round; each is answered with a citation of the first passage."""

    def __init__(self, queries=3, spoil=0):
        super().__init__(self.reply)
        self.rounds, self.queries, self.spoil = 0, queries, spoil

    def reply(self, call):
        if "queries" in call.fields:
            if self.spoil:
                self.spoil -= 1
                return "no list"
            if "could not be read" in call.messages[-1].text:
                return "no list"
            self.rounds += 1
            made = [f"What of aspirin in round {self.rounds}, part {n}?" for n in range(self.queries)]
            return {**({"analysis": "so"} if "analysis" in call.fields else {}), "queries": made}
        if "passage [1]" in call.text and call.schema is None:
            return f"Answer to {call.text.split('round ')[1][:9]} [1]."
        return None


def test_the_default_is_22_calls_in_four_rounds_of_three_and_a_conclusion():
    script = Asker()
    done = one("i-medrag", CASE, script, retriever=Toy(CORPUS))
    assert len(script.calls) == 22
    assert [len(stage) for stage in script.stages()] == [1, 1, 3, 1, 1, 3, 1, 1, 3, 1, 1, 3, 1, 1]
    assert done.seconds == 14  # queries of one round are answered at once
    for number in range(1, 5):
        assert done.step(f"round {number}").data["queries"] == [
            f"What of aspirin in round {number}, part {n}?" for n in range(3)
        ]
    assert done.step("evidence").data == {"rounds": 4, "lost": 0}
    assert compose("i-medrag").calls().high >= 22 and done.answer.choice == "A"


@pytest.mark.parametrize(
    ("method", "calls"),
    [
        ("i-medrag(rounds=1)", 7),
        ("i-medrag(rounds=2, queries=1)", 8),
        ("i-medrag(split=false)", 17),
        ("i-medrag(rounds=1, queries=2, split=false)", 4),
    ],
)
def test_rounds_and_queries_can_be_set(method, calls):
    script = Asker(queries=compose(method).options.get("queries", 3))
    one(method, CASE, script, retriever=Toy(CORPUS))
    assert len(script.calls) == calls
    found = compose(method).calls()
    assert found.low <= calls <= found.high


def test_a_query_is_searched_and_answered_alone_without_case_or_options():
    toy, script = Toy(CORPUS), Asker()
    one("i-medrag(rounds=1)", CASE, script, retriever=toy)
    assert toy.asked == [f"What of aspirin in round 1, part {n}?" for n in range(3)]
    answers = script.stages()[2]
    for call in answers:
        assert "Aspirin thins the blood." in call.text and call.schema is None
        assert CASE.text not in call.text and "Clopidogrel" not in call.text


def test_later_rounds_and_the_conclusion_see_queries_with_their_answers_but_no_passages():
    script = Asker()
    done = one("i-medrag(rounds=2)", CASE, script, retriever=Toy(CORPUS))
    stages = script.stages()
    assert "No queries have been answered yet." in stages[0][0].text
    for call in (stages[3][0], stages[6][0]):
        assert "Query: What of aspirin in round 1, part 0?\nAnswer: Answer to" in call.text
        assert "Aspirin thins the blood." not in call.text and CASE.text in call.text
    assert stages[6][0].text.count("Query: ") == 6
    found = done.step("evidence").evidence
    assert len(found) == 6 and {item.record for item in found} == {"a"} and found[0].locator


def test_a_query_that_was_asked_is_not_asked_again():
    def say(call):
        return (
            {"queries": ["What of aspirin?", "what of  Aspirin?", "What of heparin?"]}
            if "queries" in call.fields
            else None
        )

    toy, script = Toy(CORPUS), Script(say)
    done = one("i-medrag(rounds=2)", CASE, script, retriever=toy)
    assert toy.asked == ["What of aspirin?", "What of heparin?"]
    assert done.step("round 2").data == {"queries": [], "written": 3}
    assert compose("i-medrag(rounds=2)").calls().low <= len(script.calls)


def test_queries_that_cannot_be_read_cost_a_try_and_not_the_round():
    script = Asker(spoil=2)  # the first reply and its repair
    done = one("i-medrag(rounds=1)", CASE, script, retriever=Toy(CORPUS))
    assert done.step("evidence").data == {"rounds": 1, "lost": 1}
    reads = [step.data["read"] for step in done.trace.steps if step.label == "queries 1"]
    assert reads == ["unreadable", "schema"] and done.answer.choice == "A"


def test_tries_are_used_up_and_the_answer_is_made_all_the_same():
    script = Asker(spoil=99)
    done = one("i-medrag(spare=1)", CASE, script, retriever=Toy(CORPUS))
    assert done.step("evidence").data == {"rounds": 0, "lost": 2} and done.step("evidence").evidence == []
    assert done.answer.choice == "A" and "No queries have been answered yet." in script.calls[-2].text
    asked = [call for call in script.calls if "could not be read" not in call.messages[-1].text]
    assert len(asked) == 2 * 2 + 2


def test_more_than_four_options_are_read():
    from osler.case import Option

    options = [Option(key=key, text=f"drug {key}") for key in "ABCDEF"]
    script = Script(lambda call: {"conclusion": "c", "answer": "F"} if "answer" in call.fields else None)
    done = one("i-medrag(rounds=1)", question(1, options=options), script, retriever=Toy(CORPUS))
    assert done.answer.choice == "F"


def test_where_nothing_is_found_the_query_is_still_answered_and_told_so():
    script = Asker(queries=1)
    one("i-medrag(rounds=1, queries=1)", CASE, script, retriever=Toy([passage("z", "Nothing.")]))
    assert "The search found no passage." in script.stages()[2][0].text
    assert scripted.fences(script.calls[-1].text)
