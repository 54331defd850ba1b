"""Guidelines: one passage for each recommendation, whole and word for word, with its number, strength, version and date."""

import json

import pytest

from osler.knowledge.corpus import store
from osler.knowledge.corpus.guidelines import grading
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.passages import Filters

NICE = """---
guideline: NG136
title: Hypertension in adults
authority: NICE
version: 2023-11
date: 2019-08-28
url: https://x.org/ng136
---
# Hypertension in adults

High blood pressure is common.

## 1.4 Treating hypertension

### People aged under 55

1.4.30 Offer an ACE inhibitor or an ARB to adults who:

- are aged under 55, and
- are not of black African family origin. [2019, amended 2022]

1.4.31 Do not combine an ACE inhibitor with an ARB. [2019]

Rationale: the combination harms kidneys.

## Lifestyle

**Recommendation 4 (Strong, moderate certainty).** We recommend less salt.

As Recommendation 4 says, salt matters.
"""


@pytest.fixture
def guideline(tmp_path):
    (tmp_path / "ng136.md").write_text(NICE)
    return add("nice", tmp_path / "ng136.md")


def best(words, **filters):
    return LexicalRetriever("nice").search(words, 1, Filters(**filters) if filters else None)[0]


def test_each_recommendation_is_one_passage_with_its_list(guideline):
    passage = best("offer black African family origin")
    assert passage.document == "NG136@2023-11/1.4.30"
    assert passage.text.startswith("1.4.30 Offer an ACE inhibitor") and passage.text.endswith(
        "[2019, amended 2022]"
    )
    assert (passage.title, passage.source) == ("Hypertension in adults", "NICE")
    assert passage.section == "1.4 Treating hypertension > People aged under 55"
    assert passage.date == "2022" and passage.url == "https://x.org/ng136"
    assert dict(passage.fields) == {
        "authority": "NICE", "guideline": "NG136", "recommendation": "1.4.30", "version": "2023-11",
    }  # fmt: skip
    assert passage.to_dict()["fields"]["recommendation"] == "1.4.30"


def test_strength_and_certainty_are_read_where_they_are_published(guideline):
    passage = best("less salt", strength="strong")
    assert passage.document == "NG136@2023-11/4" and passage.field("certainty") == "moderate"
    assert best("ACE inhibitor", authority="nice").document.startswith("NG136@2023-11/")
    assert LexicalRetriever("nice").search("salt", 5, Filters(strength="weak")) == []


def test_reasons_and_the_rest_stand_in_a_document_of_their_own(guideline):
    passage = best("combination harms kidneys")
    assert passage.document == "NG136@2023-11" and passage.field("recommendation") == ""
    assert guideline.documents == 4


def test_an_update_takes_recommendations_from_the_corpus_as_they_were(tmp_path, guideline):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "ng136.md").write_text(NICE)
    add("again", folder)
    (folder / "note.txt").write_text("Something else.")
    assert add("again", folder).files_reused == 1
    (passage,) = LexicalRetriever("again").search("offer black African family origin", 1)
    assert passage._replace(corpus="nice", score=0) == best("offer black African family origin")._replace(
        score=0
    )


def test_a_page_that_does_not_say_it_is_a_guideline_is_one_by_its_recommendations(tmp_path):
    items = "".join(f"<p><span>1.2.{n} </span>Offer drug {n} to adults with asthma.</p>" for n in range(1, 5))
    (tmp_path / "ng80.html").write_text(f"<title>Asthma</title><h2>1.2 Drugs</h2>{items}")
    done = add("nice", tmp_path / "ng80.html")
    passage = best("drug 3 asthma")
    assert done.documents == 4 and passage.document == "ng80/1.2.3" and passage.section == "1.2 Drugs"


def test_numbered_headings_and_mentions_are_no_recommendations(tmp_path):
    (tmp_path / "book.txt").write_text(
        "1.1.1 Introduction\n\nText.\n\n1.1.2 Methods\n\nText.\n\n1.1.3 Results\n\nRecommendation 4 was changed.\n"
    )
    assert add("nice", tmp_path / "book.txt").documents == 1


