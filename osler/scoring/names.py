"""When do two diagnoses mean the same? Three levels: exact, synonym, group. Offline: by ids, names and HPO's synonyms.

    exact    the same CURIE, or the same words (letter case, accents and punctuation aside)
    synonym  the same disease: by any of its ids, by a name that differs in word order, spelling variant, numeral or words
             such as "disease" and "type", or by an exact synonym of one HPO term
    group    the same series of subtypes that are told apart by genotype only ("Stargardt disease 1" and "… 4"), or the
             name of that series

Each level includes those before it. Nothing here judges: a paraphrase that no vocabulary knows counts as different, which
a judge model may overrule in a scorer of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cached_property, lru_cache
from typing import Literal, get_args

from osler.knowledge.merge import normalise_name
from osler.knowledge.profiles import Knowledge

Level = Literal["exact", "synonym", "group"]
LEVELS: tuple[Level, ...] = get_args(Level)


class NameMatcher:
    """Compares diagnoses over one knowledge base; its index is made when first needed (about 0.3 s)."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def level(self, one: tuple[str, str], other: tuple[str, str]) -> Level | None:
        """How two diagnoses, each (id, name) with either empty, mean the same; None where they do not."""
        if one[0] and one[0] == other[0]:
            return "exact"
        if one[1] and folded(one[1]) == folded(other[1]):
            return "exact"
        if one[1] and normalise_name(one[1]) and normalise_name(one[1]) == normalise_name(other[1]):
            return "synonym"
        mine, yours = self.meanings(*one), self.meanings(*other)
        if mine & yours:
            return "synonym"
        if self.series(mine, one[1]) & self.series(yours, other[1]):
            return "group"
        return None

    @lru_cache(maxsize=100_000)  # noqa: B019 - one matcher lives as long as the process
    def meanings(self, curie: str, name: str) -> frozenset[tuple[str, int]]:
        """The diseases and terms that an id or name means."""
        found: set[tuple[str, int]] = set()
        if curie and (disease := self.knowledge.disease_index(curie)) is not None:
            found.add(("disease", disease))
        if key := normalise_name(name):
            found |= self._diseases.get(key, set())
            if len(terms := self._terms.get(key, set())) == 1:  # a synonym of two terms means neither
                found |= terms
        return frozenset(found)

    def series(self, meanings: frozenset[tuple[str, int]], name: str) -> set[int]:
        """The series that the diseases belong to, or that has this name."""
        found = {int(self.knowledge.series[i]) for kind, i in meanings if kind == "disease"}
        return found | self._series.get(normalise_name(name), set())

    @cached_property
    def _diseases(self) -> dict[str, set[tuple[str, int]]]:
        index: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for i, name in enumerate(self.knowledge.disease_names.tolist()):
            index[normalise_name(name)].add(("disease", i))
        return index

    @cached_property
    def _terms(self) -> dict[str, set[tuple[str, int]]]:
        ontology = self.knowledge.ontology
        index: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for i, label in enumerate(ontology.labels.tolist()):
            index[normalise_name(label)].add(("term", i))
            for synonym in ontology.synonyms(i):
                if synonym.scope == "EXACT":
                    index[normalise_name(synonym.text)].add(("term", i))
        return index

    @cached_property
    def _series(self) -> dict[str, set[int]]:
        index: dict[str, set[int]] = defaultdict(set)
        for i, name in enumerate(self.knowledge.series_names.tolist()):
            index[normalise_name(name)].add(i)
        return index


@lru_cache(maxsize=1)
def default_matcher() -> NameMatcher:
    """The matcher over the packaged knowledge."""
    from osler.knowledge import load_knowledge

    return NameMatcher(load_knowledge("hpo"))


@lru_cache(maxsize=100_000)
def folded(name: str) -> str:
    """A name without letter case, accents and punctuation; numbers and word order stay."""
    bare = re.sub(r"['’]s?\b", "", name)
    plain = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode() or bare
    return " ".join(re.findall(r"\w+", plain.casefold()))
