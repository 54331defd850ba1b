"""Falling back, routing, searching again, and voting over how many passages are in view."""

from __future__ import annotations

import pytest
import scripted
from corpora import Toy, passage
from scripted import TEXTS, Script, one, question

from osler.compose import compose
from osler.errors import UsageError
from osler.knowledge.retrieval.several import Several
from osler.methods.rag_agentic import route_shares
from osler.methods.rag_aggregate import numbers_in

CASE = question(6)
BOOK = [passage("book", "Aspirin helps in chest pain."), passage("leaf", "Exercise brings pain.")]
WEB = [passage("page", "Clopidogrel helps in chest pain, says a page.")]
EMPTY = [passage("z", "Nothing of the kind.")]


def both():
    return Several([Toy(BOOK, "books"), Toy(WEB, "web")])


# --- rag-fallback --------------------------------------------------------------------------------------------------------
def enough(value):
    def say(call):
        if "enough" in call.fields:
            return {"reasoning": "r", "enough": value, "citations": [1], "answer": "B"}
        return {"reasoning": "alone", "answer": "C"}

    return Script(say)


def test_passages_that_hold_the_answer_are_answered_from_in_one_call():
    script = enough(True)
    done = one("rag-fallback", CASE, script, retriever=Toy(BOOK))
    assert done.answer.choice == "B" and len(script.calls) == 1
    assert script.calls[0].fields == ["reasoning", "enough", "citations", "answer"]
    assert (
        done.step("citations").data["fallback"] is False
        and done.step("citations").evidence[0].record == "book"
    )


def test_passages_that_do_not_are_left_out_of_a_second_call():
    script = enough(False)
    done = one("rag-fallback", CASE, script, retriever=Toy(BOOK))
    assert done.answer.choice == "C" and len(script.calls) == 2
    assert "Aspirin helps" not in script.calls[1].text and "passage" not in script.calls[1].text
    assert done.step("fallback").data == {"fallback": True}
    assert done.answer.note == "the passages did not hold the answer; answered without passages"


def test_where_nothing_is_found_it_is_answered_without_at_once():
    script = enough(True)
    done = one("rag-fallback", CASE, script, retriever=Toy(EMPTY))
    assert done.answer.choice == "C" and len(script.calls) == 1
    assert done.answer.note == "nothing was found; answered without passages"


def test_an_answer_in_prose_that_leaves_it_open_stands():
    script = Script(lambda call: "By [1], the final answer is B.")
    done = one("rag-fallback", CASE, script, retriever=Toy(BOOK))
    assert done.answer.choice == "B" and len(script.calls) == 1
    assert done.step("citations").data["cited"] == [1]


# --- rag-agentic ---------------------------------------------------------------------------------------------------------
def router(route, relevant=True):
    def say(call):
        if "route" in call.fields:
            return {"reasoning": "r", "relevant": relevant, "route": route}
        if "citations" in call.fields:
            return {"reasoning": "r", "citations": [1], "answer": "B"}
        return {"reasoning": "alone", "answer": "C"}

    return Script(say)


MIXED = "rag-agentic(local=books, web=web)"


def test_a_web_that_gave_nothing_is_said_beside_the_route():
    done = one(MIXED, CASE, router("web"), retriever=Several([Toy(BOOK, "books"), Toy(EMPTY, "web")]))
    assert done.answer.note == "route: web; no passage was in view; answered without"


@pytest.mark.parametrize(
    ("route", "choice", "in_view"), [("corpus", "B", "book"), ("web", "B", "page"), ("knowledge", "C", None)]
)
def test_the_router_sees_the_local_passages_and_decides_what_the_answer_sees(route, choice, in_view):
    script = router(route)
    done = one(MIXED, CASE, script, retriever=both())
    asked, answered = script.calls
    assert "Aspirin helps in chest pain." in asked.text and "says a page" not in asked.text
    assert ("Aspirin helps" in answered.text) is (in_view == "book")
    assert ("says a page" in answered.text) is (in_view == "page")
    assert done.answer.choice == choice and done.answer.note == f"route: {route}"
    assert done.step("route").data == {
        "route": route,
        "open": ["corpus", "web", "knowledge"],
        "relevant": True,
    }
    cited = [item.record for step in done.trace.steps if step.label == "citations" for item in step.evidence]
    assert cited == ([in_view] if in_view else [])


def test_the_web_is_searched_only_where_it_is_chosen():
    books, web = Toy(BOOK, "books"), Toy(WEB, "web")
    for route, searched in (("corpus", 0), ("web", 1)):
        one(MIXED, CASE, router(route), retriever=Several([books, web]))
        assert len(web.asked) == searched


def test_only_open_routes_are_offered_and_one_alone_is_not_asked_about():
    script = router("corpus")
    one("rag-agentic", CASE, script, retriever=Toy(BOOK))
    assert script.calls[0].schema["properties"]["route"]["enum"] == ["corpus", "knowledge"]
    alone = router("knowledge")
    done = one("rag-agentic", CASE, alone, retriever=Toy(EMPTY))
    assert len(alone.calls) == 1 and done.step("route").data["open"] == ["knowledge"]
    assert done.answer.choice == "C"


