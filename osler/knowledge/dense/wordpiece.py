"""WordPiece as uncased BERT models read text: words split at spaces and punctuation, then into the longest known pieces.

Lower case, no accents, control characters out, each Chinese character a word of its own (Devlin et al. 2019; the rules of
the released tokenizer). A word no pieces make up is `[UNK]`. Needs nothing but the model's list of pieces. Knows nothing of models.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LONGEST = 100  # letters of a word; longer ones are unknown
_WORDS = re.compile(r"\S+")
_PLAIN = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
_CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPiece:
    """Texts as numbers of pieces, from a list of pieces in the order of their numbers."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self._unknown = self._number["[UNK]"]
        self._first, self._last = self._number["[CLS]"], self._number["[SEP]"]
        self._word = lru_cache(maxsize=100_000)(self._split)

    def encode(self, text: str, longest: int = 256) -> list[int]:
        """The pieces of a text between `[CLS]` and `[SEP]`, at most `longest` in all; what is beyond is left out."""
        found, room = [self._first], longest - 1
        for word in words(text):
            found += self._word(word)
            if len(found) >= room:
                break
        return [*found[:room], self._last]

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST:
            return (self._unknown,)
        found, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            end = next(
                (e for e in range(len(word), start, -1) if mark + word[start:e] in self._number), start
            )
            if end == start:
                return (self._unknown,)
            found.append(self._number[mark + word[start:end]])
            start = end
        return tuple(found)


def words(text: str) -> list[str]:
    """Words and punctuation marks of a text, lower case and without accents."""
    if text.isascii() and text.isprintable():
        return [part for word in _WORDS.findall(text.lower()) for part in _PLAIN.findall(word)]
    cleaned = "".join(map(_clean, text)).lower()
    bare = "".join(c for c in unicodedata.normalize("NFD", cleaned) if unicodedata.category(c) != "Mn")
    return bare.split() if bare.isalnum() else [part for word in bare.split() for part in _parts(word)]


def _clean(letter: str) -> str:
    """A character as it counts: blanks as a space, nothing for control characters, Chinese ones set apart."""
    if letter in "\t\n\r":
        return " "
    kind = unicodedata.category(letter)
    if kind[0] == "C" or letter == "\ufffd":
        return ""
    if kind == "Zs":
        return " "
    return f" {letter} " if any(low <= ord(letter) <= high for low, high in _CHINESE) else letter


def _parts(word: str) -> list[str]:
    """A word cut at every punctuation mark, which are parts of their own."""
    found: list[str] = []
    within = False
    for letter in word:
        if _is_mark(letter):
            found.append(letter)
            within = False
        elif within:
            found[-1] += letter
        else:
            found.append(letter)
            within = True
    return found


def _is_mark(letter: str) -> bool:
    """Punctuation in the tokenizer's sense: all of ASCII that is neither letter, digit nor blank, and Unicode's P."""
    if letter.isascii():
        return not letter.isalnum()
    return unicodedata.category(letter)[0] == "P"
