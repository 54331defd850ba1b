"""The atlas: what is alike lies together, the same bytes every time, and the map is made again when its corpus changes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from osler.errors import InputError, UsageError
from osler.knowledge.atlas import hashed, layout, of_corpus
from osler.knowledge.atlas.atlas import LEVELS, SIDE, drawn, inside, load, within

TOPICS = {
    "heart": "heart valve aorta atrium murmur stenosis",
    "skin": "skin rash eczema psoriasis itch dermis",
    "kidney": "kidney glomerulus urine dialysis nephron creatinine",
}


def texts(each=40):
    """Texts of three topics in turn, each of five of its topic's words."""
    rng = np.random.default_rng(1)
    for _ in range(each):
        for topic, words in TOPICS.items():
            yield topic, " ".join(rng.choice(words.split(), 5))


def made(each=40):
    topics, words = zip(*texts(each), strict=True)
    points = layout.components(hashed.tfidf(words))
    return np.array(topics), points, layout.placed(points, layout.neighbours(points))


def test_texts_that_share_words_lie_together():
    topics, points, places = made()

    nearest = layout.neighbours(places - places.mean(axis=0), 1)  # by direction from the middle

    assert (topics[nearest[:, 0]] == topics).mean() > 0.9
    assert layout.kept(points, places) > 0.4


def test_the_same_texts_give_the_same_map():
    assert np.array_equal(made()[2], made()[2])


def test_function_words_and_single_letters_say_nothing():
    assert hashed.tfidf(["the of and 7", "to be or"]).nnz == 0


def test_components_are_those_of_the_whole_decomposition():
    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32) * np.arange(8, 0, -1)

    found = layout.components(vectors, 3)

    centred = vectors - vectors.mean(axis=0)
    exact = np.linalg.svd(centred, compute_uv=False)[:3]
    assert np.allclose(np.linalg.norm(found, axis=0), exact, rtol=1e-3)


def test_cells_find_nearly_all_neighbours_that_a_look_at_all_finds():
    rng = np.random.default_rng(0)
    points = (rng.normal(size=(60, 10))[rng.integers(0, 60, 5000)] * 3 + rng.normal(size=(5000, 10))).astype(
        "f4"
    )

    found = layout.neighbours(points, 5)

    rows = points / np.linalg.norm(points, axis=1, keepdims=True)
    some = rng.choice(5000, 100, replace=False)
    alike = rows[some] @ rows.T
    alike[np.arange(100), some] = -1
    exact = np.argsort(-alike, axis=1)[:, :5]
    assert np.mean([np.isin(e, f).mean() for e, f in zip(exact, found[some], strict=True)]) > 0.8


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_handful_of_points_has_a_map_too(n):
    points = layout.components(np.eye(n, 4, dtype=np.float32))

    places = layout.placed(points, layout.neighbours(points) if n > 1 else np.zeros((n, 0), np.int32))
    found = drawn(places, range(n), {"kind": ["a"] * n}, {})

    assert len(found) == n and np.isfinite(places).all()


def atlas_of(n=3000):
    rng = np.random.default_rng(0)
    places = rng.normal(size=(n, 2))
    kinds = ["left" if x < 0 else "right" for x, _ in places]
    return drawn(places, np.arange(n), {"kind": kinds}, {"name": "toy"})


def test_each_level_has_at_most_one_point_in_a_cell():
    found = atlas_of()

    first = found.places[: found.ends[0]].astype(int) * LEVELS[0] // (SIDE + 1)
    assert len(np.unique(first, axis=0)) == len(first)
    assert sorted(found.numbers.tolist()) == list(range(3000)) and found.ends[-1] == 3000


def test_a_map_is_kept_whole_and_private(tmp_path):
    found = atlas_of()
    found.save(tmp_path / "map" / "atlas.npz")

    again = load(tmp_path / "map" / "atlas.npz")

    assert again is not None and np.array_equal(again.places, found.places) and again.fields == found.fields
    assert np.array_equal(again.codes["kind"], found.codes["kind"]) and again.about == {"name": "toy"}
    assert (tmp_path / "map" / "atlas.npz").stat().st_mode & 0o077 == 0


def test_a_damaged_map_is_said_to_be(tmp_path):
    (tmp_path / "atlas.npz").write_bytes(b"PK\x03\x04 torn")

    with pytest.raises(InputError, match="damaged"):
        load(tmp_path / "atlas.npz")


def test_a_lasso_takes_what_it_goes_round():
    found = atlas_of()
    triangle = [(0.0, 0.0), (SIDE, 0.0), (0.0, SIDE)]

    taken = inside(found, triangle)

    sums = found.places.astype(int).sum(axis=1)
    assert set(taken) == set(np.flatnonzero(sums < SIDE)) and 0 < len(taken) < len(found)
    assert len(within(found, (0, 0, SIDE, SIDE))) == len(found)


def test_rare_values_are_one_colour():
    names = [f"v{n}" for n in range(300)] + ["v0"]

    field = drawn(np.zeros((301, 2)), range(301), {"kind": names}, {}).fields[0]

    assert field.values[0] == "v0" and field.counts[0] == 2 and len(field.values) == 254 and field.rest == 46


@pytest.fixture
def corpus(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    source = tmp_path / "texts.jsonl"

    def build(each=20):
        from osler.knowledge.corpus.ingest import add

        rows = [
            {"id": str(n), "title": f"{topic} {n}", "text": words, "source": topic, "date": f"20{n % 3 + 10}"}
            for n, (topic, words) in enumerate(texts(each))
        ]
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
        add("toy", str(source))

    build()
    return build


def test_a_corpus_has_its_map_made_once_and_again_when_it_changes(corpus):
    first, new = of_corpus.make("toy", watch=of_corpus.silent)
    assert new and [one.name for one in first.fields] == ["source", "year"]
    assert of_corpus.make("toy", watch=of_corpus.silent)[1] is False

    corpus(each=25)

    assert of_corpus.kept("toy")[1] is False
    second, new = of_corpus.make("toy", watch=of_corpus.silent)
    assert new and len(second) > len(first)


def test_where_a_corpus_was_embedded_its_vectors_place_the_passages(corpus):
    from osler.knowledge.dense.embed import embed

    assert "TF-IDF" in of_corpus.make("toy", watch=of_corpus.silent)[0].about["by"]
    embed("toy", "hashed")

    found, new = of_corpus.make("toy", watch=of_corpus.silent)

    assert new and "vectors of" in found.about["by"]


def test_of_many_passages_some_are_drawn_by_chance_and_it_is_said(corpus, monkeypatch):
    monkeypatch.setattr(of_corpus, "MOST", 10)

    found, _ = of_corpus.make("toy", watch=of_corpus.silent)

    assert len(found) == 10 and found.about["placed"] == 10 < found.about["passages"]


def test_a_corpus_that_is_not_there_has_no_map(corpus):
    with pytest.raises(UsageError, match="there is no corpus"):
        of_corpus.make("nothing", watch=of_corpus.silent)
