"""An OpenAI-compatible server's `/embeddings` as an encoder: in batches, tried again when the server is busy.

`openai:NAME@URL`, where URL is the base (`http://localhost:8000/v1`); without one OSLER_BASE_URL, OPENAI_BASE_URL or the
hosted service. The key is read from OSLER_ENCODER_KEY, OSLER_API_KEY or OPENAI_API_KEY when a call is made; it is kept nowhere
and shown nowhere. `--offline` forbids every server that is not on this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np

from osler.data.web import ask_json, web_parts
from osler.errors import SourceError, UsageError

HOSTED = "https://api.openai.com/v1"
KEYS = ("OSLER_ENCODER_KEY", "OSLER_API_KEY", "OPENAI_API_KEY")
BATCH, ATTEMPTS, TIMEOUT_S, LONGEST = 64, 5, 120.0, 20_000


class EmbeddingsEndpoint:
    """Texts to rows of length 1, by a server. A text is cut at 20,000 characters; servers read at most some 8,000 tokens."""

    slow = True
    checksum = ""

    def __init__(self, model: str, base_url: str, pause_s: float = 0.5) -> None:
        parts = web_parts(base_url)
        if parts is None:
            shown = repr(base_url) if "@" not in base_url else "that"
            raise UsageError(f"{shown} is no address of a server; write openai:{model}@http://HOST:PORT/v1")
        if parts.username or parts.password:
            raise UsageError(
                "the address of an encoder is kept with the vectors: give its key in OSLER_ENCODER_KEY"
            )
        self.name, self.model, self._url = f"openai:{model}", model, base_url.rstrip("/")
        self.spec, self._pause_s = f"{self.name}@{self._url}", pause_s

    @classmethod
    def of(cls, rest: str) -> EmbeddingsEndpoint:
        """From what stands behind `openai:` in a spec."""
        model, _, url = rest.rpartition("@") if "@http" in rest else (rest, "", "")
        own = os.environ.get("OSLER_BASE_URL") or os.environ.get("OPENAI_BASE_URL") or HOSTED
        return cls(model, url or own)

    @cached_property
    def dimensions(self) -> int:
        """As the server answers for one word."""
        return self._rows(["a"]).shape[1]

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> np.ndarray:
        """float32 [n, dimensions]. Raises SourceError where the server fails or gives something else."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        made = [self._rows(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        if len({part.shape[1] for part in made}) > 1:
            raise SourceError(
                f"the encoder at {self._url} changed the length of its vectors from one call to the next"
            )
        return np.concatenate(made)

    def _rows(self, texts: Sequence[str]) -> np.ndarray:
        # Servers refuse empty texts.
        wanted = [text[:LONGEST] if text.strip() else "-" for text in texts]
        reply = self._call({"model": self.model, "input": wanted, "encoding_format": "float"})
        try:
            rows = sorted(reply["data"], key=lambda row: row["index"])
            made = np.array([row["embedding"] for row in rows], np.float32)
            length = np.linalg.norm(made, axis=1, keepdims=True)
            right = [row["index"] for row in rows] == list(range(len(texts))) and made.ndim == 2
            if not right or not (np.isfinite(length) & (length > 0)).all():
                raise ValueError
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise SourceError(
                f"the encoder at {self._url} did not give one vector for each of {len(texts)} texts; is {self.model} a model "
                "for embeddings?"
            ) from None
        return made / length

    def _call(self, body: dict[str, Any]) -> Any:
        key = next((value for name in KEYS if (value := os.environ.get(name, "").strip())), None)
        headers = {"authorization": f"Bearer {key}"} if key else {}
        try:
            return ask_json(
                f"{self._url}/embeddings", body, headers=headers, timeout=TIMEOUT_S, attempts=ATTEMPTS,
                wait=lambda seconds: time.sleep(self._pause_s * seconds),
            )  # fmt: skip
        except SourceError as error:
            raise SourceError(
                f"the encoder at {self._url}: {error}{_hint(str(error))}; what was embedded is kept: try again"
            ) from None


def _hint(said: str) -> str:
    hints = {
        "(401": f"; the API key is missing or wrong ({', '.join(KEYS)})",
        "(403": "; the key may not use this model",
        "(404": "; there is no such model or address (it should end in /v1 for most servers)",
        "(400": "; check the model's name and the length of the texts",
    }
    return next((hint for code, hint in hints.items() if code in said), "")
