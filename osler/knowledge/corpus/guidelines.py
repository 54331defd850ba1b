"""Guidelines, one document for each recommendation: its words exactly, its number, version, strength, certainty and date.

Layout. A Markdown, text or HTML file may say what it is in lines between `---` at its top (HTML: in `<meta name=…>`):
`guideline` or `id`, `title`, `authority`, `version`, `date`, `url`. Recommendations are found by the forms in which they are
published:

    1.4.9 Offer an ACE inhibitor …  [2019, amended 2022]            (NICE: three numbers, at the beginning of a paragraph)
    Recommendation 4 (Strong, moderate certainty). We recommend …   (also R4., Statement 4, Practice point 1.2.1, in a heading)
    2. RECOMMENDATION ON TREATMENT  (a heading)                     (WHO)

A recommendation goes on, with its lists, to the next one, to a heading, or to a paragraph that gives reasons (Rationale,
Remarks, Evidence). Its document's id is `GUIDELINE@VERSION/NUMBER`, so that two versions stand side by side; what is left of
the file is one document more, under `GUIDELINE@VERSION`. A guideline that says its date and no version goes by its date, one
without both by its id alone. A file that does not say that it is a guideline is taken for one when it has three recommendations
or more.

YAML: the same names, and a list `recommendations` of `id`, `text`, and where they are there `section`, `strength`,
`certainty`, `date`, `version`. Strength and certainty are kept as published, in lower case; GRADE's codes are written out (1B:
strong, moderate). Nothing is inferred from the wording ("offer", "consider").
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osler.knowledge.corpus.chunks import headings
from osler.knowledge.corpus.documents import Document
from osler.passages import day_number

_DATES = ("date", "dc.date", "dcterms.modified", "article:published_time", "citation_publication_date")
ENOUGH, LEAST_WORDS = 3, 6
# Characters of what a guideline says of itself, and of the lines between `---`.
LONGEST = {"guideline": 200, "title": 300, "authority": 200, "version": 60, "url": 500, "number": 60, "section": 500, "strength": 100, "certainty": 100}  # fmt: skip
MOST_FRONT = 20_000
NAMES = ("guideline", "title", "authority", "version", "date", "url")
FIELDS = ("authority", "guideline", "recommendation", "version", "strength", "certainty")
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.S)
# Blanks are taken whole (++): given back one by one they would cost the square of their number.
_OPENING = r"[ \t]{0,3}(?:>[ \t]?)?(?:#{1,6}[ \t]++)?(?:[-*•][ \t]++)?(?:\*\*|__)?[ \t]*+"
_WORDED = (
    r"(?:(?P<kind>Recommendation|Statement|Practice point|Good practice (?:statement|point)|Key recommendation)[ \t]+"
    r"(?:No\.?[ \t]*|#)?|R(?=\d+[.:)]))(?P<number>\d+(?:\.\d+)*[a-z]?|[IVX]+)\b"
)
_NICE = r"(?P<nice>\d{1,2}\.\d{1,3}\.\d{1,3}[a-z]?)[.:]?(?:\*\*|__)?(?=[ \t]+(?-i:[A-Z(\[“\"‘'])|[ \t]*$)"
_TURNED = r"(?P<turned>\d{1,2}(?:\.\d{1,2}){0,2})\.?[ \t]++Recommendation(?=[ \t]+(?:on|about)\b)"
STARTS = re.compile(rf"^{_OPENING}(?:{_WORDED}|{_TURNED}|{_NICE})", re.M | re.I)
REASONS = re.compile(
    r"^[ \t]*(?:>[ \t]?)?(?:\*\*|__|_|\*)?(?!Evidence[ \t]?[:=][ \t]?(?:very[ -]low|low|moderate|high)\b[ \t.;]{0,3}$)(?:(?:Rationale|Remarks?|Evidence|Justification|Explanation|Discussion)\b"
    r"(?=[ \t]*(?:[:.*_–—]|$))|(?:Why the committee|For a short explanation)\b)",
    re.M | re.I,
)
_BRACKETS = re.compile(r"\(([^()]{1,120})\)|\[([^\[\]]{1,120})\]")
_STRENGTH = re.compile(
    r"(?:^|[:;,]\s*|\bGRADE\s+)(?:(?P<word>strong|weak|conditional|discretionary)\b(?P<named>\s+(?:recommendation|for\b|against\b))?|"
    r"(?:class|COR)[ -]*(?P<level>I{1,3}[ab]?|[123][ab]?)(?=\s*(?:$|[,;]|recommendation))|"
    r"(?P<letter>[A-DI])[ -]recommendation\b|grade[ :]*(?P<grade>[A-DI])(?=\s*(?:$|[,;]|recommendation)))",
    re.I,
)
_CERTAINTY = re.compile(
    r"\b(?P<words>very[ -]low|low|moderate|high)(?:[ -]to[ -](?:low|moderate|high))?[ -]+(?:certainty|quality|confidence|level of evidence)|"
    r"(?:certainty|quality|confidence)(?: of (?:the )?evidence)?[ :=]+(?P<after>very[ -]low|low|moderate|high)\b|"
    r"\b(?P<of>level of evidence|LOE|level)[ :]*(?P<level>[A-E](?:-[A-Z]{1,3})?|[1-5][a-c]?|I{1,3}V?)(?=[+-]{0,2}(?:\W|$))",
    re.I,
)
_CODE = re.compile(r"(?:grade[ :]*)?([12])[ ]?([A-D])$", re.I)
_LETTERS = {"a": "high", "b": "moderate", "c": "low", "d": "very low"}
_YEARS = re.compile(r"[\[(](?:[^\[\]()]*\b)?((?:19|20)\d\d)(?:[^\[\]()]*)[\])]\s*$")
_RESERVED = re.compile(r"[@/]|%(?=40|2F|25)")
_ODD = re.compile(r"[^\w.,:+-]+")
# Said outside brackets: on a line of their own, after a sentence, or after the name of what is rated.
_STATED = re.compile(
    r"(?:^|[\n.;:)\]]\s*)(?P<word>strong|weak|conditional|discretionary) recommendation\b(?:\s+(?:for|against))?"
    r"(?:[\s,;:.(/–—-]+(?P<sure>very[ -]low|low|moderate|high)(?:[ -]+to[ -]+(?:low|moderate|high))?[ -]+(?:certainty|quality|confidence)\b)?",
    re.I,
)
_STRENGTH_NAMED = re.compile(
    r"\b(?:strength|grade|class) of (?:the )?recommendation\s*[:=]\s*(?:(?P<word>strong|weak|conditional|discretionary)\b|"
    r"(?:class )?(?P<level>I{1,3}[ab]?|[123][ab]?)\b|(?:grade )?(?P<letter>[A-D])\b)|"
    r"\bstrength\s*[:=]\s*(?P<bare>strong|weak|conditional|discretionary)\b",
    re.I,
)
_CERTAINTY_NAMED = re.compile(
    r"\b(?:quality|certainty|level|strength) of (?:the )?evidence\s*[:=]\s*(?:(?P<words>very[ -]low|low|moderate|high)\b|"
    r"(?:level )?(?P<level>[A-E](?:-[A-Z]{1,3})?|[1-5][a-c]?)(?=[+-]{0,2}(?:\W|$)))|"
    r"\b(?:evidence|certainty)\s*[:=]\s*(?P<bare>very[ -]low|low|moderate|high)\b",
    re.I,
)
_ALONE = re.compile(r"^[ \t]*(?P<words>(?:GRADE|Class|COR)\b[^\n]{1,60}?)[ \t.]*$", re.M | re.I)
_LAST_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")


@dataclass(frozen=True)
class About:
    """What a guideline says of itself."""

    guideline: str
    title: str = ""
    authority: str = ""
    version: str = ""
    date: str = ""
    url: str = ""
    said: bool = False  # in so many words, so that one recommendation is enough

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What is known of each of its documents."""
        known = (("authority", self.authority), ("guideline", self.guideline), ("version", self.version))
        return tuple((name, value) for name, value in known if value)

    @property
    def id(self) -> str:
        """The guideline in this version."""
        return edition(self.guideline, self.version)


