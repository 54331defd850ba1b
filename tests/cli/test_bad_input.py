"""Bad input at the command line: the right exit code, a message that says what to do, never a traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

PRESENT = ["--present", "HP:0001083", "--present", "HP:0001166"]


def refused(ran, code: int, *words: str):
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err


@pytest.mark.parametrize("command", ["diagnose", "findings"])
class TestFiles:
    def test_missing(self, osler, command, tmp_path):
        refused(osler(command, tmp_path / "none.txt"), 3, "none.txt")

    def test_empty(self, osler, command, tmp_path):
        (tmp_path / "a.txt").write_bytes(b"")
        refused(osler(command, tmp_path / "a.txt"), 3, "empty")

    def test_binary(self, osler, command, tmp_path):
        (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 40)
        refused(osler(command, tmp_path / "a.bin"), 3)

    def test_truncated_json(self, osler, command, tmp_path):
        (tmp_path / "a.json").write_text('{"id": "x", "phenotypicFeatures": [{"type": {"id": "HP:00')
        refused(osler(command, tmp_path / "a.json"), 3)

    def test_json_that_is_no_case(self, osler, command, tmp_path):
        (tmp_path / "a.json").write_text('{"colour": "blue"}')
        refused(osler(command, tmp_path / "a.json"), 3)

    def test_json_nested_too_deep(self, osler, command, tmp_path):
        (tmp_path / "a.json").write_text("[" * 200_000 + "]" * 200_000)
        refused(osler(command, tmp_path / "a.json"), 3)

    def test_over_the_size_limit_is_refused_before_it_is_read(self, osler, command, tmp_path):
        with (tmp_path / "big.txt").open("wb") as file:
            file.truncate(50_000_000)
        refused(osler(command, tmp_path / "big.txt"), 3, "--max-mb")

    def test_not_readable(self, osler, command, tmp_path):
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        (tmp_path / "a.txt").write_text("cough")
        (tmp_path / "a.txt").chmod(0)
        refused(osler(command, tmp_path / "a.txt"), 3)


def test_findings_of_a_folder_is_refused(osler, tmp_path):
    refused(osler("findings", tmp_path), 3, "folder")


def test_diagnose_of_an_empty_folder_is_refused(osler, tmp_path):
    refused(osler("diagnose", tmp_path), 3, "no case file")


def test_text_without_findings_cannot_be_ranked(osler, tmp_path):
    (tmp_path / "a.txt").write_text("The weather was pleasant and the train arrived on time.")
    refused(osler("diagnose", tmp_path / "a.txt"), 3, "--present")


def test_nothing_given_is_wrong_use(osler):
    refused(osler("diagnose"), 2, "--present")


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["--present", "HP:9999999"], 3, "HP:9999999"),
        (["--present", "not a finding at all zzz"], 3, "zzz"),
        ([*PRESENT, "--age", "-4"], 3, "age"),
        ([*PRESENT, "--age", "200"], 3, "age"),
        ([*PRESENT, "--sex", "maybe"], 3, "male, female or other"),
        ([*PRESENT, "--absent", "HP:0001083"], 3, "present and as absent"),
        ([*PRESENT, "--method", "resnick"], 2, "resnik"),
        ([*PRESENT, "--knowledge", "hpo@1999-01-01"], 2, "1999-01-01"),
        ([*PRESENT, "--knowledge", "nonsense"], 2, "nonsense"),
        ([*PRESENT, "--export", "xml", "--out", "x"], 2, "csv or phenopackets"),
        ([*PRESENT, "--export", "csv"], 2, "--out"),
        ([*PRESENT, "--top", "0"], 2, "--top"),
    ],
)
def test_wrong_options(osler, words, code, hint):
    ran = osler("diagnose", *words)
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert hint in ran.err
    assert "Traceback" not in ran.err


def test_an_obsolete_id_is_replaced_and_said(osler):
    ran = osler("diagnose", "--present", "HP:0000057", "--present", "HP:0001083", "--json")
    assert ran.code in (0, 3)
    if ran.code == 0:
        assert any(notice["code"] == "term-replaced" for notice in ran.json["notices"])


def test_a_finding_under_two_names_cannot_be_present_and_absent(osler):
    ran = osler("diagnose", "--present", "seizures", "--absent", "HP:0001250", "--json")
    assert ran.code == 3 and "decide which" in ran.err


def test_hidden_files_of_a_folder_are_no_cases(osler, tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "notes.txt").write_text("He has seizures.")
    assert osler("diagnose", tmp_path).code == 3


def test_only_absent_findings_still_give_an_answer_that_says_so(osler):
    ran = osler("diagnose", "--absent", "HP:0001083", "--absent", "HP:0001166", "--json")
    assert ran.code == 0
    assert {n["code"] for n in ran.json["notices"]} & {
        "only-absent",
        "only-absent-findings",
        "no-present-findings",
    }


def test_control_characters_of_a_file_do_not_reach_the_terminal(osler, tmp_path):
    (tmp_path / "a.txt").write_text("He has seizures\x1b[2J\x1b]0;owned\x07 and ataxia.")
    ran = osler("findings", tmp_path / "a.txt")
    assert ran.code == 0
    assert "\x1b" not in ran.out and "\x07" not in ran.out


def test_markup_in_a_file_is_printed_as_it_is(osler, tmp_path):
    (tmp_path / "a.txt").write_text("[bold red]He has seizures[/bold red] [link=x]and ataxia[/nonsense].")
    ran = osler("findings", tmp_path / "a.txt")
    assert ran.code == 0
    assert "[bold red]" in ran.out


def test_one_bad_file_of_a_batch_is_reported_and_the_rest_goes_on(osler, tmp_path):
    (tmp_path / "a.txt").write_text("She has ectopia lentis and arachnodactyly.")
    (tmp_path / "b.json").write_text("{broken")
    ran = osler("diagnose", tmp_path, "--json")
    assert ran.code == 1
    assert len(ran.json["cases"]) == 1
    assert ran.json["failures"][0]["file"].endswith("b.json")


def test_a_non_empty_folder_is_not_written_over(osler, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    ran = osler("diagnose", *PRESENT, "--export", "phenopackets", "--out", tmp_path / "out")
    assert ran.code == 2
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep me"


def test_stdin_is_read(osler):
    packet = {"id": "x", "phenotypicFeatures": [{"type": {"id": "HP:0001083", "label": "Ectopia lentis"}}]}
    ran = osler("findings", "-", "--json", stdin=json.dumps(packet).encode())
    assert ran.code == 0
    assert [f["id"] for f in ran.json["findings"]] == ["HP:0001083"]


@pytest.mark.parametrize("limit", ["nan", "inf", "-1"])
@pytest.mark.parametrize("command", ["diagnose", "findings", "next"])
def test_a_size_limit_that_is_no_size_is_wrong_use(osler, letter, command, limit):
    refused(osler(command, letter, "--max-mb", limit), 2, "max-mb")


def test_an_empty_name_is_not_the_folder_one_stands_in(osler):
    refused(osler("diagnose", ""), 2, "empty")


def test_a_file_name_cannot_drive_the_terminal(osler, tmp_path):
    ran = osler("findings", tmp_path / "\x1b[2Jmissing.txt")
    refused(ran, 3, "missing.txt")
    assert "\x1b" not in ran.err


def test_stray_bytes_in_an_argument_do_not_break_the_json(osler):
    ran = osler("disease", "\udcff", "--json")
    assert ran.code == 2
    assert isinstance(ran.json, dict)


class TestFileNamesOfABatch:
    TEXT = "She has ectopia lentis and arachnodactyly."

    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "in").mkdir()
        for name in (b"=HYPERLINK(1).txt", b"two\nlines.txt", b"\xff\xfe.txt", b"x" * 240 + b".txt"):
            (tmp_path / "in" / os.fsdecode(name)).write_text(self.TEXT)
        return tmp_path / "in"

    def test_json_names_them_all(self, osler, folder):
        ran = osler("diagnose", folder, "--json")
        assert ran.code == 0
        assert len(ran.json["cases"]) == 4

    def test_a_spreadsheet_runs_none_of_them(self, osler, folder, tmp_path):
        assert osler("diagnose", folder, "--export", "csv", "--out", tmp_path / "o.csv").code == 0
        names = {line.split(",")[0] for line in (tmp_path / "o.csv").read_text().splitlines()}
        assert not any(name.startswith("=") for name in names)

    def test_each_becomes_a_phenopacket_that_only_its_owner_reads(self, osler, folder, tmp_path):
        assert osler("diagnose", folder, "--export", "phenopackets", "--out", tmp_path / "out").code == 0
        written = list((tmp_path / "out").iterdir())
        assert len(written) == 4
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_a_target_that_cannot_be_written_is_refused_before_the_work(osler, letter, tmp_path):
    missing = tmp_path / "missing" / "file"
    refused(osler("diagnose", letter, "--export", "csv", "--out", missing), 2, "missing")
    refused(osler("diagnose", letter, "--trace", missing), 2, "missing")
    refused(osler("findings", letter, "--case", tmp_path), 2, "folder")


def test_a_trace_and_a_case_are_private(osler, letter, tmp_path):
    assert osler("diagnose", letter, "--trace", tmp_path / "t.json").code == 0
    assert osler("findings", letter, "--case", tmp_path / "c.json").code == 0
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "data", ["yes\nno\n".encode("utf-16"), b"\xef\xbb\xbfyes\nno\n", b"# caf\xe9\nyes\nno\n"]
)
def test_answers_are_read_in_the_encodings_that_cases_may_have(osler, tmp_path, data):
    (tmp_path / "answers").write_bytes(data)
    ran = osler("next", *PRESENT, "--threshold", "1", "--answers", tmp_path / "answers", "--json")
    assert [turn["answer"] for turn in ran.json["turns"]][:2] == ["yes", "no"]


def test_answers_that_are_no_answers_are_refused_without_repeating_them(osler, tmp_path):
    (tmp_path / "answers").write_text("Mr Example, born in a town by the sea, said yes")
    ran = osler("next", *PRESENT, "--answers", tmp_path / "answers")
    refused(ran, 3, "line 1")
    assert "by the sea" not in ran.err
    (tmp_path / "answers").write_bytes(bytes(range(256)))
    refused(osler("next", *PRESENT, "--answers", tmp_path / "answers"), 3, "binary")


def test_a_full_disk_says_so(osler, letter):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    refused(osler("findings", letter, "--case", "/dev/full"), 4, "make room")


def test_closed_output_is_no_failure(osler, letter, monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    assert osler("findings", letter, "--json").code == 0
