"""METEOR with exact and stem matches (Banerjee and Lavie 2005; parameters of Lavie and Agarwal 2007), without WordNet.

F = P·R / (α·P + (1 − α)·R) over matched words, times 1 − γ·(chunks / matches)^β, with α = 0.9, β = 3, γ = 0.5. Words are aligned
in two stages, exact and then by stem, each so that few chunks arise. Synonyms are not matched, so values are lower than, and do not
compare with, those of implementations that match them. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Callable

from osler.registry import scorer
from osler.scoring.rouge import words

ALPHA, BETA, GAMMA = 0.9, 3.0, 0.5


@scorer("METEOR", source="Banerjee and Lavie 2005; exact and stem matches, no WordNet")
def meteor(candidate: str, reference: str) -> float:
    """METEOR of a text against one reference, 0 to 1; 0 where no word matches."""
    said, right = words(candidate), words(reference)
    pairs = align(said, right)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(said), len(pairs) / len(right)
    f = precision * recall / (ALPHA * precision + (1 - ALPHA) * recall)
    return f * (1 - GAMMA * (chunks(pairs) / len(pairs)) ** BETA)


def align(said: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Pairs of positions of matching words, each position once: exact ones first, then those of one stem."""
    pairs: dict[int, int] = {}
    for key in (str, stem):
        _match(said, right, key, pairs)
    return sorted(pairs.items())


def _match(said: list[str], right: list[str], key: Callable[[str], str], pairs: dict[int, int]) -> None:
    """Add pairs whose keys are equal; of several places the one next to the last pair is taken."""
    taken = set(pairs.values())
    places: dict[str, list[int]] = {}
    for at, word in enumerate(right):
        places.setdefault(key(word), []).append(at)
    for at, word in enumerate(said):
        free = [] if at in pairs else [place for place in places.get(key(word), ()) if place not in taken]
        if free:
            wanted = pairs.get(at - 1, -2) + 1
            pairs[at] = wanted if wanted in free else free[0]
            taken.add(pairs[at])


def chunks(pairs: list[tuple[int, int]]) -> int:
    """Runs of pairs that stand side by side in both texts."""
    return sum(
        n == 0 or (pair[0], pair[1]) != (pairs[n - 1][0] + 1, pairs[n - 1][1] + 1)
        for n, pair in enumerate(pairs)
    )


def stem(word: str) -> str:
    """A word without its commonest English endings."""
    for end in ("ingly", "edly", "ing", "ies", "ed", "ly", "es", "s"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word
