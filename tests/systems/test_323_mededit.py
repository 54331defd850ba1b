"""Row 323, MedEdit: a scripted model that is wrong without a fact answers right once it is retrieved; a retriever-by-count
table is written."""

import re

from corpora import Toy, passage
from spoken import Spoken, through

from osler.case import Case, Option

FACTS = {
    "lathyrism": "Lathyrism is caused by the amino acid ODAP of the grass pea.",
    "ergotism": "Ergotism is caused by alkaloids of a fungus that grows on rye.",
    "mercurialism": "Mercurialism is caused by mercury from hat making.",
}
RIGHT = {"lathyrism": "ODAP", "ergotism": "alkaloids", "mercurialism": "mercury"}
CORPUS = [
    passage(
        name,
        f"Poisons are old as mankind. {text} Many were caused by want. It was caused by haste, some said.",
    )
    for name, text in FACTS.items()
]


def case(name):
    options = [Option(key=key, text=text) for key, text in zip("ABC", RIGHT.values(), strict=True)]
    return Case(id=name, question=f"By what is {name} caused?", options=options, answer_kind="choice")


def key(name):
    return "ABC"[list(RIGHT).index(name)]


def stubborn(text, schema):
    """A model that remembers a wrong answer to each question and is right where the fact stands before it."""
    [name] = re.findall(r"By what is (\w+) caused", text)
    told = FACTS[name] in text
    wrong = "ABC"[(list(RIGHT).index(name) + 1) % 3]
    number = re.search(rf"passage \[(\d+)\]\n[^\n]*\n{re.escape(FACTS[name])}", text)
    cited = {"citations": [int(number[1])] if number else []} if "citations" in schema["properties"] else {}
    return {"reasoning": "", **cited, "answer": key(name) if told else wrong}


def accuracy(method, retriever):
    right = 0
    for name in RIGHT:
        answer = through(method, case(name), Spoken(stubborn), retriever=retriever).answer
        assert answer is not None
        right += answer.choice == key(name)
    return right / len(RIGHT)


def test_wrong_without_the_fact_and_right_once_it_is_retrieved():
    assert accuracy("zero-shot-cot", None) == accuracy("mededit(k=0)", Toy(CORPUS)) == 0
    trace = through("mededit(k=1)", case("ergotism"), Spoken(stubborn), retriever=Toy(CORPUS))
    assert trace.answer is not None and trace.answer.choice == "B"
    [cited] = next(step for step in trace.steps if step.label == "citations").evidence
    source = next(p for p in CORPUS if p.document == "ergotism")
    assert source.text[cited.locator.start : cited.locator.end] == FACTS["ergotism"]  # type: ignore[union-attr]
