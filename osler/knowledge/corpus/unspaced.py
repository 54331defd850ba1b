"""Scripts written without blanks (Chinese, Japanese): a run of their characters counts as its overlapping pairs.

That is how Lucene's analyser for them does it: 高血压 is 高血 and 血压, so that a query finds a word whatever stands beside it, with
no dictionary. The same is done to a corpus and to a query; other scripts are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CHARACTERS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(f"[{_CHARACTERS}]+")
_PIECE = re.compile(f"[{_CHARACTERS}]+|[^\\W_{_CHARACTERS}]+")


def spaced(text: str) -> str:
    """The text with each run as its pairs, blanks between; the text itself where there is none."""
    if text.isascii() or _RUN.search(text) is None:
        return text
    return _RUN.sub(lambda run: f" {' '.join(pairs(run[0]))} ", text)


def pairs(run: str) -> list[str]:
    """The overlapping pairs of a run; one character alone is itself."""
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]


def words_at(text: str) -> Iterator[tuple[int, int, str]]:
    """First and last character of each word of a text, and the word; of a run, of each of its pairs."""
    for match in _PIECE.finditer(text):
        start, words = match.start(), match[0]
        if _RUN.match(words):
            for at, pair in enumerate(pairs(words), start):
                yield at, at + len(pair), pair
        else:
            yield start, match.end(), words


def joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans in order, those that overlap made one."""
    made: list[tuple[int, int]] = []
    for start, end in spans:
        if made and start < made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((start, end))
    return tuple(made)
