"""Row 6, R2MED: on a toy corpus in its query/qrels layout, BM25 nDCG@10 equals a hand calculation, and a simulated rewriter
naming the diagnosis raises it."""

import json
from math import log2

import pytest
from commands import osler
from spoken import Spoken

from osler.benchmarks.r2med import R2Med
from osler.evaluation.judged_corpus import corpus_for
from osler.evaluation.retrieval import Plan, Runner, run
from osler.knowledge.retrieval.sources import Sources, open_sources
from osler.llm import Model, Prices
from osler.llm.provider import CallFailed
from osler.methods.rewriting import rewriter_of

# The right documents of q1 speak of the diagnosis (sarcoidosis) and share one word with the query at most.
DOCUMENTS = {
    "d1": "Sarcoidosis is a granulomatous disease of unknown cause; lymph nodes at the hilum are enlarged.",
    "d2": "Sarcoidosis is treated with prednisone where the heart or the eyes are involved.",
    "d3": "A dry cough for three months in a smoker calls for a chest film.",
    "d4": "Painful red shins after a sore throat follow a streptococcal infection.",
    "d5": "A cough with painful breathing points to pleurisy.",
    "d6": "Gout of the big toe is treated with colchicine.",
}
QUERIES = {
    "q1": "A woman has a dry cough, painful red shins and large nodes at the hilum. What is it?",
    "q2": "Colchicine for the big toe?",
}
GAINS = {"q1": {"d1": 2, "d2": 1, "d3": 0}, "q2": {"d6": 1}}
DIAGNOSIS = {"dry cough": "Sarcoidosis, a granulomatous disease, explains all of it.", "Colchicine": ""}


@pytest.fixture
def folder(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    place = tmp_path / "r2med" / "MedQA-Diag"
    place.mkdir(parents=True)
    lines(place / "corpus.jsonl", [{"id": key, "text": text} for key, text in DOCUMENTS.items()])
    lines(place / "query.jsonl", [{"id": key, "text": text} for key, text in QUERIES.items()])
    rows = [(query, document, gain) for query, gains in GAINS.items() for document, gain in gains.items()]
    (place / "qrels.txt").write_text("".join(f"{q}\t0\t{d}\t{gain}\n" for q, d, gain in rows))
    return place.parent


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def ranking(record):
    return record["answer"]["plan"]


def test_bm25_ndcg_is_the_one_worked_out_by_hand(folder, tmp_path, capfd):
    found = osler(capfd, "corpus", "eval", "r2med", "--data", folder, "--out", tmp_path / "run")
    from osler.evaluation.store import read_records

    first, second = read_records(tmp_path / "run")
    # Words shared with q1: d4 painful, red, shins (each in one or two documents); d1 nodes, hilum; d3 dry, cough; d5 cough,
    # painful, both of them common; d2 none. So d1, of gain 2, stands second, and d2, of gain 1, is not found.
    assert ranking(first) == ["d4", "d1", "d3", "d5"]
    by_hand = (2 / log2(3)) / (2 / log2(2) + 1 / log2(3))
    assert first["scores"]["nDCG@10"] == pytest.approx(by_hand) == pytest.approx(0.4796, abs=1e-4)
    assert ranking(second)[0] == "d6" and second["scores"]["nDCG@10"] == 1.0
    assert found["nDCG@10"] == pytest.approx((by_hand + 1) / 2)
    assert found["mean_over_sets"]["nDCG@10"] == pytest.approx((by_hand + 1) / 2)


def test_a_simulated_rewriter_that_names_the_diagnosis_raises_it(folder, tmp_path):
    sets = R2Med.sets(folder)
    name = corpus_for("r2med", sets[0])
    provider = Spoken(lambda text, _: next(said for key, said in DIAGNOSIS.items() if key in text))

    def measured(rewrite):
        plan = Plan("r2med", str(folder), rewrite=rewrite)
        models = {"main": Model(provider, prices=Prices())} if rewrite != "none" else {}
        opened = open_sources(Sources.read(name, "bm25"))
        runner = Runner(plan, sets, lambda _: opened, rewriter_of(rewrite), models)
        return run(runner, tmp_path / rewrite)

    plain, rewritten = measured("none"), measured("hyde")
    assert rewritten["nDCG@10"] > plain["nDCG@10"] and rewritten["R@100"] == 1.0 > plain["R@100"]
    assert rewritten["calls"] == 2
    # The rewriter saw the query alone: no document, no judgement.
    assert not any(text[:20] in str(sent) for sent in provider.sent for text in DOCUMENTS.values())


def test_the_task_of_a_set_and_a_query_nobody_judged(folder):
    lines(
        folder / "MedQA-Diag" / "query.jsonl",
        [{"id": "q1", "text": QUERIES["q1"]}, {"id": "q9", "text": "Fever?"}],
    )
    (judged,) = R2Med.sets(folder, subset="MedQA-Diag")
    assert [query.id for query in judged.queries] == ["q1"]
    assert judged.queries[0].tags == {"task": "clinical evidence"}


def test_by_vectors_the_rewriters_passage_is_averaged_with_the_query(folder, tmp_path):
    from osler.evaluation.judged_corpus import embed

    sets = R2Med.sets(folder)
    name = corpus_for("r2med", sets[0])
    embed(name, "hashed")
    opened = open_sources(Sources.read(name, "dense", "hashed"))
    sure = Spoken(lambda *_: "Sarcoidosis granulomatous disease unknown cause lymph nodes hilum enlarged")
    plan = Plan("r2med", str(folder), "dense", rewrite="hyde", limit=1, seed=1)
    models = {"main": Model(sure, prices=Prices())}
    run(Runner(plan, sets, lambda _: opened, rewriter_of("hyde"), models), tmp_path / "dense")
    from osler.evaluation.store import read_records

    (record,) = read_records(tmp_path / "dense")
    assert ranking(record)[0] == "d1" and record["written"].startswith("Sarcoidosis")
    assert len(ranking(record)) == len(DOCUMENTS)  # vectors rank everything


def test_a_call_that_fails_loses_one_query_and_going_on_asks_for_that_alone(folder, tmp_path):
    sets = R2Med.sets(folder)
    opened = open_sources(Sources.read(corpus_for("r2med", sets[0]), "bm25"))

    class Frail(Spoken):
        broken = True

        async def complete(self, request, **about):
            if self.broken and next(iter(DIAGNOSIS)) in str(request.messages):
                raise CallFailed("the line is cut", status=400)
            return await super().complete(request, **about)

    provider = Frail(lambda text, _: next(said for key, said in DIAGNOSIS.items() if key in text))

    def measured():
        models = {"main": Model(provider, prices=Prices())}
        plan = Plan("r2med", str(folder), rewrite="hyde")
        return run(Runner(plan, sets, lambda _: opened, rewriter_of("hyde"), models), tmp_path / "run")

    first = measured()
    assert (first["n"], first["unfinished"]) == (1, 1)
    assert [one["error"] for one in first["failures"]] == ["the line is cut"]
    provider.broken = False
    (tmp_path / "run" / "cases.jsonl").write_text("")  # killed before any search was written
    asked = len(provider.sent)
    again = measured()
    assert again["n"] == 2 and not again["failures"] and again["calls"] == 2
    assert len(provider.sent) == asked + 1  # what was rewritten is not asked for again
