"""The lexicon: every name of every phenotypic term as a bag of word keys, compiled once into the cache.

A name ("Abnormality of the kidney") becomes the order-free sum of random 64-bit numbers of its word keys, so that a
window of a text is looked up by one number whatever its word order; order, gaps and exact wording are kept beside it
and judged by the matcher. Knows nothing about texts.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from osler.data.arrays import Arrays, pack_strings
from osler.data.cache import cached_arrays, digest
from osler.data.progress import progress
from osler.findings.tokens import FIRST_KEY, GAP_LIST, RESERVED, UNKNOWN, Tokens, tokenise
from osler.findings.words import ABNORMAL, GENERIC_NOUNS, light, stem, word_set
from osler.ontology.hpo import PHENOTYPIC_ROOT, Ontology

FORMAT = 2  # to be raised with every change to the rules of words.py, tokens.py or this file
MAX_WORDS = 8  # longest window; longer names are rare and found by their synonyms
BITMAP_BITS = 20
_MASK = (1 << 64) - 1
_ORDER_STEP = 0x9E3779B97F4A7C15

# Rank of a name by scope; lower is preferred when one window names several terms.
_RANK = {"LABEL": 0, "EXACT": 2, "NARROW": 4, "RELATED": 6, "BROAD": 8}
_DERIVED = 1
ABBREVIATION_RANK = 20

# Abbreviations that stand for something else at least as often in clinical notes (liver function tests, …).
_AMBIGUOUS_ABBREVIATIONS = word_set("BPD RAD LFT VMA DNT CVI CSU CIU AOB AOP TMD LDD DDN AEA VMT")
_INSIDE_ABBREVIATIONS = (("central nervous system", "cns"),)

# Synonyms that are everyday words with another usual meaning; alone they say too little.
TOO_COMMON = word_set(
    "slow dull faint corn cutting hopping jumping boil tearing hostile inertia trance falls rosette piles wheel collecting alcoholic"
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one term: `term` is the index in the ontology, `rank` the preference (lower first)."""

    text: str
    term: int
    rank: int


class Vocabulary(dict[str, int]):
    """Word → key id; a word that was not in the ontology is reduced to its stem and remembered (bounded)."""

    def __init__(self, known: Iterable[tuple[str, int]], stems: dict[str, int], grow: bool = False):
        super().__init__(known)
        self.update(RESERVED)
        self._stems, self._grow = stems, grow
        self._limit = len(self) + 100_000

    def __missing__(self, word: str) -> int:
        # Longer "words" are sequences or encoded data; they are neither stemmed nor remembered.
        if len(word) > 40:
            return UNKNOWN
        key = stem(word)
        found = self._stems.get(key, UNKNOWN)
        if found == UNKNOWN and self._grow:
            found = self._stems[key] = FIRST_KEY + len(self._stems)
        if len(self) < self._limit:
            self[word] = found
        return found


class Lexicon:
    """Compiled names of one ontology release. Arrays are memory-mapped; see `compile_names` for what they hold."""

    def __init__(self, arrays: Arrays, ontology: Ontology):
        self.ontology = ontology
        self.bags: np.ndarray = arrays["bags"]
        self.bitmap: np.ndarray = arrays["bitmap"]
        self.generic: np.ndarray = arrays["generic"]
        self.numbers = key_numbers(len(self.generic))
        abnormal = int(arrays["abnormal"][0])
        # What to add to a window's sum to read its generic noun as "abnormality"; 0 for other words.
        self.as_abnormal = np.where(self.generic, self.numbers[abnormal] - self.numbers, np.uint64(0))
        self.joined = frozenset(arrays.strings("joined"))
        stems = dict(zip(arrays.strings("stems"), range(FIRST_KEY, len(self.generic)), strict=True))
        self.vocabulary = Vocabulary(
            zip(arrays.strings("words"), arrays["word_ids"].tolist(), strict=True), stems
        )
        self._arrays = arrays

    @cached_property
    def first(self) -> list[int]:
        """Where the entries of each bag start; one more than there are bags."""
        return self._arrays["first"].tolist()

    @cached_property
    def entries(self) -> list[tuple[int, int, int, int, int]]:
        """(term, rank, widest gap, ordered sum of keys, sum of exact words) of every name, grouped by bag."""
        columns = ("term", "rank", "gap", "order", "exact")
        return list(zip(*(self._arrays[f"entry.{name}"].tolist() for name in columns), strict=True))

    def tokens(self, text: str) -> Tokens:
        """Content words of a text with this lexicon's keys."""
        return tokenise(text, self.vocabulary, self.joined)


