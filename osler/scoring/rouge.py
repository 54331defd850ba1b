"""ROUGE-1 and ROUGE-L (Lin 2004) in a few lines: overlap of words, and of their longest common subsequence.

Words are runs of letters and digits in lower case, without stemming; F is the harmonic mean of precision and recall.
"""

from __future__ import annotations

import re
from collections import Counter

from osler.registry import scorer

_WORD = re.compile(r"[^\W_]+")


@scorer("ROUGE-1", source="Lin 2004")
def rouge_1(candidate: str, reference: str) -> float:
    """F of word overlap, each word counted as often as both have it; 1.0 for two empty texts, 0.0 for one."""
    said, right = _words(candidate), _words(reference)
    both = sum((Counter(said) & Counter(right)).values())
    return _f(both, len(said), len(right))


@scorer("ROUGE-L", source="Lin 2004")
def rouge_l(candidate: str, reference: str) -> float:
    """F of the longest common subsequence of words, in O(n · m)."""
    said, right = _words(candidate), _words(reference)
    row = [0] * (len(right) + 1)
    for word in said:
        corner = 0
        for j, other in enumerate(right, 1):
            corner, row[j] = row[j], corner + 1 if word == other else max(row[j], row[j - 1])
    return _f(row[-1], len(said), len(right))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _f(both: int, said: int, right: int) -> float:
    if not said and not right:
        return 1.0
    return 2 * both / (said + right) if both else 0.0
