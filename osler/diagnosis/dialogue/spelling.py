"""What is meant by a word that stands in no name: the word of a name that is spelt nearly like it, or none.

British and American spellings, "ph" for "f", "y" for "i" and doubled letters count as the same; beyond that a word must be very near.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import words_of

# How near (difflib's ratio) a word must be; shorter words than `SHORTEST` are left as they are.
NEAR, SHORTEST, MOST_WORDS = 0.82, 5, 8
_SAME = (
    ("ae", "e"),
    ("oe", "e"),
    ("ph", "f"),
    ("th", "t"),
    ("rh", "r"),
    ("ck", "k"),
    ("y", "i"),
    ("z", "s"),
    ("our", "or"),
)


@dataclass(frozen=True)
class Words:
    """The words of all names of diseases, terms and their synonyms with how often they occur; also by sound."""

    count: Counter[str]
    alike: dict[str, list[str]]
    begin: dict[str, list[str]]
    ordered: list[str]


@lru_cache(maxsize=4)
def words_in(base: Knowledge) -> Words:
    """The words of a knowledge base. Made once (a fifth of a second)."""
    count: Counter[str] = Counter()
    for name in (
        *base.disease_names,
        *base.ontology.labels,
        *(text for _, text in base.ontology.synonym_texts()),
    ):
        count.update(words_of(str(name)))
    alike, begin = defaultdict(list), defaultdict(list)
    for word in sorted(count, key=lambda one: (-count[one], one)):
        if len(word) >= SHORTEST - 1 and not word.isdigit():
            alike[_sound(word)].append(word)
            begin[word[0]].append(word)
    return Words(count, dict(alike), dict(begin), sorted(count))


def corrected(
    text: str, base: Knowledge, plain: Container[str], likely: Container[str] = ()
) -> tuple[str, list[str]]:
    """A text with misspelt words of names put right, and a sentence for each.

    Words that are `plain` stay as they are; of words that are as near, one that is `likely` is meant.
    """
    known, notes, tried = words_in(base), [], 0
    for word in dict.fromkeys(re.findall(r"[^\W\d_]+", text)):
        low = word.casefold()
        if len(low) < SHORTEST or low in known.count or low in plain:
            continue
        tried += 1
        meant = _nearest(low, known, likely) if tried <= MOST_WORDS else None
        if meant is None:
            continue
        shown = meant.capitalize() if word[0].isupper() else meant
        text = re.sub(rf"\b{re.escape(word)}\b", shown, text)
        notes.append(f"“{word}” is read as “{shown}”.")
    return text, notes


def begins_a_word(word: str, base: Knowledge) -> bool:
    """Whether some word of a name begins with a word."""
    ordered = words_in(base).ordered
    at = bisect_left(ordered, word)
    return at < len(ordered) and ordered[at].startswith(word)


def near_words(word: str, base: Knowledge, most: int = 6) -> list[str]:
    """Words of names that are spelt more or less like a word, the nearest first."""
    near = [one for one in words_in(base).begin.get(word[:1], ()) if abs(len(one) - len(word)) <= 3]
    return difflib.get_close_matches(word, near, most, 0.6)


def _nearest(word: str, known: Words, likely: Container[str]) -> str | None:
    if alike := known.alike.get(_sound(word)):
        return next((one for one in alike if one in likely), alike[0])
    near = [one for one in known.begin.get(word[0], ()) if abs(len(one) - len(word)) <= 2]
    found = difflib.get_close_matches(word, near, 5, NEAR)
    return next((one for one in found if one in likely), found[0] if found else None)


def _sound(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().casefold()
    for given, taken in _SAME:
        plain = plain.replace(given, taken)
    plain = re.sub(r"(.)\1", r"\1", plain)
    return plain.removesuffix("s") if len(plain) > SHORTEST else plain
