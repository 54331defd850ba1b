"""Row 173, PMC-Patients: a sample in the released JSON layout is indexed; patient-to-patient and patient-to-article queries
return MRR, nDCG and recall against given links."""

import csv
import json
import math

import pytest

from osler.cli.main import main
from osler.evaluation.store import read_records

NOTES = {
    "100-1": "A 24-year-old woman with psychosis, seizures and dyskinesia had NMDA receptor antibodies and an ovarian teratoma.",
    "101-1": "A 27-year-old woman with seizures, psychosis and NMDA receptor antibodies had an ovarian teratoma removed.",
    "101-2": "A girl with dyskinesia and NMDA receptor antibodies had no tumour and was given rituximab.",
    "102-1": "A 54-year-old farmer with fever, rash and low platelets after a tick bite improved on doxycycline.",
    "103-1": "A hunter with fever, rash and an eschar after a tick bite was cured by doxycycline.",
    "104-1": "A sailor with podagra and urate crystals took colchicine.",
}
SIMILAR = {
    "100-1": {"101-1": 1, "101-2": 1},
    "101-1": {"100-1": 1, "101-2": 2},
    "102-1": {"103-1": 1},
    "104-1": {"102-1": 1},
}
ARTICLES = {
    "9001": "NMDA receptor encephalitis with seizures and psychosis in women with ovarian teratoma: a review.",
    "9002": "Doxycycline for fever and rash after a tick bite: rickettsial disease.",
    "9003": "Urate lowering after podagra.",
}
RELEVANT = {"100-1": {"9001": 2}, "102-1": {"9002": 1, "9003": 1}}


@pytest.fixture
def osler(tmp_path, monkeypatch, capsys):
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out = capsys.readouterr().out
        assert not ended.value.code, out
        return json.loads(out) if "--json" in words else out

    return run


@pytest.fixture
def sample(tmp_path):
    rows = [
        {
            "patient_id": str(number), "patient_uid": uid, "PMID": uid[:3], "title": "A case report", "patient": note,
            "age": [[30.0, "year"]], "gender": "F", "similar_patients": SIMILAR.get(uid, {}),
            "relevant_articles": RELEVANT.get(uid, {}),
        }
        for number, (uid, note) in enumerate(NOTES.items())
    ]  # fmt: skip
    path = tmp_path / "PMC-Patients.json"
    path.write_text(json.dumps(rows))
    return path


def by_hand(ranked, judged):
    """Reciprocal rank, nDCG@10 and recall of a ranking, written out."""
    places = [place for place, one in enumerate(ranked, 1) if one in judged]
    gained = sum(judged.get(one, 0) / math.log2(place + 1) for place, one in enumerate(ranked[:10], 1))
    best = sum(
        gain / math.log2(place + 1) for place, gain in enumerate(sorted(judged.values(), reverse=True), 1)
    )
    return 1 / places[0] if places else 0, gained / best, len(places) / len(judged)


def check(found, run, links):
    """The figures of a run against its rankings and the given links."""
    rows = read_records(run)
    assert found["n"] == len(rows) == len(links)
    wanted = []
    for row in rows:
        ranked, judged = row["answer"]["plan"], links[row["query"]]
        assert row["query"] not in ranked
        wanted.append(by_hand(ranked, judged))
        scores = row["scores"]
        assert (scores["RR"], scores["nDCG@10"], scores["R@1000"]) == pytest.approx(wanted[-1])
    means = [sum(column) / len(rows) for column in zip(*wanted, strict=True)]
    assert [found["RR"], found["nDCG@10"], found["R@1000"]] == pytest.approx(means)
    assert set(found["ci"]) == {"RR", "P@10", "nDCG@10", "R@1000"}
    return rows


def test_patients_find_similar_patients(osler, sample, tmp_path):
    run = tmp_path / "ppr"
    found = osler(
        "corpus", "eval", "pmc-patients", "--data", sample, "--subset", "PPR", "--out", run, "--json"
    )
    rows = check(found, run, SIMILAR)
    assert rows[0]["answer"]["plan"][0] == "101-1" and rows[2]["answer"]["plan"][0] == "103-1"
    assert found["RR"] >= 0.75


def test_patients_find_relevant_articles_in_a_corpus_of_them(osler, sample, tmp_path):
    articles = tmp_path / "articles.jsonl"
    articles.write_text(
        "".join(json.dumps({"_id": k, "title": "", "text": t}) + "\n" for k, t in ARTICLES.items())
    )
    osler("corpus", "add", "pubmed", articles)
    run = tmp_path / "par"
    words = ("--data", sample, "--subset", "PAR", "--corpus", "pubmed", "--out", run, "--json")
    rows = check(osler("corpus", "eval", "pmc-patients", *words), run, RELEVANT)
    assert [row["answer"]["plan"][0] for row in rows] == ["9001", "9002"]


def test_the_released_table_is_a_corpus_of_patients_to_decide_by(osler, sample, tmp_path):
    rows = json.loads(sample.read_text())
    table = tmp_path / "PMC-Patients.csv"
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows({name: str(value) for name, value in row.items()} for row in rows)
    osler("corpus", "add", "patients", table)
    found = osler("corpus", "search", "tick bite rash doxycycline", "--corpus", "patients", "--json")
    assert {one["document"] for one in found["results"][:2]} == {"102-1", "103-1"}
    case = tmp_path / "case.txt"
    case.write_text("A 40-year-old forester has fever and a rash ten days after a tick bite.")
    words = (
        "ask",
        "Which drug?",
        case,
        "--method",
        "similar-cases",
        "--corpus",
        "patients",
        "--model",
        "simulated:good",
    )
    trace = tmp_path / "trace.json"
    osler(*words, "--trace", trace)
    steps = json.loads(trace.read_text())["steps"]
    [search] = [step for step in steps if step.get("label") == "similar patients"]
    assert {item["record"] for item in search["evidence"][:2]} == {"102-1", "103-1"}