def test_a_route_that_cannot_be_read_is_the_corpus():
    def say(call):
        return "Well." if "route" in call.fields else {"reasoning": "r", "citations": [], "answer": "B"}

    done = one(MIXED, CASE, Script(say), retriever=both())
    assert done.step("route").data["route"] == "corpus" and done.answer.choice == "B"


def test_the_router_may_have_a_model_of_its_own():
    small, main = router("knowledge"), router("corpus")
    models = {"main": scripted.model_of(main), "router": scripted.model_of(small)}
    done = scripted.run(scripted.ask(MIXED, CASE, models, retriever=both()))
    assert len(small.calls) == 1 and len(main.calls) == 1 and done.answer.note == "route: knowledge"


def test_the_shares_of_the_routes_are_counted():
    traces = [
        one(MIXED, CASE, router(route), retriever=both()).trace
        for route in ("web", "knowledge", "web", "corpus")
    ]
    assert route_shares(traces) == {"web": 0.5, "knowledge": 0.25, "corpus": 0.25}
    assert route_shares([]) == {}


def test_a_web_corpus_needs_a_local_one():
    with pytest.raises(UsageError, match="name both"):
        one("rag-agentic(web=web)", CASE, router("web"), retriever=both())


# --- rag-feedback --------------------------------------------------------------------------------------------------------
class Feedback(Script):
    """Not content until `content` words are in view; asks for what `asks` says."""

    def __init__(self, content, *asks):
        super().__init__(self.reply)
        self.content, self.asks = content, list(asks)

    def reply(self, call):
        held = self.content in call.text
        if "sufficient" in call.fields:
            return {"missing": "m", "sufficient": held, "query": "" if held else self.asks.pop(0)}
        return {"reasoning": "r", "citations": [1], "answer": "B" if held else "D"}


CHAIN = [
    passage("one", "Chest pain points to the troponin."),
    passage("two", "A raised level asks for heparin."),
    passage("three", "Bread is made of flour."),
]


def test_a_better_query_brings_what_was_missing_and_the_answer_changes():
    toy, script = Toy(CHAIN), Feedback("heparin.", "raised level")
    done = one("rag-feedback", CASE, script, retriever=toy)
    assert toy.asked == [f"{CASE.text} {CASE.question}", "raised level"]
    assert [call.fields[0] for call in script.calls] == ["reasoning", "missing", "reasoning", "missing"]
    last = script.calls[2].text
    assert last.index("A raised level") < last.index(
        "Chest pain points"
    )  # the newest first, the earlier kept
    assert done.answer.choice == "B" and done.step("citations").data["rounds"] == 2


def test_it_stops_when_content_and_after_so_many_rounds():
    content = Feedback("Chest pain")
    assert one("rag-feedback", CASE, content, retriever=Toy(CHAIN)).answer.choice == "B"
    assert len(content.calls) == 2
    for rounds in (1, 2, 3):
        never = Feedback("never said", "flour", "bread", "water")
        done = one(f"rag-feedback(rounds={rounds})", CASE, never, retriever=Toy(CHAIN))
        assert len(never.calls) == 2 * rounds - 1 == compose(f"rag-feedback(rounds={rounds})").calls().high
        assert done.answer.choice == "D" and done.step("citations").data["rounds"] == rounds


def test_an_assessment_that_cannot_be_read_or_asks_for_nothing_ends_it():
    for reply in ("Hm.", {"missing": "m", "sufficient": False, "query": "  "}):

        def say(call, reply=reply):
            return reply if "missing" in call.fields else None

        script = Script(say)
        one("rag-feedback", CASE, script, retriever=Toy(CHAIN))
        asked = [call for call in script.calls if "could not be read" not in call.messages[-1].text]
        assert len(asked) == 2


# --- rag-aggregate -------------------------------------------------------------------------------------------------------
def test_one_search_several_views_at_once_and_a_majority():
    many = [passage(f"d{n}", f"chest pain {n}") for n in range(20)]

    def say(call):
        return {"reasoning": "r", "citations": [], "answer": "A" if "<<< passage [10]" in call.text else "B"}

    toy, script = Toy(many), Script(say)
    done = one("rag-aggregate", CASE, script, retriever=toy)
    assert len(toy.asked) == 1 and [len(stage) for stage in script.stages()] == [3]
    assert [call.text.count("\n<<< passage [") for call in script.calls] == [3, 5, 10]
    assert done.step("vote").data == {
        "votes": {"3": "B", "5": "B", "10": "A"},
        "confidence": pytest.approx(2 / 3),
    }
    assert done.answer.choice == "B"


def test_numbers_are_joined_by_plus():
    assert numbers_in("2+7+2") == [2, 7] and compose("rag-aggregate(ks=2+7)").calls().high == 2
    for wrong in ("", "3,5", "0", "a+b", "3+-1", "1000"):
        with pytest.raises(UsageError, match="joined by"):
            numbers_in(wrong)


# --- all -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["rag-fallback", "rag-agentic", "rag-feedback", "rag-aggregate"])
def test_options_enter_the_query_only_where_that_is_asked_for(name):
    for option, held in (("", False), ("(options_in_query=true)", True)):
        toy = Toy(BOOK)
        one(name + option, CASE, Script(), retriever=toy)
        assert all(text in toy.asked[0] for text in TEXTS) is held
        assert any(text in toy.asked[0] for text in TEXTS) is held
