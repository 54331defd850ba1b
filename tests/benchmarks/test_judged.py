"""Benchmarks of retrieval: their layouts from a folder and a ZIP, MedQuAD's judgements, and what is refused."""

import json
import zipfile

import pytest

from osler import registry
from osler.benchmarks.beir import Beir, read_judgements
from osler.benchmarks.files import Files
from osler.benchmarks.medquad_judged import GRADES, MedQuad
from osler.benchmarks.r2med import R2Med
from osler.errors import InputError


def rows(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.fixture
def beir(tmp_path):
    """Two collections beside each other."""
    for name in ("heart", "lung"):
        place = tmp_path / "data" / name
        (place / "qrels").mkdir(parents=True)
        (place / "corpus.jsonl").write_text(
            rows(
                {"_id": "a", "title": f"The {name}", "text": "It works."},
                {"_id": "b", "title": "Only a title", "text": ""},
            )
        )
        (place / "queries.jsonl").write_text(rows({"_id": "1", "text": f"how does the {name} work"}))
        (place / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n")
        (place / "qrels" / "dev.tsv").write_text("1 0 b 1\n")
    return tmp_path / "data"


def packed(folder, path):
    with zipfile.ZipFile(path, "w") as out:
        for file in folder.rglob("*"):
            if file.is_file():
                out.write(file, file.relative_to(folder).as_posix())
    return path


def test_every_benchmark_of_retrieval_offers_sets():
    found = [part for part in registry.parts("benchmark") if part.extra.get("judged")]
    assert {"beir", "r2med", "cliniq", "medquad"} <= {part.name for part in found}
    assert all(hasattr(part.object, "sets") and hasattr(part.object, "subsets") for part in found)


def test_a_folder_and_its_zip_read_alike(beir, tmp_path):
    for path in (beir, packed(beir, tmp_path / "data.zip")):
        assert Beir.subsets(path) == ["heart", "lung"]
        heart, _ = Beir.sets(path)
        assert heart.queries[0].judged == {"a": 2.0, "b": 0.0}
        texts = {document.id: (document.title, document.text) for document in heart.documents()}
        assert texts == {"a": ("The heart", "It works."), "b": ("", "Only a title")}


def test_splits_and_trecs_own_form(beir):
    (lung,) = Beir.sets(beir, subset="lung", split="dev")
    assert lung.queries[0].judged == {"b": 1.0}
    with pytest.raises(InputError, match=r"qrels/train.tsv"):
        Beir.sets(beir, split="train")


@pytest.mark.parametrize("text", ["1\ta\n", "query\tdoc\tgain\n1\ta\tmuch\n", "a b c d e\n"])
def test_judgements_in_another_form_name_their_row(tmp_path, text):
    (tmp_path / "qrels.tsv").write_text(text)
    with Files(tmp_path, "qrels") as files, pytest.raises(InputError, match=r"qrels.tsv row"):
        read_judgements(files, "qrels.tsv")


def test_r2meds_judgements_as_the_hub_has_them(tmp_path):
    place = tmp_path / "Biology"
    place.mkdir()
    (place / "corpus.jsonl").write_text(rows({"id": "a", "text": "A leaf."}))
    (place / "query.jsonl").write_text(rows({"id": "1", "text": "What is green?"}))
    (place / "qrels.jsonl").write_text(rows({"q_id": "1", "p_id": "a", "score": 1}))
    (judged,) = R2Med.sets(tmp_path)
    assert judged.queries[0].judged == {"a": 1.0} and judged.queries[0].tags == {"task": "Q&A reference"}
    (place / "qrels.jsonl").write_text(rows({"query": "1"}))
    with pytest.raises(InputError, match="line 1"):
        R2Med.sets(tmp_path)


QUESTIONS = """<LiveQA>
<NLM-QUESTION qid="TQ1"><Original-Question><Message>my gout</Message></Original-Question><Paraphrase>What treats gout?</Paraphrase></NLM-QUESTION>
<NLM-QUESTION qid="TQ2"><Original-Question><Message>is  it
catching</Message></Original-Question></NLM-QUESTION>
<NLM-QUESTION qid="TQ3"><Paraphrase>Nobody judged this?</Paraphrase></NLM-QUESTION>
</LiveQA>"""
PAGE = """<Document id="0000001" source="GARD" url="x"><QAPairs><QAPair pid="1"><Question qtype="treatment">What are the treatments for Gout ?</Question>
<Answer>Colchicine treats gout.</Answer></QAPair></QAPairs></Document>"""


def test_medquad_needs_its_questions_and_takes_their_paraphrase(tmp_path):
    (tmp_path / "All-qrels.txt").write_text(
        "1 4-Excellent GARD_0000001_Sec1.txt\n2 2-Related X_1.txt\n1 1-Incorrect Y_1.txt\n"
    )
    with pytest.raises(InputError, match="beside the archive"):
        MedQuad.sets(tmp_path)
    (tmp_path / "TREC-2017-LiveQA-Medical-Test.xml").write_text(QUESTIONS)
    (tmp_path / "page.xml").write_text(PAGE)
    (judged,) = MedQuad.sets(tmp_path)
    asked = {query.id: query.text for query in judged.queries}
    assert asked == {"1": "What treats gout?", "2": "is it catching"}
    assert judged.queries[0].judged == {"GARD_0000001_Sec1": 3.0, "Y_1": 0.0}
    assert "GARD_0000001_Sec1" in [document.id for document in judged.documents()]


def test_medquads_own_archive_has_its_judgements(data_dir, tmp_path):
    (tmp_path / "medquad.zip").symlink_to(data_dir / "medquad" / "medquad.zip")
    (tmp_path / "TREC-2017-LiveQA-Medical-Test.xml").write_text(QUESTIONS)
    (judged,) = MedQuad.sets(tmp_path)
    assert {query.id for query in judged.queries} <= {"1", "2", "3"} and len(judged.queries) >= 2
    assert set().union(*(query.judged.values() for query in judged.queries)) <= set(GRADES.values())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("q\td\tgain\n1\ta\tnan\n", "row 2: gain nan"),
        ("1\ta\t1\n1\tb\tinf\n", "row 2: gain inf"),
        ("1\ta\t1\n1\ta\t0\n", "row 2: query '1' and document 'a' are judged twice, 1 and 0"),
    ],
)
def test_a_gain_that_is_no_number_or_contradicts_another_names_its_row(tmp_path, text, says):
    (tmp_path / "qrels.tsv").write_text(text)
    with Files(tmp_path, "qrels") as files, pytest.raises(InputError, match=says):
        read_judgements(files, "qrels.tsv")


def test_the_same_judgement_twice_counts_once(tmp_path):
    (tmp_path / "qrels.tsv").write_text("1\ta\t2\n1\ta\t2\n")
    with Files(tmp_path, "qrels") as files:
        assert read_judgements(files, "qrels.tsv") == {"1": {"a": 2.0}}
