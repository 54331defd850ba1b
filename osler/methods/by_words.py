"""How well pieces of a record fit a question by their words, without a model: BM25 over stems, findings in other words, and cues.

A piece scores by BM25 of the question's content words (plural and common endings off), by findings that it names as the question
does in other words ("fits" and "seizure"), and by what kind of answer is asked for (a dose for "what medicines", a year for
"when"). `coverage` says which share of the question's content a piece holds. Knows nothing of notes or FHIR.
"""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from osler.findings.text import find_findings
from osler.knowledge.corpus.stopwords import IDLE
from osler.methods import sentences
from osler.passages import Passage

_T = TypeVar("_T")
LARGE = 20_000
_MORE_IDLE = frozenset(
    [
        "patient",
        "patients",
        "patient's",
        "note",
        "notes",
        "record",
        "records",
        "documented",
        "mentioned",
        "reported",
        "any",
        "there",
        "ever",
        "last",
        "recent",
    ]
)
# What is asked for, and what an answer to it looks like.
CUES: tuple[tuple[str, str], ...] = (
    (r"\b(?:medic(?:ines?|ations?)|drugs?|prescri\w+|tak(?:es?|ing)|dos(?:es?|age))\b", r"\b\d+(?:\.\d+)?\s*(?:mg|mcg|µg|g|units?|mL|IU)\b|\b(?:daily|twice|tablets?|capsules?|medications?)\b"),
    (r"\ballerg\w+", r"\ballerg\w+|\banaphyla\w+|\bNKDA\b"),
    (r"\bwhen\b|\bdate\b|\bhow long\b|\bsince\b", r"\b(?:19|20)\d\d\b|\b\d+ (?:days?|weeks?|months?|years?)\b|\bsince\b|\bago\b"),
    (r"\bhow (?:high|much|many|low)\b|\blevels?\b|\bvalues?\b|\bresults?\b|\bpressure\b", r"\d"),
    (r"\bsmok\w+|\btobacco\b", r"\bsmok\w+|\btobacco\b|\bpack[- ]years?\b|\bcigarettes?\b"),
    (r"\balcohol\b|\bdrink\w*", r"\balcohol\b|\bdrinks?\b|\bethanol\b|\bunits per week\b"),
    (r"\bfamily\b|\brelatives?\b", r"\b(?:mother|father|sister|brother|parents?|family|son|daughter|aunt|uncle)\b"),
    (r"\bsurger\w+|\boperat\w+|\bprocedures?\b", r"\b(?:surger\w+|operat\w+|\w+ectomy|\w+plasty|bypass)\b"),
    (r"\bplan\b|\bfollow[- ]?up\b|\bnext\b", r"\bplan\b|\bfollow[- ]?up\b|\breview in\b|\bcontinue\b|\brefer\w*"),
    (r"\bwhy\b|\breason\b|\bcomplain\w*|\bpresent\w*", r"\b(?:because|due to|presents?|presented|complain\w*|came|admitted)\b"),
)  # fmt: skip
# What a finding in other words counts for, and a cue, in BM25's measure.
_NAMED, _CUE = 4.0, 1.2
# Endings of diseases and of their adjectives that are taken off alike, from the longest; so much of the word stays at least.
_KIN = ("ations", "ation", "etic", "etes", "atic", "osis", "otic", "sis", "tic", "sy", "ions", "ion", "ive", "ism", "ity", "ous", "ety", "ias", "ia", "ic", "is", "a")  # fmt: skip
_KIN_LEAST = 4
_NOUNS = (("atic", ("a",)), ("otic", ("osis",)), ("tic", ("sy", "sis")), ("ic", ("ia", "y", "is", "es", "es mellitus")), ("ive", ("ion",)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a piece fits: `score` to compare, `coverage` the share of the question's content that it holds (0 to 1)."""

    score: float
    coverage: float


def stem(word: str) -> str:
    """A word without plural and common endings, and a disease and its adjective alike: diabetic and diabetes, asthmatic and asthma."""
    for end in _KIN:
        if word.endswith(end) and len(word) - len(end) >= _KIN_LEAST:
            return word[: -len(end)]
    for end in ("ations", "ation", "ing", "ers", "er", "ies", "ed", "es", "s", "y", "e"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word[: -len(end)]
    return word


def nouns(question: str) -> list[str]:
    """What the adjectives of a question may be called as nouns, for the ontology to know: hypertensive, so hypertension."""
    found: list[str] = []
    for word in sentences.words(question):
        for end, others in _NOUNS:
            if word.endswith(end) and len(word) - len(end) >= _KIN_LEAST:
                found += [word[: -len(end)] + other for other in others]
    return found


def content(text: str) -> list[str]:
    """The stems of a text's content words, in order."""
    return [stem(word) for word in sentences.words(text) if word not in IDLE and word not in _MORE_IDLE]


def fits(question: str, pieces: Sequence[Passage]) -> list[Fit]:
    """How well each piece fits the question."""
    asked = set(content(question))
    stemmed = [one._replace(text=" ".join(content(f"{one.section} {one.text}"))) for one in pieces]
    scores = sentences.bm25(" ".join(sorted(asked)), stemmed)
    named = {finding.id for finding in find_findings(". ".join((question, *nouns(question))))}
    others = _naming(named, pieces)
    cues = [looks for asks, looks in CUES if re.search(asks, question, re.I)]
    found = []
    for piece, plain, score, other in zip(pieces, stemmed, scores, others, strict=True):
        held = asked & set(plain.text.split())
        cue = any(re.search(looks, piece.text, re.I) for looks in cues)
        share = len(held) / len(asked) if asked else 0.0
        covered = max(share, 0.9 if other else 0.0, 0.5 if cue else 0.0)
        found.append(Fit(score + _NAMED * other + _CUE * cue, covered if score or other or cue else 0.0))
    return found


def _naming(named: set[str], pieces: Sequence[Passage]) -> list[bool]:
    """Which pieces hold one of these findings; all are read at once, since each reading has a cost of its own."""
    found = [False] * len(pieces)
    if not named:
        return found
    starts, at = [], 0
    for piece in pieces:
        starts.append(at)
        at += len(piece.text) + 2
    for finding in find_findings("\n\n".join(piece.text for piece in pieces)):
        if finding.id in named and finding.span:
            found[bisect_right(starts, finding.span.start) - 1] = True
    return found


async def apart(size: int, work: Callable[..., _T], *given: Any) -> _T:
    """Work over so many characters: in a thread where they are many, so that others on the same loop are served meanwhile."""
    return await asyncio.to_thread(work, *given) if size > LARGE else work(*given)
