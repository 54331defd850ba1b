"""Text to findings as a whole, and that no string breaks it."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from osler.findings.ages import read_demographics, read_onsets
from osler.findings.numbers import read_measurements
from osler.findings.sections import sections, sentences
from osler.findings.text import aggregate, find_findings
from osler.findings.words import fold

LETTER = """A 34-year-old man was seen with seizures since age 4 and an ataxic gait.
He denies hearing loss. His mother has migraine. Past medical history: asthma.
"""


def test_a_letter(knowledge):
    found = {finding.label: finding for finding in find_findings(LETTER)}
    assert {label: finding.status for label, finding in found.items()} == {
        "Seizure": "present",
        "Gait ataxia": "present",
        "Hearing impairment": "absent",
        "Migraine": "family",
        "Asthma": "historical",
    }
    first = find_findings(LETTER)[0]
    assert (first.id, first.text, first.source) == ("HP:0001250", "seizures", "text")
    assert first.span and LETTER[first.span.start : first.span.end] == "seizures"
    assert first.onset and first.onset.age_days == 4 * 365.25


def test_onset_is_tied_to_the_findings_of_its_clause(knowledge):
    text = "A 2-year-old boy. Hypotonia from birth, but seizures began at 5 months of age; fever for 3 days. No rash since then."
    onsets = {f.text: f.onset.age_days if f.onset else None for f in find_findings(text)}
    assert onsets["Hypotonia"] == 0
    assert round(onsets["seizures"] or 0) == 152
    assert onsets["fever"] == 2 * 365.25 - 3


def test_repeats_are_joined_and_contradictions_told(knowledge):
    findings, notices = aggregate(find_findings("Seizures. He has seizures. Ataxia is present. No ataxia."))
    by_label = {finding.label: finding for finding in findings}
    assert by_label["Seizure"].mentions == 2 and len(by_label["Seizure"].spans) == 2
    assert by_label["Ataxia"].status == "uncertain"
    assert any("contradictory" in notice.code for notice in notices)


_PIECES = st.sampled_from(
    [
        "seizures", "No ", "ataxia", "cleft lip and palate", ", ", " or ", ".", "\n", "\r\n", "\0", "\ud800", "é", "漢字", "😀", "İ",
        "ﬁ", "שלום", "\u202e", "œ", "µ", "3-year-old ", "Family history:", "Hb 8,2 g/dL (12-16)", " BP 120/80", "-", "/", "(", "type A ",
        "since age 4", "mother ", "history of ", "1" * 30, "10^9/L", "…", "\u00a0", "'s ", "A ", "%", "palmar ", "plantar pits ", "{x",
        "٣ years old", "²", "if ", "ruled out",
    ]
)  # fmt: skip
_TEXT = st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=30).map("".join))


@settings(max_examples=400)
@given(text=_TEXT)
@example(text="\ud800 seizures \udfff")
@example(text="İSEIZURES İ ataxia")
@example(text="٣ year old boy, Hb ٣ g/dL")
def test_any_string_is_read_and_every_span_is_exact(knowledge, text):
    for nested in (False, True):
        for finding in find_findings(text, nested=nested):
            assert finding.span and 0 <= finding.span.start < finding.span.end <= len(text)
            assert text[finding.span.start : finding.span.end] == finding.text
    for measurement in read_measurements(text):
        assert measurement.span and text[measurement.span.start : measurement.span.end] == measurement.text
    read_demographics(text)
    read_onsets(text)


@given(text=_TEXT)
def test_folding_keeps_the_length_and_pieces_cover_the_text(text):
    assert len(fold(text)) == len(text) and fold(text).isascii()
    for spans in (sentences(text), [(s.start, s.end) for s in sections(text)]):
        assert "".join(text[a:b] for a, b in spans) == text


def test_the_longest_matches_are_among_the_nested(knowledge):
    text = "palmar and plantar pits, cleft lip and palate, severe intellectual disability and hearing loss"
    longest = {(f.id, f.span.start) for f in find_findings(text) if f.span}
    assert longest < {(f.id, f.span.start) for f in find_findings(text, nested=True) if f.span}


def test_long_and_odd_texts(knowledge):
    for text in (
        "x" * 1_000_000,
        "seizures, " * 20_000,
        "\n" * 100_000,
        "(" * 100_000,
        "a-" * 50_000,
        "1," * 50_000,
    ):
        assert len(find_findings(text)) == text.count("seizures")
        assert read_measurements(text) == []
