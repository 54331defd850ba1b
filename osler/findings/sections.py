"""Cuts a clinical text into sections by their headings and into sentences. Knows nothing about findings.

Offsets are half-open and refer to the text given. A heading is a known phrase at the start of a line, followed by a
colon or alone on its line ("Family history:", "PAST MEDICAL HISTORY"); a word that only looks like a heading opens no
section, but ends the one before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

SectionKind = Literal["", "family", "historical", "hypothetical", "other"]

_FAMILY = r"family (?:medical |health )?(?:history|hx|anamnesis)|fam(?:ily)?\.? ?hx|f\.?h\.?|fhx|pedigree"
_HISTORICAL = (
    r"(?:past|previous|prior|remote) (?:medical |surgical |psychiatric |ocular |obstetric )?(?:history|hx|illnesses)|pmh|pmhx"
    r"|psh|pshx|past history|medical history|surgical history|past medical and surgical history|resolved problems"
    r"|past surgeries|history of past illness"
)
_HYPOTHETICAL = (
    r"differential(?: diagnos[ei]s)?|ddx|indications?(?: for [\w ]{1,40})?|reason for (?:test(?:ing)?|referral|exam(?:ination)?|study)"
    r"|clinical question|questions?|return precautions|precautions|safety.?net(?:ting)?|discharge instructions"
    r"|risks?(?: discussed)?|side effects|patient instructions|instructions"
)
_OTHER = (
    r"(?:history|hx)(?: of (?:the )?(?:present(?:ing)?|current) (?:illness|complaints?|problem))?|hpi|hopc|present illness"
    r"|chief complaints?|presenting complaints?|complaints?|cc|review of systems|ros|systems review"
    r"|(?:physical |clinical |neurological |general |mental status )?exam(?:ination)?(?: findings)?|on examination|o/e|pe"
    r"|vitals?(?: signs)?|laborator(?:y|ies)(?: (?:results|data|findings|values))?|labs?|results|imaging|investigations"
    r"|radiology|mri|ct|ecg|ekg|eeg|echo(?:cardiogra(?:m|phy))?|x-?ray|ultrasound|pathology|biopsy|genetics"
    r"|(?:current |home |discharge )?medications?|meds|drugs|allerg(?:y|ies)|social (?:history|hx)|sh|shx|birth history"
    r"|perinatal history|pregnancy|developmental history|development|growth|obstetric history|immuni[sz]ations?|diet"
    r"|assessment(?: and plan)?|impression|conclusion|summary|diagnos[ei]s|plan|recommendations?|follow.?up|a/p|course"
    r"|hospital course|procedures?|treatment|therapy|management|case(?: report| presentation)?|problems?|findings"
    r"|problem list|current problems|discussion|background|introduction|methods|subjective|objective"
)
_HEADING = re.compile(
    rf"^[ \t]*(?:#+ |\*\*|\d{{1,2}}[.)] )?(?:(?P<family>{_FAMILY})|(?P<historical>{_HISTORICAL})"
    rf"|(?P<hypothetical>{_HYPOTHETICAL})|(?P<other>{_OTHER}))"
    r"(?:\*\*)?[ \t]*(?::(?:\*\*)?|\.[ \t]*$|-[ \t]|\r?$)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading; `kind` is "" before the first heading and where a section has ended."""

    start: int
    end: int
    kind: SectionKind


def sections(text: str) -> list[Section]:
    """Consecutive sections that cover the text.

    A section lasts until the next heading; one whose heading stands in front of its text on the same line also ends
    at the next blank line, because a letter then goes on with something else.
    """
    found: list[Section] = []
    start, kind = 0, ""
    for heading in _HEADING.finditer(text):
        if heading.start() > start or not found:
            _close(text, start, heading.start(), kind, found)
        start, kind = heading.start(), heading.lastgroup or ""
    _close(text, start, len(text), kind, found)
    return found


_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")


def _close(text: str, start: int, end: int, kind: str, found: list[Section]) -> None:
    """Append the section [start, end), split at the blank line that ends a one-line section."""
    if end <= start:
        return
    if kind in ("family", "historical", "hypothetical"):
        line_end = text.find("\n", start, end)
        heading_only = line_end >= 0 and text[start:line_end].rstrip(" \t\r*").endswith(":")
        blank = _BLANK_LINE.search(text, start, end)
        if blank and not heading_only and text[start:line_end].strip().count(" ") > 3:
            found.append(Section(start, blank.end(), kind))
            start, kind = blank.end(), ""
            if end <= start:
                return
    found.append(Section(start, end, kind))  # type: ignore[arg-type]


