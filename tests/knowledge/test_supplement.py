"""Profiles of the newer release in hpo3: known terms as they are, new terms as their nearest known ancestors."""

from dataclasses import dataclass, field

import pytest

from osler.knowledge import load_knowledge, supplement
from osler.knowledge.supplement import read_supplement, supplement_file


@dataclass
class FakeTerm:
    number: int
    parents: list = field(default_factory=list)

    def __int__(self):
        return self.number


@dataclass
class FakeDisease:
    id: int
    name: str
    hpo: set


class FakeOntology(list):
    """Looks like hpo3's ontology: Seizure (1250) and Fever (1945) are known, 5000001 and 5000002 are new."""

    def __init__(self):
        seizure, fever = FakeTerm(1250), FakeTerm(1945)
        new = FakeTerm(5000001, [seizure, fever])
        super().__init__([seizure, fever, FakeTerm(6), new, FakeTerm(5000002, [new]), FakeTerm(5000003)])
        self.omim_diseases = [FakeDisease(900, "New disease", {5000002, 6, 2182})]
        self.orpha_diseases = [FakeDisease(77, "Old disease", {1250, 5000003})]

    def version(self):
        return "2031-01-01"


def test_new_terms_become_their_nearest_known_ancestors(small_ontology, monkeypatch, tmp_path):
    fake = type("Module", (), {"Ontology": FakeOntology()})
    fake.Ontology.append(FakeTerm(2182))
    monkeypatch.setattr(supplement, "_load", lambda _: fake)
    found = read_supplement(tmp_path, small_ontology)
    assert found.release == "2031-01-01"
    assert [(row.disease, row.term, row.aspect) for row in found.rows] == [
        ("OMIM:000900", "HP:0000006", "I"),
        ("OMIM:000900", "HP:0001250", "P"),  # of 2182, an alternative id, and of 5000002
        ("OMIM:000900", "HP:0001945", "P"),
        ("ORPHA:77", "HP:0001250", "P"),
    ]
    assert {row.references for row in found.rows} == {("hpo3 2031-01-01",)}


def test_the_installed_hpo3_adds_diseases_and_no_rows_to_the_release(knowledge):
    assert supplement_file() is not None
    table = knowledge.rows
    alone = load_knowledge("hpo", supplement="none")
    assert len(alone) == knowledge.in_release.sum() and alone.supplement == ""
    assert knowledge.disease_ids[: len(alone)] == alone.disease_ids.tolist()
    assert (~table.supplement).sum() == len(alone.rows)
    everything = load_knowledge("hpo", supplement="all")
    assert len(everything) == len(knowledge) and len(everything.rows) > len(table)


def test_without_hpo3_the_release_stands_alone(monkeypatch):
    monkeypatch.setattr("osler.knowledge.load.supplement_file", lambda: None)
    assert load_knowledge("hpo").in_release.all()


def test_coverage_of_the_shown_cases_grows(data_dir):
    import json
    import zipfile

    with zipfile.ZipFile(data_dir / "phenopackets" / "phenopacket-store-before-2023.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".json")][::10]
        packets = [json.loads(archive.read(name)) for name in names]
    diagnoses = [packet["interpretations"][0]["diagnosis"]["disease"]["id"] for packet in packets]

    def share(mode):
        base = load_knowledge("hpo", supplement=mode)
        return sum(base.disease_index(d) is not None for d in diagnoses) / len(diagnoses)

    assert share("none") == pytest.approx(0.92, abs=0.02)
    assert share("diseases") > share("none") + 0.01
