"""Row 168, Named Clinical Entity Benchmark: on a tagged fixture mapped to those classes, Osler's own extractor and a
simulated generator both run; strict and partial span F1 equal hand values."""

import json

import pytest

from osler.benchmarks.clinical_ner import (
    Document,
    evaluate_entities,
    osler_extractor,
    read_documents,
    read_tagged,
    tagged_by,
)
from osler.errors import InputError
from osler.scoring.entities import Entity

# Written for this test. Corpus types on the left of each pair below become OMOP classes.
TEXT = "She has chest pain and a severe headache. Aspirin was given. Potassium 3.1 mmol/L. Coronary angiography is planned."


def marked(words, label):
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "label": label}


ROW = {
    "id": "1",
    "text": TEXT,
    "entities": [
        marked("chest pain", "SpecificDisease"),
        marked("severe headache", "Symptom"),
        marked("Aspirin", "Chemical"),
        marked("Potassium", "Lab"),
        marked("Coronary angiography", "Procedure"),
        marked("She", "Person"),
    ],
}


@pytest.fixture
def documents(tmp_path):
    path = tmp_path / "tagged.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    return read_documents(path)


def test_corpus_types_become_omop_classes_and_others_are_left_out(documents):
    labels = [(TEXT[e.start : e.end], e.label) for e in documents[0].entities]
    assert labels == [
        ("chest pain", "condition"),
        ("severe headache", "condition"),
        ("Aspirin", "drug"),
        ("Potassium", "measurement"),
        ("Coronary angiography", "procedure"),
    ]


def simulated_generator(text):
    """Tags in place as a language model would: one exact, two with other borders, one of the wrong class, one made up."""
    assert text == TEXT
    return (
        'She has <span class="condition">chest pain</span> and a severe <span class="condition">headache</span>. '
        '<span class="procedure">Aspirin</span> was given. <span class="measurement">Potassium 3.1 mmol/L</span>. '
        'Coronary angiography is planned. <span class="drug">Heparin</span>'
    )


def test_a_simulated_generator_scores_what_a_hand_count_gives(documents):
    """Five tags, five gold. Strict: chest pain alone. Partial: also headache and potassium."""
    found = evaluate_entities(documents, tagged_by(simulated_generator))
    assert found["strict"] == {"P": 0.2, "R": 0.2, "F1": 0.2}
    assert found["partial"] == {"P": 0.6, "R": 0.6, "F1": 0.6}
    assert found["by_class"]["condition"]["strict"] == {"P": 0.5, "R": 0.5, "F1": 0.5}
    assert found["by_class"]["drug"]["partial"]["F1"] == 0
    # Gold words: 2 + 2 + 1 + 1 + 2. Found words: 2 + 1 + 1 + 6 ("3", ".", "1", "mmol", "/", "L" beside the name) + 1.
    assert found["token"]["R"] == round(4 / 8, 4)


def test_oslers_own_extractor_scores_what_a_hand_count_gives(documents, knowledge):
    """Three found, five gold. Strict: chest pain. Partial: also headache without "severe", potassium with its value."""
    found = [(TEXT[e.start : e.end], e.label) for e in osler_extractor(TEXT)]
    assert found == [
        ("chest pain", "condition"),
        ("headache", "condition"),
        ("Potassium 3.1 mmol/L", "measurement"),
    ]
    result = evaluate_entities(documents, osler_extractor)
    assert result["strict"] == {"P": 0.3333, "R": 0.2, "F1": 0.25}
    assert result["partial"] == {"P": 1.0, "R": 0.6, "F1": 0.75}


def test_the_command_prints_both(documents, tmp_path, capfdbinary):
    from osler.cli.main import main

    with pytest.raises(SystemExit) as stopped:
        main(["eval", "clinical-ner", "--data", str(tmp_path / "tagged.jsonl"), "--json"])
    assert not stopped.value.code
    assert json.loads(capfdbinary.readouterr().out)["partial"]["F1"] == 0.75


def test_a_repeated_word_keeps_its_order_and_a_made_up_one_is_wrong():
    text = "pain, then more pain"
    reply = '<span class="condition">pain</span>, then more <span class="condition">pain</span><span class="drug">x</span>'
    first, second, invented = read_tagged(reply, text)
    assert (first.start, second.start) == (0, 16)
    assert invented.start == invented.end > len(text)


def test_one_long_span_cannot_count_for_two(documents):
    text = documents[0].text
    gold = Document("1", text, (Entity(8, 18, "condition"), Entity(25, 40, "condition")))
    result = evaluate_entities([gold], lambda _: [Entity(0, 60, "condition")])
    assert result["partial"] == {"P": 1.0, "R": 0.5, "F1": 0.6667}


def test_pubtator_files_are_read(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(
        "123|t|Aspirin and asthma.\n123|a|A cohort.\n123\t0\t7\tAspirin\tChemical\tD001241\n123\t12\t18\tasthma\tDisease\tD001249\n\n"
        "124|t|Nothing here.\n124|a|\n"
    )
    first, second = read_documents(path)
    assert [(first.text[e.start : e.end], e.label) for e in first.entities] == [
        ("Aspirin", "drug"),
        ("asthma", "condition"),
    ]
    assert second.entities == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "just some prose\n",
        '{"id": 1}\n',
        '{"id": "1", "text": "a", "entities": [{"start": 0, "end": 9, "label": "Drug"}]}',
    ],
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(InputError):
        read_documents(path)
