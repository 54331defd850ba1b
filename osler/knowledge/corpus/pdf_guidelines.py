"""Guidelines in PDF: a document for each recommendation, found over the pages joined, with the page on which it begins.

The same forms as in text (see guidelines.py), and rows of tables (pdf_tables.py). What Markdown says by its marks is told here by
how lines stand, since a PDF has lines and no paragraphs:

    a heading     a numbered title ("1.4 Treating hypertension"), a line in capitals, or a short line without a full stop behind
                  a finished sentence and before a line with a capital
    no start      a number of NICE's form before such a title ("1.1.1 Introduction"), an entry of a table of contents, a mention
                  that a line end has brought to the front ("… see" / "Recommendation 4. …")

What it says of itself is taken from the PDF's own description (`/guideline`, `/version` … beside `/Title`), else from lines of its
first pages: NICE's number, "Version 3", "Published: 28 August 2019", "Last updated: …". A version that is not stated is the date
that is; the day on which the file was made is only a date. Strength and certainty are as published, never inferred.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from osler.knowledge.corpus import guidelines, pdf_tables
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.guidelines import REASONS, STARTS, About, Found
from osler.knowledge.corpus.pdf_text import Joined, join
from osler.passages import day_number

Heading = tuple[int, int, int, str]
_FIRST = 8_000  # characters in which a document says what it is
_LINE = re.compile(r"^[^\n]*$", re.M)
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,3}){0,3})\.?[ \t]+(?P<title>[A-Z][^\n]{2,110})$")
_FINISHED = re.compile(r"[.!?:\])”\"]\d{0,3}$|[.!?]\d{1,3}(?:[,–-]\d{1,3})*$")
_LEADER = re.compile(r"\.{4}|(?:\. ){4}|…{2}|_{4}")
_BULLET = re.compile(r"[-–•●▪◦*■]|\(?[a-z0-9]{1,3}[.)] ")
_TO_COME = re.compile(
    r"(?:\b(?:in|see|of|and|or|to|the|by|with|under|from|per|also|for|than|following|as|on|at|that)|[,(–])$",
    re.I,
)
_PAGED = re.compile(r"[^\d.,;:!?\])]\s\d{1,3}$")  # words and a page's number
_GRADE_ENDS = re.compile(r"\b(?:evidence|certainty|quality|confidence|recommendation)[)\]]", re.I)
_FEWEST = 2  # words of what is only a mark ("Recommendation 1.4.26", above its reasons)
_LONG = 65  # characters of a line that has run to its end
_NICE = re.compile(
    r"\b(?:NICE guideline|nice\.org\.uk/guidance/|Clinical guideline)\W{0,3}((?:NG|CG|PH|SC|MPG)\d{1,3})\b",
    re.I,
)
_VERSION = re.compile(
    r"(?:^[^\n]{0,40}|[.;|·(][ \t]?)\bversion[ \t]*+(?:no\.?|number)?[ \t:]*+v?(\d[\w.-]{0,20})", re.M | re.I
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH = f"({'|'.join(_MONTHS)})"
_DATE = rf"(?:(\d{{1,2}})(?:st|nd|rd|th)?[ \t]+)?{_MONTH}[ \t]+(?:(\d{{1,2}}),[ \t]+)?(\d{{4}})|(\d{{4}}-\d\d(?:-\d\d)?)"
_DATED = re.compile(
    rf"\b(?P<what>last updated|updated|last amended|amended|published|publication date|issued|issue date|effective(?: date)?|date of issue)"
    rf"[ \t:]+(?:on |in )?(?:{_DATE})",
    re.I,
)


def documents(
    pages: Sequence[tuple[int, str]],
    said: Mapping[str, str],
    name: str,
    title: str,
    made: str,
    note: Callable[[str, str], None] = guidelines.silent,
) -> list[Document] | None:
    """The recommendations of a PDF and, by pages, what is left; None where it is no guideline.

    `pages` are number and text, `said` the PDF's own description by names in small letters, `made` the date of the file.
    """
    if not pages:
        return None
    joined = join(pages, _kept)
    words, begin = guidelines.front(joined.text)
    given = _about(joined.text[begin : begin + _FIRST], {**said, **words}, name, title, made, note)
    found = _found(joined.text, begin, 1 if given.said else guidelines.ENOUGH)
    if not guidelines.enough(joined.text, given, found):
        return None
    own = [
        replace(document, fields=(*document.fields, ("page", str(joined.page(one.start)))))
        for one, document in guidelines.recommendations(joined.text, given, found)
    ]
    return own + _rest(joined, begin, given, found, name)


def _kept(line: str) -> bool:
    """Whether a line is no furniture, however often it stands at the edge of a page."""
    return (
        _rates(line)
        or bool(_GRADE_ENDS.search(line))
        or bool(STARTS.match(line) or REASONS.match(line))
        or pdf_tables.is_part(line)
    )


def _rest(joined: Joined, begin: int, given: About, found: Sequence[Found], name: str) -> list[Document]:
    """What is left of each page, under the page's own id."""
    made = []
    begins, reach = [one.start for one in found], list(accumulate((one.end for one in found), max))
    for number, first, last in joined.pages():
        there = found[bisect_right(reach, first) : bisect_left(begins, last)]
        text = guidelines.without(joined.text, max(first, begin), last, there).strip()
        if text:
            fields = (*given.fields, ("page", str(number)))
            source = given.authority or given.guideline
            made.append(Document(f"{name}#page={number}", text, given.title, source, f"page {number}", given.date, given.url, fields=fields))  # fmt: skip
    return made


