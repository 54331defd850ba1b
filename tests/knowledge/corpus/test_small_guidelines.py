"""Small corpora of one's own: questions that they answer are answered, others are "not found", and the best corpus stands first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.corpus.word_weights import blended
from osler.knowledge.retrieval.several import together

FOLDER = Path(__file__).with_name("small_guidelines")
ASKED = json.loads((FOLDER / "questions.json").read_text())


def answer(name: str, question: str) -> tuple[str, float]:
    """Number and probability of the best recommendation; nothing where no word is shared."""
    retriever = LexicalRetriever(name)
    best = next(iter(retriever.search(question, 1)), None)
    return (
        (best.document.rpartition("/")[2], retriever.fit(question, best).probability) if best else ("", 0.0)
    )


@pytest.mark.parametrize("name", ASKED)
def test_most_questions_that_a_guideline_answers_are_answered_and_no_other(name):
    add(name, FOLDER / f"{name}.md")
    found = {question: answer(name, question) for question in ASKED[name]["answered"]}
    right = [
        q
        for q, (number, sure) in found.items()
        if sure >= 0.5 and number in ASKED[name]["answered"][q].split("|")
    ]
    assert len(right) >= 7
    for question in ASKED[name]["absent"]:
        assert answer(name, question)[1] < 0.2, question
    for question in ASKED[name]["unanswered"]:
        assert answer(name, question)[1] < 0.5, question


def test_three_passages_are_enough(tmp_path):
    rules = ["Offer an ACE inhibitor to adults under 55 with stage 2 hypertension.",
             "Use colchicine or an NSAID in acute gout.",
             "Refer people with papilloedema the same day."]  # fmt: skip
    text = "".join(f"1.4.{n} {rule}\n\n" for n, rule in enumerate(rules, 1))
    (tmp_path / "rules.md").write_text(text)
    add("rules", tmp_path / "rules.md")
    for question, number in (
        ("Which drug first in stage 2 hypertension?", "1.4.1"),
        ("Is colchicine used in gout?", "1.4.2"),
    ):
        assert answer("rules", question)[0] == number and answer("rules", question)[1] > 0.5
    assert answer("rules", "Which drug first in stage 2 melanoma?")[1] < 0.5


def test_a_recommendation_stands_before_a_page_that_shares_a_word(tmp_path):
    for name in ("hypertension", "gout"):
        add(name, FOLDER / f"{name}.md")
    (tmp_path / "pages.jsonl").write_text(
        "".join(json.dumps({"id": title, "title": title, "text": text}) + "\n" for title, text in (
            ("Young adult onset", "Onset of disease at the age of 16 to 40 years, which is the first stage of adult life."),
            ("Stage", "A stage of a drug."),
        ))
    )  # fmt: skip
    add("pages", tmp_path / "pages.jsonl")
    whole = together([LexicalRetriever(name) for name in ("pages", "gout", "hypertension")])
    first = whole.search("Which drug first in stage 2 hypertension in adults?", 5)[0]
    assert first.document == "demo-hypertension@1/1.4.1"
    assert whole.search("Is colchicine used in gout?", 5)[0].corpus == "gout"


def test_a_rare_word_weighs_more_than_a_common_one_even_where_every_passage_has_it():
    assert blended("hypertens", 10, 10) > 2 * blended("patient", 10, 10)
    assert blended("colchicin", 3, 3) > blended("hypertens", 3, 3)


def test_a_large_corpus_counts_by_itself():
    alone = 9.9  # ln(1 + (1,000,000 − 50 + ½) / (50 + ½))
    assert abs(blended("colchicin", 50, 1_000_000) - alone) < 0.1
