"""Row 275, MIRAGE / MedRAG: two toy corpora, BM25 plus a random dense encoder and rank fusion answer MIRAGE-format items; a sweep
over snippet count and gold position tabulates accuracy."""

import json
import re

import pytest
from commands import osler
from spoken_server import served

from osler.evaluation.store import read_records, read_trace

SETS = ("medqa", "medmcqa", "pubmedqa", "bioasq", "mmlu")
DISEASES = ("Falk", "Brenner", "Osten", "Quill", "Marsh", "Tarn", "Velt", "Hodder", "Lupin", "Grewe")
ENZYMES = (
    "zymase",
    "brelase",
    "ostase",
    "quilase",
    "marsase",
    "tarnase",
    "veltase",
    "hodase",
    "lupase",
    "grewase",
)


def document(number):
    return {
        "id": f"fact{number}", "title": f"{DISEASES[number]} disease",
        "content": f"In {DISEASES[number]} disease the enzyme {ENZYMES[number]} is lacking.",
    }  # fmt: skip


@pytest.fixture
def bench(tmp_path):
    """Two questions in each of the five sets, in MIRAGE's own layout."""
    sets = {}
    for number, disease in enumerate(DISEASES):
        keys, wrong = "ABCD", [ENZYMES[(number + step) % 10] for step in (1, 2, 3)]
        key = keys[number % 4]
        options = dict(zip([k for k in keys if k != key], wrong, strict=True)) | {key: ENZYMES[number]}
        row = {
            "question": f"A child has {disease} disease. What is lacking?",
            "options": dict(sorted(options.items())), "answer": key,
        }  # fmt: skip
        sets.setdefault(SETS[number // 2], {})[f"{number:04}"] = row
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps(sets))
    return path


@pytest.fixture
def corpora(tmp_path, monkeypatch, private_cache, capfd):
    """Half of the facts in each corpus, in the chunk layout of the MedRAG corpora, among sentences on the same diseases."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    for name, half in (("textbooks", range(5)), ("pubmed", range(5, 10))):
        rows = [document(number) for number in half]
        rows += [
            {
                "id": f"{name}-noise{n}", "title": "Wards",
                "content": f"A child with {DISEASES[n % 10]} disease stayed {n} days on ward {n % 7} before going home.",
            }
            for n in range(40)
        ]  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        osler(capfd, "corpus", "add", name, tmp_path / f"{name}.jsonl")
    return "textbooks,pubmed"


class Reader:
    """Knows nothing. It reads the first `first` and the last `last` of the passages in view (all without), and chooses the
    option that one of them says is lacking; else the last option."""

    def __init__(self, first=None, last=0):
        self.first, self.last, self.asked = first, last, []

    def __call__(self, prompt, schema):
        self.asked.append(prompt)
        shown = re.findall(r"(?ms)^<<< passage \[\d+\]\n(.*?)\n>>> passage", prompt)
        if self.first is not None:
            shown = shown[: self.first] + (shown[-self.last :] if self.last else [])
        options = dict(re.findall(r"(?m)^([A-D])\. (\w+)$", prompt))
        disease = re.search(r"has (\w+) disease", prompt)[1]
        for number, text in enumerate(shown, 1):
            for key, enzyme in options.items():
                if disease in text and f"{enzyme} is lacking" in text:
                    return {"reasoning": "as it says", "citations": [number], "answer": key}
        return {"reasoning": "a guess", "citations": [], "answer": "D"}


GUESSED = 2 / 10  # the questions whose key is D


def test_two_corpora_by_bm25_and_a_random_encoder_fused_by_rank_answer_all_five_sets(
    bench, corpora, tmp_path, capfd
):
    reader = Reader()
    with served(reader) as model:
        encoder = f"openai:random@{model[-1]}"
        for name in corpora.split(","):
            osler(capfd, "corpus", "embed", name, "--encoder", encoder)

        def run(name, *more):
            return osler(capfd, "eval", "mirage", "--data", bench, *model, "--out", tmp_path / name, *more)

        alone = run("alone", "--method", "zero-shot-cot")
        rag = ("--method", "rag", "--corpus", corpora, "--encoder", encoder)
        found = {way: run(way, *rag, "--retrieval", way) for way in ("bm25", "dense", "hybrid")}
    assert alone["accuracy"] == GUESSED
    assert found["bm25"]["accuracy"] == found["hybrid"]["accuracy"] == 1.0
    assert found["dense"]["accuracy"] < 1.0  # vectors that know nothing find little among 90 passages
    records = read_records(tmp_path / "hybrid")
    assert {record["subset"] for record in records} == set(SETS)

    for item, number in ((0, 0), (9, 9)):
        steps = read_trace(tmp_path / "hybrid", item)["trace"]["steps"]
        [search] = [step for step in steps if step["kind"] == "retrieve"]
        assert {one["source"] for one in search["evidence"]} == {"textbooks", "pubmed"}
        assert search["data"]["query"] == f"A child has {DISEASES[number]} disease. What is lacking?"
        # Fused by rank with constant 100: the fact is first by words, and anywhere among the 90 by vectors.
        fact = next(one for one in search["evidence"] if one["record"] == f"fact{number}")
        assert 1 / 101 + 1 / 190 <= fact["score"] <= 2 / 101
        [cited] = [step for step in steps if step.get("label") == "citations"]
        assert [one["record"] for one in cited["evidence"]] == [f"fact{number}"]
        place = cited["evidence"][0]["locator"]
        assert document(number)["content"][place["start"] : place["end"]] == cited["evidence"][0]["quote"]


def test_the_options_stay_out_of_every_query(bench, corpora, tmp_path, capfd):
    with served(Reader()) as model:
        osler(
            capfd,
            "eval",
            "mirage",
            "--data",
            bench,
            *model,
            "--method",
            "rag",
            "--corpus",
            corpora,
            "--out",
            tmp_path / "run",
        )
    for item in range(10):
        steps = read_trace(tmp_path / "run", item)["trace"]["steps"]
        [query] = [step["data"]["query"] for step in steps if step["kind"] == "retrieve"]
        assert not any(enzyme in query for enzyme in ENZYMES)


def test_a_sweep_over_snippet_count_and_gold_position_tabulates_accuracy(bench, corpora, tmp_path, capfd):
    """A reader that reads the first two and the last passage: what stands in the middle is lost."""
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"question": f"A child has {disease} disease. What is lacking?", "text": document(number)["content"], "document": f"fact{number}"}
        for number, disease in enumerate(DISEASES)
    ]  # fmt: skip
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with served(Reader(first=2, last=1)) as model:
        found = osler(
            capfd, "sweep", "rag", "mirage", "--data", bench, *model, "--corpus", corpora, "--k", "1,3,8",
            "--gold", gold, "--gold-position", "first,middle,last,none", "--method", "rag",
        )  # fmt: skip
    assert found["k_option"] == "k"
    table = {(cell["k"], cell["gold"]): cell["accuracy"] for cell in found["cells"]}
    assert table == {
        (1, "first"): 1.0, (1, "middle"): 1.0, (1, "last"): 1.0, (1, "none"): GUESSED,
        (3, "first"): 1.0, (3, "middle"): 1.0, (3, "last"): 1.0, (3, "none"): GUESSED,
        (8, "first"): 1.0, (8, "middle"): GUESSED, (8, "last"): 1.0, (8, "none"): GUESSED,
    }  # fmt: skip
    assert all(cell["n"] == 10 for cell in found["cells"])
