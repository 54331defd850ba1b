"""RAG: one search by the question alone, its passages in one prompt, and citations that stand in the trace."""

from __future__ import annotations

import scripted
from corpora import Toy, ToyVectors, passage
from scripted import Script, one, question

from osler.case import Case, Finding, Term
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.several import Several
from osler.methods import evidence
from osler.trace import AtSpan

CASE = question(1, text="", question="Which drug is given first in chest pain?")
PASSAGES = [
    passage("guide", "In chest pain aspirin is given first.", title="Chest pain", date="2023"),
    passage("book", "Warfarin is a drug against clots."),
    passage("far", "Bread is made of flour."),
]


def test_it_is_one_search_and_one_call_that_sees_the_passages_after_the_case():
    toy, script = Toy(PASSAGES), Script(lambda call: {"reasoning": "r", "citations": [1], "answer": "A"})
    done = one("rag", CASE, script, retriever=toy)
    assert len(script.calls) == 1 and toy.asked == [CASE.question]
    call = script.calls[0]
    assert call.fields == ["reasoning", "citations", "answer"]
    assert "<<< passage [1]\nChest pain | toy | 2023 | guide\nIn chest pain" in call.text
    assert "<<< passage [2]" in call.text and "Bread" not in call.text
    assert done.answer.choice == "A" and done.labels == ["toy", "answer", "citations"]
    [cited] = done.step("citations").evidence
    assert (cited.record, cited.locator, cited.supports) == ("guide", AtSpan(start=0, end=37), True)


def test_the_options_never_enter_the_query():
    toy = Toy(PASSAGES)
    one("rag", question(3), Script(), retriever=toy)
    [query] = toy.asked
    assert "Patient 3" in query and "What should patient 3" in query
    assert not any(text in query for text in scripted.TEXTS)


def test_k_is_how_many_are_in_view_and_characters_how_much_of_them():
    many = [
        passage(f"d{i}", f"Sentence one of chest pain {i}. Sentence two of it, and its end.")
        for i in range(50)
    ]
    shown = {}
    for method in ("rag", "rag(k=2)", "rag(k=2, characters=110)"):
        script = Script()
        one(method, CASE, script, retriever=Toy(many))
        shown[method] = script.calls[0].text.count("\n<<< passage [")
    assert shown["rag"] == 32 and shown["rag(k=2)"] == 2
    tight = Script()
    one("rag(k=3, characters=100)", CASE, tight, retriever=Toy(many))
    assert tight.calls[0].text.count("\n<<< passage [") == 2
    assert (
        "Sentence one of chest pain 1.\n>>> passage [2]" in tight.calls[0].text
    )  # cut at the end of a sentence


def test_words_and_vectors_are_fused_with_the_toolkits_constant():
    """The prompt's order is the fusion's: by words A, B; by vectors B, C; so B, then A and C by rank."""
    a, b, c = (
        passage(name, text) for name, text in zip("abc", ("pain one", "pain two", "pain three"), strict=True)
    )
    words, vectors = Toy([a, b], "books"), ToyVectors([b, c], "books")
    script = Script()
    case = question(1, text="", question="pain")
    done = one("rag", case, script, retriever=Several([Hybrid(words, vectors)]))
    found = done.step("books").evidence
    assert [one.record for one in found] == ["b", "a", "c"]
    assert found[0].score == 1 / 102 + 1 / 101
    looser = one("rag(rrf_k=0)", case, Script(), retriever=Several([Hybrid(words, vectors)]))
    assert looser.step("books").evidence[0].score == 1 / 2 + 1


def test_where_nothing_is_found_the_model_is_told_and_answers():
    script = Script()
    done = one("rag", CASE, script, retriever=Toy([passage("far", "Bread is made of flour.")]))
    assert evidence.NONE in script.calls[0].text and done.answer.choice == "A"
    assert done.step("citations").data == {"shown": 0, "shown_places": [], "cited": []}
    assert done.answer.note == "no passage was in view; answered without"


def test_a_case_of_findings_alone_is_searched_by_them():
    toy = Toy(PASSAGES)
    findings = [Finding(term=Term(id="HP:0100749", label="Chest pain"))]
    one("rag", Case(id="f", findings=findings, answer_kind="differential"), Script(), retriever=toy)
    assert toy.asked == ["Findings: Chest pain."]


def reader(call):
    """Knows nothing; picks the option that a passage in view says is given first."""
    for key, drug in zip("ABCD", scripted.TEXTS, strict=True):
        if f"{drug.lower()} is given first" in call.text.lower():
            return {"reasoning": "as it says", "citations": [1], "answer": key}
    return {"reasoning": "a guess", "citations": [], "answer": "D"}


def test_a_reader_that_knows_nothing_is_right_where_a_passage_says_it_and_follows_one_that_is_wrong():
    for text, choice in (
        ("In chest pain heparin is given first.", "D"),
        ("In chest pain clopidogrel is given first.", "B"),
        ("Bread is made of flour.", "D"),
    ):
        done = one("rag", CASE, Script(reader), retriever=Toy([passage("d", text)]))
        assert done.answer.choice == choice
