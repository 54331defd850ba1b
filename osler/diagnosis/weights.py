"""The fitted weights: a packaged file with final and out-of-fold weights, and everything they were fitted on.

A case that was fitted on is known by a short hash of its key, and gets the weights of the fold that left it (with its
publication and its disease) out; any other case gets the final weights. Knows nothing of how features are computed.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.cache import digest
from osler.errors import SourceError

PACKAGED = Path(__file__).with_name("weights.json")
FORMAT = "osler.weights/1"


@dataclass(frozen=True, eq=False)
class Parameters:
    """One set of fitted numbers: for each fused ranker its weights (float64[features]); for each ranker its posterior's."""

    fusion: dict[str, np.ndarray]
    posterior: dict[str, dict[str, Any]]


class Weights:
    """The content of a weights file. `about` tells data, seed, folds, regime, commit, date and measured figures."""

    def __init__(self, content: dict[str, Any]):
        if content.get("format") != FORMAT:
            raise SourceError(f"not a weights file of format {FORMAT}; refit it with perf/fit_fusion.py")
        self.features: tuple[str, ...] = tuple(content["features"])
        self.mean = np.array(content["mean"], np.float32)
        self.scale = np.array(content["scale"], np.float32)
        self.about: dict[str, Any] = content["about"]
        self.final = _parameters(content["final"])
        self.folds = [_parameters(part) for part in content["folds"]]
        hashes = np.frombuffer(base64.b64decode(content["cases"]["hashes"]), "<u4")
        folds = np.frombuffer(base64.b64decode(content["cases"]["folds"]), np.uint8)
        self._fold = dict(zip(hashes.tolist(), folds.tolist(), strict=True))
        self.checksum = digest(json.dumps(content, sort_keys=True))

    @classmethod
    def load(cls, path: Path | None = None) -> Weights:
        """Read a weights file, the packaged one by default. Raises SourceError when it is missing or damaged."""
        path = path or PACKAGED
        try:
            return cls(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError) as error:
            raise SourceError(f"weights file {path.name} cannot be read ({type(error).__name__})") from None

    def fold_of(self, case_key: str) -> int | None:
        """The fold that a case was in when the weights were fitted; None for a case that was not fitted on."""
        return self._fold.get(short_hash(case_key))

    def for_case(self, case_key: str | None) -> Parameters:
        """The weights for a case: out of fold where it was fitted on, else the final ones."""
        fold = None if case_key is None else self.fold_of(case_key)
        return self.final if fold is None else self.folds[fold]

    def scaled(self, features: np.ndarray) -> np.ndarray:
        """Features centred, scaled and cut at six (float32, same shape)."""
        return np.clip((features - self.mean) / self.scale, -6, 6)


@lru_cache(maxsize=1)
def packaged() -> Weights:
    """The weights that Osler ships."""
    return Weights.load()


def fold_of(case_key: str) -> int | None:
    """The fold of a case under the shipped weights; None where it was not fitted on."""
    return packaged().fold_of(case_key)


def short_hash(case_key: str) -> int:
    """32 bits of SHA-256 of a case's key: enough to tell the fitted cases, too little to tell anything of them."""
    return int(digest("osler.fold", case_key)[:8], 16)


def pack_cases(keys: list[str], folds: list[int]) -> dict[str, str]:
    """The table of a weights file that tells the fold of each fitted case, sorted by hash."""
    pairs = sorted({short_hash(key): fold for key, fold in zip(keys, folds, strict=True)}.items())
    hashes = np.array([pair[0] for pair in pairs], "<u4").tobytes()
    numbers = np.array([pair[1] for pair in pairs], np.uint8).tobytes()
    return {"hashes": base64.b64encode(hashes).decode(), "folds": base64.b64encode(numbers).decode()}


def _parameters(content: dict[str, Any]) -> Parameters:
    fusion = {name: np.array(weights, np.float64) for name, weights in content["fusion"].items()}
    return Parameters(fusion, content["posterior"])
