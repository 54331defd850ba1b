"""`corpus add`: what goes in comes out at its exact place; nothing is read twice; a killed build goes on."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile

import pytest

from osler.errors import InputError, UsageError
from osler.knowledge.corpus import ingest, store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever

FILES = ("texts.bin", "documents.jsonl", "documents.bin", "passages.bin", "signatures.bin", "ids.bin")


def reader_of(name):
    return store.Reader(store.place(name) / store.about(name)["data"])


def content(name):
    folder = store.place(name) / store.about(name)["data"]
    return {file: (folder / file).read_bytes() for file in FILES}


def test_every_passage_stands_in_its_document_at_its_offsets(papers):
    done = add("papers", papers)
    reader = reader_of("papers")
    assert done.state == "built" and done.documents == 4 and reader.n_passages == done.passages
    for number in range(reader.n_passages):
        place, text, _, _ = reader.passage(number)
        assert reader.text(place.document)[place.start : place.end] == text


def test_offsets_count_characters_also_behind_letters_of_several_bytes(tmp_path):
    (tmp_path / "greek.txt").write_text("αβγ ηèé 😀. " + "β-blockers slow the heart. " * 80)
    add("greek", tmp_path / "greek.txt")
    for passage in LexicalRetriever("greek").search("blockers heart", 5):
        reader = reader_of("greek")
        assert reader.text(reader.find(passage.document))[passage.start : passage.end] == passage.text


def test_a_markdown_passage_knows_its_section_and_never_crosses_it(papers):
    add("papers", papers)
    (passage,) = LexicalRetriever("papers").search("ferrous sulfate", 1)
    assert passage.section == "Treatment" and passage.title == "Anaemia guide"
    assert "endoscopy" not in passage.text and "commonest" not in passage.text


def test_the_licence_beside_the_source_is_recorded(papers):
    add("papers", papers)
    assert store.about("papers")["licence"] == "CC BY 4.0"
    add("other", papers, licence="my own")
    assert store.about("other")["licence"] == "my own"


def test_files_and_folders_are_private(papers, own_data):
    add("papers", papers)
    for path in [own_data, *own_data.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_adding_again_reads_nothing_and_a_changed_file_alone_is_read(papers):
    add("papers", papers)
    assert add("papers", papers).state == "unchanged"
    (papers / "note.txt").write_text("Procalcitonin rises in sepsis.")
    done = add("papers", papers)
    assert done.state == "updated" and done.files_reused == 2 and done.documents == 4
    assert [p.document for p in LexicalRetriever("papers").search("procalcitonin")] == ["note.txt"]
    assert LexicalRetriever("papers").search("tuberculosis") == []


def test_an_updated_corpus_is_the_one_that_would_be_built_anew(papers):
    add("papers", papers)
    (papers / "another.txt").write_text("Ferritin is low in iron deficiency.")
    add("papers", papers)
    add("anew", papers)
    assert content("papers") == content("anew")


def test_a_zip_is_a_folder_also_within_a_zip(papers, tmp_path):
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as inner:
        inner.write(papers / "note.txt", "deep/note.txt")
    with zipfile.ZipFile(tmp_path / "papers.zip", "w") as packed:
        packed.write(papers / "anaemia.md", "anaemia.md")
        packed.write(tmp_path / "inner.zip", "inner.zip")
    done = add("zipped", tmp_path / "papers.zip")
    assert done.documents == 2
    (passage,) = LexicalRetriever("zipped").search("tuberculosis", 1)
    assert passage.document == "papers.zip/inner.zip/deep/note.txt"


def test_near_duplicates_are_left_out_but_a_changed_number_or_negation_is_not_one(tmp_path):
    rows = [
        "Give 5 mg of the drug daily.", "Give 5 mg of drug, daily!", "GIVE 5 mg of the drug daily",
        "Give 50 mg of the drug daily.", "Do not give 5 mg of the drug daily.", "Give 0.5 mg of the drug daily.",
    ]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    done = add("doses", tmp_path / "rows.jsonl")
    assert done.duplicates == 2 and done.passages == 4


def test_a_row_that_cannot_be_used_is_counted_and_the_rest_is_kept(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "Aspirin thins blood."}\nnot json\n[1]\n{"text": "  "}\n')
    done = add("rows", tmp_path / "rows.jsonl")
    assert done.documents == 1 and done.skipped == {"not JSON": 1, "no JSON object": 1, "no text": 1}
    assert done.places["not JSON"] == "rows.jsonl line 2"


def test_an_id_that_names_a_document_names_one_document(tmp_path):
    (tmp_path / "rows.csv").write_text("id,text\nPMC1,Aspirin thins blood.\nPMC1,Something else entirely.\n")
    done = add("rows", tmp_path / "rows.csv")
    assert done.documents == 1 and done.repeated_ids == 1 and done.renamed == 0


@pytest.fixture
def source(tmp_path):
    """An empty folder for a corpus to be made of."""
    made = tmp_path / "source"
    made.mkdir()
    return made


def test_a_row_number_of_another_file_is_another_document(source):
    (source / "a.csv").write_text("id,text\n1,Aspirin thins blood.\n2,Gout hurts.\n")
    (source / "b.csv").write_text("id,text\n1,Pneumonia is treated.\n2,Gout hurts.\n")
    done = add("rows", source)
    assert (done.documents, done.repeated_ids, done.renamed) == (3, 2, 1)
    assert LexicalRetriever("rows").search("pneumonia")[0].document == "1#2"
    assert add("rows", source).state == "unchanged"


def test_an_emptied_source_leaves_the_corpus_as_it_was(tmp_path):
    note = tmp_path / "notes" / "a.txt"
    note.parent.mkdir()
    note.write_text("Aspirin thins blood.")
    add("one", note.parent)
    note.write_text("")
    with pytest.raises(InputError, match="stays as it was"):
        add("one", note.parent)
    assert LexicalRetriever("one").search("aspirin")
    note.write_text("Gout hurts.")
    assert add("one", note.parent).state == "updated"


def test_a_file_that_cannot_be_read_does_not_stop_the_rest(source):
    (source / "a.txt").write_text("Aspirin thins blood.")
    (source / "b.csv").write_text("x,y\n1,2\n")
    (source / "c.parquet").write_bytes(b"PAR1 nonsense..")
    done = add("mixed", source)
    assert done.documents == 1 and done.skipped["a file that cannot be read"] >= 1
    assert "b.csv" in done.places["a file that cannot be read"]


def test_utf_16_is_read_by_its_mark(source):
    (source / "a.txt").write_bytes("Colchicine helps.".encode("utf-16"))
    (source / "b.csv").write_bytes("id,text\nx,Salbutamol helps.\n".encode("utf-16"))
    assert add("wide", source).documents == 2
    assert LexicalRetriever("wide").search("colchicine")[0].text == "Colchicine helps."
    assert LexicalRetriever("wide").search("salbutamol")


def test_a_quote_that_is_not_closed_is_told(tmp_path):
    rows = "".join(f"{n},Line {n} of many.\n" for n in range(600))
    (tmp_path / "rows.csv").write_text(f'id,text\nx,"Begun and never closed\n{rows}')
    assert any("is a quote not closed" in reason for reason in add("rows", tmp_path / "rows.csv").skipped)


def test_a_licence_given_later_is_recorded(source):
    (source / "a.txt").write_text("Aspirin thins blood.")
    add("one", source, licence="A")
    assert add("one", source, licence="CC0").state == "unchanged"
    assert store.about("one")["licence"] == "CC0"


@pytest.mark.parametrize("name", ["abc\n", "a b", ""])
def test_a_name_is_a_name_from_end_to_end(name, tmp_path):
    (tmp_path / "a.txt").write_text("Aspirin thins blood.")
    with pytest.raises(UsageError, match="no name for a corpus"):
        add(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("bad.zip", b"PK\x03\x04 broken", "no whole zip"),
        ("empty.txt", b"  \n", "empty"),
        ("table.csv", b"x,y\n1,2\n", "no column of text"),
        ("picture.png", b"\x89PNG", "nothing that can be read"),
    ],
)
def test_a_source_that_cannot_be_read_says_why(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says):
        add("bad", tmp_path / name)
    assert store.names() == []


def test_a_name_stands_for_one_source(papers, tmp_path):
    add("papers", papers)
    (tmp_path / "x.txt").write_text("Something.")
    with pytest.raises(UsageError, match="choose another name"):
        add("papers", tmp_path / "x.txt")
    with pytest.raises(UsageError, match="no name for a corpus"):
        add("../papers", papers)


MEDQUAD = """<?xml version="1.0"?><Document id="7" source="GARD" url="https://x.org/7"><Focus>Gout</Focus><QAPairs>
<QAPair pid="2"><Question qid="7-2" qtype="treatment">How is gout treated ?</Question><Answer>With &lt;rest&gt; &amp; colchicine.</Answer></QAPair>
<QAPair pid="3"><Question qid="7-3" qtype="causes">What causes gout ?</Question><Answer></Answer></QAPair></QAPairs></Document>"""


def test_medquad_pairs_have_the_ids_of_the_judgements(tmp_path):
    folder = tmp_path / "medquad"
    folder.mkdir()
    (folder / "0000007.xml").write_text(MEDQUAD)
    (folder / "judged.csv").write_text(
        'AnswerID,Answer\nADAM_1_Sec1.txt,"Question: What is X ?\nURL: https://x.org/1\nAnswer: X is a disease."\n'
    )
    done = add("medquad", folder)
    assert done.documents == 2 and done.skipped == {"question without its answer": 1}
    (gout,) = LexicalRetriever("medquad").search("colchicine", 1)
    assert (gout.document, gout.text, gout.section) == (
        "GARD_7_Sec2",
        "With <rest> & colchicine.",
        "treatment",
    )
    (other,) = LexicalRetriever("medquad").search("X disease", 1)
    assert (other.document, other.title, other.text) == ("ADAM_1_Sec1", "What is X ?", "X is a disease.")


PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>123</PMID><Article><Journal><JournalIssue><PubDate>
<Year>2021</Year><Month>Mar</Month><Day>4</Day></PubDate></JournalIssue><ISOAbbreviation>J Test</ISOAbbreviation></Journal>
<ArticleTitle>Colchicine in <i>gout</i></ArticleTitle><Abstract><AbstractText Label="METHODS">We randomised 100 adults.</AbstractText>
<AbstractText Label="RESULTS">Pain fell by half.</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>124</PMID></MedlineCitation></PubmedArticle></PubmedArticleSet>"""


