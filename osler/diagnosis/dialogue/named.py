"""Which diseases and findings a question names, and which of its words are a name that nothing here has.

A disease is meant by its id or name, by the beginning or a part of its name (which is then said), or by its place in the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import numpy as np

from osler.case import Case, Term
from osler.diagnosis.dialogue.families import Family, also_called, family_of, holding, lay, subtypes
from osler.diagnosis.dialogue.plain_words import COMMON, IDLE, SMALL, plain
from osler.diagnosis.dialogue.spelling import begins_a_word, near_words
from osler.findings.text import find_findings
from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import KINDS, Match, named_disease, search_diseases, words_of

_PLACE = {"first": 0, "top": 0, "leading": 0, "second": 1, "runner": 1, "third": 2, "fourth": 3, "fifth": 4}
_EXACT = ("id", "name", "short name")
_GENERIC = {"disease", "syndrome", "disorder", "type"}
LONGEST_NAME, HIGH, MOST_SEARCHES = 16, 25, 8
# How like a name (difflib's ratio) one must be to be offered instead.
LIKE = 0.45


@dataclass
class Diseases:
    """Diseases (positions) in a question's order, a sentence for each that was meant by part of a name, and runs of words left over."""

    found: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left: list[list[str]] = field(default_factory=list)
    exact: set[int] = field(default_factory=set)
    rest: str = ""
    families: dict[int, Family] = field(default_factory=dict)

    def add(self, taken: _Taken) -> None:
        """One more disease, where one was taken."""
        if taken.disease is None:
            return
        if taken.disease not in self.found:
            self.found.append(taken.disease)
            self.notes += [taken.note] if taken.note else []
            if taken.family is not None:
                self.families[taken.disease] = taken.family
        self.exact |= set() if taken.note else {taken.disease}

    @property
    def note(self) -> str:
        return " ".join(self.notes)


def diseases(
    question: str,
    base: Knowledge,
    order: np.ndarray,
    aside: Sequence[Term] = (),
    loosely: bool = True,
    begins: bool = False,
) -> Diseases:
    """The diseases that a question names.

    `order` has all diseases, the likeliest first. Words of the findings `aside` name no disease; without `loosely` a single word of
    a name does not either; with `begins` only one that a name begins with does.
    """
    words = f" {' '.join(words_of(question))} "
    for term in aside:
        words = words.replace(f" {' '.join(words_of(term.label))} ", " | ")
    left, told, rest = words.split(), Diseases(), []
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    read: dict[tuple[str, ...], _Taken] = {}  # the same words are looked up once, however often they come
    while left:
        ahead = tuple(left[:LONGEST_NAME])
        if ahead not in read:
            read[ahead] = _Taken(1) if left[0] == "|" else _longest_name(ahead, base, places, loosely)
        taken = read[ahead]
        rest.append(left[0] if taken.disease is None else "|")
        told.add(taken)
        left = left[taken.size :]
    if loosely:
        _by_part(rest, told, base, places, begins)
    told.left, told.rest = _runs(rest), " ".join(rest)
    return told


def by_place(question: str, order: np.ndarray) -> list[int]:
    """The diseases that a question means by their place ("the second")."""
    words = [_PLACE[word] for word in words_of(question) if word in _PLACE]
    return [int(order[place]) for place in dict.fromkeys(words)]


def pronoun(question: str) -> bool:
    """Whether it says "it" or "that one"."""
    return bool(re.search(r"\b(?:that|this|it|one)\b", question, re.I))


def _by_part(rest: list[str], told: Diseases, base: Knowledge, places: np.ndarray, begins: bool) -> None:
    """For words left over that begin words of some disease's name, three or two together or one alone: the likeliest such disease."""
    most, tried = KINDS.index("prefix" if begins else "words"), set()
    for at, part in [(at, part) for size in (3, 2, 1) for at, part in _parts(rest, size)]:
        if rest[at : at + len(part)] != part or tuple(part) in tried or len(tried) >= MOST_SEARCHES:
            continue
        if not all(begins_a_word(word, base) for word in part) or (len(part) == 1 and _beside(rest, at)):
            continue
        tried.add(tuple(part))
        found = [one for one in search_diseases(base, " ".join(part), 400) if KINDS.index(one.kind) <= most]
        if not found:
            continue
        rest[at : at + len(part)] = ["|"] * len(part)
        told.add(_taken(part, [one.index for one in found], base, places))


