"""Row 179, RAG stage-wise expert evaluation, the method's half: adding the filter step raises passage precision."""

import json

import pytest
from commands import osler
from spoken import fields
from spoken_server import served

from osler.evaluation.store import read_trace

QUESTIONS = {
    "falk": "A child has Falk disease. Which enzyme is lacking?",
    "osten": "A man has Osten disease. Which drug helps his Osten disease?",
}
# What experts would mark: a passage is relevant where it helps to answer, not where it is about the same disease.
PASSAGES = {
    "falk-enzyme": ("falk", True, "In Falk disease the enzyme zymase is lacking."),
    "falk-name": ("falk", False, "Falk disease was named after a child in Lund."),
    "falk-cost": ("falk", False, "A child with Falk disease costs the state a fortune."),
    "osten-drug": ("osten", True, "Osten disease is helped by the drug ostadrine."),
    "osten-trial": ("osten", True, "The drug ostadrine halved relapses of Osten disease in a trial."),
    "osten-map": ("osten", False, "Osten disease is found in men of the coast."),
}
RELEVANT = {(question, key) for key, (question, right, _) in PASSAGES.items() if right}


def judge(prompt, schema):
    """A scripted model: keeps what names an enzyme or a drug; its rationale says what it looks for."""
    if "relevant" in fields(schema):
        shown = prompt.split("<<< passage [1]")[1].split(">>> passage [1]")[0]
        helps = ("zymase" if "has Falk" in prompt else "ostadrine") in shown
        return {"reason": "names it" if helps else "does not name it", "relevant": helps}
    if schema is None:
        return f"{'Falk' if 'Falk' in prompt else 'Osten'} disease comes down to one enzyme or drug."
    return {"reasoning": "r", "citations": [1], "answer": "A"}


@pytest.fixture
def setting(tmp_path, monkeypatch, private_cache, capfd):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    corpus, questions = tmp_path / "notes.jsonl", tmp_path / "questions.jsonl"
    corpus.write_text(
        "".join(json.dumps({"id": key, "text": row[2]}) + "\n" for key, row in PASSAGES.items())
    )
    options = ["the one that is named", "another"]
    rows = [
        {"id": key, "question": text, "options": options, "answer": "A"} for key, text in QUESTIONS.items()
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    osler(capfd, "corpus", "add", "notes", corpus)
    return questions


def precision(capfd, setting, out, *options):
    """The share of the passages in view of the answers that experts marked as relevant, and that of all that were marked."""
    with served(judge) as model:
        osler(
            capfd, "eval", "own", "--data", setting, "--method", "filtered-rag", *model, "--corpus", "notes",
            "-m", "k=3", *options, "--out", out,
        )  # fmt: skip
    shown = []
    for item, question in enumerate(QUESTIONS):
        steps = read_trace(out, item)["trace"]["steps"]
        kept = [step for step in steps if step.get("label") == "filter"]
        [search] = [step for step in steps if step["kind"] == "retrieve"]
        passages = kept[0]["evidence"] if kept else search["evidence"]
        shown += [(question, one["record"]) for one in passages if one.get("supports") is not False]
    right = RELEVANT & set(shown)
    return len(right) / len(shown), len(right) / len(RELEVANT)


def test_adding_the_filter_raises_the_precision_of_the_passages_in_view(setting, tmp_path, capfd):
    # Three passages each: of Falk's one is relevant, of Osten's two.
    plain = precision(capfd, setting, tmp_path / "plain", "-m", "filter=false", "-m", "reformulate=false")
    assert plain == (3 / 6, 1.0)
    filtered = precision(capfd, setting, tmp_path / "filtered", "-m", "reformulate=false")
    assert filtered == (1.0, 1.0)
    assert precision(capfd, setting, tmp_path / "both")[0] == 1.0