def test_pubmed_articles_have_date_journal_and_labelled_sections(tmp_path):
    (tmp_path / "pubmed.xml").write_text(PUBMED)
    done = add("pubmed", tmp_path / "pubmed.xml")
    assert done.documents == 1 and done.skipped == {"article without an abstract": 1}
    (found,) = LexicalRetriever("pubmed").search("pain fell", 1)
    assert (found.document, found.section, found.date, found.source) == (
        "PMID:123",
        "RESULTS",
        "2021-03-04",
        "J Test",
    )
    assert found.text == "Pain fell by half." and found.title == "Colchicine in gout"


SLOW = """
import sys
from pathlib import Path
from osler.knowledge.corpus import ingest
ingest._EVERY, ingest._EVERY_S = 50, 3600
ingest.add("killed", Path(sys.argv[1]))
"""


def test_a_build_killed_at_any_point_goes_on_to_the_same_bytes(tmp_path, own_data):
    source = tmp_path / "many.jsonl"
    words = [f"word{n % 97} disease{n % 31} dose {n} mg. " * 6 for n in range(20_000)]
    source.write_text(
        "".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(words))
    )
    kills = 0
    for wanted in (20_000, 60_000, 150_000):
        running = subprocess.Popen(
            [sys.executable, "-c", SLOW, str(source)], env=os.environ, stderr=subprocess.DEVNULL
        )
        kept = own_data / "killed" / "data-1" / "documents.bin"
        while running.poll() is None and not (kept.exists() and kept.stat().st_size > wanted):
            time.sleep(0.005)
        kills += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert kills >= 2 and store.names() == []
    done = add("killed", source)
    assert done.state == "resumed" and done.documents == 20_000
    add("whole", source)
    assert content("killed") == content("whole")
    one, other = LexicalRetriever("killed"), LexicalRetriever("whole")
    for query in ("word5 disease7", "dose 123 mg", "disease30"):
        assert one.numbers(query, 50) == other.numbers(query, 50)


@pytest.mark.parametrize("kind", ["builtin:calculators", "guideline", "pages"])
def test_a_source_that_gives_many_documents_goes_on_within_it_after_a_stop(tmp_path, monkeypatch, kind):
    """Also where one file holds them all, and where there is no file."""
    source = kind
    if kind == "guideline":
        source = tmp_path / "g.md"
        source.write_text("".join(f"1.1.{n} Offer drug {n} to adults with gout.\n\n" for n in range(1, 60)))
    elif kind == "pages":
        source = tmp_path / "pages"
        source.mkdir()
        for n in range(60):
            (source / f"{n}.html").write_text(f"<h1>Drug {n}</h1><p>Drug {n} is given in gout.</p>")
    monkeypatch.setattr(ingest, "_EVERY", 7)
    keep, count = ingest._Build._keep, [0]

    def stopped(self, *given):
        count[0] += 1
        if count[0] == 40:
            raise KeyboardInterrupt
        return keep(self, *given)

    monkeypatch.setattr(ingest._Build, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        add("cut", source)
    assert store.names() == []
    done = add("cut", source)
    assert done.state == "resumed"
    add("whole", source)
    assert content("cut") == content("whole") and done.documents == store.about("whole")["documents"]
