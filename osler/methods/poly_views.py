"""The views on retrieved passages that need no model: how new, how official, how agreed upon, how much each adds. 0 to 1 each.

Timeliness halves with every `HALF_LIFE` years behind the newest candidate; a passage without a date counts as half, and so does
one whose date lies more than a year ahead; names of agencies count in capitals alone ("who" is no agency). Authority
goes by the tier of the source, told by the host of its address, then by words of its source's name; what neither
tells is `UNKNOWN`. Commonality is the share of the other candidates that make the same claim: the same numbers, the same
negations, and at least half of the words in common. Composition is how little of a passage's words those chosen before it
already have. Tiers encode a bias: they are a table to be read and changed, not a judgement of truth. Knows nothing of models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from osler.methods import sentences
from osler.passages import Passage, day_number, host_of

HALF_LIFE = 5.0
UNDATED = 0.5
UNKNOWN = 0.4
# First match wins: endings of a host, or words of a source's name.
TIERS: tuple[tuple[float, str, tuple[str, ...], str], ...] = (
    (1.0, "agency or guideline", (".gov", ".gov.uk", ".nhs.uk", "who.int", ".europa.eu", ".gc.ca", ".gov.au", ".go.jp", ".gov.cn", ".mil"),
     r"agency|ministry|department of health|guideline|guidance|(?-i:\b(?:WHO|CDC|NIH|FDA|EMA|NICE|NHS)\b)|world health|public health"),
    (0.8, "journal or society", ("nejm.org", "thelancet.com", "bmj.com", "jamanetwork.com", "cochranelibrary.com", "nature.com"),
     r"journal|cochrane|systematic review|society|college|academy|association|lancet|(?-i:\bBMJ\b|\bJAMA\b)|pubmed"),
    (0.7, "hospital or university", (".edu", ".ac.uk", "mayoclinic.org"), r"hospital|clinic\b|university|textbook|statpearls"),
    (0.5, "encyclopaedia or news", ("wikipedia.org",), r"wikipedia|encyclop|news|magazine"),
    (0.1, "blog or forum", ("blogspot.com", "wordpress.com", "medium.com", "reddit.com", "quora.com", "facebook.com", "x.com"),
     r"blog|forum|reddit|quora|facebook|tiktok|influencer|testimonial"),
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_NEGATION = re.compile(
    r"\b(?:not|no|never|without|neither|nor|cannot|avoid|contraindicated)\b|n't\b", re.IGNORECASE
)


def timeliness(passages: Sequence[Passage], today: date | None = None) -> list[float]:
    """How new each passage is against the newest: 1 for it, half of that `HALF_LIFE` years before; all halves without dates.

    No date is later than `today` (the day it is): one of the coming year counts as today, a later one as none.
    """
    now = _year((today or date.today()).isoformat()) or 0.0
    dated = [_year(passage.date) for passage in passages]
    years = [None if year is None or year > now + 1 else min(year, now) for year in dated]
    newest = max((year for year in years if year is not None), default=None)
    return [
        UNDATED if year is None or newest is None else 0.5 ** ((newest - year) / HALF_LIFE) for year in years
    ]


def _year(text: str) -> float | None:
    """A date in years; a missing month counts as January."""
    day = day_number(text)
    if day is None:
        return None
    return day // 10_000 + max(0, day % 10_000 // 100 - 1) / 12 + max(0, day % 100 - 1) / 365


def authority(passage: Passage) -> tuple[float, str]:
    """The tier of a passage's source and its name. An address outweighs a name, which anybody may give to a text."""
    if host := host_of(passage.url):
        for score, name, endings, _ in TIERS:
            if any(
                host == ending.lstrip(".") or host.endswith("." + ending.lstrip(".")) for ending in endings
            ):
                return score, name
    named = f"{passage.corpus} {passage.source} {passage.field('authority')}"
    # The lowest tier that fits counts: "a blog on CDC guidance" is a blog.
    for score, name, _, words in reversed(TIERS):
        if re.search(words, named, re.IGNORECASE):
            return score, name
    return UNKNOWN, "unknown source"


def commonality(claims: Sequence[str]) -> list[float]:
    """The share of the other claims that say the same as each; an empty claim agrees with none."""
    others = max(1, len(claims) - 1)
    return [
        sum(same_claim(one, other) for place, other in enumerate(claims) if place != number) / others
        for number, one in enumerate(claims)
    ]


def same_claim(one: str, other: str) -> bool:
    """Whether two claims, each a few words, say the same; numbers and negations must agree."""
    if set(_NUMBER.findall(one)) != set(_NUMBER.findall(other)):
        return False
    if bool(_NEGATION.search(one)) != bool(_NEGATION.search(other)):
        return False
    return overlap(one, other) >= 0.5


def overlap(one: str, other: str) -> float:
    """Words that two texts share, as a share of those of the shorter; 0 where one has none."""
    first, second = set(sentences.words(one)), set(sentences.words(other))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def composition(passage: Passage, chosen: Sequence[Passage]) -> float:
    """How much of a passage is not yet said by those chosen: 1 minus the largest overlap with one of them."""
    return 1.0 - max((overlap(passage.text, one.text) for one in chosen), default=0.0)
