"""Finds the names of a lexicon in a text: windows of words looked up by an order-free number, then judged.

Three kinds of match: a run of neighbouring words ("pits of the palms"), a run whose generic noun stands for
"abnormality" ("ocular manifestations"), and a coordination that leaves words out ("palmar and plantar pits"). The work
is linear in the text: at most MAX_WORDS windows start at a word, and a bitmap sorts out nearly all of them.
Knows nothing about negation (see scope.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from osler.findings.lexicon import (
    ABBREVIATION_RANK,
    BITMAP_BITS,
    MAX_WORDS,
    TOO_COMMON,
    Lexicon,
    exact_number,
    ordered_sum,
)
from osler.findings.tokens import (
    GAP_BREAK,
    GAP_COMMA,
    GAP_HYPHEN,
    GAP_LIST,
    GAP_NEAR,
    UNKNOWN,
    Tokens,
)
from osler.findings.words import light

_SHIFT = np.uint64(64 - BITMAP_BITS)
CHUNK = 100_000  # characters worked on at once, so that memory stays bounded

# Coordinations around a conjunction or comma before word k, as offsets from k. Shared head on the right ("palmar and
# plantar pits"): left words [k-l, k) with [k+s, k+e). Shared head on the left ("cleft lip and palate"): words
# [k-s-l, k-s) with [k, k+r).
_RIGHT = np.array([(-n, 0, s, s + m) for n in (1, 2) for s in range(1, 8) for m in (1, 2, 3)])
_LEFT = np.array([(-s - n, -s, 0, r) for n in (1, 2) for s in range(1, 6) for r in (1, 2, 3)])


@dataclass(frozen=True, slots=True)
class Match:
    """A name found: half-open character offsets in the text, the term's index, and the words used (positions)."""

    start: int
    end: int
    term: int
    words: tuple[int, ...]


def find_matches(text: str, lexicon: Lexicon, nested: bool = False) -> list[Match]:
    """Matches in order of their start; the longest only, or with `nested` those inside others as well.

    A match is inside another when its words are among the other's: in "cleft lip and palate" the lip stays.
    """
    matches: list[Match] = []
    for offset, piece in _pieces(text):
        found = _match(piece, lexicon)
        if not nested:
            found = _longest(found)
        if offset:
            found = [Match(m.start + offset, m.end + offset, m.term, m.words) for m in found]
        matches += found
    return matches


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of at most CHUNK characters with their offsets, cut where no name is cut if there is such a place."""
    start = 0
    while len(text) - start > CHUNK:
        window = text[start + CHUNK - 2000 : start + CHUNK]
        cut = next((at for mark in ("\n\n", "\n", ". ", " ") if (at := window.rfind(mark)) >= 0), None)
        end = start + CHUNK if cut is None else start + CHUNK - 2000 + cut + 1
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _match(text: str, lexicon: Lexicon) -> list[Match]:
    """All matches in one piece, without duplicates, sorted."""
    tokens = lexicon.tokens(text)
    if not len(tokens.ids):
        return []
    judge = _Judge(text, tokens, lexicon)
    runs, coordinations = _runs(tokens, lexicon), _coordinations(tokens, lexicon)
    both = _Windows(*(np.concatenate(columns) for columns in zip(runs, coordinations, strict=True)))
    hits, bags = _found(lexicon, both)
    corners = zip(*(column[hits].tolist() for column in both[:4]), strict=True)
    for hit, bag, (a, b, c, d), generic in zip(
        hits.tolist(), bags.tolist(), corners, both.generic[hits].tolist(), strict=True
    ):
        if hit < len(runs.a):
            judge.consider_run(a, b, bag, generic)
        else:
            judge.consider_coordination((a, b, c, d), bag, generic)
    return sorted(judge.matches.values(), key=lambda m: (m.start, -m.end, m.term))


class _Windows(NamedTuple):
    """Windows to look up, arrays of one length: words [a, b) and [c, d), which is empty for a run of words; the sum of
    their numbers; and the generic word that was read as "abnormality", -1 where none was.
    """

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray
    sums: np.ndarray
    generic: np.ndarray


def _with_generic(windows: _Windows, candidates: Sequence[np.ndarray], swap: np.ndarray) -> _Windows:
    """The windows, and again those in which a word of `candidates` (positions) is generic, read as "abnormality"."""
    parts = [windows]
    for position in candidates:
        chosen = (swap[position] != 0).nonzero()[0]
        if len(chosen):
            a, b, c, d, sums, _ = (column[chosen] for column in windows)
            parts.append(_Windows(a, b, c, d, sums + swap[position[chosen]], position[chosen]))
    if len(parts) == 1:
        return windows
    return _Windows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _found(lexicon: Lexicon, windows: _Windows) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the windows that are the words of some name, and the bag's index for each."""
    lengths = windows.b - windows.a + windows.d - windows.c
    hits = (lexicon.bitmap[windows.sums >> _SHIFT] >> (lengths - 1) & 1).nonzero()[0]
    values = windows.sums[hits]
    bags = np.searchsorted(lexicon.bags, values)
    bags[bags == len(lexicon.bags)] = 0
    right = lexicon.bags[bags] == values
    return hits[right], bags[right]