def load_lexicon(ontology: Ontology) -> Lexicon:
    """The lexicon of an ontology, compiled into the cache on first use (a few seconds)."""
    key = f"lexicon-{ontology.name}-{digest(ontology.checksum, FORMAT)}"
    return Lexicon(cached_arrays(key, lambda: compile_names(list(names(ontology)))), ontology)


def key_numbers(n: int) -> np.ndarray:
    """uint64[n]: a fixed pseudo-random number for every key (splitmix64 of its id)."""
    x = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(_ORDER_STEP)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def ordered_sum(numbers: Sequence[int]) -> int:
    """A number that depends on the order of the words as well."""
    total = 0
    for number in numbers:
        total = (total * _ORDER_STEP + number) & _MASK
    return total


def exact_number(word: str) -> int:
    """Number of a word's light form (spelling and number folded, derivation kept)."""
    return zlib.crc32(light(word).encode())


def names(ontology: Ontology) -> Iterator[Name]:
    """Every name that may be looked for: labels, synonyms of every scope and variants of both."""
    root = ontology.resolve(PHENOTYPIC_ROOT).index
    for index in np.flatnonzero(ontology.phenotypic).tolist():
        if index == root:
            continue
        label = ontology.labels[index]
        yield from _variants(Name(label, index, _RANK["LABEL"]))
        for synonym in ontology.synonyms(index):
            if synonym.type == "abbreviation" or (synonym.text.isupper() and len(synonym.text) <= 5):
                yield Name(synonym.text, index, ABBREVIATION_RANK)
            else:
                yield from _variants(Name(synonym.text, index, _RANK[synonym.scope]))


def _variants(name: Name) -> Iterator[Name]:
    """The name itself and what people write for it when they mean the same."""
    text, rank = name.text, name.rank + _DERIVED
    if text.lower() in TOO_COMMON:
        return
    yield name
    lower = text.lower()
    match = re.match(
        r"abnormal(?:ity of)? (?:the )?(.+) (?:morphology|physiology|structure|appearance)$", lower
    )
    if match:
        yield Name(f"abnormal {match[1]}", name.term, rank)
    if "(" in text:
        yield Name(re.sub(r"\s*\([^)]*\)", "", text), name.term, rank)
    match = re.match(r"(\w+)/(\w+) (.+)", text)
    if match:
        yield Name(f"{match[1]} {match[3]}", name.term, rank)
        yield Name(f"{match[2]} {match[3]}", name.term, rank)
    for long, abbreviated in _INSIDE_ABBREVIATIONS:
        if long in lower:
            yield Name(lower.replace(long, abbreviated), name.term, rank)


def compile_names(listed: Sequence[Name]) -> Arrays:
    """Arrays of a `Lexicon`.

    `words`, `word_ids`: every word of a name and its key; `stems`: keys in order of id; `joined`: words that a hyphen
    may split; `generic` (bool per key); `bags` (uint64, sorted: sums of keys), `first` (entries of each bag);
    `entry.*`: the names; `bitmap`: bit L-1 at the upper bits of a bag's number is set when a name has L words.
    """
    listed = _usable(listed)
    stems: dict[str, int] = {}
    vocabulary = Vocabulary((), stems, grow=True)
    joined = {word for name in listed for word in re.findall(r"[a-z]{6,}", name.text.lower())}
    tokens = []
    with progress("Compiling the lexicon", total=len(listed)) as advance:
        for count, name in enumerate(listed, 1):
            tokens.append(tokenise(name.text, vocabulary, joined))
            if count % 1000 == 0:
                advance(1000)
    for noun in GENERIC_NOUNS:
        vocabulary[noun]  # a look-up gives the noun a key
    abnormal = vocabulary._stems.setdefault(ABNORMAL, FIRST_KEY + len(stems))
    rows = _rows(listed, tokens, key_numbers(FIRST_KEY + len(stems)))
    rows |= _compounds(listed, tokens, vocabulary, rows)
    arrays = _entry_arrays(rows)
    words = {word: key for word, key in vocabulary.items() if key >= FIRST_KEY}
    arrays |= pack_strings("words", list(words)) | pack_strings("stems", list(stems))
    arrays |= pack_strings("joined", sorted(joined))
    arrays["word_ids"] = np.array(list(words.values()), dtype=np.int32)
    generic = {stems[stem(noun)] for noun in GENERIC_NOUNS}
    arrays["generic"] = np.array([key in generic for key in range(FIRST_KEY + len(stems))])
    arrays["abnormal"] = np.array([abnormal], dtype=np.int32)
    return Arrays(arrays)


