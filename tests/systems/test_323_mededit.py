"""Row 323, MedEdit: a scripted model that is wrong without a fact answers right once it is retrieved; a retriever-by-count
table is written."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from corpora import Toy, passage
from spoken import Spoken, through

from osler.case import Case, Option
from osler.cli.main import main
from osler.knowledge.dense.minilm import PACKAGE

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


@pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason=f"{PACKAGE} is not installed")
def test_the_table_has_a_row_a_retriever_and_a_column_a_number_of_facts(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rows = [json.dumps({"id": p.document, "text": p.text}) for p in CORPUS]
    (tmp_path / "facts.jsonl").write_text("\n".join(rows) + "\n")
    asked = [
        json.dumps({"question": case(name).question, "options": list(RIGHT.values()), "answer": key(name)})
        for name in RIGHT
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(asked) + "\n")

    def osler(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        assert not ended.value.code, said.err
        return said.out

    osler("corpus", "add", "poisons", tmp_path / "facts.jsonl")
    osler("corpus", "embed", "poisons", "--encoder", "minilm")
    words = ["sweep", "retrievers", "own", "--data", tmp_path / "questions.jsonl", "--corpus", "poisons"]
    words += ["--map", "question=question,options=options,answer=answer", "--method", "mededit", "--k", "1,3"]
    words += ["--retrieval", "bm25,dense", "--model", "simulated:good", "--table", tmp_path / "table.md"]
    found = json.loads(osler(*words, "--out", tmp_path / "runs", "--json"))
    assert [(row["retrieval"], row["k"], row["n"]) for row in found["cells"]] == [
        ("bm25", 1, 3), ("bm25", 3, 3), ("dense", 1, 3), ("dense", 3, 3),
    ]  # fmt: skip
    table = (tmp_path / "table.md").read_text()
    head, _, *lines = table.splitlines()
    assert head == "| | 1 | 3 |" and [line.split(" | ")[0] for line in lines] == ["| bm25", "| dense"]
    for row in found["cells"]:
        sent = {
            len(step["evidence"])
            for record in map(json.loads, (Path(row["run"]) / "traces.jsonl").read_text().splitlines())
            for step in record["trace"]["steps"]
            if step["label"] == "facts"
        }
        assert max(sent) == row["k"] and f"{100 * row['accuracy']:.1f}" in table
