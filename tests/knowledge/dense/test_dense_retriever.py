"""Passages by meaning: exact places, filters honoured, the same order every time, and no vectors of another encoder."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from osler.errors import UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.lexical import LexicalRetriever
from osler.knowledge.dense import DenseRetriever, index
from osler.knowledge.dense.embed import embed
from osler.knowledge.dense.encoders import HashedWords
from osler.knowledge.retrieval.fusion import rrf
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.passages import Filters, VectorRetriever


def test_a_passage_opens_at_its_words(small):
    embed("small", "hashed")
    retriever = DenseRetriever("small")
    assert isinstance(retriever, VectorRetriever)
    found = retriever.search("lactic acidosis from metformin", 2)
    assert found[0].document == "metformin" and found[0].score > found[1].score
    reader = store.Reader(store.place("small") / store.about("small")["data"])
    for passage in found:
        text = reader.text(reader.find(passage.document))
        assert text[passage.start : passage.end] == passage.text
    by_words = LexicalRetriever("small").search("lactic acidosis from metformin", 1)[0]
    assert found[0]._replace(score=0) == by_words._replace(score=0)


def test_a_score_is_the_cosine_and_a_vectors_length_does_not_count(small):
    embed("small", "hashed")
    retriever = DenseRetriever("small")
    vector = HashedWords().encode(["aspirin bleeding"])[0]
    found = retriever.nearest(vector, 5)
    passages = HashedWords().encode([f"{one.title}\n{one.section}\n{one.text}" for one in found])
    assert [one.score for one in found] == pytest.approx((passages @ vector).tolist(), abs=1e-3)
    longer = retriever.nearest(7 * vector, 5)
    assert [one.document for one in longer] == [one.document for one in found]
    assert retriever.search("  ") == []


@pytest.mark.parametrize("vector", [np.zeros(256), np.ones(3), np.full(256, np.nan), np.ones((1, 256))])
def test_what_is_no_vector_is_refused(small, vector):
    embed("small", "hashed")
    with pytest.raises(UsageError, match="vectors of 256 numbers"):
        DenseRetriever("small").nearest(vector)


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(source="drugs"), {"metformin", "aspirin"}),
        (Filters(since="2020"), {"noonan", "anaemia", "aspirin"}),
        (Filters(until="2020-12-31"), {"metformin", "noonan"}),
        (Filters(source="Guides", since="2021"), {"anaemia"}),
        (Filters(source="Nobody"), set()),
        (Filters(authority="NICE"), set()),
        (Filters(corpus="small"), {"metformin", "aspirin", "anaemia", "sepsis", "noonan"}),
    ],
)
def test_filters_let_through_what_they_say(small, filters, documents):
    embed("small", "hashed")
    assert {one.document for one in DenseRetriever("small").search("cause", 10, filters)} == documents


def test_how_well_a_passage_fits_is_told_by_its_words(small):
    embed("small", "hashed")
    retriever, words = DenseRetriever("small"), LexicalRetriever("small")
    question = "Does metformin cause lactic acidosis?"
    best = retriever.search(question)[0]
    assert retriever.fit(question, best) == words.fit(question, words.search(question)[0])
    stray = retriever.search("vincristine")[0]
    assert retriever.fit("vincristine", stray).probability < 0.1


def test_vectors_of_one_encoder_are_not_searched_by_another(small):
    class Newer(HashedWords):
        checksum = "2"

    class Other(HashedWords):
        name = "other"

    embed("small", "hashed")
    with pytest.raises(UsageError, match="embedded by another version of hashed"):
        DenseRetriever("small", Newer())
    with pytest.raises(
        UsageError, match="by hashed, not by other; search it without --encoder, or embed it again"
    ):
        DenseRetriever("small", Other())
    assert DenseRetriever("small", "hashed").search("aspirin", 1)[0].document == "aspirin"


def brute(retriever: DenseRetriever, query: str, top: int, allowed=None) -> list[int]:
    """The nearest passages by a plain scan of all."""
    rows = np.asarray(retriever._vectors.rows, np.float32)
    scores = rows @ HashedWords().encode([query])[0]
    order = np.lexsort((np.arange(len(rows)), -scores))
    return [int(n) for n in order if allowed is None or allowed[n]][:top]


@pytest.mark.parametrize("kind", ["exact", "hnsw", "ivf"])
def test_each_index_finds_the_nearest_and_keeps_to_the_filters(many, kind, monkeypatch):
    pytest.importorskip("faiss", reason="extra dense (faiss-cpu) is not installed")
    monkeypatch.setattr(index, "FEW", 50)
    done = embed("many", "hashed", kind)
    retriever = DenseRetriever("many")
    assert done.index == retriever.about["index"] == kind
    hits = wanted = 0
    for n in range(0, 700, 70):
        query = f"case {n} finding{n % 37}"
        numbers, _ = retriever.numbers(HashedWords().encode([query])[0])
        # Equal scores beyond the tenth make sets differ: scores are compared.
        rows = np.asarray(retriever._vectors.rows, np.float32) @ HashedWords().encode([query])[0]
        least = np.sort(rows)[-10]
        hits += int((rows[numbers] >= least - 1e-6).sum())
        wanted += 10
    assert hits >= 0.95 * wanted
    only = retriever.search("case 5 finding5", 10, Filters(source="S3", since="2010"))
    assert len(only) == 10 and all(one.source == "S3" and one.date >= "2010" for one in only)
    assert retriever.search("case 5 finding5", 10, Filters(source="S3", since="2010")) == only


def test_an_index_is_built_the_same_each_time(many):
    pytest.importorskip("faiss", reason="extra dense (faiss-cpu) is not installed")
    from osler.knowledge.dense.vectors import vectors_dir

    def built(kind: str) -> bytes:
        done = embed("many", "hashed", kind)
        path = next(vectors_dir("many").glob(f"*/index-{done.index}.faiss"))
        found = path.read_bytes()
        path.unlink()
        return found

    for kind in ("hnsw", "ivf"):
        assert built(kind) == built(kind)


def test_without_faiss_every_passage_is_scored(many, monkeypatch):
    embed("many", "hashed")
    before = DenseRetriever("many").search("case 33 finding33", 10)
    monkeypatch.setitem(sys.modules, "faiss", None)
    retriever = DenseRetriever("many")
    assert retriever.search("case 33 finding33", 10) == before
    numbers, _ = retriever.numbers(HashedWords().encode(["case 33 finding33"])[0])
    assert numbers.tolist() == brute(retriever, "case 33 finding33", 10)
    with pytest.raises(UsageError, match="kind hnsw needs the extra"):
        embed("many", "hashed", "hnsw")


def test_the_index_goes_by_size_unless_named(monkeypatch):
    pytest.importorskip("faiss", reason="extra dense (faiss-cpu) is not installed")
    assert [index.choose(n, None) for n in (10, 300_000, 300_001, 3_000_001)] == [
        "exact",
        "exact",
        "hnsw",
        "ivf",
    ]
    assert index.choose(10, "hnsw") == "hnsw" and index.choose(10, "auto") == "exact"
    with pytest.raises(UsageError, match="exact, hnsw, ivf, not 'flat'"):
        index.choose(10, "flat")


def test_a_kind_that_was_asked_for_stays_until_another_is(many):
    pytest.importorskip("faiss", reason="extra dense (faiss-cpu) is not installed")
    assert embed("many", "hashed", "hnsw").index == "hnsw"
    assert embed("many").index == "hnsw"
    back = embed("many", None, "auto")
    assert (back.index, back.state, back.kept) == ("exact", "updated", 700)


def test_hybrid_reads_only_what_it_gives_back_and_gives_the_same(many, monkeypatch):
    embed("many", "hashed")
    words, vectors = LexicalRetriever("many"), DenseRetriever("many")
    hybrid = Hybrid(words, vectors, weights=(1.0, 0.5))
    read = []
    plain = vectors._reader.give
    monkeypatch.setattr(
        vectors._reader, "give", lambda number, *about: read.append(number) or plain(number, *about)
    )
    for query in ("case 33 finding33", "sign4 and finding12", "nothing known"):
        filters = Filters(source="s3")
        lists = [one.search(query, 100, filters) for one in (words, vectors)]
        expected = rrf(lists, weights=(1.0, 0.5))[:7]
        read.clear()
        assert hybrid.search(query, 7, filters) == expected
        assert len(read) == len(expected)
    assert hybrid.search("  ") == []
