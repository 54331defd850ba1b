"""DDXPlus files in the published layout, and patients drawn from the condition model."""

import json
import zipfile

import pytest

from osler.benchmarks.ddxplus import (
    Patient,
    patient_file,
    read_definitions,
    read_patients,
    write_patients,
)
from osler.benchmarks.ddxplus_sampler import PatientSampler
from osler.errors import InputError


def evidence(code, question, kind="B", parent=None, values=(), default=0, antecedent=False):
    return {
        "name": code,
        "code_question": parent or code,
        "question_en": question,
        "is_antecedent": antecedent,
        "data_type": kind,
        "default_value": default,
        "possible-values": list(values),
        "value_meaning": {},
    }


EVIDENCES = {
    "E_1": evidence("E_1", "Do you have a fever?"),
    "E_2": evidence("E_2", "Do you have pain?"),
    "E_3": evidence("E_3", "How strong is the pain?", "C", parent="E_2", values=range(11)),
    "E_4": evidence("E_4", "Do you smoke?", antecedent=True),
}
CONDITIONS = {
    "Flu": {"condition_name": "Flu", "symptoms": {"E_1": {}}, "antecedents": {}, "severity": 3},
    "Angina": {
        "condition_name": "Angina",
        "symptoms": {"E_2": {}, "E_3": {}},
        "antecedents": {"E_4": {}},
        "severity": 1,
    },
}
MODEL = {
    "condition_counts": {"Flu": 300, "Angina": 100},
    "probabilities": {
        "Flu": {"E_1": 0.9, "E_2": 0.2, "E_3": 0.2, "E_4": 0.0},
        "Angina": {"E_1": 0.0, "E_2": 1.0, "E_3": 1.0, "E_4": 0.6},
    },
}
# One row as the release writes them.
ROW = """AGE,DIFFERENTIAL_DIAGNOSIS,SEX,PATHOLOGY,EVIDENCES,INITIAL_EVIDENCE
18,"[['Angina', 0.7], ['Flu', 0.3]]",M,Angina,"['E_2', 'E_3_@_4', 'E_4']",E_2
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "release_evidences.json").write_text(json.dumps(EVIDENCES))
    (tmp_path / "release_conditions.json").write_text(json.dumps(CONDITIONS))
    (tmp_path / "derived").mkdir()
    (tmp_path / "derived" / "symptom_condition_probs.json").write_text(json.dumps(MODEL))
    (tmp_path / "release_test_patients.csv").write_text(ROW)
    return tmp_path


def test_a_patient_file_is_read_plain_and_zipped(folder):
    definitions = read_definitions(folder)
    plain = list(read_patients(patient_file(folder), definitions))
    with zipfile.ZipFile(folder / "release_test_patients.zip", "w") as zipped:
        zipped.writestr("release_test_patients", ROW)
    assert list(read_patients(folder / "release_test_patients.zip", definitions)) == plain
    assert plain == [
        Patient(18, "M", "Angina", {"Angina": 0.7, "Flu": 0.3}, ("E_2", "E_3_@_4", "E_4"), "E_2")
    ]
    assert plain[0].codes == {"E_2", "E_3", "E_4"}


def test_a_method_is_shown_only_what_the_patient_opens_with(folder):
    case = next(read_patients(patient_file(folder), read_definitions(folder))).opening()
    assert [finding.id for finding in case.findings] == ["DDXPLUS:E_2"]
    assert case.demographics.sex == "male" and case.demographics.age_years == 18
    assert "Angina" not in case.to_json() and "E_4" not in case.to_json()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("E_3_@_4", "E_99_@_4"), "'E_99' is not in release_evidences.json"),
        ((",Angina,", ",Scurvy,"), "'Scurvy' is not in release_conditions.json"),
        (("\"['E_2'", "\"['E_2"), "line 2: does not fit"),
        (("SEX", "GENDER"), "no column SEX"),
    ],
)
def test_a_row_that_does_not_fit_is_named(folder, change, reason):
    (folder / "release_test_patients.csv").write_text(ROW.replace(*change))
    with pytest.raises(InputError, match=reason):
        list(read_patients(patient_file(folder), read_definitions(folder)))


def test_a_folder_without_definitions(tmp_path):
    with pytest.raises(InputError, match="has no release_evidences"):
        read_definitions(tmp_path)


def test_drawn_patients_follow_the_published_probabilities(folder):
    definitions = read_definitions(folder)
    patients = PatientSampler(folder, definitions).draw(2000, seed=1)
    flu = [p for p in patients if p.pathology == "Flu"]
    assert len(flu) / len(patients) == pytest.approx(0.75, abs=0.03)
    assert sum("E_4" in p.codes for p in flu) == 0
    angina = [p for p in patients if p.pathology == "Angina"]
    assert sum("E_4" in p.codes for p in angina) / len(angina) == pytest.approx(0.6, abs=0.06)
    assert all(("E_3" not in p.codes) or ("E_2" in p.codes) for p in patients)
    assert all(p.initial in p.evidences for p in patients)
    assert all(sum(p.differential.values()) == pytest.approx(1) for p in patients)


def test_the_same_seed_draws_the_same_patients_and_they_survive_writing(folder, tmp_path):
    definitions = read_definitions(folder)
    sampler = PatientSampler(folder, definitions)
    patients = sampler.draw(20, seed=3)
    assert patients == sampler.draw(20, seed=3) != sampler.draw(20, seed=4)
    write_patients(tmp_path / "drawn.csv", patients)
    assert list(read_patients(tmp_path / "drawn.csv", definitions)) == patients


def test_the_published_model_is_drawn_from(data_dir):
    folder = data_dir / "ddxplus"
    definitions = read_definitions(folder)
    patients = PatientSampler(folder, definitions).draw(50, seed=0)
    assert len(definitions.conditions) == 49 and len(definitions.evidences) == 223
    assert sum(len(p.codes) for p in patients) / 50 > 5
