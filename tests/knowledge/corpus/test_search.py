"""Search: other ways of writing a word, filters, the order of equals, synonyms, and how well a passage fits."""

import json
import random
from itertools import pairwise

import pytest

from osler.errors import UsageError
from osler.knowledge.corpus import lexical
from osler.knowledge.corpus.chunks import chunks
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.corpus.variants import alternatives, compounds
from osler.knowledge.retrieval.several import together
from osler.passages import Filters, Retriever


def corpus_of(tmp_path, *texts, **more):
    rows = [{"id": str(n), "text": text} | {k: v[n] for k, v in more.items()} for n, text in enumerate(texts)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    add("rows", tmp_path / "rows.jsonl")
    return LexicalRetriever("rows")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("hemorrhage", "Haemorrhage after surgery."),
        ("oesophageal", "Esophageal varices."),
        ("paediatric anaemia", "Pediatric anemia."),
        ("tumour", "A tumor of the brain."),
        ("adrenaline", "Give epinephrine at once."),
        ("acetaminophen", "Paracetamol lowers fever."),
        ("α-synuclein", "Alpha-synuclein forms Lewy bodies."),
        ("TNF alpha", "TNF-α rises."),
        ("TNFα", "TNF-alpha rises."),
        ("IL6", "IL-6 rises."),
        ("IL-6", "IL6 rises."),
        ("beta-blocker", "Betablocker therapy."),
        ("5mg", "Give 5 mg."),
        ("5 mg", "Give 5mg."),
        ("50 µg", "Give 50 mcg."),
        ("naive", "A naïve patient."),
        ("infections", "An infection."),
    ],
)
def test_a_word_is_found_however_it_is_written(tmp_path, query, text):
    retriever = corpus_of(tmp_path, "Nothing of the kind.", text)
    assert [passage.document for passage in retriever.search(query)][:1] == ["1"]


def test_a_passage_leads_to_the_whole_text_of_its_document(tmp_path):
    """However many corpora are searched together; a document that is not there has none."""
    long = " ".join(f"Sentence {n} speaks of fever." for n in range(400))
    retriever = corpus_of(tmp_path, long, "Cough.")
    found = retriever.search("fever")[0]
    assert found.text != long and retriever.text_of(found) == long
    assert together([retriever]).text_of(found) == long
    assert retriever.text_of(found._replace(document="none")) is None


def test_a_letter_that_names_a_kind_counts(tmp_path):
    retriever = corpus_of(tmp_path, "Hepatitis B is a liver disease.", "Hepatitis A is a liver disease.")
    assert retriever.search("hepatitis A")[0].document == "1"


def test_plain_words_have_no_other_writings():
    assert alternatives("kidney") == () and compounds("pain in the knee") == []


def test_it_is_a_retriever_and_results_carry_their_place(papers):
    add("papers", papers)
    retriever = LexicalRetriever("papers")
    assert isinstance(retriever, Retriever)
    (passage,) = retriever.search("lactic acidosis", 1)
    assert passage.to_dict() | {"score": 0} == {
        "text": "Metformin rarely causes lactic acidosis.", "document": "a", "start": 0, "end": 40, "source": "Drugs",
        "score": 0, "corpus": "papers", "title": "Metformin", "date": "2019",
    }  # fmt: skip
    assert passage.score > 0 and retriever.search("zzzz") == []


def test_equal_scores_stand_in_the_order_of_the_corpus(tmp_path):
    retriever = corpus_of(tmp_path, *[f"Fever and cough, patient p{n:02}." for n in range(30)])
    assert [passage.document for passage in retriever.search("fever", 5)] == ["0", "1", "2", "3", "4"]


def test_a_passage_with_the_phrase_stands_before_one_with_its_words_apart(tmp_path):
    texts = [
        "6 patients; IL was not measured. Sepsis.",
        "IL-6 rises in sepsis.",
        "Sepsis.",
        "Sepsis and sepsis again.",
    ]
    retriever = corpus_of(tmp_path, *texts)
    found = retriever.search("IL-6 in sepsis", 10)
    assert [passage.document for passage in found][:1] == ["1"] and len({p.document for p in found}) == 4
    for top in (1, 2, 3):  # the short list is the head of the long one
        assert retriever.numbers("IL-6 in sepsis", top) == retriever.numbers("IL-6 in sepsis", 4)[:top]


@pytest.mark.parametrize("filters", [None, Filters(source="NIH")])
def test_rare_phrases_in_long_questions_change_no_score_by_the_short_way(tmp_path, monkeypatch, filters):
    rng = random.Random(1)
    words = [f"word{n}" for n in range(40)]
    texts = [" ".join(rng.choices(words, k=rng.randint(5, 60))) for _ in range(600)]
    for n in range(0, 600, 50):
        texts[n] += " type i disease"
    retriever = corpus_of(tmp_path, *texts, source=["NIH", "WHO"] * 300)
    short_way = []
    sums = retriever._by_sums
    monkeypatch.setattr(retriever, "_by_sums", lambda *given: short_way.append(sums(*given)) or short_way[-1])
    questions = [" ".join(["disease type i", *rng.sample(words, 20)]) for _ in range(20)]
    questions += [" ".join(["word1 word2 type i", *rng.sample(words, 4)]) for _ in range(20)]
    for top in (1, 10, 50):
        shorter = [retriever.numbers(question, top, filters) for question in questions]
        with monkeypatch.context() as whole:
            whole.setattr(lexical, "SPARSE", 10**9)
            assert shorter == [retriever.numbers(question, top, filters) for question in questions]
    assert None in short_way and any(short_way)  # both where it can be told that way and where it cannot