# --- what a document says of itself ------------------------------------------------------------------------------------------
def _about(
    text: str, said: Mapping[str, str], name: str, title: str, made: str, note: Callable[[str, str], None]
) -> About:
    known = {key: value for key in (*guidelines.NAMES, "id") if (value := said.get(key, "").strip())}
    days = [(match["what"].lower(), day) for match in _DATED.finditer(text) if (day := _day(match))]
    days.sort(key=lambda one: "updated" not in one[0] and "amended" not in one[0])
    title = title or _headline(text) or re.sub(r"[_-]", " ", guidelines.stem_of(name))
    given = guidelines.about({**({"date": days[0][1]} if days else {}), **known}, name, title, note=note)
    nice, version = _NICE.search(text), _VERSION.search(text)
    if nice and not (given.said or known.get("id")):
        given = replace(given, guideline=nice[1].upper(), authority=given.authority or "NICE")
    own = (
        (given.version if known.get("version") else "")
        or (version[1].rstrip(".-") if version else "")
        or given.version
    )
    if given.guideline == guidelines.stem_of(name):
        given = replace(given, guideline=guidelines.named_by(name, own))
    return replace(given, version=own, date=given.date or made)


def _headline(text: str) -> str:
    """The first line that can be a title, of the first five; "" where none can."""
    for line in [line.strip() for line in text[:2_000].split("\n") if line.strip()][:5]:
        telling = (
            2 <= len(line.split()) <= 20 and len(line) <= 150 and sum(sign.isalpha() for sign in line) >= 6
        )
        other = (
            STARTS.match(line)
            or _NICE.search(line)
            or _VERSION.search(line)
            or _DATED.search(line)
            or _LEADER.search(line)
        )
        if (
            telling
            and not other
            and line[0].isupper()
            and line[-1] not in ".;,:"
            and not _NUMBERED.match(line)
        ):
            return line
    return ""


def _day(match: re.Match[str]) -> str:
    """A date in words as YYYY-MM-DD or YYYY-MM; "" where the calendar has none such."""
    day, month, other, year, plain = match.groups()[1:]
    if plain:
        return plain if day_number(plain) else ""
    number = [one.lower() for one in _MONTHS].index(month.lower()) + 1
    text = f"{year}-{number:02}" + (f"-{int(day or other):02}" if day or other else "")
    return text if day_number(text) else ""


