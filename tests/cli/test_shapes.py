"""The command line's contract: names, JSON shapes, one object on standard output, quick help, completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

STATUSES = {"present", "absent", "uncertain", "family", "historical", "hypothetical"}


def shell(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "osler", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )


def test_the_example_is_diagnosed(osler, letter):
    ran = osler("diagnose", letter, "--json")
    assert ran.code == 0, ran.err
    result = ran.json
    assert set(result) >= {
        "findings",
        "differential",
        "none_fits",
        "next",
        "knowledge",
        "notices",
        "score_unit",
    }
    assert result["differential"][0]["name"].lower().startswith("fabry")
    total = sum(entry["probability"] for entry in result["differential"]) + result["none_fits"]
    assert 0 < total <= 1 + 1e-9
    for rank, entry in enumerate(result["differential"], 1):
        assert entry["rank"] == rank
        assert set(entry) >= {
            "id",
            "xrefs",
            "name",
            "group",
            "probability",
            "score",
            "support",
            "against",
            "missing",
        }
        for item in entry["support"] + entry["against"]:
            assert set(item) >= {"id", "label", "contribution", "frequency", "references"}
        for item in entry["missing"]:
            assert set(item) >= {"id", "label", "frequency"}
    for question in result["next"]:
        assert set(question) >= {"id", "label", "question", "gain", "cost"}
    assert set(result["knowledge"]) >= {"name", "release", "diseases", "checksum"}
    assert all(set(notice) == {"code", "text"} for notice in result["notices"])


def test_findings_of_the_example(osler, letter):
    ran = osler("findings", letter, "--json")
    assert ran.code == 0, ran.err
    text = letter.read_text()
    for finding in ran.json["findings"]:
        assert set(finding) == {"id", "label", "status", "text", "start", "end", "source"}
        assert finding["status"] in STATUSES
        if finding["start"] is not None and finding["source"] == "text":
            assert text[finding["start"] : finding["end"]] == finding["text"]
    by_label = {f["label"].lower(): f["status"] for f in ran.json["findings"]}
    assert by_label["angiokeratoma"] == "present"
    assert by_label["cataract"] == "absent"
    assert by_label["hypertrophic cardiomyopathy"] == "family"
    assert by_label["left ventricular hypertrophy"] == "hypothetical"
    for measurement in ran.json["measurements"]:
        assert set(measurement) >= {"label", "value", "unit", "start", "end", "code"}
    values = {m["label"].lower(): (m["value"], m["unit"]) for m in ran.json["measurements"]}
    assert (71.0, "umol/L") in values.values()
    assert ran.json["demographics"]["sex"] == "male"
    assert 17 * 365 <= ran.json["demographics"]["age_days"] < 18 * 366


def test_the_report_for_people_names_reasons_and_limits(osler, letter):
    ran = osler("diagnose", letter)
    assert ran.code == 0
    for words in (
        "What was understood",
        "Differential",
        "Fabry",
        "What to find out next",
        "Not a medical device",
        "2025",
    ):
        assert words in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_findings_given_one_by_one(osler):
    words = [
        "--present",
        "HP:0001083",
        "--present",
        "arachnodactyly",
        "--absent",
        "HP:0001250",
        "--age",
        "34",
    ]
    ran = osler("diagnose", *words, "--sex", "male", "--top", "3", "--json")
    assert ran.code == 0, ran.err
    assert len(ran.json["differential"]) == 3
    assert {(f["id"], f["status"]) for f in ran.json["findings"]} == {
        ("HP:0001083", "present"),
        ("HP:0001166", "present"),
        ("HP:0001250", "absent"),
    }


@pytest.mark.parametrize("method", ["resnik", "likelihood-ratio", "boqa", "tfidf", "rrf", "embedded"])
def test_each_ranker_is_a_method(osler, method):
    ran = osler(
        "diagnose", "--present", "HP:0001083", "--present", "HP:0001166", "--method", method, "--json"
    )
    assert ran.code == 0, ran.err
    assert ran.json["method"] == method
    assert ran.json["differential"]


def test_the_trace_of_a_diagnosis_can_be_kept(osler, letter, tmp_path):
    from osler.trace import Trace

    assert osler("diagnose", letter, "--trace", tmp_path / "t.json", "--quiet").code == 0
    trace = Trace.from_json((tmp_path / "t.json").read_text())
    assert [step.kind for step in trace.steps] == ["observe", "hypothesise", "conclude"]
    assert trace.steps[1].evidence and trace.answer is not None
    assert osler("diagnose", letter, "--trace", tmp_path / "u.json", "--quiet").code == 0
    assert (tmp_path / "t.json").read_bytes() == (tmp_path / "u.json").read_bytes()


def test_a_batch_exports_csv_and_phenopackets(osler, letter, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("She has ectopia lentis and arachnodactyly.")
    (tmp_path / "in" / "b.txt").write_text(letter.read_text())
    ran = osler(
        "diagnose",
        tmp_path / "in",
        "--jobs",
        "2",
        "--export",
        "csv",
        "--out",
        tmp_path / "x.csv",
        "--top",
        "4",
    )
    assert ran.code == 0, ran.err
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert lines[0].startswith("file,rank,id,name") and len(lines) == 1 + 2 * 4
    ran = osler("diagnose", tmp_path / "in", "--export", "phenopackets", "--out", tmp_path / "packets")
    assert ran.code == 0, ran.err
    packets = sorted((tmp_path / "packets").iterdir())
    assert len(packets) == 2
    again = osler("findings", packets[0], "--json")
    assert "HP:0001083" in {f["id"] for f in again.json["findings"]}


def test_list_tells_source_and_needs(osler):
    ran = osler("list", "methods", "--json")
    assert ran.code == 0
    named = {part["name"]: part for part in ran.json["methods"]}
    assert {"embedded", "resnik", "likelihood-ratio", "boqa", "tfidf", "rrf"} <= set(named)
    assert all(part["source"] and part["summary"] for part in named.values())
    assert osler("list", "nonsense").code == 2


def test_doctor_finds_nothing_missing(osler):
    ran = osler("doctor", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["knowledge"]["release"]
    assert ran.json["problems"] == []
    assert osler("doctor").code == 0


def test_help_imports_nothing_heavy():
    probe = "import sys; import osler.cli.main; print([m for m in ('numpy', 'scipy', 'pint') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    probe = "import sys; import osler; print([m for m in ('numpy', 'pydantic', 'typer') if m in sys.modules])"
    assert (
        subprocess.run(
            [sys.executable, "-c", probe], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_help_of_every_command_tells_what_it_does(osler):
    from osler.cli.main import COMMANDS

    ran = osler("--help")
    assert ran.code == 0
    for name in COMMANDS:
        assert name in ran.out
        inner = osler(name, "--help")
        assert inner.code == 0 and "Usage" in inner.out, (name, inner.err)


def test_shell_completion_offers_commands():
    ran = shell(_OSLER_COMPLETE="complete_bash", COMP_WORDS="osler dia", COMP_CWORD="1")
    assert "diagnose" in ran.stdout


def test_global_flags_work_on_either_side_of_the_command(osler, letter):
    before, after = (
        osler("--quiet", "findings", letter, "--json"),
        osler("findings", letter, "--json", "--quiet"),
    )
    assert before.code == after.code == 0
    assert json.loads(before.out) == json.loads(after.out)
