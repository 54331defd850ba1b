"""Says of whom and how a finding is said: present, absent, uncertain, family, historical or hypothetical.

A rule-based reading of English clinical prose in the manner of NegEx and ConText (Chapman et al. 2001,
doi:10.1006/jbin.2001.1029; Harkema et al. 2009, doi:10.1016/j.jbi.2009.05.002): a trigger opens a scope that runs
forward or backward until a word ends it. The trigger phrases (triggers.py) and the rules for lists, subjects and verbs
are Osler's own. Works sentence by sentence; knows nothing about the ontology.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from osler.case import Status
from osler.findings import triggers
from osler.findings.sections import SectionMap, sentences
from osler.findings.words import fold


@dataclass(frozen=True, slots=True)
class Reading:
    """How a finding is said. `note` is "" or says what the status alone does not."""

    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Trigger:
    start: int
    end: int
    kind: str
    forward: bool


def _whole_words(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?!\w)")


_KINDS = (
    ("none", True, _whole_words(triggers.NONE)),
    ("absent", True, _whole_words(triggers.ABSENT_FORWARD)),
    ("absent", False, re.compile(rf"(?:(?<!\w)|(?=\W))(?:{'|'.join(triggers.ABSENT_BACKWARD)})(?!\w)")),
    ("uncertain", True, re.compile(rf"(?<![\w-])(?:{'|'.join(triggers.UNCERTAIN_FORWARD)})")),
    (
        "uncertain",
        False,
        re.compile(rf"(?:(?<!\w)|(?=[?(]))(?:{'|'.join(triggers.UNCERTAIN_BACKWARD)})(?!\w)"),
    ),
    ("historical", True, _whole_words(triggers.HISTORICAL_FORWARD)),
    ("historical", False, _whole_words(triggers.HISTORICAL_BACKWARD)),
    ("hypothetical", True, _whole_words(triggers.HYPOTHETICAL_FORWARD)),
    ("hypothetical", False, _whole_words(triggers.HYPOTHETICAL_BACKWARD)),
    ("family", True, _whole_words(triggers.FAMILY_FORWARD)),
    ("family", False, _whole_words(triggers.FAMILY_BACKWARD)),
)

_VERB = (
    r"(?:has|had|have|having|shows?|showed|shown|reveal(?:s|ed)|develop(?:s|ed)|present(?:s|ed|ing)|complain(?:s|ed)(?: of)?"
    r"|demonstrate[sd]?|exhibit(?:s|ed)|suffer(?:s|ed)|reports?|reported|includ(?:es?|ed)|is|was|are|were|noted|experienced"
    r"|started|began|continue[sd]|remain(?:s|ed)|notable for|positive for|significant for|diagnosed)"
)
_SUBJECT = r"(?:the |our |this )?(?:patient|proband|propositus|proposita|child|boy|girl|infant|baby|newborn|man|woman|index case|pt)"
# What ends every scope.
_END = re.compile(
    r"[;:]|\b(?:but|however|although|though|whereas|while|nevertheless|nonetheless|yet|still|except(?: for)?|apart from"
    r"|aside from|besides|other than|despite|in spite of|due to|secondary to|because(?: of)?|which|on the other hand"
    r"|followed by|then|instead|only)\b"
)
# What ends a negation, a doubt or a history: the sentence turns to say something of the patient.
_TURN = re.compile(
    rf"(?:,|\band\b|\bwho\b|\bthat\b)\s+(?:(?:now|also|currently|then|later|she|he|they|it|there|{_SUBJECT})\s+)*(?:{_VERB})\b"
    rf"|,\s+(?:and\s+)?with\b|\band with\b|,\s*(?:positive|present)\b|\b(?:he|she|they|{_SUBJECT})\s+(?:also\s+)?(?:{_VERB})\b"
)
# What gives the word back to the patient after a relative.
_PATIENT = re.compile(rf"\b{_SUBJECT}\b|\b(?:he|she)\s+(?:also\s+)?(?:{_VERB})\b|,\s*(?:he|she)\b")
_LIST_CLOSED = re.compile(
    rf"[^.;:]{{0,70}}?(?:,\s*|\s)(?:or|nor|and)\s+(?!(?:he|she|they|an?|the|it|there|with|{_VERB})\b)"
)
_ANY_VERB = re.compile(rf"\b(?:{_VERB}|with|who|which|that)\b")
_CONJUNCTION = re.compile(r"\b(?:and|or|nor)\b|/|&")
_SEPARATOR = re.compile(r",|\band\b|\bor\b|\bnor\b|/")
# Triggers whose scope runs through commas without a closing "or": "denies fever, cough, rash".
_OPEN_LISTS = re.compile(
    r"den|negative|absence|free |lack|neither|histor|hx|h/o|(?:past|previous|prior) (?:medical |surgical )?h"
    r"|risk|screen|if\b|famil|fh|history"
)
_TIME = re.compile(
    r"as |when |in |during |.*\b(?:ago|earlier|before)$"
)  # "as a child he had …": the clause follows its time
_CLAUSE_START = re.compile(r"(?:^|[,;:.•*-]|\b(?:and|but|that|then))\s*$")
_REACH = 10  # words between a trigger or list mark and a finding
_ADJACENT = 1  # the same for nouns such as "screening", "risk" after a finding


def read_scopes(text: str, spans: Sequence[tuple[int, int]]) -> list[Reading]:
    """How each span (half-open, in `text`) is said; in the order given. Linear in the text."""
    lower = fold(text).lower().replace("\n", " ").replace("\r", " ").replace("\t", " ")
    lower = lower if len(lower) == len(text) else fold(text)
    section_of = SectionMap(text)
    bounds = sentences(text)
    starts = [start for start, _ in bounds]
    by_sentence: dict[int, list[int]] = {}
    for index, (start, _) in enumerate(spans):
        by_sentence.setdefault(bisect_right(starts, start) - 1, []).append(index)
    readings: list[Reading] = [Reading("present")] * len(spans)
    for number, indices in by_sentence.items():
        start, stop = bounds[number]
        local = [(spans[i][0] - start, spans[i][1] - start) for i in indices]
        sentence = _Sentence(lower[start:stop], local)
        for index, (a, b) in zip(indices, local, strict=True):
            readings[index] = sentence.read(a, b, section_of.kind(start + a))
    return readings


class _Sentence:
    """One sentence with its triggers."""

    def __init__(self, text: str, findings: Sequence[tuple[int, int]]):
        self.text = text
        sides: dict[tuple[str, bool], list[_Trigger]] = {}
        for trigger in _triggers(text, findings):
            sides.setdefault((trigger.kind, trigger.forward), []).append(trigger)
        # Matches of one pattern never overlap, so both starts and ends of a side are in order.
        self._sides = [
            (side, forward, [trigger.start for trigger in side], [trigger.end for trigger in side])
            for (_, forward), side in sides.items()
        ]

    def read(self, start: int, end: int, section: str) -> Reading:
        """The status of the finding at [start, end) in this sentence and section."""
        hits = [t for t in self._near(start, end) if self._reaches(t, start, end)]
        kinds = {t.kind for t in hits}
        denied_after = any(t.kind == "absent" and not t.forward for t in hits)
        if "family" in kinds or section == "family":
            return Reading("family", "said to be absent in the family" if "absent" in kinds else "")
        if "hypothetical" in kinds and not denied_after:
            return Reading("hypothetical")
        if "absent" in kinds:
            return Reading("absent")
        if section == "hypothetical":
            return Reading("hypothetical")
        if "uncertain" in kinds:
            return Reading("uncertain")
        return Reading("historical" if "historical" in kinds or section == "historical" else "present")

    def _near(self, start: int, end: int) -> list[_Trigger]:
        """The triggers that may reach a finding: of each kind the nearest two on the side they look from."""
        near: list[_Trigger] = []
        for side, forward, starts, ends in self._sides:
            if forward:
                last = bisect_right(ends, start)
                near += side[max(0, last - 2) : last]
            else:
                first = bisect_left(starts, end)
                near += side[first : first + 2]
        return near

    def _reaches(self, trigger: _Trigger, start: int, end: int) -> bool:
        if trigger.forward:
            return trigger.end <= start and self._forward(trigger, start, end)
        return trigger.start >= end and self._backward(trigger, start, end)

    def _forward(self, trigger: _Trigger, start: int, end: int) -> bool:
        between = self.text[trigger.end : start]
        colon = trigger.kind in ("family", "historical") and between.startswith(":")
        if _END.search(between[1:] if colon else between):
            return False
        if trigger.kind == "family":
            return not _PATIENT.search(between)
        told_first = trigger.kind == "historical" and _TIME.match(self.text, trigger.start, trigger.end)
        if told_first and not _CLAUSE_START.search(self.text[: trigger.start]):
            return False  # "sinusitis in the past and chronic headache"
        if not told_first and _TURN.search(between):
            return False
        pieces = _SEPARATOR.split(between)
        if max(piece.count(" ") for piece in pieces) > _REACH:
            return False
        if "," in between and not _OPEN_LISTS.match(self.text, trigger.start):
            return self._closed_list(trigger.end, start, end)
        return True

    def _closed_list(self, opened: int, start: int, end: int) -> bool:
        """Whether the comma list from a trigger through this finding is closed by "or", "nor" or "and"."""
        between = self.text[opened:start]
        after_comma = between[between.rfind(",") :]
        if between.count(",") == 1 and re.fullmatch(r",\s*and\s+", after_comma):
            return (
                False  # "no seizures, and short stature": a list of three or more would have a comma before
            )
        if re.search(r"\b(?:or|nor|and)\b(?!\s+an?\b)", after_comma):
            return True
        return bool(_LIST_CLOSED.match(self.text, end))

    def _backward(self, trigger: _Trigger, start: int, end: int) -> bool:
        between = self.text[end : trigger.start]
        if _END.search(between):
            return False
        if trigger.kind == "hypothetical":
            return between.count(" ") <= _ADJACENT and not _SEPARATOR.search(between)
        if _ANY_VERB.search(between) or between.count(" ") > 2 * _REACH:
            return False
        separators = list(_SEPARATOR.finditer(between))
        if not separators:
            return True
        if separators[-1].group() == ",":
            # "seizures, ataxia was ruled out" or "seizures, in the past"
            return trigger.kind in ("historical", "family") and not between[separators[-1].end() :].strip()
        if trigger.kind in ("historical", "family"):
            return True
        # "he has seizures and ataxia was absent": what follows a verb is not its subject
        return not _ANY_VERB.search(self._clause_before(start))

    def _clause_before(self, position: int) -> str:
        """The text from the start of the clause to a position."""
        ends = [match.end() for match in _END.finditer(self.text, 0, position)]
        return self.text[ends[-1] if ends else 0 : position]


def _triggers(text: str, findings: Sequence[tuple[int, int]]) -> list[_Trigger]:
    """Triggers of a sentence: none inside a finding, none inside a longer trigger, none in a phrase that is no trigger."""
    inside = _marked(len(text), findings)
    found = [
        _Trigger(match.start(), match.end(), kind, forward)
        for kind, forward, pattern in _KINDS
        for match in pattern.finditer(text)
        if match.end() > match.start() and inside.find(1, match.start(), match.end()) < 0
    ]
    blocked = _marked(
        len(text), [(trigger.start, trigger.end) for trigger in found if trigger.kind == "none"]
    )
    kept = []
    reach, since = -1, -1  # the furthest end so far, and the first start that has it
    for trigger in sorted(found, key=lambda trigger: (trigger.start, -trigger.end)):
        covered = reach > trigger.end or (reach == trigger.end and since < trigger.start)
        if trigger.end > reach:
            reach, since = trigger.end, trigger.start
        if not covered and blocked.find(1, trigger.start, trigger.end) < 0:
            kept.append(trigger)
    return kept


def _marked(length: int, spans: Sequence[tuple[int, int]]) -> bytearray:
    """A byte for each character, 1 inside the spans."""
    marks = bytearray(length)
    for start, end in spans:
        marks[start:end] = b"\x01" * (min(end, length) - start)
    return marks
