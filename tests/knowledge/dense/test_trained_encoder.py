"""The small encoder that is trained here: its gradient is right, training closes a gap of words, and it is kept as it was."""

import numpy as np
import pytest

from osler.errors import InputError
from osler.knowledge.dense import open_encoder
from osler.knowledge.dense.trained import TrainedEncoder, features, loss, train, untrained
from osler.passages import Encoder

PAIRS = [
    ("what is a plain cold", "learned rhinitis"),
    ("plain itch", "learned pruritus"),
    ("plain stone", "learned calculus"),
]


def test_it_is_an_encoder_with_rows_of_length_one():
    encoder = untrained(dimensions=16)
    rows = encoder.encode(["fever and chills", "Fever, chills AND", ""])
    assert isinstance(encoder, Encoder) and rows.shape == (3, 16) and rows.dtype == np.float32
    assert np.linalg.norm(rows[:2], axis=1) == pytest.approx([1, 1], abs=1e-5) and not rows[2].any()
    assert rows[0] == pytest.approx(rows[1], abs=1e-6)  # words alone count, in any case and order


def test_untrained_texts_are_near_as_far_as_they_share_words():
    rows = untrained(dimensions=512).encode(["fever chills cough", "fever chills rash", "broken leg"])
    near, far = rows[0] @ rows[1], rows[0] @ rows[2]
    assert near == pytest.approx(2 / 3, abs=0.15) and abs(far) < 0.2


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(0)
    weights = (rng.standard_normal((50, 5)) / 2).astype(np.float32)
    asked, said = (
        features([pair[side] for pair in [*PAIRS, ("again", "learned calculus")]], 50) for side in (0, 1)
    )
    same = np.array([0, 1, 2, 2])
    _, slope = loss(weights, asked, said, same, 5.0)
    for row, column in [(row, column) for row in range(50) for column in range(5)]:
        step = np.zeros_like(weights)
        step[row, column] = 1e-2
        above, below = (loss(weights + sign * step, asked, said, same, 5.0)[0] for sign in (1, -1))
        assert slope[row, column] == pytest.approx((above - below) / 2e-2, abs=2e-3)


def test_an_answer_that_stands_twice_is_no_negative_of_itself():
    weights = untrained(8, 64).weights
    asked, said = features(["a", "b"], 64), features(["same", "same"], 64)
    value, slope = loss(weights, asked, said, np.array([0, 0]), 20.0)
    assert value == pytest.approx(0.0, abs=1e-6) and np.abs(slope).max() < 1e-5


def test_training_closes_a_gap_of_words_and_leaves_its_start_alone():
    start = untrained(seed=3)
    kept = start.weights.copy()
    made = train(PAIRS, start=start, epochs=30)
    questions, answers = ([pair[side] for pair in PAIRS] for side in (0, 1))
    near = made.encode(questions, "query") @ made.encode(answers).T
    assert near.argmax(axis=1).tolist() == [0, 1, 2] and (near.diagonal() > 0.2).all()
    assert (start.weights == kept).all()


def test_the_same_pairs_and_seed_give_the_same_vectors():
    first, again, other = (train(PAIRS, epochs=3, seed=seed) for seed in (1, 1, 2))
    assert first.checksum == again.checksum != other.checksum


def test_it_is_saved_and_opened_by_its_spec(tmp_path):
    made = train(PAIRS, epochs=3)
    made.save(tmp_path / "mine.npz")
    opened = open_encoder(f"trained:{tmp_path / 'mine.npz'}")
    assert (
        isinstance(opened, TrainedEncoder)
        and opened.name == "trained:mine"
        and opened.checksum == made.checksum
    )
    assert open_encoder(opened.spec).encode(["plain itch"]) == pytest.approx(made.encode(["plain itch"]))


def test_what_is_no_encoder_and_too_few_pairs_are_refused(tmp_path):
    with pytest.raises(InputError, match="is no encoder"):
        TrainedEncoder.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("words")
    with pytest.raises(InputError, match="is no encoder"):
        TrainedEncoder.load(tmp_path / "text.npz")
    np.savez(tmp_path / "flat.npz", weights=np.zeros(3, np.float32))
    with pytest.raises(InputError, match="two dimensions"):
        TrainedEncoder.load(tmp_path / "flat.npz")
    with pytest.raises(InputError, match="two pairs"):
        train(PAIRS[:1])
