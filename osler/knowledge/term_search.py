"""Searches the terms of an ontology again and again: `search_terms` from an index, for search as somebody types."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from osler.knowledge.merge import normalise_name
from osler.knowledge.search import Match, search_among, short_form, words_of
from osler.ontology.hpo import Ontology


class TermSearch:
    """Labels and synonyms by the beginnings of their words. Made once (a quarter of a second for the HPO), then quick.

    `search` gives what `osler.knowledge.search.search_terms` gives: the index only narrows down what is compared.
    """

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.labels: list[str] = ontology.labels.tolist()
        self._entries = [(i, label, "name") for i, label in enumerate(self.labels)]
        self._entries += [(i, text, "synonym") for i, text in ontology.synonym_texts()]
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, text, kind) in enumerate(self._entries):
            for word in dict.fromkeys(words_of(text)):
                by_word[word].append(place)
            if kind == "name":
                self._by_key[normalise_name(text)].append(place)
        self._by_word = by_word
        self._ordered = sorted(by_word)

    def search(self, query: str, limit: int = 10) -> list[Match]:
        """Terms for a query over ids, labels and synonyms, best first."""
        words = words_of(query)
        telling = short_form(words).split() or words
        near = self._near(telling) | set(self._by_key.get(normalise_name(query), ()))
        entries = [self._entries[place] for place in sorted(near)]
        return search_among(self.ontology, query, entries, self.labels, limit)

    def _near(self, words: list[str]) -> set[int]:
        """Entries that have, for each word, one that begins with it."""
        found: set[int] | None = None
        for word in sorted(words, key=len, reverse=True):
            own: set[int] = set()
            at = bisect_left(self._ordered, word)
            while at < len(self._ordered) and self._ordered[at].startswith(word):
                own.update(self._by_word[self._ordered[at]])
                at += 1
            found = own if found is None else found & own
            if not found:
                return set()
        return found or set()
