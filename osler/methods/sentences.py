"""The sentences of passages, each with its exact place, and BM25 over them; for methods that answer in sentences.

A sentence ends at . ! ? or … before a blank, at 。！？, and at a line break. Offsets are the document's, so a sentence is a
passage of its own: `document_text[start:end]` is its words. Knows nothing of models.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from osler.passages import Passage

_END = re.compile(r"(?<=[.!?…])[\"')\]]*\s+(?=[^\sa-z])|(?<=[。！？])\s*|\n\s*")
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|vs|cf|Dr|Mr|Mrs|Ms|Prof|Fig|No|approx|et al|St|[A-Z])\.)$")
_WORD = re.compile(r"\w+")
K1, B = 1.2, 0.75


def split(passage: Passage) -> list[Passage]:
    """The sentences of a passage in order; each keeps title, source and all else of it."""
    text, found, start = passage.text, [], 0
    for end in [*(match for match in _END.finditer(text)), None]:
        stop = end.start() if end else len(text)
        if end and _ABBREVIATED.search(text, max(0, stop - 8), stop):
            continue
        words = text[start:stop].strip()
        if _WORD.search(words):
            at = text.index(words, start)
            place = passage.start + at
            found.append(passage._replace(text=words, start=place, end=place + len(words)))
        start = end.end() if end else stop
    return found


def distinct(found: Sequence[Passage]) -> list[Passage]:
    """Each sentence once, in its first place: passages overlap, so that a sentence may stand in two."""
    seen: dict[tuple[str, str, int], Passage] = {}
    for one in found:
        seen.setdefault((one.corpus, one.document, one.start), one)
    return list(seen.values())


def words(text: str) -> list[str]:
    """The words of a text in small letters; accents stay, since they tell words apart in some languages."""
    return _WORD.findall(text.casefold())


def bm25(query: str, found: Sequence[Passage]) -> list[float]:
    """BM25 of each sentence for a query (k1 1.2, b 0.75; Robertson et al. 1994), frequencies counted in these sentences."""
    held = [Counter(words(one.text)) for one in found]
    lengths = [sum(counts.values()) for counts in held]
    usual = sum(lengths) / max(1, len(lengths)) or 1.0
    asked = set(words(query))
    weights = {}
    for word in asked:
        n = sum(word in counts for counts in held)
        weights[word] = math.log1p((len(held) - n + 0.5) / (n + 0.5))
    return [
        sum(
            weights[word] * counts[word] * (K1 + 1) / (counts[word] + K1 * (1 - B + B * length / usual))
            for word in asked & counts.keys()
        )
        for counts, length in zip(held, lengths, strict=True)
    ]
