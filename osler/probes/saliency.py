"""Which words an answer hangs on: by leaving each out in turn, which any model allows, or by gradients summed over a word's tokens.

Leaving out, as in Li, Monroe & Jurafsky 2016 (arXiv:1612.08220): a word weighs what the probability of the answer given loses
without it. Gradients: `osler.llm.gradients`. Knows nothing of how a prediction is made.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\S+")
MOST_WORDS = 60


@dataclass(frozen=True)
class Weight:
    """A word of a text with its place, half-open, and how much it weighs: above 0 it speaks for the answer given."""

    word: str
    start: int
    end: int
    weight: float


async def leave_one_out(
    text: str, predict: Callable[[str], Awaitable[float]], whole: float, most: int = MOST_WORDS
) -> list[Weight]:
    """What each of the first `most` words adds to the probability of an answer: one call a word.

    predict: the probability of that answer for a changed text. whole: that for the text as it is.
    """
    found = []
    for one in list(_WORD.finditer(text))[:most]:
        without = f"{text[: one.start()]}{text[one.end() :].lstrip(' ')}"
        found.append(Weight(one[0], *one.span(), whole - await predict(without)))
    return found


def by_word(text: str, tokens: Sequence[tuple[int, int, float]]) -> list[Weight]:
    """Token weights (start, end, weight) as word weights: a word has the sum of the tokens that lie in it."""
    found = []
    for one in _WORD.finditer(text):
        inside = [weight for start, end, weight in tokens if start < one.end() and end > one.start()]
        found.append(Weight(one[0], *one.span(), sum(inside)))
    return found


def shades(weights: Sequence[Weight]) -> list[float]:
    """The weights between −1 and 1, the largest at an end; all 0 where none weighs anything."""
    most = max((abs(one.weight) for one in weights), default=0.0)
    return [one.weight / most if most else 0.0 for one in weights]
