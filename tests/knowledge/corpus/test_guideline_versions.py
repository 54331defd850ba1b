"""Two versions of a guideline in one corpus: both stay, each under its own id, and a date or a look at the version tells them apart."""

import json

import pytest

from osler.errors import UsageError
from osler.knowledge.corpus.guidelines import named_by
from osler.knowledge.corpus.ingest import add
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.retrieval import across, newer
from osler.passages import Filters, Passage


def guideline(version, date, statin):
    """A guideline of two recommendations, the second of which is the same in all versions."""
    said = f"version: {version}\n" if version else ""
    return (
        f"---\nguideline: NG238\ntitle: Lipids\nauthority: NICE\n{said}date: {date}\n---\n"
        f"1.6.1 Offer atorvastatin {statin} to people at risk.\n\n1.6.2 Do not offer a fibrate to people on a statin.\n\n"
        "# Background\n\nCholesterol is carried in lipoproteins.\n"
    )


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "lipids"
    place.mkdir()
    (place / "new.md").write_text(guideline("2023-12", "2023-12-14", "20 mg"))
    (place / "old.md").write_text(guideline("2014-07", "2014-07-18", "10 mg"))
    return place


def found(words, **filters):
    hits = LexicalRetriever("lipids").search(words, 10, Filters(**filters) if filters else None)
    return {one.document for one in hits}


def test_both_versions_stay_and_a_date_selects_also_what_did_not_change(folder):
    done = add("lipids", folder)
    assert (done.documents, done.repeated_ids, done.duplicates) == (6, 0, 0)
    assert found("fibrate statin") == {"NG238@2023-12/1.6.2", "NG238@2014-07/1.6.2"}
    assert found("fibrate statin", since="2020") == {"NG238@2023-12/1.6.2"}
    assert found("fibrate statin", until="2020") == {"NG238@2014-07/1.6.2"}
    assert found("cholesterol lipoproteins", until="2020") == {"NG238@2014-07"}


def test_results_and_the_corpus_tell_the_versions(folder):
    add("lipids", folder)
    hits = LexicalRetriever("lipids").search("atorvastatin", 2)
    assert {(one.document, one.field("version")) for one in hits} == {
        ("NG238@2023-12/1.6.1", "2023-12"), ("NG238@2014-07/1.6.1", "2014-07"),
    }  # fmt: skip
    assert across.brief("lipids")["guidelines"] == "NG238 (2014-07, 2023-12)"
    text, meta = across.document("lipids", "NG238@2014-07/1.6.1")
    assert "10 mg" in text and meta["fields"]["version"] == "2014-07"
    with pytest.raises(UsageError, match=r"in versions: NG238@2014-07/1\.6\.1, NG238@2023-12/1.6.1"):
        across.document("lipids", "NG238/1.6.1")


def test_the_same_version_again_replaces_its_words_and_leaves_the_other(folder):
    add("lipids", folder)
    (folder / "new.md").write_text(guideline("2023-12", "2023-12-14", "40 mg, corrected,"))
    done = add("lipids", folder)
    assert (done.state, done.documents, done.files_reused) == ("updated", 6, 1)
    assert "corrected" in across.document("lipids", "NG238@2023-12/1.6.1")[0]
    assert "10 mg" in across.document("lipids", "NG238@2014-07/1.6.1")[0]
    assert across.brief("lipids")["guidelines"] == "NG238 (2014-07, 2023-12)"


def test_a_guideline_without_a_version_goes_by_its_date(folder):
    (folder / "new.md").write_text(guideline("", "2023-12-14", "20 mg"))
    (folder / "old.md").write_text(guideline("", "2014-07-18", "10 mg"))
    add("lipids", folder)
    assert found("fibrate") == {"NG238@2023-12-14/1.6.2", "NG238@2014-07-18/1.6.2"}


