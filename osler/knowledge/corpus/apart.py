"""Two files that give one id to different words: the second file's guideline gets an id of its own, so that no words are lost.

A guideline's documents are named by what their file says (id, version, number). A file whose recommendations have the ids of
another's and other words, or another authority, is a guideline of its own: `NG136~sub:c.pdf`, or `2023:hypertension` where the
id was only the file's name. The name comes from the file's place and not from the order of reading. A true copy keeps its ids and is
left out as one; files with different recommendations of one guideline (its chapters) keep theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.duplicates import Seen
from osler.knowledge.corpus.guidelines import edition, escaped, stem_of
from osler.knowledge.corpus.sources import Unit

_TABLES = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")  # rows: each is judged alone
_MOST = 20_000  # editions whose first file is remembered


def hashed(words: str) -> int:
    """64 bits of an id."""
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def content(document: Document) -> int:
    """64 bits of a document's id, authority and words."""
    return hashed("\x00".join((document.id, document.field("authority"), document.text)))


def reworded(document: Document) -> Document:
    """A single document under an id that its words give: ID~1a2b3c."""
    told = f"{document.field('authority')}\x00{document.text}".encode("utf-8", "replace")
    return replace(document, id=f"{document.id}~{hashlib.blake2b(told, digest_size=3).hexdigest()}")


class Apart:
    """Tells files of one guideline apart. `owners` is the first file of each edition, `made` the ids given here."""

    def __init__(self, ids: Seen, owners: dict[str, str], notices: list[str]) -> None:
        self._ids, self._notices = ids, notices
        self.owners, self.made = owners, set[str]()

    def documents(self, unit: Unit, given: Iterator[Document]) -> Iterator[Document]:
        """A file's documents, under ids of their own where those that it gives are another file's."""
        first = next(given, None)
        if first is None:
            return
        if unit.suffix in _TABLES or not first.field("guideline"):
            yield first
            yield from given
            return
        yield from self._told(unit, [first, *given])

    def _told(self, unit: Unit, documents: list[Document]) -> Iterator[Document]:
        there = {name for one in documents if (name := one.field("guideline"))}
        taken = {one.field("guideline"): one for one in documents if self._other(one)}
        names = {name: self._name(name, unit) for name in taken}
        for old, one in taken.items():
            self._tell(unit, one, names[old])
        for name in there - set(names):
            for one in documents:
                if one.field("guideline") == name and len(self.owners) < _MOST:
                    self.owners.setdefault(edition(name, one.field("version")), unit.name)
        for one in documents:
            yield self._renamed(one, names.get(one.field("guideline"), ""))

    def _other(self, one: Document) -> bool:
        """Whether a recommendation's id is taken by other words."""
        return (
            bool(one.field("recommendation"))
            and hashed(one.id) in self._ids
            and content(one) not in self._ids
        )

    def _name(self, name: str, unit: Unit) -> str:
        own = unit.name.removesuffix(".gz").rsplit(".", 1)[0]
        if name != stem_of(unit.name):
            made = f"{name}~{unit.name}"
        else:
            made = own if own != name else unit.name
        made = made.replace("/", ":")
        self.made.add(made)
        return made

    def _tell(self, unit: Unit, one: Document, made: str) -> None:
        known = edition(one.field("guideline"), one.field("version"))
        first = self.owners.get(known, "another file")
        notice = (
            f"{first} and {unit.name} both give guideline {known}, with other words: both are kept, "
            f"{unit.name} as {edition(made, one.field('version'))}"
        )
        if notice not in self._notices:
            self._notices.append(notice)

    def _renamed(self, one: Document, made: str) -> Document:
        if not made:
            return one
        before, fields = escaped(one.field("guideline")), dict(one.fields)
        own = escaped(made) + one.id.removeprefix(before) if one.id.startswith(before) else one.id
        return replace(one, id=own, fields=tuple((fields | {"guideline": made}).items()))
