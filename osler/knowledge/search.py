"""Finds a disease or a term from what a person types: an id, a name, a synonym, the beginning of one, or nearly one."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

import numpy as np

from osler.knowledge.merge import normalise_name
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology

# How a match was made, best first. Below "prefix" a match is a suggestion, never an answer.
KINDS = ("id", "name", "synonym", "short name", "prefix", "words", "similar")
# No name is longer.
MOST_QUERY = 400
# The beginning of a name stands for it from this many letters on; "DEE" is not meant to be Deeah syndrome.
_MEANT_BY_PREFIX = 5
_GENERIC = {"syndrome", "disease", "disorder", "abnormality", "abnormal"}


@dataclass(frozen=True, slots=True)
class Match:
    """One candidate: its position, id, name, the text that matched, how (`KINDS`), the query, a note on replaced ids."""

    index: int
    id: str
    name: str
    matched: str
    kind: str
    query: str
    note: str = ""


def search_diseases(knowledge: Knowledge, query: str, limit: int = 10) -> list[Match]:
    """Diseases for a query, best first; see `best` for whether the first is the answer."""
    if len(query) > MOST_QUERY:
        return []
    names = knowledge.disease_names.tolist()
    return diseases_among(knowledge, query, ((i, name, "name") for i, name in enumerate(names)), names, limit)


def diseases_among(
    knowledge: Knowledge,
    query: str,
    entries: Iterable[tuple[int, str, str]],
    names: Sequence[str],
    limit: int,
) -> list[Match]:
    """The same over some (position, text, "name" or "synonym") of the diseases; `names` are those of all diseases."""
    found = knowledge.disease_index(_disease_id(query))
    if found is not None:
        ids, own = knowledge.disease_ids, knowledge.disease_names
        return [Match(found, ids[found], own[found], _disease_id(query), "id", query)]
    return [
        Match(i, knowledge.disease_ids[i], names[i], matched, kind, query)
        for i, matched, kind in _search(query, entries, names)[:limit]
    ]


def named_disease(knowledge: Knowledge, name: str) -> Match | None:
    """The one disease that a name means: `best(search_diseases(knowledge, name))` from an index, for names by the hundred."""
    found = knowledge.disease_index(_disease_id(name))
    words = words_of(name)
    if found is not None or not words:
        return search_diseases(knowledge, name)[0] if found is not None else None
    index, wanted, key, short = _names_of(knowledge), " ".join(words), normalise_name(name), short_form(words)
    exact = {*index.joined.get(wanted, ()), *(index.keys.get((len(words), key), ()) if key else ())}
    start = bisect_left(index.ordered, (wanted, -1))
    prefixed = takewhile(lambda entry: entry[0].startswith(wanted), islice(index.ordered, start, None))
    for kind, places in (
        ("name", exact),
        ("short name", set(index.shorts.get(short, ())) if short else set()),
        ("prefix", {i for _, i in prefixed}),
    ):
        if places:
            names = knowledge.disease_names
            ranked = [
                Match(i, knowledge.disease_ids[i], names[i], names[i], kind, name) for i in sorted(places)
            ]
            return best(ranked)
    return None


@dataclass(frozen=True)
class _Names:
    """The names of a knowledge base by their words, by normalised form, without generic words, and in order."""

    joined: dict[str, list[int]]
    keys: dict[tuple[int, str], list[int]]
    shorts: dict[str, list[int]]
    ordered: list[tuple[str, int]]


@lru_cache(maxsize=4)
def _names_of(knowledge: Knowledge) -> _Names:
    names = _Names({}, {}, {}, [])
    for i, name in enumerate(knowledge.disease_names.tolist()):
        words = words_of(name)
        joined = " ".join(words)
        names.joined.setdefault(joined, []).append(i)
        names.keys.setdefault((len(words), normalise_name(name)), []).append(i)
        names.shorts.setdefault(short_form(words), []).append(i)
        names.ordered.append((joined, i))
    names.ordered.sort()
    return names


def search_terms(ontology: Ontology, query: str, limit: int = 10) -> list[Match]:
    """Terms for a query over ids (also replaced ones), labels and synonyms, best first.

    For many searches over one ontology see `osler.knowledge.term_search.TermSearch`.
    """
    if len(query) > MOST_QUERY:
        return []
    labels = ontology.labels.tolist()
    entries = [(i, label, "name") for i, label in enumerate(labels)]
    entries += [(i, text, "synonym") for i, text in ontology.synonym_texts()]
    return search_among(ontology, query, entries, labels, limit)


def search_among(
    ontology: Ontology,
    query: str,
    entries: Iterable[tuple[int, str, str]],
    labels: Sequence[str],
    limit: int,
    common: np.ndarray | None = None,
) -> list[Match]:
    """The same over some (position, text, "name" or "synonym") of the terms; `labels` are those of all terms.

    Of terms that match alike, those that stand for more come first: by `common` (how many diseases have each), else by how many
    lie below each.
    """
    weight = ontology.descendants.counts() if common is None else common
    resolved = ontology.resolve(_curie(query))
    if resolved.id is not None:
        label = ontology.labels[resolved.index]
        return [Match(resolved.index, resolved.id, label, query.strip(), "id", query, resolved.note)]
    return [
        Match(i, ontology.ids[i], labels[i], matched, kind, query)
        for i, matched, kind in _search(query, entries, labels, weight)[:limit]
    ]


def best(matches: Sequence[Match]) -> Match | None:
    """The one match that is meant, None where there is none or several are as good."""
    if not matches or KINDS.index(matches[0].kind) > KINDS.index("prefix"):
        return None
    if matches[0].kind == "prefix" and len(matches[0].query) < _MEANT_BY_PREFIX:
        return None
    rivals = [match for match in matches if match.kind == matches[0].kind]
    return matches[0] if len(rivals) == 1 else None


def _search(
    query: str,
    entries: Iterable[tuple[int, str, str]],
    names: Sequence[str],
    weight: np.ndarray | None = None,
) -> list[tuple[int, str, str]]:
    """(position, matched text, kind), the best match of each position, ordered by kind; then where the query's words are whole
    words, labels before synonyms, by `weight` (in doublings), by length and by name."""
    words = words_of(query)
    if not words:
        return []
    wanted, short = " ".join(words), short_form(words)
    key, found = normalise_name(query), {}
    for i, text, kind in entries:
        own = words_of(text)
        joined = " ".join(own)
        if joined == wanted or (
            key and kind == "name" and len(own) == len(words) and normalise_name(text) == key
        ):
            rank = kind
        elif short and short == short_form(own):
            rank = "short name"
        elif joined.startswith(wanted):
            rank = "prefix"
        elif all(any(word.startswith(w) for word in own) for w in words):
            rank = "words"
        else:
            continue
        if i not in found or KINDS.index(rank) < KINDS.index(found[i][1]):
            found[i] = (text, rank)
    if not found:
        return _similar(wanted, names)

    def order(item: tuple[int, tuple[str, str]]) -> tuple[int, bool, bool, int, int, str]:
        i, (text, rank) = item
        heavy = 0 if weight is None else int(weight[i]).bit_length()
        whole = set(words) <= set(words_of(text))
        return KINDS.index(rank), not whole, text != names[i], -heavy, len(text), text

    return [(i, text, rank) for i, (text, rank) in sorted(found.items(), key=order)]


def _similar(wanted: str, names: Sequence[str]) -> list[tuple[int, str, str]]:
    """Names spelt nearly like the query, the nearest first."""
    lowered: dict[str, int] = {}
    for i, name in enumerate(names):
        words = words_of(name)
        lowered.setdefault(" ".join(words), i)
        lowered.setdefault(short_form(words), i)
    # The whole comparison is slow, so only names that share the beginning of some word are compared.
    starts = {word[:3] for word in wanted.split() if len(word) > 2}
    near = [name for name in lowered if starts & {word[:3] for word in name.split()}]
    close = dict.fromkeys(lowered[name] for name in difflib.get_close_matches(wanted, near, 10, 0.6))
    return [(i, names[i], "similar") for i in close]


def words_of(text: str) -> list[str]:
    """The words that search compares: letters and digits, in lower case, without a possessive s."""
    return re.findall(r"[^\W_]+", text.replace("'s", "").replace("’s", "").casefold())


def short_form(words: Sequence[str]) -> str:
    """The words without those that say little ("syndrome", "abnormality")."""
    return " ".join(word for word in words if word not in _GENERIC)


def _disease_id(query: str) -> str:
    """An id of a disease as people write it: also the bare number of OMIM, which has six digits."""
    return f"OMIM:{query.strip()}" if re.fullmatch(r"\s*[1-6]\d{5}\s*", query) else _curie(query)


def _curie(query: str) -> str:
    """`hp_0001250`, `omim 154700` → `HP:0001250`, `OMIM:154700`; anything else as it is, trimmed."""
    match = re.fullmatch(r"\s*(hp|omim|orpha|orphanet|decipher)[\s:_]*0*(\d+)\s*", query, re.IGNORECASE)
    if not match:
        return query.strip()
    prefix = match[1].upper().replace("ORPHANET", "ORPHA")
    width = {"HP": 7, "OMIM": 6}.get(prefix, 0)
    return f"{prefix}:{match[2].zfill(width)}"
