"""Text to tokens for matching: keys of words, their offsets in the original text, and what lies between them.

Offsets survive because folding keeps the length (words.fold). Function words are taken out and remembered only as the
kind of gap they leave, so that "pits of the palms" is the two words "pits" and "palms" with a small gap. Knows nothing
about the ontology.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from osler.findings.words import CONJUNCTIONS, FAR_WORDS, NEAR_WORDS, fold

# Word ids below FIRST_KEY are not keys of the lexicon.
UNKNOWN, NEAR, FAR, CONJUNCTION, ARTICLE_A, POSSESSIVE, FIRST_KEY = 0, 1, 2, 3, 4, 5, 6
RESERVED: dict[str, int] = (
    dict.fromkeys(NEAR_WORDS, NEAR)
    | dict.fromkeys(FAR_WORDS, FAR)
    | dict.fromkeys(CONJUNCTIONS, CONJUNCTION)
    | {"a": ARTICLE_A, "s": POSSESSIVE}
)

# What lies between a word and the one before it, from nothing to the end of a clause.
GAP_SPACE, GAP_HYPHEN, GAP_NEAR, GAP_FAR, GAP_COMMA, GAP_LIST, GAP_BREAK = 0, 1, 2, 3, 4, 5, 9

_HYPHEN, _NEWLINE, _COMMA, _SLASH, _BREAK, _APOSTROPHE = 1, 2, 4, 8, 16, 32


def _tables() -> tuple[str, np.ndarray, np.ndarray, np.ndarray]:
    """Character table for str.translate, word flags, separator bits by character code, and gap by separator bits."""
    is_word = np.array([(c < 128 and chr(c).isalnum()) or chr(c) == "_" for c in range(256)])
    bits = np.where(is_word, 0, _BREAK).astype(np.uint8)
    for characters, bit in (
        (" \t\r\v\f", 0),
        ("-", _HYPHEN),
        ("\n", _NEWLINE),
        (",", _COMMA),
        ("'", _APOSTROPHE),
    ):
        for character in characters:
            bits[ord(character)] = bit
    for character in "/&":
        bits[ord(character)] = _SLASH
    gap = np.zeros(64, dtype=np.int8)
    for value in range(64):
        if value & _BREAK or (value & _NEWLINE and value & _HYPHEN):  # a hyphen on a new line is a list mark
            gap[value] = GAP_BREAK
        elif value & (_SLASH | _COMMA):
            gap[value] = GAP_LIST if value & _SLASH else GAP_COMMA
        elif value & (_NEWLINE | _HYPHEN):
            gap[value] = GAP_NEAR if value & _NEWLINE else GAP_HYPHEN
    translate = "".join(chr(c).lower() if is_word[c] else " " for c in range(128))
    return translate, is_word, bits, gap


_TRANSLATE, _IS_WORD, _BITS, _GAP = _tables()
_GAP_OF_ID = np.array([0, GAP_NEAR, GAP_FAR, GAP_LIST, GAP_NEAR, GAP_NEAR], dtype=np.int8)


@dataclass(slots=True)
class Tokens:
    """Content words of a text, all arrays of one length: `ids` (int32 keys, 0 unknown), `starts`, `ends`, `gaps`.

    `words` is the folded lower-case text from which a word's surface is cut.
    """

    words: str
    ids: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    gaps: np.ndarray

    def surface(self, position: int) -> str:
        """The lower-case word at a position, hyphens inside it removed."""
        return self.words[self.starts[position] : self.ends[position]].replace(" ", "")


def tokenise(text: str, keys: Mapping[str, int], joined: frozenset[str] | set[str] = frozenset()) -> Tokens:
    """Content words of `text`. `keys[word]` gives a word's id and must not raise; `joined` are words to re-join.

    A hyphenated word is joined ("pre-auricular") where the joined form is in `joined`.
    """
    folded = fold(text)
    buffer = np.frombuffer(folded.encode("ascii"), dtype=np.uint8)
    lower = folded.translate(_TRANSLATE)
    words = lower.split()
    if not words:
        empty = np.zeros(0, dtype=np.int32)
        return Tokens(lower, empty, empty, empty, empty.astype(np.int8))
    padded = np.zeros(len(buffer) + 2, dtype=bool)
    padded[1:-1] = _IS_WORD[buffer]
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    starts, ends = edges[::2].astype(np.int32), edges[1::2].astype(np.int32)
    ids = np.fromiter(map(keys.__getitem__, words), dtype=np.int32, count=len(words))
    before = np.empty_like(ends)
    before[0], before[1:] = 0, ends[:-1]
    bits = np.bitwise_or.reduceat(_BITS[buffer[: ends[-1]]], before)
    gaps = _GAP[bits]
    gaps[0] = GAP_BREAK
    _blank_lines(text, buffer, before, starts, gaps)
    _letters(ids, gaps, bits, buffer, starts, keys)
    if joined:
        ids, starts, ends, gaps = _rejoin(words, ids, starts, ends, gaps, keys, joined)
    return _content(lower, ids, starts, ends, gaps)


def _blank_lines(
    text: str, buffer: np.ndarray, before: np.ndarray, starts: np.ndarray, gaps: np.ndarray
) -> None:
    """A blank line ends a clause."""
    if "\n" in text:
        lines = np.cumsum(buffer == 10, dtype=np.int32)
        gaps[lines[starts] - lines[before] + (buffer[before] == 10) >= 2] = GAP_BREAK


def _letters(ids, gaps, bits, buffer, starts, keys) -> None:
    """ "A" inside a clause is a letter ("type A"), "a" an article; "s" without an apostrophe is a letter too."""
    for position in np.flatnonzero(ids == ARTICLE_A).tolist():
        if buffer[starts[position]] == 65 and gaps[position] < GAP_BREAK:
            ids[position] = keys["letter a"]
    for position in np.flatnonzero(ids == POSSESSIVE).tolist():
        if not bits[position] & _APOSTROPHE:
            ids[position] = keys["letter s"]


def _rejoin(words, ids, starts, ends, gaps, keys, joined):
    """Join hyphenated words whose joined form is known."""
    keep = None
    for position in np.flatnonzero(gaps == GAP_HYPHEN).tolist():
        word = words[position - 1] + words[position]
        if word in joined:
            if keep is None:
                keep, ids = np.ones(len(words), dtype=bool), ids.copy()
            keep[position - 1] = False
            words[position], ids[position] = word, keys[word]
            starts[position], gaps[position] = starts[position - 1], gaps[position - 1]
    return (ids, starts, ends, gaps) if keep is None else (ids[keep], starts[keep], ends[keep], gaps[keep])


def _content(lower: str, ids, starts, ends, gaps) -> Tokens:
    """Take function words out; each content word keeps the widest gap since the content word before it."""
    function = (ids > UNKNOWN) & (ids < FIRST_KEY)
    if not function.any():
        return Tokens(lower, ids, starts, ends, gaps)
    where = np.flatnonzero(~function)
    if not len(where):
        empty = np.zeros(0, dtype=np.int32)
        return Tokens(lower, empty, empty, empty, empty.astype(np.int8))
    widened = np.where(function, np.maximum(gaps, _GAP_OF_ID[np.where(function, ids, 0)]), gaps)
    first = np.empty_like(where)
    first[0], first[1:] = 0, where[:-1] + 1
    merged = np.maximum.reduceat(widened[: where[-1] + 1], first)
    return Tokens(lower, ids[where], starts[where], ends[where], merged)
