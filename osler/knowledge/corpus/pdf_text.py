"""The pages of a PDF as one text: without running headers, footers and page numbers, and with words that a line end parted whole.

A line at the top or the foot of a page is furniture when it stands there on several pages, alike to the letter or but for a
number that counts with the pages; "Page 3 of 9" always is, and so is what a browser prints there (day and time, address). Only an unbroken run of such lines from an edge is left out, and never
a line for which `keep` holds. A hyphen at a line's end goes when the word without it stands elsewhere in the text, or its halves
do not stand there as words; else it stays ("low-dose"). Line ends stay. Knows nothing of what the text says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

EDGE = 6  # lines from the top or the foot that may be furniture
_NUMBERED = re.compile(r"^(?:page|p\.)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{0,4})?$|^\d{1,4}\s*(?:of|/)\s*\d{1,4}$|^[–-]\s*\d{1,4}\s*[–-]$", re.I)  # fmt: skip
# What a browser prints at the edges: day and time with the title, the address with "1/3".
_PRINTED = re.compile(
    r"^\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?[ \t]+\d{1,2}:\d\d(?::\d\d)?(?:[ \u202f]?[AP]M)?\b.{0,200}$|^file://.{1,500}$|"
    r"^https?://\S{1,500}[ \t]+\d{1,4}/\d{1,4}$",
    re.I,
)
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS, _LONGEST_WORD = "-\u2010\u00ad", 60
_PARTED = re.compile(rf"([^\W_]+)([{_HYPHENS}])$")
_LETTERS = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_SOFT = re.compile("\u00ad(?![ \\t]*(?:\\n|\\Z))")
_NEXT = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Joined:
    """The text, where each page begins in it, and the pages' numbers."""

    text: str
    begins: tuple[int, ...]
    numbers: tuple[int, ...]

    def page(self, place: int) -> int:
        """The number of the page on which a character stands."""
        return self.numbers[max(0, bisect_right(self.begins, place) - 1)]

    def pages(self) -> Iterator[tuple[int, int, int]]:
        """Number, first character and end of each page."""
        yield from zip(self.numbers, self.begins, (*self.begins[1:], len(self.text)), strict=True)


def folded(text: str) -> str:
    """A page's text with ligatures as letters, and without soft hyphens that are not at a line's end. Line ends stay."""
    return _SOFT.sub("", text.translate(_LETTERS)).replace("\x00", "")


def join(pages: Sequence[tuple[int, str]], keep: Callable[[str], bool] = lambda line: False) -> Joined:
    """One text of the pages, given as number and text in order."""
    lines = [(number, [line.strip() for line in text.split("\n") if line.strip()]) for number, text in pages]
    known = _furniture(lines)
    bare = [(number, _bare(number, rows, known, keep)) for number, rows in lines]
    words = {word for _, rows in bare for row in rows for word in _WORD.findall(row.lower())}
    pieces: list[str] = []
    begins, at, whole = [], 0, True  # whole: the last line ends where a word ends
    for _, rows in bare:
        begins.append(at + (1 if pieces and whole and rows else 0))
        for place, row in enumerate(rows):
            behind = rows[place + 1] if place + 1 < len(rows) else _first(bare, len(begins))
            shown, ends = _ended(row, behind, words)
            piece = ("\n" if pieces and whole else "") + shown
            pieces.append(piece)
            at, whole = at + len(piece), ends
    return Joined("".join(pieces), tuple(begins), tuple(number for number, _ in lines))


def _first(pages: Sequence[tuple[int, list[str]]], page: int) -> str:
    """The first line of a page or, where it has none, of the next that has."""
    return next((rows[0] for _, rows in pages[page:] if rows), "")


def _keys(number: int, line: str) -> list[tuple[str, int]]:
    """What a line has in common with its like on other pages: its words, or them and a number less the page's."""
    line = " ".join(line.lower().split())
    numbers = list(_NUMBER.finditer(line))
    telling = line.isdigit() or sum(sign.isalpha() for sign in line) >= 4  # "[2019]" is no furniture
    return [(line, -1)] * telling + [
        (f"{line[: one.start()]}\x00{line[one.end() :]}", int(one[0]) - number)
        for one in numbers[:1] + numbers[1:][-1:]
        if len(one[0]) < 6
    ]


def _furniture(pages: Sequence[tuple[int, list[str]]]) -> set[tuple[str, int]]:
    """The keys of lines that stand at the edges of several pages."""
    counts: Counter[tuple[str, int]] = Counter()
    for number, rows in pages:
        edge = rows if len(rows) <= 2 * EDGE else rows[:EDGE] + rows[-EDGE:]
        counts.update({key for row in edge for key in _keys(number, row)})
    least = max(2 if len(pages) <= 3 else 3, len(pages) // 25)
    return {key for key, count in counts.items() if count >= least}


def _bare(
    number: int, rows: list[str], known: set[tuple[str, int]], keep: Callable[[str], bool]
) -> list[str]:
    """A page's lines without the furniture at its edges."""

    def idle(row: str) -> bool:
        alike = bool(_NUMBERED.match(row) or _PRINTED.match(row)) or any(
            key in known for key in _keys(number, row)
        )
        return alike and not keep(row)

    first, last = 0, len(rows)
    while first < min(last, EDGE) and idle(rows[first]):
        first += 1
    while last > max(first, len(rows) - EDGE) and idle(rows[last - 1]):
        last -= 1
    return rows[first:last]


def _ended(row: str, behind: str, words: set[str]) -> tuple[str, bool]:
    """A line as it goes into the text, and whether a line end follows it."""
    if row[-1] not in _HYPHENS:
        return row, True
    parted, next_word = _PARTED.search(row[-_LONGEST_WORD:]), _NEXT.match(behind[:_LONGEST_WORD])
    if parted is None or next_word is None:
        return row, True
    left, right, bare = parted[1], next_word[0], row[:-1]
    if parted[2] == "\u00ad":
        return bare, False
    if not (left[-1].isalpha() and right[0].islower()):  # IL-6, COVID-19
        return row, False
    left, right = left.lower(), right.lower()
    if left + right in words:
        return bare, False
    apart = f"{left}-{right}" in words or (left in words and right in words)
    return (row, False) if apart else (bare, False)
