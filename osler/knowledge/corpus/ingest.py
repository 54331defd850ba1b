"""`osler corpus add`: a source into a corpus; goes on where a killed build stood, and leaves what has not changed alone.

Memory stays flat: one document at a time, sixteen bytes for each document and passage seen. A file of the source whose
fingerprint (size and time; in a zip size and checksum) is the same as last time is not read again: its documents are taken
from the corpus as it is.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from osler.data.cache import locked
from osler.data.paths import private_folder
from osler.data.progress import progress
from osler.errors import InputError, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.apart import Apart, content, hashed, reworded
from osler.knowledge.corpus.builtin import PREFIX, BuiltIn, built_in
from osler.knowledge.corpus.chunks import chunks
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.duplicates import Seen, signature
from osler.knowledge.corpus.lexical import build_index
from osler.knowledge.corpus.readers import Reading, documents
from osler.knowledge.corpus.sources import Opener, Unit, units

_EVERY, _EVERY_S = 2_000, 2.0
# An id that is a row's number: in another file it names another document. Other ids name one document wherever they stand.
_ROW_NUMBER = re.compile(r"\d{1,6}")


_COUNTS = ("duplicates", "repeated_ids", "renamed", "reworded", "differing")
_MOST_GUIDELINES = 1_000  # whose versions are listed


@dataclass
class Added:
    """What a build did. `state` is built, resumed, updated or unchanged.

    Of `repeated_ids`, `renamed` are rows kept by a number of their own, `reworded` documents of guidelines kept under an id of their
    words, `differing` other documents that were left out though their words are not the first one's. The rest are copies.
    """

    name: str
    state: str = "built"
    documents: int = 0
    passages: int = 0
    duplicates: int = 0
    repeated_ids: int = 0
    renamed: int = 0
    reworded: int = 0
    differing: int = 0
    files: int = 0
    files_reused: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def add(
    name: str,
    source: Path | str,
    *,
    licence: str | None = None,
    origin: str | None = None,
    keep_all: bool = False,
) -> Added:
    """Make a corpus of a source, or bring it up to date. `licence` and `origin` are recorded (else read from files beside it).

    A source is a file, a folder, or `builtin:NAME` for one of what Osler has (see builtin.py).
    With `keep_all` passages that are nearly the same as another stay, as judgements of single documents need.

    Raises UsageError where the name stands for another source, InputError for a source that cannot be read or is empty.
    """
    folder, given = store.place(name), _given(source)
    private_folder(folder)
    with locked(folder / "corpus.json"):
        old = store.about(name) if (folder / "corpus.json").exists() else None
        if old and old["path"] != given.said:
            raise UsageError(
                f"corpus {name} is of {old['path']}; choose another name, or osler corpus remove {name} first (a corpus has one source: "
                "put what is to be added, such as another version of a guideline, into one folder with the rest, and add that)"
            )
        known = [[unit.name, unit.fingerprint] for unit in given.units]
        if old and old["units"] == known:
            _say(folder, old, licence, origin, given.pages)
            return Added(name, "unchanged", **{k: old[k] for k in ("documents", "passages", "duplicates", "repeated_ids")},
                         files=len(known), files_reused=len(known))  # fmt: skip
        return _Build(name, folder, given, old, keep_all).run(licence, origin)


def _say(
    folder: Path, old: dict[str, Any], licence: str | None, origin: str | None, pages: bool = False
) -> None:
    """Record a licence or an origin that was given for a corpus whose files have not changed."""
    known = (("licence", licence), ("origin", origin), ("pages", pages))
    said: dict[str, Any] = {name: value for name, value in known if value}
    if any(old.get(name) != value for name, value in said.items()):
        store.write_json(folder / "corpus.json", old | said)


@dataclass(frozen=True)
class _Given:
    """A source as it is recorded (`said`), its files, and, of a built-in one without files, its documents."""

    said: str
    units: list[Unit]
    path: Path | None = None
    built_in: BuiltIn | None = None

    @property
    def documents(self) -> Callable[[], Iterator[Document]] | None:
        return self.built_in.documents if self.built_in else None

    @property
    def pages(self) -> bool:
        return bool(self.built_in and self.built_in.pages)


def _given(source: Path | str) -> _Given:
    if str(source).startswith(PREFIX):
        known = built_in(str(source).removeprefix(PREFIX))
        if known.path is not None:
            return _Given(str(source), units(known.path), known.path, known)
        return _Given(str(source), [Unit(str(source), known.version(), 1, Path(source))], None, known)
    path = Path(source).expanduser().absolute()
    return _Given(str(path), units(path), path)


class _Build:
    """One build: the new folder, the old corpus where there is one, and what has been seen."""

    def __init__(
        self,
        name: str,
        folder: Path,
        given: _Given,
        old: dict[str, Any] | None,
        keep_all: bool = False,
    ) -> None:
        self.keep_all = keep_all
        self.name, self.folder, self.given, self.units, self.old = name, folder, given, given.units, old
        number = 1 + int(old["data"].rsplit("-", 1)[-1]) if old else 1
        self.place = folder / f"data-{number}"
        for stale in folder.glob("data-*"):
            if stale != self.place and (not old or stale.name != old["data"]):
                shutil.rmtree(stale)
        what = ([(u.name, u.fingerprint) for u in given.units], *(["keep all"] if keep_all else []))
        self.key = hashlib.sha256(repr(what).encode()).hexdigest()
        self.opener, self.reading = Opener(), Reading()
        self.editions: dict[str, list[str]] = {}
        self._next: dict[str, int] = {}
        self.owners: dict[str, str] = {}

    def run(self, licence: str | None, origin: str | None) -> Added:
        """Read what is not read yet, index it, and put the new corpus in place of the old."""
        writer = self._writer()
        done = Added(self.name, files=len(self.units))
        state = writer.state
        done.state = "resumed" if state else "updated" if self.old else "built"
        self.reading.skipped.update(state.get("skipped", {}))
        self.reading.places.update(state.get("places", {}))
        self.editions.update(state.get("guidelines", {}))
        self.owners.update(state.get("owners", {}))
        done.notices.extend(state.get("notices", ()))
        for name in _COUNTS:
            setattr(done, name, state.get(name, 0))
        try:
            self._read_all(writer, done)
        finally:
            writer.close()
            self.opener.close()
        done.documents, done.passages = writer.documents, writer.passages
        done.skipped, done.places = dict(self.reading.skipped), self.reading.places
        if not done.passages:
            shutil.rmtree(self.place if self.old else self.folder)
            kept = f"; corpus {self.name} stays as it was" if self.old else ""
            why = "; ".join(f"{reason} ({place})" for reason, place in done.places.items()) or "it is empty"
            raise InputError(f"{self.given.said} gave no passage: {why}{kept}")
        reader = store.Reader(self.place)
        build_index(reader, self.place / "index")
        self._finish(done, licence, origin)
        return done

    def _writer(self) -> store.Writer:
        """The writer at the last checkpoint, where that is of the same source; else an empty one."""
        writer = store.Writer(self.place)
        if writer.state and writer.state["key"] != self.key:
            writer.close()
            shutil.rmtree(self.place)
            writer = store.Writer(self.place)
        return writer

    def _read_all(self, writer: store.Writer, done: Added) -> None:
        marks, ids = Seen(writer.known("signatures.bin")), Seen(writer.known("ids.bin"))
        self.apart = Apart(ids, self.owners, done.notices)
        begin, within = writer.state.get("unit", 0), writer.state.get("within", 0)
        done.files_reused = writer.state.get("files_reused", 0)
        reused = self._reusable()
        last_time, since = time.monotonic(), 0
        with progress(
            f"Reading {Path(self.given.said).name}", float(sum(unit.size for unit in self.units))
        ) as advance:
            advance(float(sum(unit.size for unit in self.units[:begin])))
            for number in range(begin, len(self.units)):
                unit = self.units[number]
                skip = within if number == begin else 0
                done.files_reused += unit.name in reused and not skip
                told = (self.reading.skipped.copy(), dict(self.reading.places))
                for count, document in enumerate(
                    self.apart.documents(unit, self._documents(unit, reused)), 1
                ):
                    if count == skip:  # what was set aside up to here was counted before the kill
                        self.reading.skipped, self.reading.places = told
                    if count <= skip:
                        continue
                    self._keep(writer, document, number, marks, ids, done)
                    since += 1
                    if since >= _EVERY or time.monotonic() - last_time > _EVERY_S:
                        writer.checkpoint(self._state(number, count, done))
                        last_time, since = time.monotonic(), 0
                advance(unit.size)
        writer.checkpoint(self._state(len(self.units), 0, done))

    def _state(self, unit: int, within: int, done: Added) -> dict[str, Any]:
        counts = {name: getattr(done, name) for name in (*_COUNTS, "files_reused")}
        told = {
            "skipped": dict(self.reading.skipped),
            "places": self.reading.places,
            "guidelines": self.editions,
            "owners": self.owners,
            "notices": done.notices,
        }
        return {"key": self.key, "unit": unit, "within": within, **counts, **told}

    def _reusable(self) -> dict[str, tuple[store.Reader, int, int]]:
        """Files that have not changed, with the documents the old corpus has of them."""
        # An id that was left out, or is another's, may now be the only one.
        if not self.old or self.old["repeated_ids"] or self.old.get("notices"):
            return {}
        reader = store.Reader(self.folder / self.old["data"])
        ranges = reader.unit_ranges()
        before = {tuple(unit): ranges.get(number) for number, unit in enumerate(self.old["units"])}
        same = {unit.name: before.get((unit.name, unit.fingerprint)) for unit in self.units}
        return {name: (reader, *found) for name, found in same.items() if found}

    def _documents(self, unit: Unit, reused: dict[str, tuple[store.Reader, int, int]]) -> Iterator[Document]:
        if unit.name in reused:
            reader, first, last = reused[unit.name]
            yield from reader.documents(first, last)
            return
        if self.given.documents is not None:
            yield from self.given.documents()
            return
        found, before = False, self.reading.skipped.total()
        try:
            with self.opener.open(unit) as file:
                for document in documents(unit, file, self.reading):
                    found = True
                    yield document
            if not found and self.reading.skipped.total() == before:
                self.reading.skip("empty", unit.name)
        except InputError as error:
            if len(self.units) == 1:  # the source is this file: there is nothing else to read
                raise
            self.reading.skip("a file that cannot be read", f"{unit.name}: {error}")

    def _keep(
        self, writer: store.Writer, document: Document, unit: int, marks: Seen, ids: Seen, done: Added
    ) -> None:
        own, words = (hashed(document.id),), content(document)
        repeats, kept = not ids.add(own[0]), []
        guideline, version = document.field("guideline"), document.field("version")
        title = self._title(document)
        for chunk in chunks(document.text, document.markdown, whole=document.whole):
            head = (
                document.text[chunk.head_start : chunk.head_end]
                if chunk.head_start >= 0
                else document.section
            )
            mark = signature(title, head, document.text[chunk.start : chunk.end])
            if marks.add(mark) or self.keep_all:
                kept.append((chunk, mark))
            else:
                done.duplicates += 1
        if repeats:
            done.repeated_ids += 1
            if guideline and not _ROW_NUMBER.fullmatch(document.id):
                document = reworded(document)
                if words in ids or not ids.add(hashed(document.id)):  # the same once more
                    return
                own = (hashed(document.id),)
                done.reworded += 1
            elif not kept or not _ROW_NUMBER.fullmatch(document.id):
                done.differing += bool(kept)
                return
            else:
                document, own = self._renamed(document, ids)
                done.renamed += 1
        if guideline:
            ids.add(words)
            own = (*own, words)
        writer.add(document, unit, kept, *own)
        if guideline and (guideline in self.editions or len(self.editions) < _MOST_GUIDELINES):
            there = self.editions.setdefault(guideline, [])
            if version not in there:
                there.append(version)

    def _title(self, document: Document) -> str:
        """The title by which passages are compared: what two versions, authorities or files have in common stands in each."""
        guideline, version = document.field("guideline"), document.field("version")
        if not guideline:
            return document.title
        own = guideline if guideline in self.apart.made else ""
        return " ".join(filter(None, (document.title, document.field("authority"), version, own)))

    def _renamed(self, document: Document, ids: Seen) -> tuple[Document, tuple[int]]:
        """Another row of the same id, by an id of its own: ID#2, ID#3 …, in the order of the source."""
        place = self._next.get(document.id, 2)
        while not ids.add(own := hashed(f"{document.id}#{place}")):
            place += 1
        self._next[document.id] = place + 1
        return replace(document, id=f"{document.id}#{place}"), (own,)

    def _finish(self, done: Added, licence: str | None, origin: str | None) -> None:
        old, known, path = self.old or {}, self.given.built_in, self.given.path
        said = {
            "licence": licence or old.get("licence") or (known.licence if known else _beside(path, ("LICENSE", "LICENCE"))),
            "origin": origin or old.get("origin") or (known.origin if known else _beside(path, ("SOURCE",))),
        }  # fmt: skip
        counts = {k: getattr(done, k) for k in ("documents", "passages", "duplicates", "repeated_ids")}
        store.write_json(self.folder / "corpus.json", {
            "format": store.FORMAT, "name": self.name, "path": self.given.said, **said, **counts,
            "guidelines": {name: sorted(there) for name, there in sorted(self.editions.items())}, "skipped": done.skipped, "places": done.places, "notices": done.notices, "added": date.today().isoformat(), "data": self.place.name, "pages": self.given.pages,
            "units": [[unit.name, unit.fingerprint] for unit in self.units],
        })  # fmt: skip
        (self.place / "checkpoint.json").unlink(missing_ok=True)
        if self.old:
            shutil.rmtree(self.folder / self.old["data"], ignore_errors=True)


def _beside(source: Path | None, stems: tuple[str, ...]) -> str:
    """The first line of a LICENSE or SOURCE file in the source's folder; a line `licence: …` of it wins. "" without one."""
    if source is None:
        return ""
    folder = source if source.is_dir() else source.parent
    wanted = "licence:" if stems[0].startswith("LICEN") else "repo:"
    files = [p for p in sorted(folder.iterdir()) if p.is_file() and p.stem.upper() in (*stems, "SOURCE")]
    lines = [
        line.strip() for path in files for line in path.read_text("utf-8", "replace")[:20_000].splitlines()
    ]
    named = [line[len(wanted) :].strip() for line in lines if line.lower().startswith(wanted)]
    own = [p for p in files if p.stem.upper() in stems]
    first = next(
        (line.strip() for p in own for line in p.read_text("utf-8", "replace").splitlines() if line.strip()),
        "",
    )
    return (named[0] if named else first)[:200]
