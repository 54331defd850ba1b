"""Fusion as in the MedRAG toolkit: ways of searching pool their corpora by score, and the ways are fused by rank."""

from __future__ import annotations

import pytest

from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import rrf
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.medrag import Pooled
from osler.knowledge.retrieval.several import Several
from osler.passages import Filters, Passage


class Ranked:
    """Gives the same list for every query: (document, score), with the corpus's name."""

    encoder = None

    def __init__(self, name, *found):
        self.name, self.found, self.asked = name, found, []

    def search(self, query, top=10, filters=None):
        self.asked.append((query, top, filters))
        return [Passage(doc, doc, 0, len(doc), "toy", score, self.name) for doc, score in self.found][:top]

    def fit(self, question, passage):
        raise AssertionError("no method of this kind asks for it")

    def nearest(self, vector, top=10, filters=None):
        raise AssertionError("no method of this kind asks for it")


class Words(Ranked):
    """One way of searching."""


class Vectors(Ranked):
    """Another."""


def two_ways():
    books = Hybrid(Words("books", ("b1", 9.0), ("b2", 3.0)), Vectors("books", ("b2", 0.9), ("b3", 0.8)))
    papers = Hybrid(Words("papers", ("p1", 5.0)), Vectors("papers", ("p1", 0.85)))
    return Several([books, papers])


def test_each_way_pools_its_corpora_by_score_and_the_ways_are_fused_with_constant_100():
    found = Pooled(two_ways()).search("q", 10)
    # Words: b1 (9), p1 (5), b2 (3). Vectors: b2 (.9), p1 (.85), b3 (.8).
    assert [(one.document, one.score) for one in found] == [
        ("b2", pytest.approx(1 / 103 + 1 / 101)),
        ("p1", pytest.approx(1 / 102 + 1 / 102)),
        ("b1", pytest.approx(1 / 101)),
        ("b3", pytest.approx(1 / 103)),
    ]


def test_a_corpus_that_has_little_to_say_does_not_share_the_first_places():
    good, poor = [("b1", 9.0), ("b2", 8.0), ("b3", 7.0)], [("p1", 1.0)]
    whole = Several(
        [Hybrid(Words("b", *good), Vectors("b", *good)), Hybrid(Words("p", *poor), Vectors("p", *poor))]
    )
    assert [one.document for one in rrf([whole.retrievers[one].search("q") for one in "bp"])] == [
        "b1",
        "p1",
        "b2",
        "b3",
    ]
    assert [one.document for one in Pooled(whole).search("q", 10)] == ["b1", "b2", "b3", "p1"]


def test_each_way_gives_at_least_100_candidates_and_twice_what_is_asked_for():
    for top, many in ((5, 100), (80, 160)):
        whole = two_ways()
        assert len(Pooled(whole).search("q", top)) == 4
        books = whole.retrievers["books"]
        assert books.words.asked == [("q", many, None)] and books.vectors.asked == [("q", many, None)]


def test_one_way_alone_keeps_its_scores_and_asks_for_no_more_than_it_shows():
    one, two = Words("one", ("a", 2.0), ("b", 1.0)), Words("two", ("c", 1.5))
    found = Pooled(Several([one, two])).search("q", 2)
    assert [(p.document, p.corpus, p.score) for p in found] == [("a", "one", 2.0), ("c", "two", 1.5)]
    assert one.asked == [("q", 2, None)]
    alone = Pooled(Words("one", ("a", 2.0)))
    assert [p.document for p in alone.search("q", 5)] == ["a"] and alone.name == "one"


def test_a_filter_picks_a_corpus_and_is_handed_on_without_it():
    whole = two_ways()
    found = Pooled(whole).search("q", 5, Filters(corpus="papers", since="2020"))
    assert {one.corpus for one in found} == {"papers"}
    assert whole.retrievers["papers"].words.asked == [("q", 100, Filters(since="2020"))]
    assert whole.retrievers["books"].words.asked == []
    with pytest.raises(UsageError, match="no corpus 'web'"):
        Pooled(whole).search("q", 5, Filters(corpus="web"))
