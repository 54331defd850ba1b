"""`read_case` tells inputs apart by looking, and says of a bad one what to do."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from osler.errors import InputError
from osler.findings.reader import read_case

RECORDS = Path(__file__).parent.parent / "fixtures" / "records"
LETTER = "This 12-year-old girl has arachnodactyly and scoliosis. No ectopia lentis. Her mother has migraine."


def statuses(case):
    return {finding.label: finding.status for finding in case.findings}


def test_a_letter():
    case = read_case(LETTER)
    found = statuses(case)
    assert (found["Arachnodactyly"], found["Ectopia lentis"], found["Migraine"]) == (
        "present",
        "absent",
        "family",
    )
    for finding in case.findings:
        assert case.text[finding.span.start : finding.span.end] == finding.text


@pytest.mark.parametrize("name", ["letter.txt", "letter.json", "letter.yaml", "letter"])
def test_a_name_says_nothing(tmp_path, name):
    path = tmp_path / name
    path.write_text(LETTER)
    assert statuses(read_case(path))["Scoliosis"] == "present"
    path.write_bytes((RECORDS / "phenopacket_v2.json").read_bytes())
    assert statuses(read_case(path))["Seizure"] == "absent"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("phenopacket_v1.json", "phenopacket"),
        ("phenopacket_v2.json", "phenopacket"),
        ("phenopacket_v2.yaml", "phenopacket"),
        ("family.json", "phenopacket"),
        ("bundle.json", "fhir"),
        ("bulk.ndjson", "fhir"),
    ],
)
def test_the_kinds_of_files(name, source):
    assert read_case(RECORDS / name).findings[0].source == source


@pytest.mark.parametrize(
    "prose",
    ["[Letter of 3 May]\nHe has ataxia.", "{sic} ataxia", "subject: ataxia: yes: no", "findings: ataxia"],
)
def test_prose_that_resembles_a_record(prose):
    assert "Ataxia" in statuses(read_case(prose))


@pytest.mark.parametrize(
    "dress", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.decode().encode("utf-16"), gzip.compress]
)
def test_records_in_other_dress(dress):
    data = dress((RECORDS / "phenopacket_v2.json").read_bytes())
    assert statuses(read_case(data))["Seizure"] == "absent"


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(LETTER.encode())))
    assert "Scoliosis" in statuses(read_case("-"))


def test_the_same_input_gives_the_same_case():
    assert read_case(LETTER) == read_case(LETTER)
    assert read_case(LETTER).id != read_case(LETTER + " Fever.").id


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\x7fELF\x01\x01", "a program"),
        (b'{"phenotypicFeatures": [{"type": {"id": "HP:00', "stops early at line 1"),
        (b'{"resourceType": "Bundle", "entry": [}', "not valid JSON at line 1, column 38"),
        (b'{"hello": "world"}', "no phenopacket, FHIR record or Osler case"),
        (b"{}", "no phenopacket, FHIR record or Osler case"),
        (b"{'python': 'dict'}", "not valid JSON"),
        (b"[{}, {}]", "list of 2 things"),
        (b"[[[[]]]]", "list of 0 things"),
        (b'{"members": [{}, {}]}', "cohort of 2 cases"),
        (b'{"phenotypicFeatures": [{"x": NaN}]}', "not a JSON number"),
        (b"phenotypicFeatures:\n  - type: {id: HP:0001250\n", "not valid YAML at line"),
        (b"resourceType: Patient\n b: [", "not valid YAML at line"),
    ],
)
def test_bad_files(tmp_path, content, says):
    path = tmp_path / "case.dat"
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_case(path)
    assert caught.value.exit_code == 3


def test_files_that_are_not_there_or_are_no_files(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        read_case(tmp_path / "nothing.txt")
    with pytest.raises(InputError, match="is not there"):
        read_case("nothing.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_case(tmp_path)
    with pytest.raises(InputError, match="not a file"):
        read_case(Path(os.devnull))
    with pytest.raises(InputError, match="cannot be read"):
        read_case(Path("bad\0name"))
    with pytest.raises(InputError, match="cannot be read"):
        read_case(Path("x" * 5000))
    with pytest.raises(InputError, match="cannot be read from a int"):
        read_case(3)  # type: ignore[arg-type]


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "closed.txt"
    path.write_text(LETTER)

    def refused(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)  # the superuser may read any file, whatever its mode
    with pytest.raises(InputError, match="check its permissions"):
        read_case(path)


def test_the_size_is_checked_before_the_file_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr(Path, "open", lambda *a, **k: pytest.fail("opened"))
    with pytest.raises(InputError, match="larger than the limit of 10 MB"):
        read_case(path)


def test_the_limit_can_be_raised_and_holds_for_all_inputs(tmp_path, monkeypatch):
    text = "Scoliosis. " * 10
    for source in (text, text.encode()):
        with pytest.raises(InputError, match="larger than the limit of 20 bytes"):
            read_case(source, max_bytes=20)
        assert read_case(source, max_bytes=200).findings
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    with pytest.raises(InputError, match="larger than the limit"):
        read_case("-", max_bytes=20)


def test_one_case_in_a_list_is_read():
    packet = json.loads((RECORDS / "phenopacket_v2.json").read_text())
    assert statuses(read_case([packet])) == statuses(read_case(packet))
    assert statuses(read_case({"members": [packet]})) == statuses(read_case(packet))


def test_objects_too_deep():
    deep: dict = {}
    for _ in range(5_000):
        deep = {"resourceType": "Bundle", "entry": [{"resource": deep}]}
    with pytest.raises(InputError, match="nested deeper"):
        read_case(deep)


def test_a_text_stating_a_finding_both_ways_is_marked():
    case = read_case("He has ataxia. He has no ataxia.")
    assert statuses(case)["Ataxia"] == "uncertain"
    assert "contradictory-findings" in {notice.code for notice in case.notices}


def test_a_measurement_with_its_range_becomes_a_finding():
    case = read_case("Serum potassium 2.9 mmol/L (reference 3.5-5.1).")
    assert statuses(case)["Hypokalemia"] == "present"
