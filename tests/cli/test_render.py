"""What people read: no line wider than the terminal, and no word that says something else than was meant."""

import io

from rich.console import Console

from osler.cli import render
from osler.diagnosis.result import RankedDisease, Reason
from osler.findings.reader import read_case
from osler.runtime import diagnose


def _drawn(what, width=80) -> list[str]:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(what)
    return console.export_text().splitlines()


def test_a_report_fits_eighty_columns(knowledge, letter):
    result = diagnose(letter, base=knowledge)
    console = Console(width=80, record=True, file=io.StringIO())
    render.diagnosis(console, result, "letter.txt", 3)
    assert max(map(len, console.export_text().splitlines())) <= 80


def test_a_finding_that_no_relative_has_is_not_shown_as_one_that_runs_in_the_family():
    (line,) = _drawn(render.findings_table(read_case("No family history of seizures.").findings))
    assert line.split()[:4] == ["f", "not", "family", "Seizure"]


def test_reasons_say_absent_findings_other_terms_and_the_series_share():
    reasons = render._reasons(
        RankedDisease(
            rank=1, id="OMIM:1", xrefs=[], name="Quivering 1", group="Quivering", group_probability=0.6,
            probability=0.4, score=1.0,
            support=[Reason(id="HP:0", label="Hand pain", contribution=5.0, frequency=0.5, matched_id="HP:1",
                            matched_label="Limb pain", references=["PMID:1"])],
            against=[Reason(id="HP:2", label="Seizure", status="absent", contribution=-0.1)],
        ), 72)  # fmt: skip
    text = "\n".join(_drawn(reasons))
    assert "series: Quivering, together 60 %" in text
    assert "Hand pain  (in 50 %; PMID:1; met as Limb pain)" in text and "-0.10 no Seizure" in text