def _parts(rest: Sequence[str], size: int) -> list[tuple[int, list[str]]]:
    """Words next to one another that may be a part of a name; the last may be a letter or number ("hemophilia A")."""
    found = []
    for at in range(len(rest) - size + 1):
        *before, last = part = list(rest[at : at + size])
        letter = size > 1 and (len(last) == 1 or last.isdigit()) and last != "|"
        named = [*before] if letter else part
        if all(word != "|" and not plain(word) for word in named) and len(named[0]) >= (
            6 if len(named) == 1 else 3
        ):
            found.append((at, part))
    return found


def _beside(rest: Sequence[str], at: int) -> bool:
    """Whether a word stands beside another that is no plain one: then it is not the whole name ("brittle bone disease")."""
    return any(
        0 <= next_to < len(rest)
        and rest[next_to] != "|"
        and not plain(rest[next_to])
        and not rest[next_to].isdigit()
        for next_to in (at - 1, at + 1)
    )


@dataclass(frozen=True)
class _Taken:
    """How many words at the start name a disease, which, a sentence where they are not its own name, and those who share the name."""

    size: int
    disease: int | None = None
    note: str = ""
    family: Family | None = None


def _longest_name(words: Sequence[str], base: Knowledge, places: np.ndarray, loosely: bool) -> _Taken:
    """The disease that the most words at the start name.

    The longest words come first, and of the same words the disease that has them as id, name or short name, or goes by them besides;
    only then one whose name holds them all, or begins with them: `loosely` one word of a name high in the differential is enough.
    """
    if words[0] in IDLE:
        return _Taken(1)
    for size in range(min(LONGEST_NAME, len(words)), 0, -1):
        part = words[:size]
        if "|" in part:
            continue
        match = named_disease(base, " ".join(part))
        idle = all(map(plain, part))
        if match is not None and match.kind in (_EXACT if not idle else ("id", "name")):
            return _with_kinds(part, match, base, places)
        if idle or part[-1] in IDLE - {"disease", "syndrome"}:
            continue  # "say" is Say syndrome only with that word
        if called := lay(part):
            found = _longest_name(called, base, places, True)
            if found.disease is not None and found.size == len(called):
                meant = " ".join(called) if found.family else base.disease_names[found.disease]
                note = f"“{' '.join(part)}” is taken as {meant}."
                return _Taken(size, found.disease, note, found.family)
        near = also_called(part, base) or _holding(part, base, places, loosely)
        if not near and match is not None and size > 1:
            near = [match.index]
        if near:
            return _taken(part, near, base, places)
    return _Taken(1)


def _with_kinds(part: Sequence[str], match: Match, base: Knowledge, places: np.ndarray) -> _Taken:
    """A disease by its own name, or the likeliest of its kinds where the name is that of several ("Loeys-Dietz syndrome")."""
    kinds = subtypes(match.index, base) if match.kind != "id" else []
    if not kinds:
        return _Taken(len(part), match.index)
    members = sorted(kinds, key=lambda one: places[one])
    return _Taken(len(part), members[0], "", family_of(part, members, base))


def _holding(part: Sequence[str], base: Knowledge, places: np.ndarray, loosely: bool) -> list[int]:
    """The diseases whose name holds the words: of two words and more any, of one word those where one is high in the differential."""
    wanted = [word for word in part if word not in ("disease", "syndrome")]
    telling = [word for word in wanted if not plain(word) and not word.isdigit() and len(word) > 1]
    found = holding(wanted, base) if telling else []
    high = bool(found) and min(places[found]) < HIGH
    several = (
        len(part) > 1
        and len(telling) > 1
        and len(telling) == len([w for w in wanted if not w.isdigit() and len(w) > 1])
    )
    if several or (high and (len(part) > 1 or (loosely and len(part[0]) > 4))):
        return found
    return []


