"""A store of corrected facts: each edit has a key (the question it answers) and a value (the right answer); a query finds its edit.

Matching is attention of a query over all keys and a prototype that stands for "none of these" (MedREK, Xia et al. 2025, and
RECIPE, Chen et al. 2024): weights are a softmax of the similarities over a temperature, and an edit counts only where it weighs
more than the prototype. Similarities are cosines, of an encoder's vectors where a run has one, else of weighted words.
Knows nothing of models.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from osler.errors import InputError
from osler.knowledge.corpus.stopwords import IDLE

MOST_BYTES = 100_000_000
# Similarity of the prototype, below which an edit is about something else: for words, and for an encoder's vectors. On twenty rows of
# MedVersa's validation file rephrased questions come by MiniLM to 0.63 and more (one to 0.45), by words to 0.35 and more in
# thirteen; the unrelated questions of those rows to at most 0.56 and 0.34.
WORDS, VECTORS = 0.35, 0.6
TEMPERATURE = 0.05
# Names of the fields by which files call the question and the right answer: Osler's own, MedVersa's and MedCF's.
QUESTION, ANSWER = ("question", "prompt"), ("answer", "target_new")
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{4})(?:ies|es|s)$")


@dataclass(frozen=True, slots=True)
class Edit:
    """One corrected fact. `source` says on whose word, where the file tells it."""

    id: str
    question: str
    answer: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An edit that a query came near: its cosine, its attention weight, and whether that is above the prototype's."""

    edit: Edit
    similarity: float
    weight: float
    counts: bool


def read_edits(path: Path) -> list[Edit]:
    """Edits of a JSON list or JSON-lines file with `question` and `answer` (or MedVersa's `prompt` and `target_new`).

    Of two edits of one question the later one holds. Raises InputError that names the row.
    """
    edits: dict[str, Edit] = {}
    for number, row in enumerate(_rows(path), 1):
        where = f"{path.name} row {number}"
        if not isinstance(row, dict):
            raise InputError(f"{where} is no object with a question and an answer")
        question, answer = _field(row, QUESTION, where), _field(row, ANSWER, where)
        key = " ".join(question.casefold().split())
        edits[key] = Edit(str(row.get("id", number)), question, answer, str(row.get("source") or ""))
    if not edits:
        raise InputError(f"{path} holds no edits; each row needs a question and an answer")
    return list(edits.values())


def _rows(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is over the limit of {MOST_BYTES // 1_000_000} MB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"the edits {path} cannot be read ({type(error).__name__}); give a JSON or JSON-lines file"
        ) from None
    try:
        if text.lstrip()[:1] == "[":
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise InputError(f"{path} is neither a JSON list nor JSON lines") from None


def _field(row: Mapping[str, Any], names: Sequence[str], where: str) -> str:
    value = next((row[name] for name in names if row.get(name) is not None), None)
    if not isinstance(value, str | int | float) or not str(value).strip():
        raise InputError(f"{where} has no {' or '.join(names)}")
    return str(value).strip()


class EditStore:
    """Edits and their keys' words. Raises nothing: an empty store matches nothing."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = list(edits)
        counted = [_words(edit.question) for edit in self.edits]
        found = Counter(word for words in counted for word in words)
        self._idf = {word: math.log((1 + len(self.edits)) / (1 + n)) + 1 for word, n in found.items()}
        self._new = math.log(1 + len(self.edits)) + 1
        self._keys = [self._weighted(words) for words in counted]
        about = "\0".join(f"{edit.question}\0{edit.answer}" for edit in self.edits)
        digest = hashlib.blake2b(about.encode("utf-8", "surrogatepass"), digest_size=6).digest()
        # Where what is made once for the whole store lies among what a run shares (`Context.shared`).
        self.path = (int.from_bytes(digest, "big"),)

    def similarities(self, query: str) -> np.ndarray:
        """Cosine of a query's words with each key's (TF-IDF; a word that no key has counts as the rarest), float64[n].

        0 where the query has none of the key's rarest words: two questions of one pattern about two things are two questions.
        """
        asked = self._weighted(_words(query))
        return np.array([self._cosine(asked, key) for key in self._keys])

    def match(self, similarities: np.ndarray, prototype: float, top: int = 1) -> list[Match]:
        """The `top` nearest edits with their attention weights; `prototype` is the similarity of "none of these"."""
        if not self.edits:
            return []
        logits = np.append(np.asarray(similarities, float), prototype) / TEMPERATURE
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        order = np.argsort(-weights[:-1], kind="stable")[:top]
        return [
            Match(self.edits[i], float(similarities[i]), float(weights[i]), bool(weights[i] > weights[-1]))
            for i in order.tolist()
        ]

    def _cosine(self, asked: Mapping[str, float], key: Mapping[str, float]) -> float:
        rarest = max((self._idf[word] for word in key), default=0.0)
        if not any(self._idf[word] == rarest for word in key if word in asked):
            return 0.0
        return sum(weight * key.get(word, 0.0) for word, weight in asked.items())

    def _weighted(self, words: Counter[str]) -> dict[str, float]:
        weights = {word: (1 + math.log(n)) * self._idf.get(word, self._new) for word, n in words.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {word: weight / length for word, weight in weights.items()} if length else {}


def _words(text: str) -> Counter[str]:
    """Words that say something, without plural endings; all words where there are no others."""
    words = [_ENDING.sub("", word) for word in _WORD.findall(text.casefold())]
    return Counter([word for word in words if word not in IDLE] or words)


def open_edits(path: Path) -> EditStore:
    """The store of a file, read once and again when the file has changed. Raises InputError as `read_edits`."""
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _opened(path, stamp)


@lru_cache(maxsize=8)
def _opened(path: Path, stamp: int) -> EditStore:
    return EditStore(read_edits(path))