def edition(guideline: str, version: str) -> str:
    """The id of a guideline in one of its versions: NG136@2023-11."""
    short = _ODD.sub("-", version).strip("-")
    return f"{escaped(guideline)}@{short}" if short else escaped(guideline)


def escaped(name: str) -> str:
    """A guideline's id as it stands in ids of documents, where `@` and `/` part its version and its recommendations."""
    return _RESERVED.sub(lambda sign: f"%{ord(sign[0]):02X}", " ".join(name.split()))


def named_by(name: str, version: str) -> str:
    """A guideline's id of its file's name, without the version at its end: htn-2019.pdf of version 2019 is htn."""
    stem = stem_of(name)
    bare = stem[: -len(version)] if version and stem.endswith(version) else stem
    return bare[:-1] if bare != stem and len(bare) > 1 and bare[-1] in "-_ @" else stem


def stem_of(name: str) -> str:
    """A file's name without folders and ending."""
    return name.rsplit("/", 1)[-1].removesuffix(".gz").rsplit(".", 1)[0]


def front(text: str) -> tuple[dict[str, str], int]:
    """The lines between `---` at the top of a file, as names and words, and where the text behind them begins."""
    match = _FRONT.match(text, 0, MOST_FRONT)
    if match is None:
        return {}, 0
    found = {}
    for line in match[1].splitlines():
        name, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z_]{1,30}", name.strip()):
            found[name.strip().lower()] = value.strip().strip("\"'")
    return (found, match.end()) if found else ({}, 0)


