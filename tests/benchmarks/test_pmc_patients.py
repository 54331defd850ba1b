"""PMC-Patients in its released layouts: one file with links, a table of it, and the folder in BEIR's form."""

import csv
import json

import pytest

from osler.benchmarks.pmc_patients import PmcPatients
from osler.errors import InputError

ROWS = [
    {
        "patient_id": "0", "patient_uid": "100-1", "PMID": "100", "title": "Encephalitis", "patient": "A woman with seizures.",
        "age": [[24.0, "year"]], "gender": "F", "similar_patients": {"101-1": 1, "101-2": 2, "100-1": 2},
        "relevant_articles": {"9001": 1, "9002": 2},
    },
    {
        "patient_id": "1", "patient_uid": "101-1", "PMID": "101", "title": "Teratoma", "patient": "A girl with seizures.",
        "age": [[9.0, "year"]], "gender": "F", "similar_patients": ["100-1"], "relevant_articles": ["101"],
    },
    {
        "patient_id": "2", "patient_uid": "101-2", "PMID": "101", "title": "Teratoma", "patient": "A boy with gout.",
        "age": [[7.0, "year"]], "gender": "M", "similar_patients": {}, "relevant_articles": {},
    },
]  # fmt: skip


@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "PMC-Patients.json"
    path.write_text(json.dumps(ROWS))
    return path


def test_patients_with_links_are_queries_and_never_find_themselves(sample):
    [ppr] = PmcPatients.sets(sample)
    assert [query.id for query in ppr.queries] == ["100-1", "101-1"]
    first = ppr.queries[0]
    assert first.judged == {"101-1": 1, "101-2": 2} and first.without == {"100-1"} and first.group == "100"
    assert ppr.queries[1].judged == {"100-1": 1}
    assert ppr.measures == ("RR", "P@10", "nDCG@10", "R@1000")
    documents = list(ppr.documents())  # type: ignore[misc]
    assert [d.id for d in documents] == ["100-1", "101-1", "101-2"] and documents[0].title == "Encephalitis"


def test_articles_are_asked_for_by_name_and_leave_the_own_one_out_unless_it_is_linked(sample):
    [par] = PmcPatients.sets(sample, subset="PAR")
    assert par.documents is None and par.queries[0].judged == {"9001": 1, "9002": 2}
    assert [query.without for query in par.queries] == [{"100"}, frozenset()]


def test_the_table_holds_the_same_links_as_text(sample, tmp_path):
    path = tmp_path / "table" / "PMC-Patients.csv"
    path.parent.mkdir()
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ROWS[0])
        writer.writeheader()
        writer.writerows({name: str(value) for name, value in row.items()} for row in ROWS)
    assert PmcPatients.sets(path)[0].queries == PmcPatients.sets(sample)[0].queries


def test_a_split_is_the_patients_that_its_file_lists(sample):
    (sample.parent / "dev_patient_uids.json").write_text('["101-1"]')
    [dev] = PmcPatients.sets(sample.parent, split="dev")
    assert [query.id for query in dev.queries] == ["101-1"]
    with pytest.raises(InputError, match="train_patient_uids"):
        PmcPatients.sets(sample.parent, split="train")


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("old", [False, True])
def test_the_recds_release_in_both_namings(tmp_path, old):
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "test_queries.jsonl").write_text(
        lines([{"_id": "100-1", "text": "seizures"}, {"_id": "7-1", "text": "unjudged"}])
    )
    for task, gold in (("PPR", "101-1"), ("PAR", "9001")):
        folder = tmp_path / task
        folder.mkdir()
        corpus = folder / (f"{task}_corpus.jsonl" if old else "corpus.jsonl")
        corpus.write_text(
            lines([{"_id": gold, "title": "T", "text": "seizures"}, {"_id": "x", "title": "", "text": "y"}])
        )
        qrels = folder / (f"{task}_test_qrels.tsv" if old else "qrels_test.tsv")
        qrels.write_text(f"query-id\tcorpus-id\tscore\n100-1\t{gold}\t2\n100-1\t100-1\t1\n")
    ppr, par = PmcPatients.sets(tmp_path)
    assert (ppr.name, par.name) == ("PPR", "PAR") and PmcPatients.subsets(tmp_path) == ["PPR", "PAR"]
    [query] = ppr.queries
    assert query.judged == {"101-1": 2} and query.without == {"100-1"} and query.group == "100"
    assert [d.id for d in par.documents()] == ["9001", "x"]  # type: ignore[misc]


def test_what_is_broken_is_named(tmp_path, sample):
    with pytest.raises(InputError, match="there is no task 'x'"):
        PmcPatients.sets(sample, subset="x")
    for rows, said in (
        ([{**ROWS[0], "similar_patients": {"a": "b"}}], "grade"),
        ([{**ROWS[0], "similar_patients": 3}], "neither"),
        ([{**ROWS[0], "patient": ""}], "patient"),
        ([{**ROWS[2]}], "no patient has links"),
    ):
        sample.write_text(json.dumps(rows))
        with pytest.raises(InputError, match=said):
            PmcPatients.sets(sample)
