"""How much a word tells: its rarity in a corpus, blended with its rarity in medical writing at large.

In a corpus of ten passages nearly every word is in half of them, and BM25's own weights say nothing. So `KAPPA` passages of
medical writing are counted in: their counts come from `word_counts.txt` (made by perf/word_counts.py from MedQuAD's answers and
PubMedQA's abstracts; a first line with the number of passages, then one line for each level of half a bit, with its stems).
In a corpus of 100,000 passages they change next to nothing.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("word_counts.txt")
KAPPA = 1000
_UNSEEN = 2.0  # passages that a stem outside the table counts as being in


@lru_cache(maxsize=1)
def _shares() -> tuple[dict[str, float], float]:
    """Share of the passages that each stem is in, and that of a stem which is not in the table."""
    first, *levels = TABLE.read_text("ascii").splitlines()
    shares: dict[str, float] = {}
    for line in levels:
        level, *stems = line.split()
        share = math.exp2(-int(level) / 2)
        shares.update((stem, share) for stem in stems)
    return shares, _UNSEEN / int(first)


def blended(stem: str, frequency: int, passages: int) -> float:
    """BM25's weight, ln(1 + (N − n + ½) / (n + ½)), of a stem in `frequency` of a corpus's `passages`, background counted in."""
    shares, unseen = _shares()
    n = frequency + KAPPA * shares.get(stem, unseen)
    return math.log1p((passages + KAPPA - n + 0.5) / (n + 0.5))
