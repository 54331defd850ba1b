"""Laboratory results to findings: only the laboratory's own range or flag makes a value high or low."""

from __future__ import annotations

import pytest

from osler.case import Measurement, Quantity, Term
from osler.errors import SourceError
from osler.findings import labs
from osler.findings.analytes import analyte, analyte_of_code, analytes
from osler.findings.labs import findings_from, judge
from osler.findings.values import Notes


@pytest.fixture
def without_annotations(monkeypatch):
    monkeypatch.delenv("OSLER_DATA", raising=False)
    monkeypatch.setattr(labs, "used_paths", lambda name: [])
    labs.annotated_meanings.cache_clear()
    yield
    labs.annotated_meanings.cache_clear()


@pytest.fixture
def with_annotations(data_dir):
    labs.annotated_meanings.cache_clear()


def result(value, unit="mmol/L", low=None, high=None, code="LOINC:2823-3", label="", **more):
    comparator = ""
    if isinstance(value, str):
        comparator, value = value[0], float(value[1:])
    quantity = Quantity(value=value, unit=unit, comparator=comparator)
    term = Term(id=code, label=label)
    return Measurement(term=term, quantity=quantity, reference_low=low, reference_high=high, **more)


@pytest.mark.parametrize(
    ("value", "low", "high", "outcome"),
    [
        (2.9, 3.5, 5.1, "L"),
        (3.5, 3.5, 5.1, "N"),
        (5.1, 3.5, 5.1, "N"),
        (5.2, 3.5, 5.1, "H"),
        (9, None, 5, "H"),
        (9, 5, None, "N"),
        ("<3.5", 3.5, 5.1, "L"),
        ("<4", 3.5, 5.1, None),
        ("<4", None, 5.1, "N"),
        ("<0.01", 0, 0.04, "N"),
        (">5.1", 3.5, 5.1, "H"),
        (">4", 3.5, 5.1, None),
        (4, 5.1, 3.5, None),
    ],
)
def test_value_against_range(value, low, high, outcome):
    assert judge(result(value, low=low, high=high), Notes()) == outcome


def test_without_a_range_nothing_is_judged_and_that_is_said(without_annotations):
    notes = Notes()
    assert findings_from([result(1.0), result(9.0)], notes) == []
    assert [n.code for n in notes.notices()] == ["range-missing"]


def test_an_unknown_unit_is_kept_but_not_judged():
    notes = Notes()
    assert judge(result(2.9, "bananas", 3.5, 5.1), notes) is None
    assert notes.count("unit-unknown") == 1


@pytest.mark.parametrize(
    ("flag", "outcome"), [("HH", "H"), ("LL", "L"), ("N", "N"), ("POS", "POS"), ("S", None)]
)
def test_flags(flag, outcome):
    assert judge(result(4.0, interpretation=flag), Notes()) == outcome


def test_an_abnormal_flag_takes_its_side_from_the_range():
    assert judge(result(2.9, low=3.5, high=5.1, interpretation="A"), Notes()) == "L"


def test_a_flag_against_its_range_is_uncertain(with_annotations):
    notes = Notes()
    (finding,) = findings_from([result(2.9, low=3.5, high=5.1, interpretation="H")], notes)
    assert finding.status == "uncertain"
    assert notes.count("interpretation-conflict") == 1


def test_common_tests_need_no_annotations(without_annotations):
    notes = Notes()
    low, named = findings_from(
        [result(2.9, low=3.5, high=5.1), result(80, "g/L", 120, 160, code="", label="Hb")], notes
    )
    assert (low.id, low.status, low.source) == ("HP:0002900", "present", "lab")
    assert named.id == "HP:0020062"
    assert [n.code for n in notes.notices()] == ["loinc2hpo-missing"]


def test_annotations_cover_rare_tests(with_annotations, knowledge):
    methionine = result(90, "umol/L", 10, 45, code="LOINC:20660-7", label="Methionine")
    (finding,) = findings_from([methionine], Notes(), knowledge.ontology)
    assert finding.status == "present" and finding.label
    assert finding.note == "Methionine: high by the reference range from 10 to 45"


def test_a_normal_result_excludes_what_it_can(with_annotations, knowledge):
    (potassium,) = findings_from([result(4.0, low=3.5, high=5.1)], Notes(), knowledge.ontology)
    assert (potassium.label, potassium.status) == ("Abnormal blood potassium concentration", "absent")
    # The annotation says that a normal bilirubin excludes any abnormality of metabolism; it does not.
    bilirubin = result(3, "umol/L", 0, 5, code="LOINC:1968-7")
    assert [f.label for f in findings_from([bilirubin], Notes(), knowledge.ontology)] == [
        "Hyperbilirubinemia"
    ]


def test_a_low_crp_is_not_a_low_c_peptide(with_annotations):
    notes = Notes()
    assert findings_from([result(0.1, "mg/L", 1, 5, code="LOINC:1988-5")], notes) == []
    assert notes.count("lab-unmapped") == 1


def test_the_latest_result_decides(with_annotations):
    early = result(2.9, low=3.5, high=5.1, when="2020-01-01")
    late = result(4.0, low=3.5, high=5.1, when="2021-01-01")
    statuses = {f.id: f.status for f in findings_from([late, early], Notes())}
    assert statuses == {"HP:0002900": "historical", "HP:0011042": "absent"}


def test_positive_and_negative(with_annotations):
    positive = Measurement(term=Term(id="LOINC:2349-9"), interpretation="POS")
    negative = Measurement(term=Term(id="LOINC:8061-4"), interpretation="NEG")
    found = {f.id: f.status for f in findings_from([positive, negative], Notes())}
    assert found == {"HP:0003076": "present", "HP:0003493": "absent"}


def test_prothrombin_time_in_percent_is_not_judged():
    assert findings_from([result(140, "%", 70, 120, code="LOINC:5902-2")], Notes()) == []


def test_analytes_by_the_names_clinicians_use(knowledge):
    assert analyte("Hb").name == "hemoglobin"
    assert analyte("serum  Potassium:").loinc == "LOINC:2823-3"
    assert analyte("the weather") is None
    assert analyte_of_code("LOINC:2951-2").name == "sodium"
    spellings = [s.lower() for a in analytes() for s in (a.name, *a.spellings)]
    assert len(spellings) == len(set(spellings))
    for known in analytes():
        for term in (known.high, known.low):
            assert term is None or term in knowledge.ontology


def test_later_tables_and_damaged_ones(tmp_path):
    table = tmp_path / "loinc2hpo-annotations.tsv"
    table.write_text(
        "loincId\tloincScale\toutcome\thpoTermId\n1-1\tQn\tH\tHP:0002153\n1-1\tQn\tN\tHP:0011042\n\nbroken\n"
    )
    meaning = labs.annotated_meanings(table)["1-1"]
    assert meaning.terms == {"H": ("HP:0002153", False), "N": ("HP:0011042", True)}
    with pytest.raises(SourceError, match="osler data verify"):
        labs.annotated_meanings(tmp_path)
