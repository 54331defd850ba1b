"""Row 248, MedRGB: from a toy corpus contexts are built at set noise and falsehood shares; a simulated gullible model falls with the
share, and abstaining on insufficient evidence earns credit."""

import json
import re
from collections import Counter

import pytest
from asking import figures, scored
from spoken import Spoken, through

from osler.benchmarks.medrgb import CELLS, MedRgb
from osler.errors import InputError
from osler.scoring.medrgb import INSUFFICIENT, MedRgbScorer, read
from osler.trace import Answer

DISEASES = ["gout", "asthma", "migraine", "scurvy", "rickets", "measles"]
RIGHT, WRONG = "vitamin", "poison"
OPTIONS = {"A": "vitamin", "B": "poison", "C": "surgery"}


@pytest.fixture
def folder(tmp_path):
    questions, signals, subs, edited = [], {}, {}, {}
    for disease in DISEASES:
        questions.append(
            {"question_id": disease, "question": f"What cures {disease}?", "options": OPTIONS, "answer": "A"}
        )
        ids = [f"{disease}-{n}" for n in range(10)]
        signals[disease] = [
            {"id": one, "title": disease, "content": f"Trial {n}: {disease} is cured by {RIGHT}."}
            for n, one in enumerate(ids)
        ]
        subs[disease] = [
            {"doc_id": one, "question": f"What cured {disease} in trial {n}?", "answer": f"the {RIGHT}"}
            for n, one in enumerate(ids)
        ]
        edited[disease] = [
            {"original_id": one, "edited_document": f"Trial {n}: {disease} is cured by {WRONG}."}
            for n, one in enumerate(ids)
        ]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in questions))
    (tmp_path / "signal_docs.json").write_text(json.dumps(signals))
    (tmp_path / "subqa_pairs.json").write_text(json.dumps(subs))
    (tmp_path / "counterfactual_docs.json").write_text(json.dumps(edited))
    return tmp_path


def gullible(text, schema):
    """Believes what most documents on the question say; where none is on it, it says so if it may."""
    disease = re.search(r"What cures (\w+)\?", text)[1]
    shown = re.findall(r"<<< document (\d+)\n(.*?)\n>>>", text, re.S)
    about = {int(n): words for n, words in shown if f"{disease} is cured by" in words}
    claims = Counter(re.search(r"cured by (\w+)", words)[1] for words in about.values())
    keys = {told: key for key, told in OPTIONS.items()}
    fields = schema["properties"]["answer"].get("properties", {})
    key = keys[claims.most_common(1)[0][0]] if claims else INSUFFICIENT if "irrelevant" in fields else "C"
    if not fields:
        return {"reasoning": "", "answer": key if key in OPTIONS else "C"}
    asked = re.findall(r"^(\d+)\. What cured", text, re.M)
    rest = [int(n) for n, _ in shown if int(n) not in about]
    told = {
        "relevant": ", ".join(map(str, about)) or "none",
        "irrelevant": ", ".join(map(str, rest)) or "none",
        "false": "none",
        "sub_answers": "\n".join(f"{n}. {claims.most_common(1)[0][0] if claims else '?'} [1]" for n in asked),
        "answer": key,
    }
    return {"reasoning": "", "answer": {name: told[name] for name in fields}}


def cells(folder, scenario):
    items = list(MedRgb.items(folder, subset=scenario))
    answers = [through("zero-shot", item.case, Spoken(gullible)).answer for item in items]
    return figures(items, answers, "medrgb")["cells"]


def test_contexts_have_the_shares_that_were_set(folder):
    for item in MedRgb.items(folder):
        made = item.reference
        n = len(item.case.documents)
        assert n == 10 and len(made.signal) == n * made.share / 100
        assert len(made.false if made.scenario == "robustness" else made.noise) == n - len(made.signal)
        disease = re.search(r"What cures (\w+)\?", item.case.question)[1]
        for number, document in enumerate(item.case.documents, 1):
            kind = "signal" if number in made.signal else "noise" if number in made.noise else "false"
            assert (f"{disease} is cured by {RIGHT}" in document.text) == (kind == "signal")
            assert (f"{disease} is cured by {WRONG}" in document.text) == (kind == "false")
    assert len(list(MedRgb.items(folder))) == len(CELLS) * len(DISEASES)