def _totals(tokens: Tokens, lexicon: Lexicon) -> np.ndarray:
    """Running sums (modulo 2**64) of the words' numbers, from 0."""
    total = np.zeros(len(tokens.ids) + 1, dtype=np.uint64)
    np.cumsum(lexicon.numbers[tokens.ids], out=total[1:])
    return total


_LENGTHS = np.arange(1, MAX_WORDS + 1)


def _runs(tokens: Tokens, lexicon: Lexicon) -> _Windows:
    """Windows of one to MAX_WORDS known words without a break between them."""
    ids, n = tokens.ids, len(tokens.ids)
    unknown = ids == UNKNOWN
    broken = unknown | (tokens.gaps >= GAP_BREAK)
    broken[1:] |= unknown[:-1]
    segment = np.cumsum(broken)
    starts = (~unknown).nonzero()[0]
    stops = starts[:, None] + _LENGTHS
    valid = (stops <= n) & (segment[np.minimum(stops, n) - 1] == segment[starts][:, None])
    rows, columns = valid.nonzero()
    a = starts[rows]
    b = a + _LENGTHS[columns]
    total = _totals(tokens, lexicon)
    windows = _Windows(a, b, b, b, total[b] - total[a], np.full(len(a), -1))
    swap = lexicon.as_abnormal[ids]
    # A generic noun alone says nothing, so a window of one word is not read a second time.
    return _with_generic(windows, (b - 1, a), swap) if swap.any() else windows


def _coordinations(tokens: Tokens, lexicon: Lexicon) -> _Windows:
    """Windows [a, b) and [c, d) around a conjunction or comma, the words between left out."""
    ids, n = tokens.ids, len(tokens.ids)
    at = ((tokens.gaps == GAP_LIST) | (tokens.gaps == GAP_COMMA)).nonzero()[0]
    # The word next to the mark that a shape uses must be known: before it for a head on the right, after it else.
    right, left = at[ids[at - 1] != UNKNOWN], at[ids[at] != UNKNOWN]
    corners = np.concatenate(
        [(right[:, None, None] + _RIGHT).reshape(-1, 4), (left[:, None, None] + _LEFT).reshape(-1, 4)]
    )
    head_right = np.arange(len(corners)) < len(right) * len(_RIGHT)
    inside = ((corners[:, 0] >= 0) & (corners[:, 3] <= n)).nonzero()[0]
    a, b, c, d = corners[inside].T
    total, swap = _totals(tokens, lexicon), lexicon.as_abnormal[ids]
    windows = _Windows(a, b, c, d, total[b] - total[a] + total[d] - total[c], np.full(len(a), -1))
    return (
        _with_generic(windows, (np.where(head_right[inside], d - 1, a),), swap)
        if len(a) and swap.any()
        else windows
    )


@lru_cache(maxsize=65536)
def _exact(word: str) -> int:
    return exact_number(word)


_ABNORMALITY = exact_number("abnormality")


