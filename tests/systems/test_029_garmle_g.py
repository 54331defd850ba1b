"""Row 29, GARMLE-G: on a local guideline index, a hypertension case returns only exact guideline sentences with source ids; any
sentence absent from the index fails the check."""

import pytest
from spoken import Spoken, through

from osler.case import Case
from osler.knowledge.corpus import store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.dense import open_encoder
from osler.methods.garmle_g import unsupported

GUIDELINE = """---
guideline: HT1
title: Hypertension in adults
authority: Example Society
version: 3
date: 2023-06
---
## 1.4 Starting treatment

1.4.1 Offer an ACE inhibitor to adults with hypertension who have type 2 diabetes. Do not combine it with an ARB. (Strong,
high certainty)

1.4.2 Offer lifestyle advice to adults with suspected hypertension. (Conditional recommendation, low certainty)
"""
OTHER = "---\nguideline: GO1\ntitle: Gout\n---\n2.1.1 Examine the feet of adults with gout. [2019]\n"
CASE = Case(
    id="1",
    text="A man of 48 with type 2 diabetes has a blood pressure of 168/102 mmHg on three days.",
    question="What should be done?",
    answer_kind="text",
)


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    folder = tmp_path / "guidelines"
    folder.mkdir()
    (folder / "ht1.md").write_text(GUIDELINE)
    (folder / "go1.md").write_text(OTHER)
    add("guidelines", folder)
    return LexicalRetriever("guidelines")


def answer(index, say):
    trace = through("garmle-g(floor=0.2)", CASE, Spoken(say), retriever=index, encoder=open_encoder("hashed"))
    return trace.answer


def predicted(text, schema):
    return {
        "reasoning": "r",
        "diagnoses": ["hypertension"],
        "facts": ["type 2 diabetes", "blood pressure of 168/102 mmHg"],
    }


def test_a_hypertension_case_gets_exact_guideline_sentences_with_source_ids(index):
    said = answer(index, predicted)
    assert (
        "[HT1@3/1.4.1] Hypertension in adults; 1.4 Starting treatment; Example Society; version 3; strength strong"
        in said.text
    )
    assert (
        "Offer an ACE inhibitor to adults with hypertension who have type 2 diabetes. Do not combine it with an ARB."
        in said.text
    )
    assert "gout" not in said.text
    reader = store.Reader(store.place("guidelines") / store.about("guidelines")["data"])

    def document(identity):
        number = reader.find(identity)
        return None if number is None else reader.text(number)

    assert unsupported(said.text, document) == []
    # One sentence that the index does not hold, and the check fails.
    assert unsupported(f"{said.text}\nGive 10 mg of ramipril at once.", document) == [
        "Give 10 mg of ramipril at once."
    ]


def test_a_model_that_talks_of_its_own_advice_cannot_get_it_into_the_answer(index):
    def talks(text, schema):
        return {
            "reasoning": "Give garlic.",
            "diagnoses": ["hypertension: give garlic"],
            "facts": ["garlic", "type 2 diabetes"],
        }

    assert "garlic" not in answer(index, talks).text


def test_without_a_guideline_on_the_disease_none_is_given(index):
    said = answer(index, lambda text, schema: {"reasoning": "r", "diagnoses": ["migraine"], "facts": []})
    assert said.abstained and said.note.startswith("no guideline found")
