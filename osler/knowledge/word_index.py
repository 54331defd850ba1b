"""Names by the beginnings of their words, so that a search compares only those that can match."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable

from osler.knowledge.merge import normalise_name
from osler.knowledge.search import short_form, words_of

# A position, a text, and what the text is of it: "name" or "synonym".
Entry = tuple[int, str, str]


class WordIndex:
    """Made once, then quick. `near` gives all that `osler.knowledge.search` could match, in the order that they were given in."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        for place, (_, text, kind) in enumerate(self._entries):
            for word in dict.fromkeys(words_of(text)):
                by_word[word].append(place)
            if kind == "name":
                self._by_key[normalise_name(text)].append(place)
        self._by_word = by_word
        self._ordered = sorted(by_word)

    def near(self, query: str) -> list[Entry]:
        """The entries that a query may mean."""
        words = words_of(query)
        telling = short_form(words).split() or words
        places = self._beginning(telling) | set(self._by_key.get(normalise_name(query), ()))
        return [self._entries[place] for place in sorted(places)]

    def _beginning(self, words: list[str]) -> set[int]:
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
