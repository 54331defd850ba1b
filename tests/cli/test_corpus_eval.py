"""`osler corpus eval`: a benchmark in BEIR's layout by words and by vectors, compared query by query, kept and gone on with."""

import json

import pytest

DOCUMENTS = {
    "gout": ("Gout", "Colchicine treats acute gout of the big toe."),
    "migraine": ("Migraine", "Triptans treat the pain of migraine."),
    "asthma": ("Asthma", "Salbutamol opens the airways in asthma."),
    "twin": ("Gout", "Colchicine treats acute gout of the big toe."),
    "empty": ("", ""),
}
QUERIES = {"q1": "What treats gout?", "q2": "salbutamol in asthma", "q3": "nobody judged this"}


@pytest.fixture
def data(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    folder = tmp_path / "toy"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": key, "title": title, "text": text} for key, (title, text) in DOCUMENTS.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [{"_id": key, "text": text} for key, text in QUERIES.items()]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tgout\t1\nq1\ttwin\t1\nq2\tasthma\t1\n"
    )
    return folder


def test_by_words_with_nothing_lost_to_near_duplicates(osler, data):
    found = osler("corpus", "eval", "beir", "--data", data, "--json").json
    assert (found["n"], found["benchmark"], found["retrieval"]) == (2, "beir", "bm25")
    assert found["nDCG@10"] == found["R@100"] == 1.0 and found["run"] is None
    assert set(found["ci"]) == {"nDCG@10", "R@100", "RR", "AP"}


def test_two_ways_compared_query_by_query(osler, data):
    words = (
        "corpus",
        "eval",
        "beir",
        "--data",
        data,
        "--retrieval",
        "dense",
        "--encoder",
        "hashed",
        "--against",
        "bm25",
    )
    found = osler(*words, "--json").json
    row = found["against"]["metrics"]["nDCG@10"]
    assert row["n_paired"] == 2 and row["wins"] + row["losses"] + row["ties"] == 2
    assert row["difference"] == pytest.approx(found["nDCG@10"] - found["against"]["figures"]["nDCG@10"])
    shown = osler(*words)
    assert shown.code == 0 and "against bm25" in shown.out and "nDCG@10" in shown.out


def test_a_run_is_kept_and_gone_on_with_and_compares(osler, data, tmp_path):
    out = tmp_path / "run"
    first = osler("corpus", "eval", "beir", "--data", data, "--out", out, "--json").json
    lines = (out / "cases.jsonl").read_text()
    (out / "cases.jsonl").write_text(lines.splitlines(keepends=True)[0])
    again = osler("corpus", "eval", "beir", "--data", data, "--out", out, "--json").json
    assert (out / "cases.jsonl").read_text() == lines
    assert {k: again[k] for k in ("n", "nDCG@10", "AP")} == {k: first[k] for k in ("n", "nDCG@10", "AP")}
    other = osler("corpus", "eval", "beir", "--data", data, "--out", out, "--metrics", "P@1")
    assert other.code == 2 and "other arguments" in other.err


def test_a_corpus_that_is_named_is_searched(osler, data, tmp_path):
    osler("corpus", "add", "mine", data / "corpus.jsonl")
    found = osler(
        "corpus", "eval", "beir", "--data", data, "--corpus", "mine", "--metrics", "R@10", "--json"
    ).json
    assert found["R@10"] == 0.75  # of the twins one was left out as the same


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("mirage",), "has no judged documents"),
        (("beir", "--metrics", "MRR"), "no measure"),
        (("beir", "--rewrite", "hyde"), "name one with --model"),
        (("beir", "--rewrite", "magic"), "--rewrite takes"),
        (("beir", "--against", "bm25"), "same way"),
        (("beir", "--retrieval", "sparse"), "--retrieval takes"),
    ],
)
def test_what_cannot_be_is_told(osler, data, words, told):
    ran = osler("corpus", "eval", *words, "--data", data)
    assert ran.code == 2 and told in ran.err, ran.err


def test_data_in_another_layout_are_told(osler, data):
    (data / "qrels" / "test.tsv").write_text("q1\tgout\n")
    ran = osler("corpus", "eval", "beir", "--data", data)
    assert ran.code == 3 and "qrels/test.tsv row 1" in ran.err


def test_osler_eval_says_where_to_go(osler, data):
    ran = osler("eval", "beir", "--data", data, "--method", "embedded")
    assert ran.code == 2 and "osler corpus eval beir" in ran.err


def test_a_run_does_not_go_on_with_a_corpus_that_changed(osler, data, tmp_path):
    osler("corpus", "add", "mine", data / "corpus.jsonl")
    words = (
        "corpus",
        "eval",
        "beir",
        "--data",
        data,
        "--corpus",
        "mine",
        "--out",
        tmp_path / "run",
        "--json",
    )
    assert osler(*words).json["n"] == 2
    assert osler(*words).code == 0
    assert osler("corpus", "remove", "mine").code == 0
    with (data / "corpus.jsonl").open("a") as file:
        file.write(json.dumps({"_id": "more", "text": "Febuxostat prevents gout as well."}) + "\n")
    assert osler("corpus", "add", "mine", data / "corpus.jsonl").code == 0
    ran = osler(*words)
    assert ran.code == 2 and "changed since the run" in ran.err


def test_the_corpus_and_the_encoder_that_were_used_are_told(osler, data):
    words = ("corpus", "eval", "beir", "--data", data, "--json")
    plain = osler(*words).json
    assert plain["corpus"].startswith("judged-beir-toy") and plain["encoder"] is None
    osler("corpus", "add", "mine", data / "corpus.jsonl")
    assert osler("corpus", "embed", "mine", "--encoder", "hashed").code == 0
    found = osler(*words, "--corpus", "mine", "--retrieval", "dense").json
    assert (found["corpus"], found["encoder"]) == ("mine", "hashed")
