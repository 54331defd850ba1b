"""Row 126, i-MedRAG: on a toy corpus needing two hops a simulated model fails with one round and succeeds with two; rounds
and queries per round are settable and traced."""

import json
import re

import pytest
from commands import osler
from spoken import fields
from spoken_server import served

from osler.evaluation.store import read_records, read_trace

# The disease names the enzyme, the enzyme names the drug: no document holds both ends.
FACTS = {
    "falk": "Falk syndrome: infants lack the enzyme zymase, and their livers swell.",
    "zymase": "Where zymase is lacking, cladribol restores it within days.",
    "other": "Where maltase is lacking, deprenol is of use.",
    "noise": "Syndromes of infants are many; livers swell in most of them.",
}
QUESTION = "An infant has Falk syndrome. Which medicine should be given?"
OPTIONS = ("deprenol", "cladribol", "ferrosol", "glucanol")


@pytest.fixture
def corpus(tmp_path, monkeypatch, private_cache, capfd):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    path = tmp_path / "facts.jsonl"
    path.write_text("".join(json.dumps({"id": key, "text": text}) + "\n" for key, text in FACTS.items()))
    osler(capfd, "corpus", "add", "facts", path)
    return "facts"


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"id": "1", "question": QUESTION, "options": OPTIONS, "answer": "B"}) + "\n")
    return path


def reader(prompt, schema):
    """Knows nothing. It asks about what it has just read of, repeats the passage that answers a query, and chooses the option
    that it has read of; else the first."""
    if "queries" in fields(schema):
        known = re.findall(r"Answer: .*?enzyme (\w+)", prompt)
        query = f"What restores {known[-1]}?" if known else "What is lacking in Falk syndrome?"
        return {"analysis": "one step at a time", "queries": [query]}
    if "answer" in fields(schema):
        read = [key for key, name in zip("ABCD", OPTIONS, strict=True) if f"{name} restores" in prompt]
        thought = {name: "by what was read" for name in ("conclusion", "reasoning") if name in fields(schema)}
        return {**thought, "answer": (read or ["A"])[0]}
    if "passage [1]" in prompt:
        subject = re.search(r"What (?:is lacking in|restores) (\w+)", prompt)[1].lower()
        found = re.findall(r"(?m)^(.*)\n>>> passage \[(\d)\]", prompt)
        return next((f"{text} [{number}]" for text, number in found if subject in text.lower()), "Not found.")
    return prompt  # its analysis in prose: what it was told


def answered(capfd, corpus, questions, out, *options):
    with served(reader) as model:
        osler(
            capfd, "eval", "own", "--data", questions, "--method", "i-medrag", *model, "--corpus", corpus,
            "--out", out, *options,
        )  # fmt: skip
    [record] = read_records(out)
    return record


def test_one_round_fails_and_two_succeed(corpus, questions, tmp_path, capfd):
    chosen = {}
    for rounds in (1, 2):
        record = answered(
            capfd,
            corpus,
            questions,
            tmp_path / f"run{rounds}",
            "-m",
            f"rounds={rounds}",
            "-m",
            "split=false",
            "-m",
            "k=2",
        )
        chosen[rounds] = record["answer"]["choice"], record["scores"]["correct"]
    assert chosen == {1: ("A", 0.0), 2: ("B", 1.0)}


def test_the_22_calls_as_released_succeed_too(corpus, questions, tmp_path, capfd):
    record = answered(capfd, corpus, questions, tmp_path / "run", "-m", "k=2")
    assert record["answer"]["choice"] == "B"


def test_rounds_and_queries_are_set_by_options_and_stand_in_the_trace(corpus, questions, tmp_path, capfd):
    asked = []

    def asker(prompt, schema):
        if "queries" not in fields(schema):
            return reader(prompt, schema)
        asked.append(schema["properties"]["queries"]["maxItems"])
        return {
            "analysis": "so",
            "queries": [f"What restores zymase, {len(asked)} {n}?" for n in range(asked[-1])],
        }

    with served(asker) as model:
        words = ("eval", "own", "--data", questions, "--method", "i-medrag", *model, "--corpus", corpus)
        osler(
            capfd, *words, "-m", "rounds=3", "-m", "queries=2", "-m", "split=false", "--out", tmp_path / "run"
        )
    assert asked == [2, 2, 2]
    steps = read_trace(tmp_path / "run", 0)["trace"]["steps"]
    rounds = [step["data"]["queries"] for step in steps if step.get("label", "").startswith("round ")]
    assert rounds == [[f"What restores zymase, {r} {n}?" for n in range(2)] for r in (1, 2, 3)]
    searches = [step["data"]["query"] for step in steps if step["kind"] == "retrieve"]
    assert searches == [query for one in rounds for query in one]
    [evidence] = [step for step in steps if step.get("label") == "evidence"]
    cited = evidence["evidence"][0]
    assert (
        cited["record"] == "zymase"
        and FACTS["zymase"][cited["locator"]["start"] : cited["locator"]["end"]] == cited["quote"]
    )
