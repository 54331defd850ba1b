"""Row 144, CliniQ: on synthetic notes with relevance labels BM25 finds literal queries and misses planted synonyms; nDCG and MRR
print per match type and setting."""

import json
from math import log2

import pytest
from commands import osler

from osler.benchmarks.cliniq import CliniQ
from osler.errors import InputError

# Two notes of six chunks. Hypertension stands literally in one chunk of each note, by a synonym in another of the first.
NOTES = {
    "100": [
        "Admitted with chest pain. Long history of hypertension.",
        "Raised blood pressure was seen at every visit.",
        "Lungs clear, abdomen soft.",
        "Discharged home on day three.",
        "Diet as tolerated, walk daily.",
        "Follow up in two weeks.",
    ],
    "200": [
        "Family history of diabetes.",
        "Hypertension treated with lisinopril.",
        "Wound dry and clean.",
        "Sutures out on Monday.",
        "He was given HTN teaching.",
        "No fever, no chills.",
    ],
}
QUERIES = {
    "disease": {"D1": "hypertension"},
    "procedure": {"P1": "suture removal"},
    "drug": {"R1": "lisinopril"},
}
QRELS = {
    "disease": [
        ("D1", "100_0", "string"),
        ("D1", "100_1", "synonym"),
        ("D1", "200_1", "string"),
        ("D1", "200_4", "abbreviation"),
    ],
    "procedure": [("P1", "200_3", "hyponym")],
    "drug": [("R1", "200_1", "string")],
}


@pytest.fixture
def folder(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    place = tmp_path / "benchmark"
    place.mkdir()
    chunks = [
        {"_id": f"{note}_{number}", "text": text}
        for note, texts in NOTES.items()
        for number, text in enumerate(texts)
    ]
    (place / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in chunks))
    for kind, queries in QUERIES.items():
        rows = "".join(json.dumps({"_id": key, "text": text}) + "\n" for key, text in queries.items())
        (place / f"queries_{kind}.jsonl").write_text(rows)
        (place / f"qrels_{kind}.tsv").write_text("".join("\t".join(row) + "\n" for row in QRELS[kind]))
    return place


def test_literal_queries_are_found_and_planted_synonyms_missed(folder, capfd):
    found = osler(capfd, "corpus", "eval", "cliniq", "--data", folder)["subsets"]
    assert found["single/string"]["RR"] == found["single/string"]["nDCG"] == 1.0
    assert found["single/string"]["n"] == 3  # D1 in both notes, R1 in the second
    for match in ("synonym", "abbreviation"):
        assert found[f"single/{match}"]["RR"] == found[f"single/{match}"]["nDCG"] == 0.0
    # Overall, D1 in either note: one of two relevant chunks, first: 1 / (1 + 1/log2 3); R1: 1; P1 by its stem: 1.
    half = 1 / (1 + 1 / log2(3))
    assert found["single/overall"]["nDCG"] == pytest.approx((2 * half + 1 + 1) / 4)
    assert found["single/overall"]["AP"] == pytest.approx((0.5 + 0.5 + 1 + 1) / 4)


def test_both_settings_print_their_measures_for_every_kind(folder, capfd):
    found = osler(capfd, "corpus", "eval", "cliniq", "--data", folder)["subsets"]
    assert {name.split("/")[0] for name in found} == {"single", "multi"}
    assert {"multi/disease", "multi/procedure", "multi/drug"} <= set(found)
    for name, figures in found.items():
        wanted = {"RR", "nDCG"} if name.startswith("single") else {"RR", "nDCG@10", "R@100"}
        assert wanted <= set(figures) and wanted <= set(figures["ci"])
    # Over all notes two of four relevant chunks are found, at places 1 and 2.
    assert found["multi/disease"]["R@100"] == 0.5
    best = sum(1 / log2(place + 1) for place in range(1, 5))
    assert found["multi/disease"]["nDCG@10"] == pytest.approx((1 + 1 / log2(3)) / best)


def test_a_single_patient_search_stays_within_the_note(folder):
    (judged,) = CliniQ.sets(folder, subset="single/string")
    assert {query.filters.source for query in judged.queries} == {"100", "200"}
    one = next(query for query in judged.queries if query.id == "D1 100")
    assert set(one.judged) == {"100_0"} and one.without == {"100_1"}


def test_a_kind_of_match_that_is_none_is_refused(folder):
    (folder / "qrels_drug.tsv").write_text("R1\t200_1\trelated\n")
    with pytest.raises(InputError, match=r"qrels_drug.tsv row 1"):
        CliniQ.sets(folder)
