"""Row 189, BRAINS: a synthetic cohort table is indexed; the nearest patients appear in the prompt; the severity class from a
scripted model is scored by macro F1."""

import json
import random
import re
from collections import Counter

import numpy as np
import pytest
from spoken import Spoken, through

from osler.benchmarks.cohort import Cohort
from osler.cli.main import main
from osler.knowledge.cohort import CohortRetriever, features_of, read_cohort
from osler.scoring.choice import ChoiceScorer

CLASSES = {"0": (72, 29, 0.77), "0.5": (75, 25, 0.73), "1": (78, 18, 0.69)}


@pytest.fixture
def table(tmp_path):
    draw = random.Random(189)
    lines = ["ID,Age,MMSE,nWBV,CDR,split"]
    for number in range(90):
        stage = list(CLASSES)[number % 3]
        age, score, volume = CLASSES[stage]
        values = f"{draw.gauss(age, 5):.0f},{draw.gauss(score, 2.5):.0f},{draw.gauss(volume, 0.02):.3f}"
        lines.append(f"S{number:02},{values},{stage},{'test' if number >= 60 else 'train'}")
    path = tmp_path / "oasis.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def shown(prompt):
    """The neighbours of a prompt: who they are, their values, their class."""
    found = re.findall(r"<<< passage \[\d\]\n.*\| (S\d\d)\n((?:.+\n)+?)CDR: (\S+)\n>>>", prompt)
    return [(who, features_of(text), stage) for who, text, stage in found]


def majority(prompt, schema):
    """A model that says what most of the neighbours have, the nearest where it is even."""
    stages = [stage for _, _, stage in shown(prompt)]
    return {"reasoning": "as the others", "citations": [1], "answer": Counter(stages).most_common(1)[0][0]}


def test_the_nearest_by_standardised_values_are_in_the_prompt_and_the_class_is_scored_by_macro_f1(table):
    cohort = CohortRetriever(read_cohort(table))
    items = list(Cohort.items(table))
    assert len(items) == 30 and len(cohort.patients) == 60
    names = ("age", "mmse", "nwbv")
    known = np.array([[features_of(p.profile())[name] for name in names] for p in cohort.patients])
    z = (known - known.mean(axis=0)) / known.std(axis=0)
    rows, said = [], []
    for item in items:
        model = Spoken(majority)
        answer = through("brains(k=5)", item.case, model, retriever=cohort).answer
        assert answer is not None
        own = [features_of(item.case.text)[name] for name in names]
        far = np.sqrt((((np.array(own) - known.mean(axis=0)) / known.std(axis=0) - z) ** 2).mean(axis=1))
        nearest = [cohort.patients[i].id for i in np.argsort(far, kind="stable")[:5]]
        assert [who for who, _, _ in shown(model.prompt(0))] == nearest
        rows.append(ChoiceScorer.score(item.reference, answer))
        said.append((item.reference.key, answer.choice))
    found = ChoiceScorer.summarise(rows, [item.group for item in items])
    f1 = []
    for stage in CLASSES:
        hits = sum(gold == choice == stage for gold, choice in said)
        f1.append(2 * hits / (sum(g == stage for g, _ in said) + sum(c == stage for _, c in said)))
    assert found["macro_F1"] == pytest.approx(sum(f1) / 3) and found["macro_F1"] > 0.7


def test_no_test_patient_is_a_neighbour_and_no_class_of_the_patient_is_in_the_prompt(table):
    model = Spoken(majority)
    item = next(iter(Cohort.items(table)))
    through("brains", item.case, model, retriever=CohortRetriever(read_cohort(table)))
    assert all(int(who[1:]) < 60 for who, _, _ in shown(model.prompt(0)))
    assert "CDR: " not in item.case.text


def test_one_command_does_it(table, tmp_path, capsys):
    words = ["--method", "brains", "--corpus", f"cohort:{table}", "--model", "simulated:accuracy=0.9"]
    with pytest.raises(SystemExit) as ended:
        main(["eval", "cohort", "--data", str(table), *words, "--out", str(tmp_path / "run"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert not ended.value.code and found["n"] == 30 and 0.5 < found["macro_F1"] <= 1
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert "cohort:oasis" in json.dumps(manifest)
