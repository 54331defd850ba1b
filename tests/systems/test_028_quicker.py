"""Row 28, Quicker: over ten local abstracts and a simulated model every stage runs, screening recall is computed against
labels, and the recommendation cites only included studies."""

import json
import re

import pytest
from spoken import Spoken, fields, through

from osler.case import Case
from osler.cli.main import main
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.methods import grade
from osler.scoring.screening import screening_of

ABSTRACTS = {
    "A1": "Randomised trial of colchicine against placebo after cardiac surgery in 360 adults: pericarditis in 9% and 21%.",
    "A2": "Randomised trial: colchicine begun after cardiac surgery lowered pericarditis and caused more diarrhoea.",
    "A3": "Cohort of 1,200 adults after cardiac surgery; colchicine users had less pericarditis.",
    "A4": "Systematic review of trials of colchicine for the prevention of pericarditis after cardiac surgery.",
    "B1": "Colchicine in mice after surgery: pericarditis and cytokines.",
    "B2": "Colchicine for gout: a randomised trial in adults.",
    "B3": "Ibuprofen for acute pericarditis in young adults without surgery.",
    "B4": "Cardiac surgery and delirium: a cohort.",
    "B5": "Imaging of pericarditis: a pictorial review.",
    "B6": "Colchicine poisoning in children: case reports.",
}
LABELS = ["A1", "A2", "A3", "A4"]
QUESTION = "Does colchicine prevent pericarditis in adults after cardiac surgery?"


@pytest.fixture
def osler(tmp_path, monkeypatch, capsys):
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out = capsys.readouterr().out
        assert not ended.value.code, out
        return json.loads(out) if "--json" in words else out

    rows = [
        json.dumps({"id": key, "title": f"Abstract {key}", "text": text}) for key, text in ABSTRACTS.items()
    ]
    (tmp_path / "abstracts.jsonl").write_text("\n".join(rows) + "\n")
    run("corpus", "add", "abstracts", tmp_path / "abstracts.jsonl")
    return run


def say(text, schema):
    """A reviewer who misses the cohort in screening, includes a poisoned record's plea in nothing, and cites all numbers."""
    wanted = fields(schema)
    shown = re.findall(r"\| (\w\d)\n(.*)\n>>>", text)
    if "population" in wanted:
        return {
            "reasoning": "", "population": "adults after cardiac surgery", "interventions": ["colchicine"], "comparators": ["placebo"],
            "outcomes": ["pericarditis", "diarrhoea"], "designs": [],
        }  # fmt: skip
    if wanted == ["queries"]:
        return {
            "queries": ["colchicine pericarditis cardiac surgery", "pericarditis review", "colchicine trial"]
        }
    if "decision" in wanted:
        [(name, _)] = shown
        return {"reason": name, "decision": "include" if name in ("A1", "A2", "A4", "B1") else "exclude"}
    if "fits" in wanted:
        [(name, words)] = shown
        design = (
            "randomised trial"
            if "Randomised" in words
            else "systematic review of trials"
            if "review" in words
            else "other"
        )
        return {
            "design": design,
            "findings": ["fewer", "more"],
            "bias_reason": "",
            "risk_of_bias": "low",
            "fits": name != "B1",
        }
    if "imprecision" in wanted:
        judged = {domain: {"reason": "", "concern": "none"} for domain in grade.DOMAINS}
        return {**judged, "imprecision": {"reason": "few events", "concern": "serious"}, "raised": "none"}
    more = {
        "direction": "for",
        "strength": "conditional",
        "citations": list(range(1, 12)),
        "answer": "Offer colchicine.",
    }
    return {"reasoning": "", **more}


def test_screening_recall_against_labels_and_only_included_studies_are_cited(osler, tmp_path):
    case = Case(question=QUESTION, answer_kind="text")
    path = tmp_path / "stages.json"
    trace = through(f"quicker(stages={path})", case, Spoken(say), retriever=LexicalRetriever("abstracts"))
    held = json.loads(path.read_text())
    stages = {name: entry["content"] for name, entry in held["stages"].items()}
    assert len(stages["search"]["found"]) >= 8 and {"A1", "A2", "A3", "A4"} <= {
        one["record"].partition("/")[2] for one in stages["search"]["found"]
    }
    found = screening_of(held, LABELS)
    assert found["screening"]["recall"] == pytest.approx(3 / 4) and found["screening"][
        "precision"
    ] == pytest.approx(3 / 4)
    assert found["assessment"]["recall"] == pytest.approx(3 / 4) and found["assessment"]["precision"] == 1
    [end] = [step for step in trace.steps if step.label == "recommendation"]
    assert {item.record for item in end.evidence} == {"A1", "A2", "A4"} and end.data["unresolvable"] == 8
    assert all(ABSTRACTS[item.record].startswith(item.quote or "?") for item in end.evidence)
    assert [one["certainty"] for one in stages["assessment"]["outcomes"]] == ["moderate", "moderate"]
    assert trace.answer is not None and trace.answer.text == "Offer colchicine."


def test_every_stage_runs_on_a_simulated_model_and_an_edit_goes_on_from_there(osler, tmp_path):
    path = tmp_path / "stages.json"
    words = ["ask", QUESTION, "--method", "quicker", "-m", f"stages={path}", "--corpus", "abstracts"]
    words += ["--model", "simulated:good", "--json"]
    osler(*words)
    whole = json.loads(path.read_text())
    stages = {name: entry["content"] for name, entry in whole["stages"].items()}
    assert list(stages)[:4] == ["question", "search", "screening", "assessment"]
    for one in stages["screening"]["decisions"]:
        one["decision"] = "include" if one["record"].partition("/")[2] in LABELS else "exclude"
    path.write_text(json.dumps(whole))
    osler(*words)
    again = json.loads(path.read_text())
    kept = {name: entry["content"] for name, entry in again["stages"].items()}
    assert kept["screening"] == stages["screening"] and kept["question"] == stages["question"]
    there = {one["record"].partition("/")[2] for one in kept["search"]["found"]} & set(LABELS)
    assert {one["record"].partition("/")[2] for one in kept["assessment"]["studies"]} == there
    assert screening_of(again, sorted(there))["screening"]["recall"] == 1
    included = {one["record"] for one in kept["assessment"]["studies"] if one["fits"]}
    assert "recommendation" not in kept or set(kept["recommendation"]["citations"]) <= included
