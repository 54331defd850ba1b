"""DDXPlus as knowledge: probabilities, priors, links to the HPO, alone and beside it."""

import json
import zipfile

import pytest

from osler.errors import InputError, SourceError
from osler.knowledge import load_knowledge
from osler.knowledge.ddxplus import Links, disease_id, join_terms, read_links, read_rows
from osler.knowledge.ddxplus_patients import count_patients
from osler.ontology.obo import read_ontology


def evidence(code, question, *, parent="", kind="B", antecedent=False, values=None, default=0):
    meanings = {key: {"en": text} for key, text in (values or {}).items()}
    return {
        "name": code, "code_question": parent or code, "question_en": question, "is_antecedent": antecedent,
        "default_value": default, "value_meaning": meanings, "data_type": kind,
    }  # fmt: skip


EVIDENCES = {
    "E_91": evidence("E_91", "Do you have a fever?"),
    "E_53": evidence("E_53", "Do you have pain?"),
    "E_55": evidence(
        "E_55",
        "Where?",
        parent="E_53",
        kind="M",
        default="V_1",
        values={"V_1": "nowhere", "V_2": "head(R)", "V_3": "toe"},
    ),
    "E_79": evidence("E_79", "Do you smoke?", antecedent=True),
}
CONDITIONS = {"Flu": {"cond-name-eng": "Influenza"}, "Cold / chill": {"cond-name-eng": "Cold"}}
TABLE = {
    "condition_counts": {"Flu": 300, "Cold / chill": 100},
    "probabilities": {
        "Flu": {"E_91": 0.9, "E_53": 0.5, "E_55": 1.0, "E_79": 0.0},
        "Cold / chill": {"E_79": 0.25},
    },
}
LINKS = Links({"E_91": "HP:0001945", "E_99": "HP:9999999"}, {"head": "HP:0001250"})


@pytest.fixture
def folder(tmp_path):
    for name, content in (
        ("release_evidences", EVIDENCES),
        ("release_conditions", CONDITIONS),
        ("symptom_condition_probs", TABLE),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def paths(folder):
    return [
        folder / f"{name}.json"
        for name in ("release_evidences", "release_conditions", "symptom_condition_probs")
    ]


def test_rows_hold_counts_and_leave_out_what_never_occurs_or_repeats_its_parent(folder):
    rows, priors = read_rows(paths(folder))
    assert [(row.disease, row.term, row.num, row.den) for row in rows] == [
        ("DDXPLUS:cold-chill", "DDXPLUS:E_79", 25, 100),
        ("DDXPLUS:flu", "DDXPLUS:E_53", 150, 300),
        ("DDXPLUS:flu", "DDXPLUS:E_91", 270, 300),
    ]
    assert priors == {"DDXPLUS:flu": 300.0, "DDXPLUS:cold-chill": 100.0}
    assert rows[1].name == "Influenza" and rows[1].references == ("arXiv:2205.09148",)


def test_linked_evidences_become_the_hpo_term_and_others_new_terms(folder, small_folder):
    records, questions = join_terms(read_ontology(small_folder / "hp.obo").terms, paths(folder)[0], LINKS)
    terms = {record.id: record for record in records}
    assert "DDXPLUS:E_91" in terms["HP:0001945"].alt_ids and questions["HP:0001945"] == "Do you have a fever?"
    assert (
        terms["DDXPLUS:E_53"].parents == ["DDXPLUS:symptoms"]
        and terms["DDXPLUS:E_53"].name == "Do you have pain"
    )
    assert terms["DDXPLUS:E_79"].parents == ["DDXPLUS:antecedents"]
    assert terms["DDXPLUS:E_55"].parents == ["DDXPLUS:E_53"]
    assert "DDXPLUS:E_55@V_2" in terms["HP:0001250"].alt_ids
    assert terms["DDXPLUS:E_55@V_3"].name == "Where: toe" and "DDXPLUS:E_55@V_1" not in terms


def test_files_that_do_not_fit_together(folder):
    (folder / "symptom_condition_probs.json").write_text('{"condition_counts": {}}')
    with pytest.raises(InputError, match="do not fit together"):
        read_rows(paths(folder))
    (folder / "release_evidences.json").write_text("[1")
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(paths(folder))


def test_probabilities_are_counted_where_only_the_patients_are_there(tmp_path):
    table = "AGE,SEX,PATHOLOGY,EVIDENCES\n18,M,Flu,\"['E_91', 'E_55_@_V_2', 'E_55_@_V_3']\"\n20,F,Flu,\"['E_53']\"\n"
    (tmp_path / "release_train_patients.csv").write_text(table)
    with zipfile.ZipFile(tmp_path / "release_train_patients.zip", "w") as archive:
        archive.writestr("release_train_patients", table)
    for name in ("release_train_patients.csv", "release_train_patients.zip"):
        counted = count_patients(tmp_path / name)
        assert counted["condition_counts"] == {"Flu": 2}
        assert counted["probabilities"]["Flu"] == {"E_91": 0.5, "E_55": 0.5, "E_53": 0.5}
    (tmp_path / "release_train_patients.csv").write_text("A,B\n1,2\n")
    with pytest.raises(InputError, match="not the patient table"):
        count_patients(tmp_path / "release_train_patients.csv")


def test_ids_are_plain():
    assert disease_id("Acute COPD exacerbation / infection") == "DDXPLUS:acute-copd-exacerbation-infection"
    assert disease_id("Guillain-Barré syndrome") == "DDXPLUS:guillain-barre-syndrome"


def test_every_link_names_a_term_of_the_packaged_release(knowledge):
    links = read_links()
    assert [i for i in (*links.evidences.values(), *links.pain.values()) if i not in knowledge.ontology] == []


def test_it_says_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.delenv("OSLER_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(SourceError, match="osler data get ddxplus"):
        load_knowledge("ddxplus")


def test_the_real_conditions_alone(data_dir):
    knowledge = load_knowledge("ddxplus")
    assert len(knowledge) == 49 and knowledge.priors.sum() == pytest.approx(1) and knowledge.notices == []
    pneumonia = knowledge.disease_index("DDXPLUS:pneumonia")
    fever = knowledge.ontology.index("HP:0001945")
    part = knowledge.pairs.of(pneumonia)
    assert fever in knowledge.pairs.term[part].tolist()
    assert knowledge.ontology.resolve("DDXPLUS:E_91").index == fever
    assert knowledge.ontology.question(fever).startswith("Do you have a fever")


def test_the_real_conditions_beside_the_hpo(data_dir, knowledge):
    both = load_knowledge("hpo+ddxplus")
    assert both.name == "hpo+ddxplus" and len(both) > len(knowledge)
    sarcoidosis = both.disease_index("DDXPLUS:sarcoidosis")
    assert both.priors.sum() == pytest.approx(1) and sarcoidosis == both.disease_index("ORPHA:797")
    common = [i for i, ids in enumerate(both.xrefs) if any(x.startswith("DDXPLUS:") for x in ids)]
    assert len(common) == 49 and both.priors[common].sum() == pytest.approx(0.5)