# --- recommendations -----------------------------------------------------------------------------------------------------------
def _found(text: str, begin: int, least: int) -> list[Found]:
    """The recommendations of a joined text, in order; none where fewer than `least` begin."""
    lines = [match.span() for match in _LINE.finditer(text, begin) if match[0].strip()]
    place = {first: number for number, (first, _) in enumerate(lines)}
    rows, tables = pdf_tables.rows(text, begin)
    begins = [row.start for row in rows]
    starts = [
        match
        for match in STARTS.finditer(text, begin)
        if guidelines.is_one(text, match)
        and _begins(text, lines, place[guidelines.line_start(text, match.start())], match)
        and not _within(rows, begins, match.start())
    ]
    if len(starts) + len(rows) < least:
        return []
    own = {guidelines.line_start(text, match.start()) for match in starts}
    width = sorted(last - first for first, last in lines)[9 * len(lines) // 10]  # of a line that is full
    heads = [
        head
        for n in range(len(lines))
        if lines[n][0] not in own and (head := _heading(text, lines, n, width))
    ]
    spans = [_clipped(text, one, tables) for one in guidelines.spans(text, starts, heads, _reasons)]
    worded = [one for one in spans if len(text[one.start : one.end].split()) > _FEWEST]
    return sorted([*worded, *rows], key=lambda one: one.start)


def _within(rows: Sequence[Found], begins: Sequence[int], place: int) -> bool:
    """Whether a character stands in one of the rows, which are in order and apart."""
    before = bisect_right(begins, place) - 1
    return before >= 0 and place < rows[before].end


def _clipped(text: str, one: Found, tables: Sequence[int]) -> Found:
    """A recommendation up to the table that follows it."""
    behind = bisect_right(tables, one.start)
    table = tables[behind] if behind < len(tables) and tables[behind] < one.end else one.end
    return replace(one, end=one.start + len(text[one.start : table].rstrip()))


def _begins(text: str, lines: Sequence[tuple[int, int]], number: int, match: re.Match[str]) -> bool:
    """Whether a recommendation begins on a line, or what looks like one is a title, an entry of contents or a mention."""
    first, last = lines[number]
    line, before, behind = text[first:last], _at(text, lines, number - 1), _at(text, lines, number + 1)
    rest = text[match.end() : last].strip(" \t.:") if match.end() <= last else ""
    if _LEADER.search(f"{line}\n{behind}" if not STARTS.match(behind) else line):
        return False
    among = STARTS.match(behind) or STARTS.match(before)
    if among and _PAGED.search(line):  # contents without leaders
        return False
    if match["kind"] and match["kind"][0].islower():  # "in recommendation 4 (…"
        return False
    if not match["nice"]:
        return bool(match["turned"]) or not _TO_COME.search(before)
    if not rest:
        return bool(behind)
    titled = len(line) < _LONG and not re.search(r"[.;:,!?\])]$", line)
    return not (titled and (not behind or behind[0].isupper() or behind[0].isdigit()))


def _heading(text: str, lines: Sequence[tuple[int, int]], number: int, width: int) -> Heading | None:
    """A line as a heading (first, last, level, words); None where it is none. `width`: characters of a full line."""
    first, last = lines[number]
    line, before, behind = (
        text[first:last].strip(),
        _at(text, lines, number - 1),
        _at(text, lines, number + 1),
    )
    if line[-1:] in ".;:,!?])" or behind[:1].islower() or len(line) > 120:
        return None
    running = bool(before) and not _FINISHED.search(before)
    level = _level(line, running, behind, min(75, 3 * width // 4))
    if not level or _rates(line) or _LEADER.search(line) or REASONS.match(line):
        return None
    return first, last, level, line


def _level(line: str, running: bool, behind: str, most: int) -> int:
    """How deep a line stands as a heading, 0 where it is none.

    `running`: a sentence before it is not finished. A title without a number has `most` characters at most.
    """
    letters = sum(sign.isalpha() for sign in line)
    numbered = _NUMBERED.match(line)
    if numbered and len(line.split()) <= 14:
        depth = numbered["number"].count(".") + 1
        if depth > 1 or not running:
            return depth
    if letters < 6 or not line[0].isupper():
        return 0
    if line.isupper():
        return 2
    short = len(line) <= most and len(line.split()) <= 10 and not _TO_COME.search(line)
    return 3 if short and behind and not running and not _BULLET.match(behind) else 0


def _rates(line: str) -> bool:
    """Whether a line is a strength or a certainty."""
    return any(guidelines.grading(line)) or any(guidelines.grading(f"({line})"))


def _at(text: str, lines: Sequence[tuple[int, int]], number: int) -> str:
    return text[slice(*lines[number])].strip() if 0 <= number < len(lines) else ""


def _reasons(text: str, begin: int, stop: int) -> int:
    """Where reasons begin: with a capital, and not amid a sentence that a line end has parted."""
    for match in REASONS.finditer(text, begin, stop):
        word = match[0].lstrip(" \t>*_")
        before = text[max(0, match.start() - 200) : match.start()].rstrip()[-80:]
        if word[:1].isupper() and not _TO_COME.search(before):
            return match.start()
    return -1