def _taken(part: Sequence[str], near: Sequence[int], base: Knowledge, places: np.ndarray) -> _Taken:
    """Words taken as the likeliest of the diseases that they may mean, or as all of them together."""
    first, *others = members = sorted(near, key=lambda one: places[one])
    words, name = " ".join(part), base.disease_names[first]
    if not others:
        return _Taken(len(part), first, f"“{words}” is taken as {name}.")
    also = ", ".join(str(base.disease_names[one]) for one in others[:3])
    note = f"“{words}” is taken as the {len(members)} diseases of that name; the likeliest is {name}; also: {also}."
    return _Taken(len(part), first, note, family_of(part, members, base))


def _runs(rest: Sequence[str]) -> list[list[str]]:
    """Words next to one another that are in no name and are no plain words: a name that nothing here has."""
    runs: list[list[str]] = [[]]
    for word in rest:
        known = word == "|" or (plain(word) and not (runs[-1] and word in _GENERIC)) or word.isdigit()
        if not known:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if any(len(word) > 1 for word in run)]


def unusual(question: str) -> list[str]:
    """What a question says beside plain words, whether a name or not: each run of words as one."""
    return [" ".join(run) for run in _runs(words_of(question))]


def like_a_name(words: str) -> bool:
    """Whether words that are not known look like the name of a disease or a finding."""
    return bool(
        re.search(
            r"\b(?:syndrome|disease|disorder)\b|(?:osis|itis|a?emia|oma|pathy|trophy|plasia|uria|algia)\b",
            words,
        )
    )


def near_names(name: str, base: Knowledge, most: int = 4) -> list[str]:
    """Names of diseases, then of findings, with words spelt more or less like those of a name that is not known."""
    telling = [word for word in name.casefold().split() if word not in _GENERIC and len(word) > 3][:4]
    alike = [set(near_words(word, base)) for word in telling]
    found: list[str] = []
    for names in (base.disease_names.tolist(), base.ontology.labels.tolist()):
        close = {}
        for one in names:
            words = set(words_of(one))
            shared = sum(bool(words & near) for near in alike)
            likeness = SequenceMatcher(None, " ".join(telling), one.casefold()).ratio() if shared else 0.0
            if likeness >= LIKE:
                close[one] = (-shared, -likeness, one)
        found += sorted(close, key=close.__getitem__)[:most]
    return list(dict.fromkeys(found))[: most + 2]


def bare(question: str) -> bool:
    """Whether nothing is named that is left to explain, as in "why not?" or "what speaks against it?"."""
    return not set(words_of(question.replace("’", "'"))) - IDLE - COMMON - SMALL - set(_PLACE)


def findings_in(words: str, case: Case) -> list[Term]:
    """The findings that a question names: those of the case by their label or own words, then any term that is read in it."""
    asked = f" {' '.join(words_of(words))} "
    found: dict[str, Term] = {}
    for one in sorted(case.findings, key=lambda one: -len(one.label)):
        for name in (one.label, one.text or ""):
            own = " ".join(words_of(name))
            if own and f" {own} " in asked and one.id not in found:
                found[one.id] = one.term
                asked = asked.replace(f" {own} ", "  ")
    rest = " ".join(asked.split())
    for one in find_findings(rest):
        found.setdefault(one.id, one.term)
    if found:
        return list(found.values())
    # A part of a finding's name is enough where it means one finding of the case alone: "the lens" for ectopia lentis is not.
    part = {word for word in asked.split() if len(word) > 4}
    near = [one.term for one in case.findings if part & set(words_of(one.label))]
    return near[:1] if len({one.id for one in near}) == 1 else []
