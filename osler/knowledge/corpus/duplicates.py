"""Near-duplicate passages: the rule, and a set of what was seen that takes eight bytes a passage.

Rule. A passage is dropped when one before it has the same title and section, and the same words in the same order after
folding case, width of letters, accents, punctuation, spacing and the function words in `_IDLE`. Numbers and negations always
count: "5 mg" is not "50 mg", and a template sentence about another disease is another passage. Similarity by shared word
runs was not used, for it would merge exactly those.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import numpy as np

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*|[<>≤≥=±%]")
_WORDS = "a an the of to in on at by for and or is are was were be been it its this that these those with as"
_IDLE = frozenset(_WORDS.split())
_BATCH = 20_000


def signature(title: str, section: str, text: str) -> int:
    """64 bits of a passage's folded words; equal for near-duplicates."""
    folded = "\x1f".join(_folded(part) for part in (title, section, text))
    return int.from_bytes(
        hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest(), "little"
    )


def _folded(text: str) -> str:
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if not unicodedata.combining(c))
    words = _WORD.findall(text.lower())
    kept = [word for word in words if word not in _IDLE]
    return " ".join(kept or words)


class Seen:
    """Signatures seen so far: a sorted array, and a small set of the newest."""

    def __init__(self, signatures: Iterable[int] | np.ndarray = ()) -> None:
        self._sorted = np.unique(np.asarray(signatures, dtype=np.uint64))
        self._recent: set[int] = set()

    def __contains__(self, value: int) -> bool:
        if value in self._recent:
            return True
        number = np.uint64(value)
        at = int(self._sorted.searchsorted(number))
        return at < len(self._sorted) and bool(self._sorted[at] == number)

    def add(self, value: int) -> bool:
        """Remember a signature; False where it was known."""
        if value in self:
            return False
        self._recent.add(value)
        if len(self._recent) >= _BATCH:
            newest = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
            self._sorted = np.union1d(self._sorted, newest)
            self._recent.clear()
        return True