class SectionMap:
    """Which section a position lies in."""

    def __init__(self, text: str):
        self._sections = sections(text)
        self._starts = [section.start for section in self._sections]

    def kind(self, position: int) -> str:
        """The kind of the section at a character offset."""
        index = bisect_right(self._starts, position) - 1
        return self._sections[index].kind if index >= 0 else ""


# Abbreviations with a full stop that do not end a sentence, and single letters ("J. Smith").
_ABBREVIATED = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|vs|approx|no|nr|fig|figs|ref|refs|e\.g|i\.e|eg|ie|cf|ca|resp|incl|etc|al|dept|hosp"
    r"|pt|pts|hx|dx|tx|rx|sx|wk|wks|mo|mos|yr|yrs|hr|hrs|min|sec|max|temp|wt|ht|bw|resp|abd|neuro|neg|pos|diff|sp|spp"
    r"|inc|ltd|jr|sr|b\.i\.d|t\.i\.d|q\.d|p\.o|i\.v|a\.m|p\.m|y\.o|s\.p|h\.o|d\.o\.b|jan|feb|mar|apr|jun|jul|aug|sep|sept"
    r"|oct|nov|dec|lat|bilat|esp|prob|poss)|(?<![\w.])[a-z])\.$",
    re.IGNORECASE,
)
_STOP = re.compile(
    # a full stop and white space; begun at the first mark of a row only, or a row of dots takes the square of its length
    r"(?:(?<=[^\s.!?])|(?<=\s[.!?])|(?<=\A[.!?]))[.!?]++[\"')\]]*+(?=\s)"
    r"|[.!?](?=[A-Z][a-z])"  # or none, before a capitalised word
    r"|\n[ \t\r]*(?=\n)"  # a blank line
    r"|\n(?=[ \t]*(?:[-*•·‣◦–>]|\d{1,2}[.)]|\([a-z0-9]\))[ \t])"  # a list item
    r"|(?<![,\n])\n(?=[ \t]*[A-Z0-9+\[(\"])"  # a line that starts like a sentence
)
_LOWER_NEXT = re.compile(r"\s+[a-z(,;]")
_CONTINUES = re.compile(
    r"(?:\b(?:and|or|nor|with|without|of|the|a|an|no|not|in|to|for|is|was|has|had|his|her)|[,(/-])[ \t\r]*$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences, in order; together they cover the text.

    A full stop in an abbreviation ("Dr.", "e.g.", "approx.") or before a lower-case word ends nothing. A line break
    ends a sentence before a list mark, at a blank line, and before a line that starts with a capital or a digit
    unless the line before it plainly goes on ("no evidence of⏎EEG abnormalities").
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOP.finditer(text):
        mark = text[stop.start()]
        if mark == "." and _goes_on(text, stop.start(), stop.end()):
            continue
        if mark == "\n" and not stop.group().strip("\n \t\r") and _line_goes_on(text, start, stop):
            continue
        if stop.end() > start:
            _append(text, start, stop.end(), spans)
            start = stop.end()
    _append(text, start, len(text), spans)
    return spans


_LONGEST = 800  # characters; what is longer is a table or data, and is cut so that work stays linear


def _append(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Append a sentence, in pieces where it is longer than any sentence of prose."""
    while end - start > _LONGEST:
        cut = max(text.rfind(mark, start + _LONGEST // 2, start + _LONGEST) for mark in (", ", "; ", " "))
        cut = cut + 1 if cut > 0 else start + _LONGEST
        spans.append((start, cut))
        start = cut
    if end > start:
        spans.append((start, end))


def _goes_on(text: str, stop: int, after: int) -> bool:
    """Whether a full stop belongs to an abbreviation or a number rather than ending a sentence."""
    before = text[max(0, stop - 8) : stop + 1]
    if _ABBREVIATED.search(before):
        # "… 3 yrs. She" ends a sentence all the same: a unit or "etc" before a capitalised pronoun.
        return not re.match(
            r"\s+(?:He|She|They|The|His|Her|No|There|On|In|At|This|It|Family|Mother|Father)\b",
            text[after : after + 20],
        )
    return bool(_LOWER_NEXT.match(text, after, after + 40))


def _line_goes_on(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the line that ends here is plainly unfinished."""
    following = text[stop.end() : stop.end() + 40].lstrip(" \t")
    if following[:1] == "\n" or re.match(r"[-*•·‣◦–>]\s|\d{1,2}[.)]\s|\([a-z0-9]\)\s", following):
        return False
    return bool(_CONTINUES.search(text, max(start, stop.start() - 12), stop.start()))
