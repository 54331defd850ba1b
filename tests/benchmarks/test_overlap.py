"""The same vignette is found in two sets: word for word, with changes, retold; and not where only phrases are shared."""

import layouts
import pytest

from osler.benchmarks.overlap import Text, find_overlap, texts_of

STEM = (
    "A 45-year-old woman comes to the physician because of a right breast mass that she noticed three weeks ago. It has "
    "rapidly increased in size during this period. Vital signs are within normal limits. Examination shows large dense "
    "breasts and a firm, nontender, rubbery mass of 6 cm."
)


def kinds(one, two):
    found = find_overlap([Text("a", one)], [Text("b", two)])
    return [match.kind for match in found.matches]


def test_case_punctuation_layout_and_widths_make_no_difference():
    assert kinds(STEM, STEM.upper().replace(". ", " \n")) == ["same"]
    assert kinds("Ｆｅｖｅｒ and cough since three days ago.", "fever AND cough since three days ago") == [
        "same"
    ]


def test_another_question_one_changed_sentence_or_a_part_is_near():
    assert kinds(STEM + " What is the diagnosis?", STEM + " Which drug should be given first?") == ["near"]
    assert kinds(STEM, STEM.replace("firm, nontender, rubbery", "soft, painful, warm")) == ["near"]
    assert kinds(STEM, STEM.split(". It")[0]) == ["near"]


def test_a_vignette_in_other_words_is_retold_and_can_be_left_out():
    retold = "Breast mass, right, noticed three weeks ago by a woman of 45; size rapidly increased; firm nontender rubbery mass"
    others = [
        Text(str(i), f"word{i} unrelated text about topic{i} and nothing at all like it") for i in range(30)
    ]
    found = find_overlap([Text("a", STEM), *others], [Text("b", retold)], retold=0.4)
    assert [(m.first, m.kind) for m in found.matches] == [("a", "retold")]
    assert not find_overlap([Text("a", STEM), *others], [Text("b", retold)], retold=None).matches


def test_shared_phrases_are_no_match():
    phrase = "Which of the following is the most likely underlying cause of this patient's current symptoms?"
    first = [
        Text(f"a{i}", f"Question {i} is about organ{i} and disease{i} in region{i}. {phrase}")
        for i in range(40)
    ]
    second = [Text("b", f"A newborn with jaundice drinks poorly and sleeps a lot since birth. {phrase}")]
    assert not find_overlap(first, second).matches


def test_one_set_against_itself_finds_its_repeats_once():
    texts = [Text("1", STEM), Text("2", "Something else entirely, of no length"), Text("3", STEM.lower())]
    assert [(m.first, m.second) for m in find_overlap(texts, texts).matches] == [("1", "3")]


def test_short_texts_match_word_for_word_only():
    assert kinds("What is gout?", "what is gout") == ["same"]
    assert kinds("What is gout?", "What is gout then?") == []


def test_counts_and_keys_of_what_is_shared():
    found = find_overlap([Text("a", STEM), Text("x", "nothing")], [Text("b", STEM)])
    assert found.counts() == {"same": 1, "near": 0, "retold": 0}
    assert found.shared() == ({"a"}, {"b"})


def test_sentence_numbers_do_not_hide_a_vignette(tmp_path):
    from osler.benchmarks.medec import Medec

    wrong, right = texts_of(Medec.items(layouts.medec(tmp_path)))
    found = find_overlap([wrong], [right])
    assert [match.kind for match in found.matches] == ["near"]


def test_real_sets_share_what_the_readme_warns_of(data_dir):
    from osler.benchmarks.medagents_benchmark import MedagentsBenchmark
    from osler.benchmarks.medec import Medec
    from osler.benchmarks.mirage import Mirage

    medqa = texts_of(MedagentsBenchmark.items(data_dir / "medagents-benchmark", subset="medqa"))
    mirage = texts_of(Mirage.items(data_dir / "mirage", subset="medqa"))
    medec = texts_of(Medec.items(data_dir / "medec"))
    assert find_overlap(medqa, mirage, retold=None).counts()["same"] == len(mirage)
    assert len(find_overlap(medqa, medec, retold=None).shared()[1]) > 50


@pytest.mark.parametrize("words", [("mirage/medqa", "mediq")])
def test_the_command_prints_one_object(words, tmp_path, monkeypatch):
    import json

    import typer
    from typer.testing import CliRunner

    from osler.cli.overlap import overlap

    for name, make in (("mirage", layouts.mirage), ("mediq", layouts.mediq)):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
    monkeypatch.setenv("OSLER_DATA", str(tmp_path))
    app = typer.Typer()
    app.command()(overlap)
    ran = CliRunner().invoke(app, [*words, "--json"])
    printed = json.loads(ran.stdout)
    assert printed["first"] == {"set": "mirage/medqa", "n": 1, "shared": 1}
    assert printed["matches"][0]["kind"] == "near"
