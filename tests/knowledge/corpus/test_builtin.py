"""Corpora that Osler makes of what it has: listed with what they need, built by name, left alone while nothing changes."""

import re

import pytest

from osler.errors import SourceError, UsageError
from osler.knowledge.corpus import builtin, store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever


def test_those_that_can_be_built_are_listed_with_what_they_need(monkeypatch):
    monkeypatch.delenv("OSLER_DATA", raising=False)
    rows = {row["name"]: row for row in builtin.listing()}
    assert {"calculators", "drugs", "medquad", "profiles"} <= rows.keys()
    assert "OSLER_DATA" in rows["medquad"]["missing"] and rows["calculators"]["missing"] == ""
    with pytest.raises(SourceError, match="MedQuAD"):
        add("medquad", "builtin:medquad")


def test_nothing_is_read_again_while_nothing_has_changed():
    assert add("calculators", "builtin:calculators").state == "built"
    assert add("calculators", "builtin:calculators").state == "unchanged"
    assert store.about("calculators")["licence"] == "Apache-2.0"
    found = LexicalRetriever("calculators").search("atrial fibrillation stroke risk", 5)
    assert "calculator:cha2ds2-vasc" in [one.document for one in found]


def test_a_built_in_corpus_may_have_another_name():
    assert add("formulas", "builtin:calculators").state == "built"
    with pytest.raises(UsageError, match="choose another name"):
        add("formulas", "builtin:profiles")


def test_a_name_that_is_not_built_in_is_an_error():
    with pytest.raises(UsageError, match="no corpus is called"):
        add("x", "builtin:no-such")


def test_a_profile_is_a_page_of_findings_by_frequency_with_their_sources(knowledge):
    from osler.knowledge.builtin.profiles import page

    text = page(knowledge, knowledge.disease_index("OMIM:154700"))
    assert text.startswith("## Inheritance\n\nMarfan syndrome (OMIM:154700; ORPHA:558")
    assert ").\n\nAutosomal dominant inheritance (HP:0000006)." in text
    frequent = text.split("## Very frequent")[1].split("##")[0]
    assert "- Aortic aneurysm (HP:0004942): very frequent; ORPHA:558" in frequent


def test_drugs_have_what_they_treat_and_what_they_do_not(data_dir):
    assert add("drugs", "builtin:drugs").documents > 500
    passage = LexicalRetriever("drugs").search("goserelin prostate cancer", 1)[0]
    assert passage.title == "Goserelin" and passage.document == "DRUGBANK:DB00014"
    assert "prostate cancer (DOID:10283)" in passage.text and passage.section.startswith("Treats")


@pytest.mark.parametrize("name", ["drugs", "calculators"])
def test_no_passage_of_a_built_in_corpus_only_repeats_its_title(data_dir, name):
    add(name, f"builtin:{name}")
    reader = LexicalRetriever(name)
    passages = [reader.passage(number) for number in range(store.about(name)["passages"])]
    bare = [
        one.text for one in passages if re.fullmatch(rf"{re.escape(one.title)}( \([^()]*\))?\.?", one.text)
    ]
    assert passages and not bare


def test_a_disease_is_found_by_its_findings_and_never_by_a_passage_of_its_name_alone(knowledge):
    from osler.knowledge.builtin.profiles import page
    from osler.knowledge.corpus.chunks import chunks

    text = page(knowledge, knowledge.disease_index("OMIM:154700"))
    passages = [text[one.start : one.end] for one in chunks(text, True)]
    assert "(OMIM:154700" in passages[0] and "Autosomal dominant" in passages[0]


def test_questions_of_what_a_page_holds_are_answered_and_others_are_not(data_dir):
    add("drugs", "builtin:drugs")
    retriever = LexicalRetriever("drugs")

    def sure(question: str) -> float:
        return retriever.fit(question, retriever.search(question, 1)[0]).probability

    for asked in (
        "Which drugs treat gout?",
        "What is metformin used for?",
        "What helps against rheumatoid arthritis?",
    ):
        assert sure(asked) > 0.7, asked
    assert sure("Which drugs treat Creutzfeldt-Jakob disease?") < 0.5
    assert sure("Is lithium safe in breast feeding?") < 0.5


def test_a_corpus_of_files_is_judged_as_before_and_one_made_before_is_told_what_it_is(tmp_path):
    (tmp_path / "a.txt").write_text("Gout is treated with colchicine.")
    add("files", tmp_path / "a.txt")
    assert not LexicalRetriever("files").pages
    add("calculators", "builtin:calculators")
    folder = store.place("calculators")
    store.write_json(folder / "corpus.json", {**store.about("calculators"), "pages": False})
    assert add("calculators", "builtin:calculators").state == "unchanged"
    assert LexicalRetriever("calculators").pages
