"""Row 216, DDXPlus: its evidence, condition and patient files load; the embedded engine asks under a budget; evidence
recall, differential F1 and pathology accuracy print."""

import json

import pytest
from typer.testing import CliRunner

from osler.benchmarks.ddxplus import patient_file, read_definitions, read_patients, write_patients
from osler.benchmarks.ddxplus_sampler import PatientSampler
from osler.evaluation.ddxplus import Interviewer, codes_at_or_below


@pytest.fixture(scope="module")
def folder(data_dir):
    return data_dir / "ddxplus"


@pytest.fixture(scope="module")
def definitions(folder):
    return read_definitions(folder)


@pytest.fixture(scope="module")
def engine(folder):
    from osler.diagnosis.engine import Engine
    from osler.knowledge import load_knowledge

    return Engine(load_knowledge("ddxplus"), method="embedded")


def interview(engine, definitions, patients, questions):
    return [record for record, _ in Interviewer(engine, definitions, questions)(list(enumerate(patients)))]


def mean(records, name):
    return sum(record["scores"][name] for record in records) / len(records)


def test_evidence_condition_and_patient_files_load(folder, definitions, tmp_path):
    for name in ("release_evidences.json", "release_conditions.json"):
        (tmp_path / name).write_bytes((folder / "release" / name).read_bytes())
    drawn = PatientSampler(folder, definitions).draw(5, seed=1)
    write_patients(tmp_path / "release_test_patients.csv", drawn)
    assert list(read_patients(patient_file(tmp_path), read_definitions(tmp_path))) == drawn


def test_every_evidence_has_a_term_to_ask_for(engine, definitions):
    table = codes_at_or_below(engine.knowledge.ontology, definitions)
    assert set().union(*(exact for exact, _ in table.values())) == set(definitions.evidences)


def test_the_budget_is_kept_and_more_questions_tell_more(engine, definitions, folder):
    patients = PatientSampler(folder, definitions).draw(40, seed=2)
    few, many = (interview(engine, definitions, patients, questions) for questions in (2, 20))
    assert all(len(record["asked"]) <= 2 for record in few)
    assert all(len(set(record["asked"])) == len(record["asked"]) <= 20 for record in many)
    for metric in ("GTPA@1", "DDF1", "PER"):
        assert mean(many, metric) > mean(few, metric)
    assert mean(many, "GTPA@1") > 0.6


def test_what_the_patient_did_not_say_cannot_be_seen(engine, definitions, folder):
    """Swapping pathology and differential, which only the scorer may see, changes no question and no answer."""
    patients = PatientSampler(folder, definitions).draw(6, seed=3)
    swapped = [
        type(p)(p.age, p.sex, q.pathology, q.differential, p.evidences, p.initial)
        for p, q in zip(patients, patients[1:] + patients[:1], strict=True)
    ]
    before = interview(engine, definitions, patients, 8)
    after = interview(engine, definitions, swapped, 8)
    assert [(r["asked"], r["top"]) for r in before] == [(r["asked"], r["top"]) for r in after]


def test_the_figures_print(folder, tmp_path):
    from osler.cli.main import app

    run = tmp_path / "run"
    words = ["eval", "ddxplus", "--data", str(folder), "--sample", "20", "--questions", "10"]
    result = CliRunner().invoke(app, [*words, "--out", str(run), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["n"] == 20 and found["questions"] <= 10
    for metric in ("PER", "DDF1", "GTPA@1"):
        low, high = found["ci"][metric]
        assert 0 <= low <= found[metric] <= high <= 1
    again = CliRunner().invoke(app, ["eval", "--resume", str(run), "--json"])
    assert json.loads(again.stdout) == found
    shown = CliRunner().invoke(app, ["eval", "--resume", str(run)])
    assert "DDF1" in shown.stdout and "GTPA@1" in shown.stdout and "PER" in shown.stdout
