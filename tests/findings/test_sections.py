"""Sections by their headings, sentences by their ends."""

from __future__ import annotations

from itertools import pairwise

import pytest

from osler.findings.sections import SectionMap, sections, sentences


def _sentences(text):
    return [text[start:end].strip() for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Seen by Dr. Smith on Jan. 3 at 10 a.m. today.",
        "Weight was 3.5 kg, approx. 2 SD below.",
        "He has several signs, e.g. ataxia, i.e. a wide gait.",
        "No evidence of\nEEG abnormalities was found",
        "The patient, now aged 3 yrs. old, walks.",
    ],
)
def test_one_sentence(text):
    assert len(sentences(text)) == 1


def test_sentences_end_at_stops_list_marks_blank_lines_and_capitalised_lines():
    text = "No fever. He coughs! Does he sleep? yes\n- item one\n- item two\n\nlast part\nWeight normal"
    assert _sentences(text) == [
        "No fever.", "He coughs!", "Does he sleep?", "yes", "- item one", "- item two", "last part", "Weight normal",
    ]  # fmt: skip


def test_sentences_cover_the_text_and_are_never_endless():
    text = "seizures, " * 2000
    spans = sentences(text)
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert max(end - start for start, end in spans) <= 1000


def test_sections_by_heading():
    text = "A letter.\nFamily history: father deaf.\nPMH:\nasthma\n\neczema\nExamination: well."
    kinds = [(section.kind, text[section.start : section.end].strip()[:10]) for section in sections(text)]
    assert [kind for kind, _ in kinds] == ["", "family", "historical", "other"]
    assert SectionMap(text).kind(text.index("eczema")) == "historical"


def test_a_section_on_one_line_ends_at_the_blank_line():
    text = "Family history: her father has been deaf since birth.\n\nShe walks."
    assert SectionMap(text).kind(text.index("deaf")) == "family"
    assert SectionMap(text).kind(text.index("walks")) == ""


def test_a_word_in_a_sentence_is_no_heading():
    assert [
        section.kind for section in sections("The family history was taken. Past events do not matter.")
    ] == [""]


@pytest.mark.parametrize("row", ["." * 200_000, "?!" * 100_000, '."' * 100_000, "." + ")" * 200_000])
def test_a_long_row_of_marks_is_read_in_one_pass(row):
    assert sentences(f"Fever{row} Cough.")[-1][1] == len(row) + 12
