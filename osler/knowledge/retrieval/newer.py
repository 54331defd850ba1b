"""Results that are of an older version of a guideline say so, and of two versions that fit alike the newer stands first.

Versions are held against each other by their numbers (2019 and 2022-05, or 1.9 and 1.10); a year and a plain number are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from osler.errors import InputError, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.guidelines import edition
from osler.passages import Passage

_NUMBER = re.compile(r"\d+")
_MOST = 50


def told(passages: Sequence[Passage]) -> list[Passage]:
    """The passages of one search, each of an older version with the field `newer`: the id of the same in the newest."""
    known = {name: _versions(name) for name in {one.corpus for one in passages if one.field("version")}}
    if not known:
        return list(passages)
    found = _newer_first(list(passages))
    looks = {name: _Looks(name, found) for name in known}
    return [
        _marked(one, known[one.corpus], looks[one.corpus]) if one.corpus in known else one for one in found
    ]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number[:12]) for number in _NUMBER.findall(version))


def is_newer(version: str, other: str) -> bool:
    """Whether a version comes after another; False where they do not compare."""
    one, two = _order(version), _order(other)
    return bool(one and two) and (one[0] >= 1900) == (two[0] >= 1900) and one > two


def _newer_first(found: list[Passage]) -> list[Passage]:
    """Of passages of one recommendation that fit alike (the same score, or the same words) the newer takes the better place."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place, one in enumerate(found):
        if one.field("recommendation"):
            named = (one.field(name) for name in ("guideline", "recommendation", "authority"))
            places.setdefault((one.corpus, *named), []).append(place)
    for there in places.values():
        for nth, later in enumerate(there):
            for place in there[:nth]:
                one, two = found[place], found[later]
                alike = one.score == two.score or one.text == two.text
                if alike and is_newer(two.field("version"), one.field("version")):
                    found[place], found[later] = two._replace(score=one.score), one._replace(score=two.score)
    return found


def _marked(one: Passage, versions: dict[str, list[str]], looks: _Looks) -> Passage:
    guideline, version, number = one.field("guideline"), one.field("version"), one.field("recommendation")
    newest = version
    for other in versions.get(guideline, ()):
        newest = other if is_newer(other, newest) else newest
    if newest == version or not version or not guideline:
        return one
    own = edition(guideline, newest)
    there = f"{own}/{number}"
    if not (number and looks.there(there)):
        there = own  # it has another number now, or is no longer there
    return one._replace(fields=(*one.fields, ("newer", there)))


class _Looks:
    """Whether a corpus has a document; after `_MOST` looks beyond the results it is not looked for any more."""

    def __init__(self, corpus: str, found: Sequence[Passage]) -> None:
        self._corpus, self._reader, self._left = corpus, None, _MOST
        self._known = {one.document: True for one in found if one.corpus == corpus}

    def there(self, document: str) -> bool:
        """Whether the corpus has a document of this id, as far as was looked."""
        if document not in self._known and self._left:
            self._left -= 1
            if self._reader is None:
                self._reader = store.Reader(store.place(self._corpus) / store.about(self._corpus)["data"])
            self._known[document] = self._reader.find(document) is not None
        return self._known.get(document, False)


def _versions(corpus: str) -> dict[str, list[str]]:
    try:
        return store.about(corpus).get("guidelines", {})
    except (UsageError, InputError):  # in a service
        return {}