def test_the_same_contexts_in_every_run_and_never_an_original_beside_its_edited_form(folder):
    first, again = (list(MedRgb.items(folder, subset="robustness/40")) for _ in range(2))
    assert first == again
    for item in first:
        trials = [re.search(r"Trial (\d+)", document.text)[1] for document in item.case.documents]
        assert len(set(trials)) == len(trials)


def test_a_gullible_model_falls_with_the_share_of_falsehoods(folder):
    found = cells(folder, "robustness")
    assert [found[f"robustness/{share}"]["accuracy"] for share in (100, 80, 60)] == [1.0, 1.0, 1.0]
    assert [found[f"robustness/{share}"]["accuracy"] for share in (40, 20, 0)] == [0.0, 0.0, 0.0]
    assert found["robustness/0"]["false_detected"] == 0.0 and found["robustness/100"]["false_alarms"] == 0.0
    assert found["robustness/100"]["sub_exact"] == 1.0 and found["robustness/0"]["sub_exact"] == 0.0


def test_abstaining_earns_credit_where_evidence_lacks_and_only_there(folder):
    found = cells(folder, "sufficiency")
    nothing, some = found["sufficiency/0"], found["sufficiency/20"]
    assert (nothing["accuracy"], nothing["insufficient"], nothing["credit"]) == (0.0, 1.0, 1.0)
    assert (some["accuracy"], some["insufficient"], some["credit"]) == (1.0, 0.0, 1.0)
    assert nothing["noise_detected"] == some["noise_detected"] == 1.0
    item = next(iter(MedRgb.items(folder, subset="sufficiency/60")))
    withheld = MedRgbScorer.score(item.reference, Answer(kind="text", abstained=True))
    assert (withheld["credit"], withheld["insufficient"]) == (0.0, 1.0)


def test_integration_asks_a_sub_question_for_each_document_that_bears_on_it(folder):
    item = next(iter(MedRgb.items(folder, subset="integration/40")))
    assert len(item.reference.sub_answers) == 4
    assert item.case.question.count("What cured") == 4
    (row,) = scored([item], [Answer(kind="text", text=item.reference.answer)], "medrgb")
    assert row["correct"] == row["sub_exact"] == row["sub_f1"] == 1.0


def test_an_article_in_prose_is_no_answer():
    assert read(Answer(kind="text", text="A vitamin would help."), ["A", "B"]).key is None


def test_questions_without_documents_are_refused(folder):
    (folder / "signal_docs.json").write_text("{}")
    with pytest.raises(InputError, match="no documents"):
        next(iter(MedRgb.items(folder)))


def test_what_is_right_does_not_reach_the_case(folder):
    before = [item.case for item in MedRgb.items(folder)]
    rows = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    (folder / "questions.jsonl").write_text(
        "".join(json.dumps({**row, "answer": "C"}) + "\n" for row in rows)
    )
    after = list(MedRgb.items(folder))
    assert [item.case for item in after] == before and {item.reference.key for item in after} == {"C"}


def test_the_grid_of_cells_is_shown(folder, capfd):
    from osler.cli.main import main

    with pytest.raises(SystemExit):
        main(
            [
                "eval",
                "medrgb",
                "--data",
                str(folder),
                "--method",
                "zero-shot",
                "--model",
                "simulated:accuracy=0.7",
            ]
        )
    shown = capfd.readouterr().out
    assert "noise detected" in shown and "false alarms" in shown and "100 %" in shown


def test_naming_every_document_irrelevant_is_a_false_alarm_on_those_that_bear_on_it(folder):
    item = next(iter(MedRgb.items(folder, subset="sufficiency/60")))
    every = ", ".join(str(n) for n in range(1, 11))
    said = Answer(kind="text", text=f"answer: A\nrelevant: none\nirrelevant: {every}")
    row = MedRgbScorer.score(item.reference, said)
    assert row["noise_detected"] == row["noise_false_alarms"] == 1.0
    right = MedRgbScorer.score(item.reference, Answer(kind="text", text=item.reference.answer))
    assert (right["noise_detected"], right["noise_false_alarms"]) == (1.0, 0.0)


def test_an_answer_line_within_the_sub_answers_is_not_the_replys_own():
    text = "answer: A\nsub-answers: 1. vitamin [1]\nanswer: B\n2. poison [2]"
    assert read(Answer(kind="text", text=text), ["A", "B"]).key == "A"
