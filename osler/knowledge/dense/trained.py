"""A small encoder that is trained here: the sum of its words' vectors, learned from pairs of question and answer. numpy only.

A text is the sum of the vectors of its words (hashed into `buckets`, a word counted by the square root of how often it comes),
made to length 1. The vectors begin at random, so that untrained texts are near as far as they share words. Training is by the
multiple-negatives ranking loss (Henderson et al. 2017, arXiv 1705.00652): in each batch the answers of the other questions are
a question's negatives, and the softmax over `scale` times the cosines is to find its own; an answer that stands twice in a
batch is no negative of itself. Adagrad, gradients by hand. No transformer: word order is lost. Knows nothing of corpora.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np
from scipy import sparse

from osler.data.progress import progress
from osler.errors import InputError

_WORD = re.compile(r"\w+")


@dataclass
class TrainedEncoder:
    """Words' vectors `weights`, float32 [buckets, dimensions]. An `osler.passages.Encoder`; `spec` opens it again."""

    weights: np.ndarray
    name: str = "trained"
    spec: str = ""

    @property
    def checksum(self) -> str:
        """SHA-256 of the vectors."""
        return hashlib.sha256(np.ascontiguousarray(self.weights).tobytes()).hexdigest()

    @property
    def dimensions(self) -> int:
        """Numbers in a vector."""
        return self.weights.shape[1]

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [texts, dimensions], rows of length 1 (a text without a word is all zeros). `kind` makes no difference."""
        return _unit(np.asarray(features(texts, len(self.weights)) @ self.weights))[0]

    def save(self, path: Path) -> None:
        """Write the vectors as a compressed .npz file."""
        with path.open("wb") as file:
            np.savez_compressed(file, weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> TrainedEncoder:
        """Read what `save` wrote. Raises InputError for a file that is missing or something else."""
        try:
            with np.load(path, allow_pickle=False) as file:
                weights = file["weights"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            raise InputError(f"{path} is no encoder; osler.knowledge.dense.trained.train makes one") from None
        if weights.ndim != 2 or weights.dtype != np.float32:
            raise InputError(f"{path} is no encoder: its vectors are not float32 in two dimensions")
        return cls(weights, f"trained:{path.stem}", f"trained:{path.absolute()}")


def features(texts: Sequence[str], buckets: int) -> sparse.csr_matrix:
    """Texts as counts of hashed words, each by its square root; float32 [texts, buckets]."""
    starts, places, values = [0], [], []
    for text in texts:
        counts = Counter(crc32(word.encode()) % buckets for word in _WORD.findall(text.casefold()))
        places += counts.keys()
        values += counts.values()
        starts.append(len(places))
    data = np.sqrt(np.asarray(values, np.float32))
    return sparse.csr_matrix((data, np.asarray(places, np.int32), starts), (len(texts), buckets), np.float32)


def untrained(dimensions: int = 64, buckets: int = 1 << 14, seed: int = 0) -> TrainedEncoder:
    """The encoder before training: random vectors, by which texts are near as far as they share words."""
    drawn = np.random.default_rng(seed).standard_normal((buckets, dimensions), np.float32)
    return TrainedEncoder(drawn / np.sqrt(np.float32(dimensions)), "untrained")


def train(
    pairs: Sequence[tuple[str, str]],
    *,
    start: TrainedEncoder | None = None,
    epochs: int = 10,
    batch: int = 64,
    rate: float = 0.1,
    scale: float = 20.0,
    seed: int = 0,
) -> TrainedEncoder:
    """Train on pairs of question and answer; `start` is not changed. The same pairs and seed give the same vectors.

    Raises InputError for fewer than two pairs, since the other pairs of a batch are the negatives.
    """
    if len(pairs) < 2:
        raise InputError(
            "training needs at least two pairs: the answers of the others are what an answer is told from"
        )
    begun = start or untrained(seed=seed)
    weights, rng = begun.weights.copy(), np.random.default_rng(seed)
    asked = features([question for question, _ in pairs], len(weights))
    said = features([answer for _, answer in pairs], len(weights))
    _, same = np.unique([answer for _, answer in pairs], return_inverse=True)
    past = np.full_like(weights, 1e-6)
    with progress("Training", float(epochs * len(pairs))) as advance:
        for _ in range(epochs):
            order = rng.permutation(len(pairs))
            for first in range(0, len(order), batch):
                chosen = order[first : first + batch]
                _, slope = loss(weights, asked[chosen], said[chosen], same[chosen], scale)
                rows = np.flatnonzero(slope.any(axis=1))
                past[rows] += slope[rows] ** 2
                weights[rows] -= rate * slope[rows] / np.sqrt(past[rows])
                advance(len(chosen))
    return TrainedEncoder(weights, "trained")


def loss(
    weights: np.ndarray, asked: sparse.csr_matrix, said: sparse.csr_matrix, same: np.ndarray, scale: float
) -> tuple[float, np.ndarray]:
    """The multiple-negatives ranking loss of a batch and its gradient by `weights`, float32 [buckets, dimensions].

    `same` numbers the answers; equal ones are no negatives of each other.
    """
    (questions, long_q), (answers, long_a) = (
        _unit(np.asarray(asked @ weights)),
        _unit(np.asarray(said @ weights)),
    )
    logits = scale * (questions @ answers.T)
    others = same[:, None] == same[None, :]
    np.fill_diagonal(others, False)
    logits[others] = -np.inf
    logits -= logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    shares /= shares.sum(axis=1, keepdims=True)
    n = len(shares)
    value = -float(np.log(np.maximum(np.diagonal(shares), 1e-12)).mean())
    slope = (shares - np.eye(n, dtype=np.float32)) * np.float32(scale / n)
    by_question = _through_length(slope @ answers, questions, long_q)
    by_answer = _through_length(slope.T @ questions, answers, long_a)
    return value, np.asarray(asked.T @ by_question + said.T @ by_answer)


def _unit(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of length 1, and their lengths [rows, 1]; a row of zeros stays one."""
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9).astype(np.float32)
    return (rows / lengths).astype(np.float32), lengths


def _through_length(slope: np.ndarray, unit: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The gradient before the rows were made to length 1."""
    return (slope - (slope * unit).sum(axis=1, keepdims=True) * unit) / lengths
