"""Row 324, ReDis-QA and ReCOP: with three fixture diseases chunks are indexed by property, a simulated reader does better with
retrieval, answers cite chunk ids, and scores slice by property."""

import json
import re

import pytest
from commands import osler
from spoken import Spoken, fields

from osler.benchmarks.redis_qa import ReDisQa
from osler.evaluation import language, language_report
from osler.evaluation.plan import Plan
from osler.evaluation.store import read_records, read_trace
from osler.llm import Model, Prices

FACTS = {
    "Fabry disease": ("angiokeratomas", "GLA", "agalsidase"),
    "Pompe disease": ("muscle weakness", "GAA", "alglucosidase"),
    "Wilson disease": ("corneal rings", "ATP7B", "penicillamine"),
}
SAYS = {
    "symptoms": "The chief symptom of {0} is {1}.",
    "causes": "{0} is caused by changes of the gene {2}.",
    "standard therapies": "{0} is treated with {3}.",
}
ASKS = {
    "symptoms": "What is the chief symptom of {0}?",
    "causes": "Which gene causes {0}?",
    "standard therapies": "What treats {0}?",
}


@pytest.fixture
def place(tmp_path, monkeypatch, private_cache, capfd):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    chunks, questions = [], []
    for disease, facts in FACTS.items():
        for number, (kind, words) in enumerate(SAYS.items()):
            key = f"{disease.split()[0].lower()}-{number}"
            chunks.append(
                {
                    "id": key,
                    "rare-disease": disease,
                    "property": kind,
                    "contents": words.format(disease, *facts),
                }
            )
            others = [one[number] for one in FACTS.values()]
            lines = [f"{letter}. {text}" for letter, text in zip("ABC", others, strict=True)]
            asked = "\n".join([f"Question: {ASKS[kind].format(disease)}", *lines, "Answer:"])
            questions.append(
                {
                    "input": asked,
                    "cop": others.index(facts[number]),
                    "rare disease": [disease],
                    "property": kind,
                }
            )
    (tmp_path / "recop.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chunks))
    (tmp_path / "redis.jsonl").write_text("".join(json.dumps(row) + "\n" for row in questions))
    osler(capfd, "corpus", "add", "recop", tmp_path / "recop.jsonl")
    return tmp_path


def reader(text, schema):
    """Finds the option whose words stand in a passage on the disease asked about; knows nothing else, and then says A."""
    disease = re.search(r"(\w+ disease)\?", text)[1]
    options = dict(re.findall(r"^([ABC])\. (.+)$", text, re.M))
    passages = re.findall(r"<<< passage \[(\d+)\]\n(.*?)>>>", text, re.S)
    held = [
        (key, int(number))
        for number, words in passages
        for key, option in options.items()
        if disease in words and option in words
    ]
    answer = {"reasoning": "", "answer": held[0][0] if held else "A"}
    return answer | ({"citations": [held[0][1]] if held else []} if "citations" in fields(schema) else {})


def run(place, method, corpus=None):
    folder = place / method.partition("(")[0]
    plan = Plan("redis-qa", place / "redis.jsonl", method, corpus=corpus)
    language.start(plan, folder, {"main": Model(Spoken(reader), prices=Prices())})
    return folder


def test_chunks_are_indexed_by_property(place, capfd):
    found = osler(capfd, "corpus", "search", "Fabry disease", "--corpus", "recop", "--section", "causes")[
        "results"
    ]
    assert {row["section"] for row in found} == {"causes"} and found[0]["document"] == "fabry-1"
    assert found[0]["title"] == "Fabry disease"


def test_the_reader_does_better_with_retrieval_and_scores_slice_by_property(place):
    bare = language_report.figures(run(place, "zero-shot"))
    helped = language_report.figures(run(place, "rag(k=3)", "recop"))
    assert bare["accuracy"] == pytest.approx(1 / 3) and helped["accuracy"] == 1.0
    assert set(helped["subsets"]) == set(SAYS)
    assert all(one["n"] == 3 and one["accuracy"] == 1.0 for one in helped["subsets"].values())


def test_answers_cite_chunk_ids(place):
    folder = run(place, "rag(k=3)", "recop")
    for record in read_records(folder):
        trace = read_trace(folder, record["item"])["trace"]
        (last,) = [step for step in trace["steps"] if step["label"] == "citations"]
        (cited,) = last["evidence"]
        number = list(SAYS).index(record["tags"]["property"])
        assert cited["record"] == f"{record['tags']['disease'].split()[0].lower()}-{number}"


def test_questions_read_from_either_form_and_by_property(place):
    assert ReDisQa.subsets(place / "redis.jsonl") == ["symptoms", "causes", "standard therapies"]
    (place / "other.jsonl").write_text(
        json.dumps(
            {
                "question": "Which gene causes Fabry disease?",
                "options": ["GLA", "GAA"],
                "cop": 0,
                "theme": "Causes",
            }
        )
    )
    (item,) = ReDisQa.items(place / "other.jsonl", subset="causes")
    assert item.reference.key == "A" and item.subset == "causes"
    first = next(iter(ReDisQa.items(place / "redis.jsonl")))
    assert first.case.question == "What is the chief symptom of Fabry disease?"
    assert [option.text for option in first.case.options] == [
        "angiokeratomas",
        "muscle weakness",
        "corneal rings",
    ]