def _usable(listed: Sequence[Name]) -> list[Name]:
    """Names without the abbreviations that are too short, mean several terms, or are commonly something else."""
    meanings = Counter(
        text for text, _ in {(n.text.upper(), n.term) for n in listed if n.rank == ABBREVIATION_RANK}
    )
    return [
        name
        for name in listed
        if name.rank != ABBREVIATION_RANK
        or (
            len(name.text) >= 3
            and meanings[name.text.upper()] == 1
            and name.text.upper() not in _AMBIGUOUS_ABBREVIATIONS
            and name.text.isalnum()
        )
    ]


Rows = dict[tuple[int, int, int, int, int, int], int]


def _rows(listed: Sequence[Name], tokens: Sequence[Tokens], numbers: np.ndarray) -> Rows:
    """(bag, length, term, gap, order, exact) → rank of every name that has one to MAX_WORDS content words."""
    rows: Rows = {}
    for name, found in zip(listed, tokens, strict=True):
        if not 1 <= len(found.ids) <= MAX_WORDS:
            continue
        keys = numbers[found.ids].tolist()
        exact = sum(exact_number(found.surface(i)) for i in range(len(keys)))
        gap = min(int(found.gaps[1:].max(initial=0)), GAP_LIST + 1)
        row = (sum(keys) & _MASK, len(keys), name.term, gap, ordered_sum(keys), exact)
        rows[row] = min(name.rank, rows.get(row, name.rank))
    return rows


def _compounds(listed: Sequence[Name], tokens: Sequence[Tokens], vocabulary: Vocabulary, rows: Rows) -> Rows:
    """Two short words written as one ("earpit"), where that is not yet the name of something."""
    taken = {row[0] for row in rows if row[1] == 1}
    compounds: Rows = {}
    for name, found in zip(listed, tokens, strict=True):
        if len(found.ids) != 2 or found.gaps[1] > 1 or name.rank == ABBREVIATION_RANK:
            continue
        first, second = found.surface(0), found.surface(1)
        word = first + second
        if not (min(len(first), len(second)) > 2 and len(word) <= 12 and word.isalpha()):
            continue
        number = int(key_numbers(vocabulary[word] + 1)[-1])
        if number not in taken:
            row = (number, 1, name.term, 0, ordered_sum([number]), exact_number(word))
            compounds[row] = min(name.rank + _DERIVED, compounds.get(row, 255))
    return compounds


def _entry_arrays(rows: Rows) -> dict[str, np.ndarray]:
    """Sorted, grouped arrays of the rows."""
    ordered = sorted((*row, rank) for row, rank in rows.items())
    bag, length, term, gap, order, exact, rank = (list(column) for column in zip(*ordered, strict=True))
    bags, first = np.unique(np.array(bag, dtype=np.uint64), return_index=True)
    bitmap = np.zeros(1 << BITMAP_BITS, dtype=np.uint8)
    slots = (np.array(bag, dtype=np.uint64) >> np.uint64(64 - BITMAP_BITS)).astype(np.int64)
    np.bitwise_or.at(bitmap, slots, (1 << (np.array(length) - 1)).astype(np.uint8))
    return {
        "bags": bags,
        "first": np.append(first, len(bag)).astype(np.int32),
        "bitmap": bitmap,
        "entry.term": np.array(term, dtype=np.int32),
        "entry.rank": np.array(rank, dtype=np.uint8),
        "entry.gap": np.array(gap, dtype=np.uint8),
        "entry.order": np.array(order, dtype=np.uint64),
        "entry.exact": np.array(exact, dtype=np.uint64),
    }
