"""Row 241, RealMedQA: sample pairs load; BM25 and a tiny dense encoder rank recommendations with MAP and recall; lexical overlap per
pair is reported."""

import json

import pytest
from commands import osler

from osler.benchmarks.realmedqa import RealMedQA, overlaps
from osler.errors import InputError
from osler.evaluation.store import read_records

ACE = "Offer an ACE inhibitor to adults with hypertension and type 2 diabetes."
SALT = "Encourage people to keep their dietary sodium intake low."
GOUT = "Offer colchicine or an NSAID for a gout flare."
COUGH = "Do not routinely offer antibiotics for acute cough."
PAIRS = [
    (
        "Should adults with diabetes and hypertension get an ACE inhibitor?",
        ACE,
        "Completely",
        "Completely",
        "Human",
    ),
    ("What eating habits lower blood pressure?", SALT, "Completely", "Completely", "LLM"),
    ("Which drugs treat a gout flare?", GOUT, "Completely", "Completely", "LLM"),
    ("Which drugs treat a gout flare?", ACE, "Partially", "Completely", "LLM"),
    ("Is cough a thing?", COUGH, "Completely", "Partially", "Human"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    place = tmp_path / "realmedqa"
    place.mkdir()
    names = ("Question", "Recommendation", "Plausible", "Answered", "Generator")
    rows = [dict(zip(names, row, strict=True)) for row in PAIRS]
    (place / "RealMedQA.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


def test_sample_pairs_load_and_the_ideal_ones_are_asked(folder):
    [judged] = RealMedQA.sets(folder)
    texts = {one.id: one.text for one in judged.documents()}
    assert set(texts.values()) == {ACE, SALT, GOUT}
    assert [(one.text, [texts[key] for key in one.judged]) for one in judged.queries] == [
        (question, [recommendation]) for question, recommendation, *_ in PAIRS[:3]
    ]
    assert RealMedQA.subsets(folder) == ["ideal", "all", "human", "llm"]
    [llm] = RealMedQA.sets(folder, subset="llm")
    assert len(llm.queries) == 2 and len(list(llm.documents())) == 3
    [every] = RealMedQA.sets(folder, subset="all")
    assert len(every.queries) == 4 and max(len(one.judged) for one in every.queries) == 2
    with pytest.raises(InputError, match="there are: ideal, all, human, llm"):
        RealMedQA.sets(folder, subset="nobody")


def test_bm25_ranks_with_map_and_recall_and_misses_what_shares_no_word(folder, capfd):
    found = osler(capfd, "corpus", "eval", "realmedqa", "--data", folder)
    # Two questions share words with their recommendation and find it first; the one on eating habits shares none.
    assert found["R@1"] == found["R@100"] == pytest.approx(2 / 3) == found["AP"]
    assert found["n"] == 3 and {"AP", "R@1", "R@5", "nDCG@10"} <= set(found["ci"])


def test_a_tiny_dense_encoder_ranks_all_of_them(folder, capfd):
    pytest.importorskip("faiss")
    dense = osler(
        capfd, "corpus", "eval", "realmedqa", "--data", folder, "--retrieval", "dense", "--encoder", "hashed"
    )
    assert dense["R@100"] == 1.0  # an encoder puts every recommendation somewhere
    assert 2 / 3 <= dense["AP"] <= 1.0


def test_lexical_overlap_is_reported_for_each_pair_and_as_a_tag(folder, tmp_path, capfd):
    first, second, third = overlaps(folder)
    # adults, diabetes, hypertension, ACE, inhibitor stand in both; offer, type and 2 in the recommendation alone.
    assert first.question == PAIRS[0][0] and first.covered == 1.0
    assert first.jaccard == pytest.approx(5 / 8) and second.jaccard == second.covered == 0.0
    assert 0 < third.jaccard < first.jaccard and len(overlaps(folder, ideal=False)) == 5
    osler(capfd, "corpus", "eval", "realmedqa", "--data", folder, "--out", tmp_path / "run")
    tags = {
        record["answer"]["plan"][0] if record["answer"]["plan"] else "": record["tags"]
        for record in read_records(tmp_path / "run")
    }
    assert [one["word overlap"] for one in tags.values()] == ["above 0.2", "none", "above 0.2"]
    assert [one["writer"] for one in tags.values()] == ["human", "llm", "llm"]
