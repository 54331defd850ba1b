"""Rows of tables of recommendations in a PDF's text, as far as lines tell: each with its class or grade and its level.

    … is recommended in all patients.12 I A          (ESC: class and level behind the words; a header with Class and Level)
    2a B-NR 3. In patients with … it is reasonable   (ACC/AHA: before them; a header with COR and LOE)
    Adults aged 50 to 75 years … screening. B        (USPSTF: a header with Population, Recommendation and Grade)

A row is `T4.2`: row 2 of the table that is called table 4; tables without a number are counted (`t1.2`). A table ends at a note on its classes, at a heading that no
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
    r"^(?:Recommendation )?Table[ \t]+(?P<number>\d{1,3})\b[^\n]*|^(?:Summary of )?[Rr]ecommendations?\b[^\n.]{0,120}$",
    re.M,
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
_CONTINUED = re.compile(r"[ \t,–-]*\(?\bcont(?:inued|['’]d|\.)\)?\s*$", re.I)
_SENTENCE = re.compile(r"[.!?]\d{0,3}(?:[,–-]\d{1,3})*[ \t]*$", re.M)


def is_part(line: str) -> bool:
    """Whether a line is a table's header or a row's class and level alone."""
    return bool(_HEADER.match(line)) or any(end.fullmatch(f" {line}") for end in _ENDS.values())


def rows(text: str, begin: int = 0) -> tuple[list[Found], list[int]]:
    """The rows of all tables in order, and where each table begins with its title."""
    found: list[Found] = []
    headers = list(_HEADER.finditer(text, begin))
    count, made, table, section, before = 0, 0, "", "", ""
    ends = [begin, *(header.end() for header in headers)]
    titles = [_title(text, end, header.start()) for end, header in zip(ends, headers, strict=False)]
    begins = [(title or header).start() for title, header in zip(titles, headers, strict=True)]
    for header, title, limit in zip(headers, titles, [*begins[1:], len(text)], strict=False):
        kind = header.lastgroup or "after"
        named = _CONTINUED.sub("", " ".join(title[0].split())) if title else ""
        if kind != before or named not in ("", section):  # else the same table goes on, on the next page
            own = title["number"] if title else None
            count += own is None
            table, made = f"T{own}" if own else f"t{count}", 0
            section, before = named, kind
        cut = _before if kind == "before" else _after
        for first, last, strength, level in cut(text, header.end(), limit, kind):
            if len(text[first:last].split()) >= LEAST_WORDS:
                made += 1
                found.append(Found(first, last, f"{table}.{made}", section, strength, level))
    return found, begins


def _title(text: str, begin: int, place: int) -> re.Match[str] | None:
    """The title above a header, within 400 characters; one with a number rather than the nearest."""
    titles = list(_TITLE.finditer(text, max(begin, place - 400), place))
    return next((one for one in reversed(titles) if one["number"]), titles[-1] if titles else None)


def _after(text: str, begin: int, limit: int, kind: str) -> Iterator[tuple[int, int, str, str]]:
    """Rows whose class and level, or grade, end them."""
    at = begin
    for match in _ENDS[kind].finditer(text, begin, limit):
        if (
            match.start() - at > _LONGEST
            or _OVER.search(text, at, match.start())
            or STARTS.search(text, at, match.start())
        ):
            return
        first = _skip(text, at, match.start())
        if kind == "after":
            yield first, match.end(), f"class {match['strength']}", f"level {match['level']}"
        else:
            yield first, match.end(), f"grade {match['strength']}", ""
        at = match.end()


def _before(text: str, begin: int, limit: int, kind: str) -> Iterator[tuple[int, int, str, str]]:
    """Rows that class and level begin."""
    starts = list(_BEGINS.finditer(text, begin, limit))
    for place, match in enumerate(starts):
        following = place + 1 < len(starts)
        stop = starts[place + 1].start() if following else min(limit, match.end() + _LONGEST)
        over = _OVER.search(text, match.end(), stop)
        last = over.start() if over else stop
        if not following and not over:
            sentence = _SENTENCE.search(text, match.end(), stop)  # nothing tells where the table ends
            last = sentence.end() if sentence else stop
        if last - match.start() > _LONGEST:
            return
        while text[last - 1].isspace():
            last -= 1
        yield match.start(), last, f"class {' '.join(match['strength'].split())}", f"level {match['level']}"
        if over:
            return


def _skip(text: str, first: int, end: int) -> int:
    """Where the words of a row begin. The title of a part of the table stays: no word of a row may be lost."""
    while first < end and text[first].isspace():
        first += 1
    return first