def test_filters_by_source_section_and_date(tmp_path):
    retriever = corpus_of(
        tmp_path, "Fever one.", "Fever two.", "Fever three.", "Fever four.",
        source=["NIH", "WHO", "NIH", "NIH"], section=["causes", "causes", "treatment", "causes"],
        date=["2019", "2020-05", "2021-01-31", ""],
    )  # fmt: skip

    def found(**filters):
        return sorted(passage.document for passage in retriever.search("fever", 10, Filters(**filters)))

    assert found(source="nih") == ["0", "2", "3"] and found(section="Treatment") == ["2"]
    assert found(since="2020") == ["1", "2"] and found(until="2020") == ["0", "1"]
    assert found(since="2020-05", until="2021-01", source="WHO") == ["1"]
    everything = {p.document: p.score for p in retriever.search("fever", 10)}
    assert all(
        p.score == pytest.approx(everything[p.document])
        for p in retriever.search("fever", 10, Filters("nih"))
    )
    with pytest.raises(UsageError, match="no date"):
        found(since="last year")


def test_synonyms_of_the_ontology_are_found_when_asked_for(tmp_path, knowledge):
    from osler.knowledge.corpus.synonyms import of_query

    corpus_of(tmp_path, "A patient with a nosebleed.", "A patient with cough.")
    assert LexicalRetriever("rows").search("epistaxis") == []
    assert [p.document for p in LexicalRetriever("rows", of_query).search("epistaxis")] == ["0"]


def test_a_fit_names_the_words_that_speak_for_it_and_is_surer_of_the_right_passage(tmp_path):
    filler = [
        f"Report {n} on the weather, the harvest and the price of grain in year {n}." for n in range(200)
    ]
    retriever = corpus_of(
        tmp_path, "Colchicine treats acute gout.", "The price of grain treats nobody.", *filler
    )
    right, *_ = retriever.search("How does colchicine treat gout?")
    fit = retriever.fit("How does colchicine treat gout?", right)
    assert {right.text[start:end] for start, end in fit.spans} == {"Colchicine", "treats", "gout"}
    (other, *_) = retriever.search("Which price does zolpidem overdose have?")
    assert (
        fit.probability > 0.5 > retriever.fit("Which price does zolpidem overdose have?", other).probability
    )


def test_chunks_cover_the_text_overlap_and_end_at_sentences():
    text = " ".join(f"Sentence number {n} says something about the heart." for n in range(120))
    found = list(chunks(text))
    assert found[0].start == 0 and found[-1].end == len(text)
    assert all(len(text[c.start : c.end]) <= 1000 and text[c.end - 1] == "." for c in found)
    assert all(0 < a.end - b.start <= 150 for a, b in pairwise(found))


def test_a_text_without_blanks_is_cut_all_the_same():
    found = list(chunks("x" * 2500))
    assert [(c.start, c.end) for c in found] == [(0, 1000), (1000, 2000), (2000, 2500)]


def test_chinese_words_are_found_within_a_line_without_blanks(tmp_path):
    rows = [
        {
            "id": "a",
            "questions": [["高血压患者应该注意什么？"]],
            "answers": ["高血压患者应限制钠盐，每天少于5克。IL-6也会升高。"],
        },
        {"id": "b", "questions": [["感冒怎么办？"]], "answers": ["多喝水，注意休息。"]},
        {"id": "c", "questions": [["看这里"]], "answers": ["https://x.org/1"]},
    ]
    path = tmp_path / "zh.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = add("zh", path)
    assert done.documents == 2 and done.skipped == {"an address in place of the text": 1}
    retriever = LexicalRetriever("zh")
    (first, *_) = retriever.search("限制钠盐")
    assert (first.document, first.title) == ("a", "高血压患者应该注意什么？")
    assert [one.document for one in retriever.search("休息")] == ["b"] and retriever.search("糖尿") == []
    spans = retriever.fit("限制钠盐", first).spans
    assert [first.text[start:end] for start, end in spans] == ["限制钠盐"]


def test_a_chinese_text_is_cut_at_its_sentences():
    text = "他说：“高血压患者应限盐。”" * 120
    made = list(chunks(text))
    assert len(made) > 1 and all(text[one.start] == "他" and text[one.end - 1] == "”" for one in made)


@pytest.mark.parametrize(
    ("line", "heading"),
    [("## Doses ##", "Doses"), ("# C#", "C#"), ("# a" + " " * 20_000 + "b", None), ("#  #", "#")],
)
def test_a_heading_has_its_words_also_behind_many_blanks(line, heading):
    """A pattern that gives blanks back one by one would take hours for the third."""
    (chunk,) = chunks(f"{line}\n\nGive 5 mg.", True)
    text = f"{line}\n\nGive 5 mg."
    assert text[chunk.start : chunk.end] == "Give 5 mg."
    assert text[chunk.head_start : chunk.head_end] == (heading or line.removeprefix("# "))
