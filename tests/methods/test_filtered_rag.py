"""Filtered RAG: a rationale as the query, a verdict on each passage, and an answer from what was kept."""

from __future__ import annotations

from corpora import Toy, passage
from scripted import TEXTS, Script, one, question

from osler.compose import compose

CASE = question(5)
CORPUS = [
    passage("good", "Angina responds to aspirin."),
    passage("off", "Angina was described by Heberden."),
    passage("other", "Bread is made of flour."),
]


class Judge(Script):
    """Writes a rationale about angina; keeps passages that speak of a response."""

    def __init__(self, keep="responds", rationale="Angina it is."):
        super().__init__(self.reply)
        self.keep, self.rationale = keep, rationale

    def reply(self, call):
        if call.schema is None:
            return self.rationale
        if "relevant" in call.fields:
            return {"reason": "r", "relevant": self.keep in call.text}
        return None


def test_a_rationale_is_the_query_and_each_passage_found_is_judged_at_once():
    toy, script = Toy(CORPUS), Judge()
    done = one("filtered-rag", CASE, script, retriever=toy)
    assert toy.asked == ["Angina it is."]
    assert [len(stage) for stage in script.stages()] == [1, 2, 1] and done.seconds == 3
    assert "Angina responds to aspirin." in script.calls[-1].text
    assert "Heberden" not in script.calls[-1].text
    assert done.step("filter").data == {"found": 2, "kept": 1, "unreadable": 0}
    assert [(item.record, item.supports) for item in done.step("filter").evidence] == [
        ("good", True),
        ("off", False),
    ]
    judged = script.stages()[1]
    assert all(call.text.count("\n<<< passage [") == 1 and CASE.text in call.text for call in judged)


def test_the_rationale_sees_no_option_so_none_enters_the_query():
    script = Judge()
    one("filtered-rag", CASE, script, retriever=Toy(CORPUS))
    assert CASE.text in script.calls[0].text and not any(text in script.calls[0].text for text in TEXTS)


def test_each_repair_can_be_switched_off():
    shapes = {}
    for method in (
        "filtered-rag",
        "filtered-rag(filter=false)",
        "filtered-rag(reformulate=false)",
        "filtered-rag(filter=false, reformulate=false)",
    ):
        toy, script = Toy([*CORPUS, passage("c", "chest pain")]), Judge()
        one(method, CASE, script, retriever=toy)
        shapes[method] = [len(stage) for stage in script.stages()], toy.asked[0].startswith("Angina")
        stated = compose(method).calls()
        assert stated.low <= len(script.calls) <= stated.high
    assert list(shapes.values()) == [([1, 2, 1], True), ([1, 1], True), ([1, 1], False), ([1], False)]


def test_where_no_passage_is_kept_the_answer_is_made_without_any():
    script = Judge(keep="never said")
    done = one("filtered-rag", CASE, script, retriever=Toy(CORPUS))
    assert "The search found no passage." in script.calls[-1].text
    assert done.step("citations").data == {"shown": 0, "shown_places": [], "cited": [], "found": 2, "kept": 0}
    assert done.answer.choice == "A"


def test_a_verdict_that_cannot_be_read_drops_its_passage_and_is_counted():
    def say(call):
        if "relevant" in call.fields:
            return "Perhaps." if "Heberden" in call.text else {"reason": "", "relevant": True}
        return "Angina" if call.schema is None else None

    done = one("filtered-rag", CASE, Script(say), retriever=Toy(CORPUS))
    assert done.step("filter").data == {"found": 2, "kept": 1, "unreadable": 1}
    assert "unreadable off" in done.step("filter").text


def test_an_empty_rationale_leaves_the_question_as_the_query():
    toy = Toy(CORPUS)
    one("filtered-rag", CASE, Judge(rationale="  "), retriever=toy)
    assert toy.asked == [f"{CASE.text} {CASE.question}"]


def test_k_passages_are_judged_16_by_default():
    many = [passage(f"d{n}", f"angina {n}") for n in range(30)]
    script = Judge()
    one("filtered-rag", CASE, script, retriever=Toy(many))
    assert len(script.calls) == 18 == compose("filtered-rag").calls().high
