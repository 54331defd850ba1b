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


# Words that say what is meant of a finding: misspelt, they must not be passed over.
_STATUS = """absent present missing unknown negative positive without lacking excluded absence normal known suppose assume imagine
ignore ignored instead resolved"""
_SHORT = "not the had has was were and are no with what"


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


def status_corrected(text: str, base: Knowledge, plain: Container[str]) -> tuple[str, list[str]]:
    """A text with misspelt words such as "absent", "without" and "not" put right, and a sentence for each.

    Of short words only those with two letters changed over are put right ("nto").
    """
    known, notes = words_in(base).count, []
    for word in dict.fromkeys(re.findall(r"[^\W\d_]+", text)):
        low = word.casefold()
        if low in known or low in plain or not 3 <= len(low) <= 12:
            continue
        near = [one for one in _STATUS.split() if _apart(low, one) <= (1 if len(one) < 7 else 2)]
        short = [one for one in _SHORT.split() if low != one and _swapped(low, one)]
        found = sorted(near if len(low) >= SHORTEST else [], key=lambda one: _apart(low, one)) or short
        if not found:
            continue
        text = re.sub(rf"\b{re.escape(word)}\b", found[0], text)
        notes.append(f"“{word}” is read as “{found[0]}”.")
    return text, notes


def _swapped(word: str, meant: str) -> bool:
    """Whether a word is another with two letters next to one another changed over."""
    return any(word[:i] + word[i + 1] + word[i] + word[i + 2 :] == meant for i in range(len(word) - 1))


def _apart(a: str, b: str) -> int:
    """How many letters must be added, left out, changed, or changed over with the next, to make one word the other."""
    rows = [list(range(len(b) + 1))]
    for i, one in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(row[-1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + (one != other))
            if i > 1 and j > 1 and one == b[j - 2] and a[i - 2] == other:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


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