def test_rows_of_two_versions_stay_too(tmp_path):
    rows = [
        {"id": own, "guideline": "ESC-HF", "recommendation": "1", "version": version, "date": version, "text": "Give a beta-blocker."}
        for own in ("", "hf-1") for version in ("2016", "2021")
    ]  # fmt: skip
    (tmp_path / "esc.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = add("lipids", tmp_path / "esc.jsonl")
    assert (done.documents, done.repeated_ids) == (4, 0)
    assert found("beta-blocker") == {"ESC-HF@2016/1", "ESC-HF@2021/1"}  # the others are the same once more
    assert across.document("lipids", "hf-1@2021")[1]["date"] == "2021"


def test_pages_of_one_name_in_two_folders_are_told_apart_by_their_dates(tmp_path):
    for date in ("2015-01-02", "2022-03-04"):
        folder = tmp_path / "lipids" / date
        folder.mkdir(parents=True)
        items = "".join(
            f"<p>1.2.{n} Offer statin {n} to adults at risk of a stroke.</p>" for n in range(1, 4)
        )
        (folder / "ng9.html").write_text(f'<meta name="date" content="{date}"><title>Lipids</title>{items}')
    add("lipids", tmp_path / "lipids")
    assert found("statin 2 stroke", since="2020") == {f"ng9@2022-03-04/1.2.{n}" for n in (1, 2, 3)}
    assert found("statin 2 stroke", until="2020") == {f"ng9@2015-01-02/1.2.{n}" for n in (1, 2, 3)}


def test_of_two_versions_that_fit_alike_the_newer_stands_first_and_the_older_names_it(folder):
    add("lipids", folder)
    _, hits = across.search("fibrate statin", ["lipids"])
    same = [one.passage for one in hits if one.passage.document.endswith("/1.6.2")]
    assert [one.document for one in same] == ["NG238@2023-12/1.6.2", "NG238@2014-07/1.6.2"]
    assert [one.field("newer") for one in same] == ["", "NG238@2023-12/1.6.2"]
    told = across.search_json("fibrate statin", ["lipids"], hits)["results"]
    assert {one["document"]: one["fields"].get("newer") for one in told if "1.6.2" in one["document"]} == {
        "NG238@2023-12/1.6.2": None, "NG238@2014-07/1.6.2": "NG238@2023-12/1.6.2",
    }  # fmt: skip


def test_an_older_version_alone_among_the_results_names_the_newer_too(folder):
    (folder / "new.md").write_text(
        guideline("2023-12", "2023-12-14", "20 mg").replace("1.6.2 Do", "1.6.9 Do")
    )
    add("lipids", folder)
    _, hits = across.search("fibrate atorvastatin", ["lipids"], filters=Filters(until="2020"))
    assert {
        one.passage.document: one.passage.field("newer") for one in hits if "/" in one.passage.document
    } == {
        "NG238@2014-07/1.6.2": "NG238@2023-12",  # it has another number there
        "NG238@2014-07/1.6.1": "NG238@2023-12/1.6.1",
    }


def test_versions_are_ordered_by_their_numbers_and_years_are_no_plain_numbers():
    assert (
        newer.is_newer("1.10", "1.9")
        and newer.is_newer("2022-05", "2022")
        and not newer.is_newer("2019", "2022")
    )
    assert (
        not newer.is_newer("2019", "3")
        and not newer.is_newer("3", "2019")
        and not newer.is_newer("final", "draft")
    )


def test_a_better_score_stays_first_whichever_version_it_is():
    old, new = (
        Passage("1 Rest." if version == "2019" else "1 Rest well.", f"G@{version}/1", 0, 7, "G", score, "none",
                fields=(("guideline", "G"), ("recommendation", "1"), ("version", version)))
        for version, score in (("2019", 3.0), ("2022", 2.0))
    )  # fmt: skip
    assert [one.document for one in newer.told([old, new])] == ["G@2019/1", "G@2022/1"]
    swapped = newer.told([old, new._replace(score=3.0)])
    assert [(one.document, one.score) for one in swapped] == [("G@2022/1", 3.0), ("G@2019/1", 3.0)]


def test_files_that_are_named_by_their_versions_are_one_guideline(tmp_path):
    (tmp_path / "g").mkdir()
    for year in ("2019", "2022"):
        items = "\n\n".join(f"1.1.{n} Offer drug {n} to adults who have gout." for n in (1, 2, 3))
        (tmp_path / "g" / f"gout-{year}.md").write_text(f"---\nversion: {year}\n---\n{items}\n")
    add("lipids", tmp_path / "g")
    _, hits = across.search("drug gout", ["lipids"], top=2)
    assert [one.passage.field("guideline") for one in hits] == ["gout", "gout"]
    assert named_by("a/htn-2019.pdf", "2019") == "htn" and named_by("2019.pdf", "2019") == "2019"
    assert named_by("htn2019.pdf", "2019") == "htn2019"


def test_a_second_folder_says_that_versions_lie_under_one(folder, tmp_path):
    add("lipids", folder)
    (tmp_path / "more.md").write_text(guideline("2025-01", "2025-01-01", "40 mg"))
    with pytest.raises(UsageError, match="another version of a guideline, into one folder"):
        add("lipids", tmp_path / "more.md")
