"""Rows of tables of recommendations in a PDF's text, as far as lines tell: each with its class or grade and its level.

    … is recommended in all patients.12 I A          (ESC: class and level behind the words; a header with Class and Level)
    2a B-NR 3. In patients with … it is reasonable   (ACC/AHA: before them; a header with COR and LOE)
    Adults aged 50 to 75 years … screening. B        (USPSTF: a header with Population, Recommendation and Grade)

A row is `T4.2`: table 4 (by its own number, else counted), row 2. A table ends at a note on its classes, at a heading that no
row has, or where no row ends any more. Cells that a PDF holds in another order than they are seen cannot be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osler.knowledge.corpus.guidelines import LEAST_WORDS, STARTS, Found

_LONGEST = 2_500  # characters of a row
_HEADER = re.compile(
    r"^(?:(?P<after>[^\n]{0,80}\bClass ?[a-z]?\b[ \t\n]*\bLevel ?[a-z]?\b[^\n]{0,20})|(?P<before>COR[ \t\n]+LOE\b[^\n]{0,40})|"
    r"(?P<grade>Population[ \t\n]+Recommendation[ \t\n]+Grade[^\n]{0,20}))$",
    re.M,
)
_TITLE = re.compile(
    r"^(?:Recommendation )?Table[ \t]+(?P<number>\d{1,3})\b[^\n]*|^Recommendations?\b[^\n.]{0,120}$", re.M
)
_ENDS = {
    "after": re.compile(r"[ \t\n](?P<strength>III|IIa|IIb|II|I)[ \t\n]+(?P<level>[ABC])[ \t]*$", re.M),
    "grade": re.compile(r"(?<=[.)\]\w])[ \t\n]+(?P<strength>[A-DI])[ \t]*$", re.M),
}
_BEGINS = re.compile(
    r"^(?P<strength>1|2a|2b|3(?::[ \t]*(?:No[ \t]+Benefit|Harm))?)[ \t\n]+(?P<level>A|B-N?R|C-LD|C-EO|[BC])[ \t\n]+(?P<row>\d{1,2})\.[ \t\n]",
    re.M,
)
_OVER = re.compile(
    r"^(?:[a-e] ?(?:Class(?:es)? of|Levels? of)|Class(?:es)? of recommendation|COR\b.{0,5}(?:=|indicates)|Synopsis\b|"
    r"Recommendation-Specific|Supporting (?:Text|evidence)|Abbreviations?\b|©|\d{1,2}(?:\.\d{1,2})+\.? [A-Z])",
    re.M,
)  # fmt: skip


def is_part(line: str) -> bool:
    """Whether a line is a table's header or a row's class and level alone."""
    return bool(_HEADER.match(line)) or any(end.fullmatch(f" {line}") for end in _ENDS.values())


def rows(text: str, begin: int = 0) -> tuple[list[Found], list[int]]:
    """The rows of all tables in order, and where each table begins with its title."""
    found: list[Found] = []
    begins: list[int] = []
    headers = list(_HEADER.finditer(text, begin))
    number, known = 0, set[str]()
    for place, header in enumerate(headers):
        limit = headers[place + 1].start() if place + 1 < len(headers) else len(text)
        title = _title(text, header.start())
        own = title["number"] if title and title["number"] else ""
        section = " ".join(title[0].split()) if title else ""
        if not own or own not in known:
            number += 1
        table = own or str(number)
        known.add(table)
        made = sum(one.number.startswith(f"T{table}.") for one in found)
        kind = header.lastgroup or "after"
        cut = (
            _before(text, header.end(), limit)
            if kind == "before"
            else _after(text, header.end(), limit, kind)
        )
        begins.append(title.start() if title else header.start())
        for first, last, strength, level in cut:
            if len(text[first:last].split()) >= LEAST_WORDS:
                made += 1
                found.append(Found(first, last, f"T{table}.{made}", section, strength, level))
    return found, begins


def _title(text: str, place: int) -> re.Match[str] | None:
    """The title above a header, within 400 characters; one with a number rather than the nearest."""
    titles = list(_TITLE.finditer(text, max(0, place - 400), place))
    return next((one for one in reversed(titles) if one["number"]), titles[-1] if titles else None)


def _after(text: str, begin: int, limit: int, kind: str) -> Iterator[tuple[int, int, str, str]]:
    """Rows whose class and level, or grade, end them."""
    at = begin
    for match in _ENDS[kind].finditer(text, begin, limit):
        if (
            match.start() - at > _LONGEST
            or _OVER.search(text, at, match.start())
            or _start(text, at, match.start())
        ):
            return
        first = _skip(text, at, match.start())
        if kind == "after":
            yield first, match.end(), f"class {match['strength']}", f"level {match['level']}"
        else:
            yield first, match.end(), f"grade {match['strength']}", ""
        at = match.end()


def _before(text: str, begin: int, limit: int) -> Iterator[tuple[int, int, str, str]]:
    """Rows that class and level begin."""
    starts = list(_BEGINS.finditer(text, begin, limit))
    for place, match in enumerate(starts):
        stop = starts[place + 1].start() if place + 1 < len(starts) else min(limit, match.end() + _LONGEST)
        over = _OVER.search(text, match.end(), stop)
        last = over.start() if over else stop
        if last - match.start() > _LONGEST:
            return
        while text[last - 1].isspace():
            last -= 1
        yield match.start(), last, f"class {' '.join(match['strength'].split())}", f"level {match['level']}"
        if over:
            return


def _start(text: str, begin: int, end: int) -> bool:
    """Whether a recommendation of another form begins between two places."""
    return STARTS.search(text, begin, end) is not None


def _skip(text: str, first: int, end: int) -> int:
    """Where the words of a row begin: behind blanks, and behind a title of a part of the table."""
    while first < end and text[first].isspace():
        first += 1
    line = text.find("\n", first, end)
    titled = 0 < line - first < 60 and text[line - 1] not in ".,;:" and text[line + 1 : line + 2].isupper()
    return line + 1 if titled else first