class _Judge:
    """Decides which name, if any, a window of one text stands for, and collects the matches."""

    def __init__(self, text: str, tokens: Tokens, lexicon: Lexicon):
        self.text, self.tokens, self.lexicon = text, tokens, lexicon
        self.ids, self.gaps = tokens.ids.tolist(), tokens.gaps.tolist()
        self.starts, self.ends = tokens.starts.tolist(), tokens.ends.tolist()
        self.numbers: list[int] = lexicon.numbers[tokens.ids].tolist()
        self.matches: dict[tuple[int, int, int], Match] = {}
        self._named: set[tuple[int, int]] = set()
        self._first_words: set[int] = set()
        self._last_words: set[int] = set()

    def consider_run(self, first: int, stop: int, bag: int, generic: int) -> None:
        """Words [first, stop), side by side."""
        if generic >= 0 and (stop - first == 1 or (first, stop) in self._named):
            return
        words = tuple(range(first, stop))
        gap = max(self.gaps[first + 1 : stop], default=0)
        entries = self._entries(bag)
        if len(words) == 1:
            entries = self._single(entries, first)
        else:
            entries = self._ordered(entries, words, gap, stop)
        if entries:
            self._add(words, entries, generic)
            self._named.add((first, stop))
            self._first_words.add(first)
            self._last_words.add(stop - 1)

    def consider_coordination(self, corners: tuple[int, int, int, int], bag: int, generic: int) -> None:
        """Words [a, b) and [c, d), what lies between left out."""
        a, b, c, d = corners
        gaps = self.gaps
        if any(gap >= GAP_NEAR for gap in gaps[a + 1 : b]) or any(gap >= GAP_NEAR for gap in gaps[c + 1 : d]):
            return
        if d < len(gaps) and gaps[d] < GAP_NEAR and self.ids[d] != UNKNOWN:
            return  # the phrase goes on: "anomalies of the palate and facial | nerve"
        fits = (
            self._shared_right(b, c)
            if gaps[b] in (GAP_COMMA, GAP_LIST) and c > b
            else self._shared_left(b, c)
        )
        if fits:
            words = (*range(a, b), *range(c, d))
            entries = [
                entry for entry in self._entries(bag) if entry[2] < GAP_COMMA and entry[1] < ABBREVIATION_RANK
            ]
            if entries:
                self._add(words, entries, generic)

    def _shared_right(self, separator: int, head: int) -> bool:
        """Whether words before the list mark at `separator` may share the head that starts at `head`."""
        if separator - 1 in self._last_words:
            return False  # the item is a finding by itself: "cleft palate, lower lip pits"
        in_last_item, words = self.gaps[separator] == GAP_LIST, 1
        for position in range(separator + 1, head + 1):
            gap = self.gaps[position]
            if gap in (GAP_COMMA, GAP_LIST):
                if in_last_item or position == head:
                    return False
                in_last_item, words = gap == GAP_LIST, 1
                continue
            words += 1
            if gap >= GAP_NEAR or words > 3:
                return False
        return in_last_item

    def _shared_left(self, head_end: int, item: int) -> bool:
        """Whether the words from the list mark at `item` on may share the head that ends at `head_end`."""
        if item in self._first_words:
            return False
        gaps = self.gaps
        if gaps[item] == GAP_COMMA and not self._list_goes_on(item):
            return False
        words = 0
        for position in range(item - 1, head_end - 1, -1):
            gap = gaps[position]
            words += 1
            if gap >= GAP_BREAK or words > 3:
                return False
            if gap in (GAP_COMMA, GAP_LIST):
                if position == head_end:
                    return False
                words = 0
        return True

    def _list_goes_on(self, item: int) -> bool:
        """Whether a conjunction closes the list within a few words."""
        for gap in self.gaps[item + 1 : item + 7]:
            if gap >= GAP_BREAK:
                return False
            if gap == GAP_LIST:
                return True
        return False

    def _surface(self, position: int) -> str:
        return self.tokens.words[self.starts[position] : self.ends[position]].replace(" ", "")

    def _entries(self, bag: int) -> list[tuple[int, int, int, int, int]]:
        first = self.lexicon.first
        return self.lexicon.entries[first[bag] : first[bag + 1]]

    def _single(self, entries, position: int):
        """A name of one word must be that word but for number and spelling, or its adjective ("ataxic", "deaf")."""
        surface = self._surface(position)
        exact = _exact(surface)
        same = [entry for entry in entries if entry[4] == exact]
        if same and same[0][1] >= ABBREVIATION_RANK:
            written = self.text[self.starts[position] : self.ends[position]]
            return same if written.removesuffix("s").isupper() else []
        if not same and surface not in TOO_COMMON and len(surface) >= 6 and surface.endswith(("ic", "ical")):
            same = entries
        if not same and surface not in TOO_COMMON:
            noun = _exact(light(surface) + "ness")
            same = [entry for entry in entries if entry[4] == noun]
        return [entry for entry in same if entry[1] < ABBREVIATION_RANK]

    def _ordered(self, entries, words: tuple[int, ...], gap: int, stop: int):
        """Names that allow this gap; another word order only inside one phrase that ends here."""
        if gap >= GAP_COMMA:
            entries = [entry for entry in entries if entry[2] >= gap]
        goes_on = stop < len(self.ids) and self.gaps[stop] < GAP_NEAR and self.ids[stop] != UNKNOWN
        if gap == GAP_HYPHEN or gap >= GAP_COMMA or (gap >= GAP_NEAR and goes_on):
            order = ordered_sum([self.numbers[i] for i in words])
            entries = [entry for entry in entries if entry[3] == order]
        return entries

    def _add(self, words: tuple[int, ...], entries, generic: int) -> None:
        """Keep the best of the names: the exact words first, then the preferred scope, then the same word order."""
        if len(entries) > 1:
            surfaces = [_ABNORMALITY if i == generic else _exact(self._surface(i)) for i in words]
            exact = sum(surfaces)
            order = ordered_sum([self.numbers[i] for i in words])
            best = min(entries, key=lambda e: (e[4] != exact, e[1], e[3] != order, e[0]))
        else:
            best = entries[0]
        start, end = self.starts[words[0]], self.ends[words[-1]]
        self.matches.setdefault((start, end, best[0]), Match(start, end, best[0], words))


def _longest(matches: list[Match]) -> list[Match]:
    """Matches whose words are not all among the words of another, larger match."""
    kept = []
    by_word: dict[int, list[frozenset[int]]] = {}
    used = [frozenset(match.words) for match in matches]
    for words in used:
        for word in words:
            by_word.setdefault(word, []).append(words)
    for match, words in zip(matches, used, strict=True):
        if not any(words < other for other in by_word[match.words[0]]):
            kept.append(match)
    return kept