def silent(reason: str, place: str) -> None:
    """Nobody is told."""


def limited(key: str, value: str, name: str, note: Callable[[str, str], None] = silent) -> str:
    """What is said of a guideline as one line of at most `LONGEST` characters; more is cut off, and told."""
    value = " ".join(value[: 4 * LONGEST[key]].split())
    if len(value) > LONGEST[key]:
        note(f"{key} of over {LONGEST[key]} characters, cut there (the text is kept)", name)
    return value[: LONGEST[key]]


def about(
    words: Mapping[str, str], name: str, title: str, url: str = "", note: Callable[[str, str], None] = silent
) -> About:
    """What a file says of itself; `name` (of the file) is the guideline's id where none is given."""
    day = next((words[key] for key in _DATES if words.get(key)), "")
    date = day[:10].replace("/", "-") if len(day) > 10 or "/" in day else day
    date = date if day_number(date) else ""
    known = {
        "guideline": words.get("guideline") or words.get("id") or named_by(name, words.get("version", "")), "title": words.get("title") or title,
        "authority": words.get("authority") or words.get("dc.publisher", ""), "version": words.get("version") or date,
        "url": words.get("url") or url,
    }  # fmt: skip
    kept = {key: limited(key, value, name, note) for key, value in known.items()}
    said_so = "guideline" in words or ("id" in words and ("authority" in words or "version" in words))
    return About(**kept, date=date, said=said_so)


@dataclass(frozen=True)
class Found:
    """A recommendation `text[start:end]`; strength and certainty where something else than its words gives them (a table)."""

    start: int
    end: int
    number: str
    section: str
    strength: str = ""
    certainty: str = ""


def documents(text: str, given: About, begin: int = 0) -> list[Document] | None:
    """The recommendations of a text and, last, what is left of it; None where it is no guideline."""
    starts = [match for match in STARTS.finditer(text, begin) if is_one(text, match)]
    found = spans(text, starts, list(headings(text, begin)))
    if not enough(text, given, found):
        return None
    made = [one for _, one in recommendations(text, given, found)]
    rest = without(text, begin, len(text), found)
    if any(line.strip() and not line.lstrip().startswith("#") for line in rest.splitlines()):
        source = given.authority or given.guideline
        made.append(Document(given.id, rest, given.title, source, "", given.date, given.url, True, fields=given.fields))  # fmt: skip
    return made


