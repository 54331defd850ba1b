"""ROUGE-1, ROUGE-L (Lin 2004) and BLEU (Papineni et al. 2002) in a few lines each.

Words are runs of letters and digits in lower case, without stemming; Chinese and Japanese are taken character by character.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from osler.registry import scorer

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


@scorer("ROUGE-1", source="Lin 2004")
def rouge_1(candidate: str, reference: str) -> float:
    """F of word overlap, each word counted as often as both have it; 1.0 for two empty texts, 0.0 for one."""
    said, right = words(candidate), words(reference)
    both = sum((Counter(said) & Counter(right)).values())
    return _f(both, len(said), len(right))


@scorer("ROUGE-L", source="Lin 2004")
def rouge_l(candidate: str, reference: str) -> float:
    """F of the longest common subsequence of words, in O(n · m)."""
    said, right = words(candidate), words(reference)
    row = [0] * (len(right) + 1)
    for word in said:
        corner = 0
        for j, other in enumerate(right, 1):
            corner, row[j] = row[j], corner + 1 if word == other else max(row[j], row[j - 1])
    return _f(row[-1], len(said), len(right))


@scorer("BLEU", source="Papineni et al. 2002")
def bleu(candidate: str, reference: str, most: int = 4) -> float:
    """Sentence BLEU up to `most`-grams with one reference: geometric mean of clipped precisions times the brevity penalty.

    Not smoothed: 0 where some order has no match, as in the paper.
    """
    said, right = words(candidate), words(reference)
    logs = 0.0
    for n in range(1, most + 1):
        mine, yours = _grams(said, n), _grams(right, n)
        clipped, total = sum((mine & yours).values()), sum(mine.values())
        if not clipped:
            return 0.0
        logs += math.log(clipped / total) / most
    return math.exp(min(0.0, 1 - len(right) / len(said)) + logs)


def _grams(words: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def words(text: str) -> list[str]:
    """The words of a text as these measures count them."""
    return _WORD.findall(text.casefold())


def _f(both: int, said: int, right: int) -> float:
    if not said and not right:
        return 1.0
    return 2 * both / (said + right) if both else 0.0
