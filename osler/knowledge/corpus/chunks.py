"""Cuts a document into passages: within its sections, at sentence ends, with some overlap; offsets are exact.

Rules. A section begins at a Markdown heading, or at a line that ends a blank-line gap and is written in capitals or ends in
a colon ("METHODS", "Side effects:"). A passage never crosses a section. It is the longest run of whole sentences of at most
`SIZE` characters; a sentence longer than that is cut at a blank. The next passage begins with the last sentences of the one
before, of at most `OVERLAP` characters, so that what stands across a cut can be found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

SIZE, OVERLAP = 1000, 150
WHOLE = 8000  # how long a passage may be that is to stay whole
_MARKDOWN = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S[^\n]*)", re.M)
_PLAIN = re.compile(
    r"(?:\A|\n[ \t]*\n)[ \t]*([A-Z][A-Z0-9 ,/&()-]{3,70}|[A-Z][^\n.!?:]{2,60}(?=:)):?[ \t]*(?=\n)"
)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
# A sentence ends at . ! ? or … before a blank and a capital, digit or bracket, and at 。！？ in scripts without blanks; a
# paragraph ends at an empty line or a list item.
_BREAK = re.compile(
    r"(?<=[.!?…])[\"')\]]*\s+(?=[A-Z0-9(\[\"'•*-])|\n[ \t]*\n+\s*|\n(?=[ \t]*(?:[-*•]|\d+[.)])[ \t])"
    r"|(?<=[。！？])[”’」』）]*"
)
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|vs|cf|Dr|Mr|Mrs|Ms|Prof|Fig|No|approx|et al|St|[A-Z])\.)$")


class Chunk(NamedTuple):
    """A passage `text[start:end]`, and the heading above it `text[head_start:head_end]` (−1 where there is none)."""

    start: int
    end: int
    head_start: int = -1
    head_end: int = -1


def chunks(
    text: str, markdown: bool = False, size: int = SIZE, overlap: int = OVERLAP, *, whole: bool = False
) -> Iterator[Chunk]:
    """The passages of a text in order; every character that is no blank and no heading lies in one of them.

    A text that is to stay `whole` has no sections and is cut at `WHOLE` characters only.
    """
    if whole:
        yield from (Chunk(first, last) for first, last in _pieces(text, 0, len(text), WHOLE, overlap))
        return
    for start, end, head_start, head_end in _sections(text, markdown):
        for first, last in _pieces(text, start, end, size, overlap):
            yield Chunk(first, last, head_start, head_end)


def headings(text: str, begin: int = 0) -> Iterator[tuple[int, int, int, str]]:
    """Markdown headings: first and last character of the line, level, and words."""
    for match in _MARKDOWN.finditer(text, begin):
        yield match.start(), match.end(), len(match[1]), heading(match[2])


def heading(words: str) -> str:
    """A heading's words without blanks and the marks that may close it (not by a pattern, whose cost would grow with the cube)."""
    words = words.rstrip()
    bare = words.rstrip("#")
    return bare.rstrip() if bare[-1:].isspace() else words


def _sections(text: str, markdown: bool) -> Iterator[tuple[int, int, int, int]]:
    fences = [match.span() for match in _FENCE.finditer(text)] if markdown else []
    start, head = 0, (-1, -1)
    for match in (_MARKDOWN if markdown else _PLAIN).finditer(text):
        if any(low <= match.start() < high for low, high in fences):
            continue
        yield start, match.start(), *head
        words = heading(match[2]) if markdown else match[1]
        place = match.start(2 if markdown else 1)
        start, head = match.end(), (place, place + len(words))
    yield start, len(text), *head


def _pieces(text: str, start: int, end: int, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    start, end = _strip(text, start, end)
    if start >= end:
        return
    if end - start <= size:
        yield start, end
        return
    ends = _breaks(text, start, end)
    while start < end:
        limit = start + size
        if limit >= end:
            stop = end
        else:
            at = bisect_right(ends, limit) - 1
            stop = ends[at] if at >= 0 and ends[at] > start else _blank_before(text, start, limit)
        first, last = _strip(text, start, stop)
        if first < last:
            yield first, last
        if stop >= end:
            return
        again = bisect_left(ends, stop - overlap)
        start = ends[again] if again < len(ends) and start < ends[again] < stop else stop


def _breaks(text: str, start: int, end: int) -> list[int]:
    """Where a sentence or paragraph of text[start:end] begins after another."""
    return [
        match.end()
        for match in _BREAK.finditer(text, start, end)
        if not _ABBREVIATION.search(text, max(start, match.start() - 8), match.start())
    ]


def _blank_before(text: str, start: int, limit: int) -> int:
    """The last blank before `limit`, or `limit` in a text without one (which then is cut within a word)."""
    for at in range(limit, start + (limit - start) // 2, -1):
        if text[at].isspace():
            return at
    return limit


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