def enough(text: str, given: About, found: Sequence[Found]) -> bool:
    """Whether a text with these recommendations is a guideline: it says so and has one, or it has three in whole sentences."""
    if given.said:
        return bool(found)
    # Numbered headings ("1.1.1 Introduction") are no recommendations.
    return sum(len(text[one.start : one.end].split()) >= LEAST_WORDS for one in found) >= ENOUGH


def recommendations(text: str, given: About, found: Sequence[Found]) -> Iterator[tuple[Found, Document]]:
    """Each recommendation found, as a document."""
    times = Counter[str]()
    for one in found:
        times[one.number] += 1  # one that comes twice (a table of contents, an annex) stays distinct
        number = one.number if times[one.number] == 1 else f"{one.number}~{times[one.number]}"
        words = text[one.start : one.end]
        strength, certainty = (one.strength, one.certainty) if one.strength else grading(words)
        yield one, recommendation(given, number, words, one.section, strength, certainty, _dated(words))


def recommendation(
    given: About, number: str, text: str, section: str = "", strength: str = "", certainty: str = "", date: str = "",
    version: str = "",
) -> Document:  # fmt: skip
    """One recommendation as a document that stays in one passage."""
    version = limited("version", version, "") or given.version
    number, section = limited("number", number, ""), section[: LONGEST["section"]]
    strength, certainty = limited("strength", strength, ""), limited("certainty", certainty, "")
    values = (given.authority, given.guideline, number, version, strength, certainty)
    fields = tuple((name, value) for name, value in zip(FIELDS, values, strict=True) if value)
    return Document(
        f"{edition(given.guideline, version)}/{_RESERVED.sub('-', number)}", text, given.title, given.authority or given.guideline, section, date or given.date,
        given.url, whole=True, fields=fields,
    )  # fmt: skip


def of_yaml(data: Any, name: str, skip: Callable[[str, str], None]) -> Iterator[Document]:
    """The recommendations of a YAML file of the layout above."""
    rows = data.get("recommendations") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        skip("YAML without a list `recommendations`", name)
        return
    words = {k: str(data[k]) for k in (*NAMES, "id") if data.get(k)}
    given = about(words, name, "", note=skip)
    for place, row in enumerate(rows, 1):
        said = (
            {str(k): str(v).strip() for k, v in row.items() if v is not None} if isinstance(row, dict) else {}
        )
        number, text = said.get("id") or said.get("number") or str(place), said.get("text", "")
        if not text:
            skip("recommendation without text", f"{name} recommendation {number}")
            continue
        date = said.get("date", "")
        yield recommendation(
            given, number, text, said.get("section", ""), said.get("strength", "").lower(), said.get("certainty", "").lower(),
            date if day_number(date) else "", said.get("version", ""),
        )  # fmt: skip


def grading(text: str) -> tuple[str, str]:
    """Strength and certainty as a recommendation states them, in brackets or on their own; "" for what is not stated."""
    strength = certainty = ""
    # Lines without the blanks around them: patterns that pass over blanks would cost the square of their number.
    lines = "\n".join(bare for line in text.splitlines() if (bare := " ".join(line.split())))
    alone = (match["words"] for match in _ALONE.finditer(lines))
    for words in (*(" ".join((match[1] or match[2]).split()) for match in _BRACKETS.finditer(text)), *alone):
        if code := _CODE.match(words):
            return ("strong" if code[1] == "1" else "weak"), _LETTERS[code[2].lower()]
        rated, sure = _STRENGTH.search(words), _CERTAINTY.search(words)
        if sure and sure["of"] and sure["of"].lower() == "level" and rated is None:
            sure = None  # "(level 3 care)" rates nothing
        if rated and rated["word"] and not (rated["named"] or sure or rated.end("word") == len(words)):
            rated = None  # nor does "(weak, frail people)"
        if rated and not strength:
            strength = _strength(rated)
        if sure and not certainty:
            level = sure["level"]
            certainty = (
                f"level {level.upper()}"
                if level
                else (sure["words"] or sure["after"]).lower().replace("-", " ")
            )
    return (strength, certainty) if strength and certainty else _stated(lines, strength, certainty)