def test_a_long_recommendation_is_not_cut(tmp_path):
    long = "Recommendation 1. " + "Give the drug unless the person has a contraindication. " * 60
    (tmp_path / "g.md").write_text(f"---\nguideline: G1\n---\n{long}\n")
    add("nice", tmp_path / "g.md")
    assert best("contraindication").text == long.strip()


def test_yaml_and_rows_hold_the_same_fields(tmp_path):
    (tmp_path / "esc.yaml").write_text(
        "guideline: ESC-AF\ntitle: Atrial fibrillation\nauthority: ESC\nversion: 1.10\ndate: 2024-08\nrecommendations:\n"
        "  - {id: R12, text: Anticoagulate if the score is 2 or more., strength: Class I, certainty: Level A, section: Stroke}\n"
        "  - {id: R13}\n"
    )
    row = {
        "guideline": "WHO-HT",
        "recommendation": "2",
        "authority": "WHO",
        "strength": "strong",
        "text": "Use a diuretic.",
        "date": "2021",
    }
    (tmp_path / "who.jsonl").write_text(json.dumps(row))
    done = add("nice", tmp_path)
    assert done.skipped == {"recommendation without text": 1}
    stroke, diuretic = best("anticoagulate"), best("diuretic", authority="WHO")
    assert (stroke.document, stroke.section, stroke.date) == ("ESC-AF@1.10/R12", "Stroke", "2024-08")
    assert (stroke.field("version"), stroke.field("strength")) == ("1.10", "class i")
    assert (diuretic.document, diuretic.source, diuretic.field("strength")) == ("WHO-HT/2", "WHO", "strong")


@pytest.mark.parametrize(
    ("words", "rated"),
    [
        ("(strong recommendation, moderate-quality evidence)", ("strong", "moderate")),
        ("[GRADE: strong; certainty: very low]", ("strong", "very low")),
        ("(conditional recommendation against; low certainty of evidence)", ("conditional", "low")),
        ("(Class IIa, Level of Evidence: B)", ("class IIa", "level B")),
        ("(COR 1, LOE B-NR)", ("class 1", "level B-NR")),
        ("(1B)", ("strong", "moderate")),
        ("(Grade 2C)", ("weak", "low")),
        ("(B recommendation)", ("grade B", "")),
        ("(a strong opioid)", ("", "")),
        ("(NYHA class II to IV)", ("", "")),
        ("(weak, frail people)", ("", "")),
        ("(level 3 care)", ("", "")),
    ],
)  # fmt: skip
def test_grades_as_they_are_published(words, rated):
    assert grading(f"Give aspirin {words}.") == rated


def test_an_index_from_before_says_what_to_do(guideline, monkeypatch):
    from osler.errors import UsageError

    retriever = LexicalRetriever("nice")

    class Older:
        def term_query(self, *_):
            raise ValueError("no such field")

    retriever._tantivy = type("T", (), {"Query": Older(), "Occur": retriever._tantivy.Occur})
    with pytest.raises(UsageError, match="add it again"):
        retriever._field("authority", "NICE")
    assert store.names() == ["nice"]


@pytest.mark.parametrize(
    "line", ["#" + " " * 100_000 + "b", "Recommendation 1" + " " * 100_000, "1.1.1 Offer it. " * 20_000]
)
def test_long_lines_hold_nothing_up_and_a_number_that_comes_again_stays_distinct(tmp_path, line):
    items = "".join(f"1.2.{n} Offer the drug to all adults with gout.\n\n" for n in (1, 2, 3, 3))
    (tmp_path / "g.md").write_text(f"{items}{line}\n")
    add("nice", tmp_path / "g.md")
    assert [one.document for one in LexicalRetriever("nice").search("drug adults gout", 4)] == [
        "g/1.2.1", "g/1.2.2", "g/1.2.3",
    ]  # fmt: skip
    assert store.Reader(store.place("nice") / store.about("nice")["data"]).find("g/1.2.3~2") is not None
