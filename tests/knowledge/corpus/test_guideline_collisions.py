"""Files that give one id to different words: no words are lost, each file is told, and only true copies are left out."""

import json
import shutil

import pytest
from pdf_writer import pdf

from osler.knowledge.corpus import store
from osler.knowledge.corpus.guidelines import edition
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.retrieval import across


def guideline(words, many=3, name="NG136", **said):
    top = "".join(
        f"{key}: {value}\n" for key, value in {"guideline": name, "version": "2023", **said}.items() if value
    )
    rows = "\n\n".join(f"Recommendation {n}. {words} {n} to adults in need." for n in range(1, many + 1))
    return f"---\n{top}---\n{rows}\n"


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def documents():
    reader = store.Reader(store.place("guides") / store.about("guides")["data"])
    return {one.id: one for one in reader.documents(0, reader.n_documents)}


def test_a_second_file_of_the_same_id_with_other_words_is_kept_whole_and_both_are_named(tmp_path):
    folder = written(
        tmp_path / "g", aaa=guideline("Withhold amlodipine"), ng136=guideline("Offer amlodipine", 4)
    )
    done = add("guides", folder)
    there = documents()
    assert [name for name, one in there.items() if "Offer" in one.text] == [
        f"NG136~ng136.md@2023/{n}" for n in (1, 2, 3, 4)
    ]
    assert [name for name, one in there.items() if "Withhold" in one.text] == [
        f"NG136@2023/{n}" for n in (1, 2, 3)
    ]
    assert done.notices == [
        "aaa.md and ng136.md both give guideline NG136@2023, with other words: both are kept, ng136.md as NG136~ng136.md@2023"
    ]
    assert done.repeated_ids == 0
    assert {one.document for one in LexicalRetriever("guides").search("offer amlodipine 4", 1)} == {
        "NG136~ng136.md@2023/4"
    }


def test_when_the_other_file_is_gone_the_id_is_the_plain_one_again(tmp_path):
    folder = written(
        tmp_path / "g", aaa=guideline("Withhold amlodipine"), ng136=guideline("Offer amlodipine", 4)
    )
    add("guides", folder)
    (folder / "aaa.md").unlink()
    done = add("guides", folder)
    assert list(documents()) == [f"NG136@2023/{n}" for n in (1, 2, 3, 4)] and not done.notices


def test_a_true_copy_is_left_out_as_one(tmp_path):
    folder = written(tmp_path / "g", a=guideline("Offer amlodipine"))
    shutil.copy(folder / "a.md", folder / "b.md")
    done = add("guides", folder)
    assert (done.documents, done.repeated_ids, done.reworded, done.notices) == (3, 3, 0, [])


def test_files_that_are_called_the_same_in_two_folders_are_two_guidelines(tmp_path):
    for year in ("2019", "2023"):
        (tmp_path / "g" / year).mkdir(parents=True)
        lines = [f"Recommendation {n}. In {year} we recommended target {n} for adults." for n in (1, 2, 3)]
        (tmp_path / "g" / year / "hypertension.pdf").write_bytes(
            pdf([[*lines, "Recommendation 4. Measure in both arms always."]])
        )
    add("guides", tmp_path / "g")
    there = documents()
    assert list(there) == [
        *(f"hypertension/{n}" for n in (1, 2, 3, 4)),
        *(f"2023:hypertension/{n}" for n in (1, 2, 3, 4)),
    ]
    assert there["2023:hypertension/1"].field("guideline") == "2023:hypertension"
    hits = LexicalRetriever("guides").search("both arms", 5)  # what is the same in both stands in both
    assert {one.document for one in hits} == {"hypertension/4", "2023:hypertension/4"}


def test_another_authority_is_another_guideline(tmp_path):
    text = guideline("Offer amlodipine", authority="NICE")
    add("guides", written(tmp_path / "g", a=text, b=text.replace("NICE", "Other")))
    assert {one.field("authority") for one in LexicalRetriever("guides").search("amlodipine", 9)} == {
        "NICE",
        "Other",
    }


def test_signs_that_part_an_id_are_written_out_in_it(tmp_path):
    folder = written(
        tmp_path / "g", a=guideline("Offer", name="G@1", version=""), b=guideline("Avoid", name="G", version="1"),
        c=guideline("Give", name="G/x"),
    )  # fmt: skip
    add("guides", folder)
    assert set(documents()) == {f"{own}/{n}" for own in ("G%401", "G@1", "G%2Fx@2023") for n in (1, 2, 3)}
    assert edition("50%", "1") == "50%@1" and edition("a%40b", "") != edition("a@b", "")
    with pytest.raises(Exception, match="G%2Fx@2023/1"):
        across.document("guides", "G%2Fx/1")


def test_the_chapters_of_a_guideline_in_several_files_keep_its_id(tmp_path):
    one, two = guideline("Offer"), guideline("Avoid").replace("Recommendation ", "Recommendation 1")
    done = add(
        "guides",
        written(tmp_path / "g", a=one + "\n# Why\n\nOne reason.\n", b=two + "\n# Why\n\nAnother reason.\n"),
    )
    ids = list(documents())
    assert [name for name in ids if "/" in name] == [f"NG136@2023/{n}" for n in (1, 2, 3, 11, 12, 13)]
    assert sum(name.startswith("NG136@2023~") for name in ids) == 1 and done.reworded == 1


def test_rows_and_yaml_that_repeat_an_id_with_other_words_are_kept(tmp_path):
    rows = [
        {"guideline": "HF", "recommendation": "1", "text": f"Give a {drug}."}
        for drug in ("statin", "fibrate", "statin")
    ]
    (tmp_path / "hf.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = add("guides", tmp_path / "hf.jsonl")
    assert sorted(one.text for one in documents().values()) == ["Give a fibrate.", "Give a statin."]
    assert (done.repeated_ids, done.reworded) == (2, 1)


def test_other_documents_that_are_left_out_are_not_called_copies(tmp_path):
    rows = [
        {"id": "PMC1", "text": words}
        for words in ("Aspirin thins blood.", "Iron makes blood.", "Aspirin thins blood.")
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = add("guides", tmp_path / "rows.jsonl")
    assert (done.documents, done.repeated_ids, done.differing) == (1, 2, 1)


def test_a_kill_amid_two_files_of_one_id_is_gone_on_from(tmp_path, monkeypatch):
    folder = written(
        tmp_path / "g", aaa=guideline("Withhold amlodipine"), ng136=guideline("Offer amlodipine", 4)
    )
    whole = add("guides", folder)
    there = documents()
    store.remove("guides")
    monkeypatch.setattr("osler.knowledge.corpus.ingest._EVERY", 1)
    add_one, left = store.Writer.add, iter(range(5))

    def dies(self, *given):
        next(left)
        add_one(self, *given)

    monkeypatch.setattr(store.Writer, "add", dies)
    with pytest.raises(StopIteration):
        add("guides", folder)
    monkeypatch.setattr(store.Writer, "add", add_one)
    done = add("guides", folder)
    assert (done.state, done.notices) == ("resumed", whole.notices) and documents() == there