def _stated(lines: str, strength: str, certainty: str) -> tuple[str, str]:
    """What is not in brackets, filled in by what stands outside of them."""
    if stated := _STATED.search(lines):
        strength = strength or stated["word"].lower()
        certainty = certainty or (stated["sure"] or "").lower().replace("-", " ")
    flat = lines.replace("\n", " ")
    if (named := _STRENGTH_NAMED.search(flat)) and not strength:
        level, letter = named["level"], named["letter"]
        strength = (
            f"class {level}"
            if level
            else f"grade {letter.upper()}"
            if letter
            else (named["word"] or named["bare"]).lower()
        )
    if (named := _CERTAINTY_NAMED.search(flat)) and not certainty:
        certainty = (
            f"level {named['level'].upper()}"
            if named["level"]
            else (named["words"] or named["bare"]).lower().replace("-", " ")
        )
    return strength, certainty


def _strength(rated: re.Match[str]) -> str:
    if rated["word"]:
        return rated["word"].lower()
    return (
        f"class {rated['level']}"
        if rated["level"]
        else f"grade {(rated['letter'] or rated['grade']).upper()}"
    )


def _dated(text: str) -> str:
    """The last year in the brackets at the end of a recommendation ("[2019, amended 2022]")."""
    match = _YEARS.search(text[-200:])
    return _LAST_YEAR.findall(match[0])[-1] if match else ""


def spans(
    text: str,
    starts: Sequence[re.Match[str]],
    there: Sequence[tuple[int, int, int, str]],
    reasons: Callable[[str, int, int], int] | None = None,
) -> list[Found]:
    """The recommendations that begin at `starts` (matches of `STARTS`), under the headings `there` as of `headings`.

    `reasons` gives where, between two places, the paragraph of reasons begins (−1: nowhere).
    """
    own = {line_start(text, match.start()) for match in starts}
    edges = sorted([h[0] for h in there if h[0] not in own] + sorted(own))
    path: list[tuple[int, str]] = []
    found, at = [], 0
    for match in starts:
        first = line_start(text, match.start())
        while at < len(there) and there[at][0] < first:
            start, _, level, words = there[at]
            if start not in own:
                path = [one for one in path if one[0] < level] + [(level, words[: LONGEST["section"]])]
            at += 1
        behind = bisect_right(edges, first)
        stop = edges[behind] if behind < len(edges) else len(text)
        told = (reasons or _reasons)(text, match.end(), stop)
        last = told if told >= 0 else stop
        while last > first and text[last - 1].isspace():
            last -= 1
        section = " > ".join(words for level, words in path if level > 1) or (path[-1][1] if path else "")
        found.append(Found(first, last, match["number"] or match["turned"] or match["nice"], section))
    return found


def _reasons(text: str, begin: int, stop: int) -> int:
    match = REASONS.search(text, begin, stop)
    return match.start() if match else -1


def line_start(text: str, place: int) -> int:
    """Where the line of a character begins."""
    return text.rfind("\n", 0, place) + 1


def is_one(text: str, match: re.Match[str]) -> bool:
    """A number of NICE's form in a heading is the heading's own; a mention ("Recommendation 4 was …") is none."""
    line = match[0].lstrip()
    if match["nice"]:
        return not line.startswith("#") or not text[match.end() : text.find("\n", match.end())].strip()
    rest = text[match.end() : match.end() + 200].split("\n", 1)[0].lstrip("*_ \t")
    if match["turned"]:  # as a heading: "2. RECOMMENDATION ON TREATMENT"
        return not rest.rstrip().endswith((".", ";", ","))
    if line.startswith("#") or not rest:
        return True
    return rest[0] in ".:)–—-([" or (rest[0].isupper() and match["kind"] is not None)


def without(text: str, begin: int, end: int, found: Sequence[Found]) -> str:
    """What is left of text[begin:end] without the recommendations, which stand in order."""
    pieces, at = [], begin
    for one in found:
        if one.start < end and one.end > at:
            pieces.append(text[at : max(at, one.start)])
            at = min(one.end, end)
    return "".join([*pieces, text[at:end]])
