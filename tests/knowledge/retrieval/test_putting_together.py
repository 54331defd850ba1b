"""Lists fused, corpora side by side, words with vectors, results made diverse."""

import numpy as np
import pytest
from corpora import Toy, ToyVectors, passage

from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import rrf, rrf_top, weighted
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.mmr import mmr
from osler.knowledge.retrieval.several import Several, SeveralVectors, together
from osler.passages import Filters, Fit, VectorRetriever

GOUT = passage("gout", "Colchicine relieves gout", title="Gout")
ASTHMA = passage("asthma", "Salbutamol relieves asthma", title="Asthma")
RENAL = passage("renal", "Colchicine harms failing kidneys", title="Kidneys")


def scored(*rows):
    return [one._replace(score=score) for one, score in rows]


def test_reciprocal_ranks_add_up_as_by_hand():
    fused = rrf([scored((GOUT, 9.0), (RENAL, 8.0)), scored((RENAL, 0.9), (ASTHMA, 0.1))], k=60)
    assert [one.document for one in fused] == ["renal", "gout", "asthma"]
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1].score == pytest.approx(1 / 61)


def test_a_weight_of_nought_silences_a_list():
    fused = rrf([scored((GOUT, 1.0)), scored((ASTHMA, 1.0))], weights=(0.0, 1.0))
    assert fused[0].document == "asthma" and fused[1].score == 0


@pytest.mark.parametrize("weights", [None, (1.0, 0.5), (0.0, 1.0), (2.0, 0.0)])
def test_the_first_of_two_lists_of_numbers_are_the_first_of_all_sums(weights):
    def texts(numbers):
        return [passage(f"doc {number}", "Gout hurts.") for number in numbers]

    rng = np.random.default_rng(1)
    for shared in (0, 5, 30):
        one, other = (rng.permutation(40 + 40 * n)[:40].tolist() for n in (0, 1))
        other = [*one[:shared][::-1], *(number for number in other if number not in one[:shared])]
        whole = rrf([texts(one), texts(other)], weights=weights)
        for top in (1, 7, 200):
            found = rrf_top(one, other, top, weights=weights)
            assert [(f"doc {number}", score) for number, score in found] == [
                (expected.document, expected.score) for expected in whole[:top]
            ]


def test_weighted_scores_are_scaled_within_each_list():
    fused = weighted([scored((GOUT, 30.0), (RENAL, 10.0)), scored((RENAL, 0.8), (GOUT, 0.6))], (0.4, 0.6))
    assert [(one.document, round(one.score, 6)) for one in fused] == [("renal", 0.6), ("gout", 0.4)]


@pytest.mark.parametrize("weights", [(1.0,), (1.0, -1.0)])
def test_weights_that_fit_no_lists_are_refused(weights):
    with pytest.raises(UsageError, match="2 weights"):
        rrf([scored((GOUT, 1.0)), []], weights=weights)


def test_the_same_words_of_two_documents_stay_two_passages():
    twin = GOUT._replace(document="other")
    assert len(rrf([[GOUT], [twin]])) == 2


def test_mmr_leaves_a_near_duplicate_for_last():
    relevance = np.array([0.9, 0.89, 0.5])
    similarity = np.array([[1.0, 0.99, 0.1], [0.99, 1.0, 0.1], [0.1, 0.1, 1.0]])
    assert mmr(relevance, similarity, 3, 0.5) == [0, 2, 1]
    assert mmr(relevance, similarity, 2, 0.0) == [0, 1]
    assert mmr(relevance, similarity, 9, lambda chosen: 0.1 * chosen)[0] == 0
    assert mmr(np.array([]), np.zeros((0, 0)), 3) == []


def test_corpora_side_by_side_are_merged_and_one_can_be_picked():
    both = together([Toy([GOUT, RENAL], "drugs"), Toy([ASTHMA], "lungs")])
    assert [one.corpus for one in both.search("colchicine salbutamol relieves")] == [
        "drugs",
        "lungs",
        "drugs",
    ]
    only = both.search("relieves", filters=Filters(corpus="lungs"))
    assert [one.document for one in only] == ["asthma"]
    with pytest.raises(UsageError, match="no corpus 'hearts'"):
        both.search("relieves", filters=Filters(corpus="hearts"))


def test_one_corpus_keeps_its_own_scores():
    alone = together([Toy([GOUT, RENAL], "drugs")])
    assert alone.search("colchicine gout")[0].score == 2.0


def test_of_several_corpora_the_one_that_fits_best_stands_first_and_each_keeps_its_order():
    """Salbutamol fits less than gout and colchicine; what stands below it in its own corpus's list does not overtake it."""

    class Fitting(Toy):
        def fit(self, question, passage):
            return Fit({"gout": 0.9, "asthma": 0.2, "renal": 0.5}[passage.document], ())

    found = Several([Fitting([ASTHMA, RENAL], "lungs"), Fitting([GOUT], "joints")]).search(
        "relieves failing salbutamol"
    )
    assert found[0].document == "gout" and found[0].score == 0.9
    own = Fitting([ASTHMA, RENAL], "lungs").search("relieves failing salbutamol")
    assert [one.document for one in found[1:]] == [one.document for one in own]


def test_corpora_with_vectors_are_searched_by_a_vector_and_those_without_are_not():
    vectors = ToyVectors([GOUT, ASTHMA], "drugs")
    with_vectors = together([vectors, ToyVectors([RENAL], "kidneys")])
    assert isinstance(with_vectors, SeveralVectors) and isinstance(with_vectors, VectorRetriever)
    vector = vectors.encoder.encode(["salbutamol asthma"])[0]
    assert with_vectors.nearest(vector, 1)[0].document == "asthma"
    assert not isinstance(together([vectors, Toy([RENAL], "kidneys")]), VectorRetriever)


def test_words_and_vectors_together_find_what_either_finds():
    words, vectors = Toy([GOUT, RENAL, ASTHMA], "c"), ToyVectors([GOUT, RENAL, ASTHMA], "c")
    hybrid = Hybrid(words, vectors)
    assert isinstance(hybrid, VectorRetriever)
    assert hybrid.search("colchicine gout", 2)[0].document == "gout"
    by_words = Hybrid(words, vectors, weights=(1.0, 0.0)).search("colchicine failing kidneys", 1)
    assert by_words[0].document == "renal"
    assert Hybrid(words, vectors, by="score").search("salbutamol", 1)[0].document == "asthma"
    heavy = Hybrid.of(words, vectors, "hybrid-score:2.5")
    assert (heavy.weights, heavy.by, heavy.about["retrieval"]) == ((1.0, 2.5), "score", "hybrid-score:2.5")
    with pytest.raises(UsageError, match="hybrid:WEIGHT"):
        Hybrid.of(words, vectors, "hybrid:much")
    with pytest.raises(UsageError, match="rank or by score"):
        Hybrid(words, vectors, by="chance")
