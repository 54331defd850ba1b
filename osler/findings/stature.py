"""Stature said of a person in a word: "he is tall", "a tall, slender woman of 24", "short for her age".

The ontology names these only with the noun ("tall stature"), and the adjectives alone are said of much else ("short of
breath", "tall T waves"); so they count where a person stands beside them, or their age does. A measured height ("a 176 cm
tall man") says no more than its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TALL, SHORT = "HP:0000098", "HP:0004322"
_TERMS = {"tall": TALL, "short": SHORT}
_PERSON = r"(?:man|men|woman|women|boy|girl|child|baby|infant|toddler|teenager|adolescent|youth|adult|person|patient|male|female|gentleman|lady)"
_RELATIVE = r"(?:mother|father|brother|sister|uncle|aunt|cousin|son|daughter|grandmother|grandfather|parents?|sibs?|siblings?|twin)s?"
_WHO = rf"(?:he|she|they|i|you|proband|{_PERSON}|{_RELATIVE})"
_IS = r"(?:'s| (?:is|was|are|were|isn't|wasn't|aren't|weren't|has been|had been|has always been|looks|looked|appears|appeared|seems|seemed|became))"
_NOT = r"(?:(?:not|never|also|always|both|otherwise) )?"
_HOW = r"(?:(?:very|unusually|abnormally|exceptionally|extremely|excessively|remarkably|strikingly|relatively|rather|quite|fairly|mildly|markedly) )?"
_LIKE = r"(?:(?:and |but )?(?:slim|slender|thin|lean|lanky|obese|stocky|muscular|pale|young|old|elderly|otherwise|healthy|well|nourished|dysmorphic|white|black|asian|african|caucasian|hispanic|japanese|chinese|indian|european),? )"
_WORD, _AGED = r"(?P<word>tall|short)", r"(?:\d{1,3}[- ](?:years?|months?)[- ]old )?"
_SAID = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # "tall for her age"
        rf"\b{_WORD}(?= for (?:(?:his|her|their|the|chronological|gestational) )*age\b)",
        # "she is very tall"; not "she is short of breath", "he was short with me"
        rf"\b{_WHO}{_IS} {_NOT}{_HOW}{_WORD}(?=\s*(?:$|[.,;:)]|\b(?:and|but|with(?! me)|since|at birth|as a|for a)\b))",
        # "a tall, slender 24-year-old woman"; not "short patient note", "in short, the patient"
        rf"(?:^|[.;:]\s+|\b(?:an?|the|this|that|his|her|old|aged|male|female) {_HOW}){_WORD},?(?= {_LIKE}{{0,3}}{_AGED}{_LIKE}{{0,2}}(?!patient \w+ ?[.;]){_PERSON}\b(?! (?:note|record|history|file|stay|visit|follow|term)))",
    )
)  # fmt: skip
# A number with a unit before the word, or a dash between: "176 cm tall", "5'10\" tall", "a 190-cm-tall boy".
_MEASURED = re.compile(
    r"\d\s?['\"]?[ -]*(?:cm|m|mm|meters?|metres?|feet|foot|ft|in|inch(?:es)?)?[ -]*$", re.I
)
_BEFORE = 16  # characters in which a measured height stands


def said_statures(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and HPO id of each word that says a person's stature, in no order; linear in the text."""
    for pattern in _SAID:
        for found in pattern.finditer(text):
            first, end = found.span("word")
            if not _MEASURED.search(text[max(0, first - _BEFORE) : first]):
                yield first, end, _TERMS[found["word"].lower()]
