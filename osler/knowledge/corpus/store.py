"""A corpus on disk: append-only files while it is built, memory-mapped when it is read. Files are private (0700, 0600).

    corpora/NAME/corpus.json     what it is: source, licence, counts, the folder that holds it now
    corpora/NAME/data-N/         texts.bin (UTF-8), documents.jsonl + documents.bin, passages.bin, signatures.bin, ids.bin, index/

A build writes into a folder of its own and puts down a checkpoint now and then (the length of every file, and how far in the
source it stands). What lies beyond the checkpoint is cut off on resuming, so that a build killed at any point gives the same
bytes as one that was not. `corpus.json` changes in one step, at the end. Knows nothing of searching.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import orjson

from osler.data.paths import private_folder, store_dir
from osler.errors import Damaged, InputError, UsageError
from osler.knowledge.corpus.chunks import Chunk
from osler.knowledge.corpus.documents import Document
from osler.passages import Passage

FORMAT = 1
DOCUMENT = np.dtype(
    [("text", "<u8"), ("text_bytes", "<u4"), ("meta", "<u8"), ("meta_bytes", "<u4"), ("unit", "<u4")]
)
PASSAGE = np.dtype([
    ("document", "<u4"), ("start", "<u4"), ("end", "<u4"), ("byte", "<u8"), ("bytes", "<u4"),
    ("head_byte", "<u8"), ("head_bytes", "<u4"),
])  # fmt: skip
_DOCUMENT_ROW, _PASSAGE_ROW = (
    struct.Struct("<QIQII"),
    struct.Struct("<IIIQIQI"),
)  # the same rows, read one by one
FILES = ("texts.bin", "documents.jsonl", "documents.bin", "passages.bin", "signatures.bin", "ids.bin")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# What is known of so many documents is kept once read: results often name the same ones.
_KNOWN = 16_384


def corpora_dir() -> Path:
    """Folder of all corpora in the user's data folder. Not created here."""
    return store_dir() / "corpora"


def place(name: str) -> Path:
    """A corpus's folder. Raises UsageError for a name that cannot be one."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a corpus: lower-case letters, digits, and . _ - after the first"
        )
    return corpora_dir() / name


def about(name: str) -> dict[str, Any]:
    """What `corpus.json` says. Raises UsageError where there is no such corpus, InputError where it is damaged."""
    path = place(name) / "corpus.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise InputError(
                f"corpus {name} was made by another version of Osler; build it again: osler corpus remove {name}, "
                f"then osler corpus add {name} {found.get('path', 'SOURCE')}"
            )
        return found
    except FileNotFoundError:
        there = ", ".join(names()) or "none yet"
        begun = (
            " It was begun and not finished: run the same osler corpus add again."
            if place(name).is_dir()
            else ""
        )
        raise UsageError(
            f"there is no corpus {name!r} (there are: {there});{begun or f' osler corpus add {name} SOURCE makes it'}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise _damaged(name) from None


def names() -> list[str]:
    """The corpora that are there, by name."""
    folder = corpora_dir()
    return sorted(path.parent.name for path in folder.glob("*/corpus.json")) if folder.is_dir() else []


def unfinished() -> list[str]:
    """The corpora that were begun and are not whole, by name."""
    folder = corpora_dir()
    begun = {path.parent.name for path in folder.glob("*/data-*")} if folder.is_dir() else set()
    return sorted(begun - set(names()))


def remove(name: str) -> None:
    """Delete a corpus, finished or begun. Raises UsageError where there is none."""
    folder = place(name)
    if not folder.is_dir():
        about(name)
    shutil.rmtree(folder)


def write_json(path: Path, data: Any) -> None:
    """Replace a private JSON file in one step."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class Writer:
    """Appends documents with their passages. `state` is what the last checkpoint says of the source."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder)
        self.state, sizes = self._checkpoint()
        self._files: dict[str, IO[bytes]] = {}
        for name in FILES:
            handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
            file = os.fdopen(handle, "r+b", buffering=1 << 20)
            file.truncate(sizes.get(name, 0))
            file.seek(0, os.SEEK_END)
            self._files[name] = file
        self._at = {name: file.tell() for name, file in self._files.items()}
        self.documents = self._at["documents.bin"] // DOCUMENT.itemsize
        self.passages = self._at["passages.bin"] // PASSAGE.itemsize

    def _checkpoint(self) -> tuple[dict[str, Any], dict[str, int]]:
        try:
            found = json.loads((self.folder / "checkpoint.json").read_text())
            whole = all((self.folder / name).stat().st_size >= size for name, size in found["sizes"].items())
            return (found["state"], found["sizes"]) if whole else ({}, {})
        except (OSError, ValueError, KeyError, TypeError):
            return {}, {}

    def known(self, name: str) -> np.ndarray:
        """The numbers of `signatures.bin` or `ids.bin` so far, uint64."""
        self._files[name].flush()
        return np.fromfile(self.folder / name, dtype="<u8")

    def add(self, document: Document, unit: int, kept: list[tuple[Chunk, int]], *ids: int) -> None:
        """Append a document and those of its passages that are kept, each with its signature; `ids` stand for its id."""
        text = document.text.encode("utf-8", "replace")
        meta = orjson.dumps({
            name: value for name in ("id", "title", "source", "section", "date", "url")
            if (value := getattr(document, name).encode("utf-8", "replace").decode())
        } | _extra(document)) + b"\n"  # fmt: skip
        at = self._at["texts.bin"]
        row = np.array([(at, len(text), self._at["documents.jsonl"], len(meta), unit)], DOCUMENT)
        self._write("passages.bin", self._rows(document.text, len(text), at, [chunk for chunk, _ in kept]))
        self._write("texts.bin", text)
        self._write("documents.jsonl", meta)
        self._write("documents.bin", row.tobytes())
        self._write("signatures.bin", np.array([mark for _, mark in kept], "<u8").tobytes())
        self._write("ids.bin", np.array(ids, "<u8").tobytes())
        self.documents += 1
        self.passages += len(kept)

    def _rows(self, text: str, size: int, at: int, kept: list[Chunk]) -> bytes:
        """The passages' rows; bytes are counted only where the text is not plain ASCII."""
        plain = size == len(text)
        rows = []
        for chunk in kept:
            start, stop, head, tail = (
                max(0, place) if plain else len(text[: max(0, place)].encode("utf-8", "replace"))
                for place in chunk
            )
            has_head = chunk.head_start >= 0
            rows.append((
                self.documents, chunk.start, chunk.end, at + start, stop - start,
                at + head if has_head else 0, tail - head if has_head else 0,
            ))  # fmt: skip
        return np.array(rows, PASSAGE).tobytes()

    def _write(self, name: str, data: bytes) -> None:
        self._files[name].write(data)
        self._at[name] += len(data)

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Make everything so far safe against a kill or a power cut, and remember where the source stands."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        write_json(self.folder / "checkpoint.json", {"state": state, "sizes": dict(self._at)})
        self.state = state

    def close(self) -> None:
        """Close the files; what was not checkpointed is cut off by the next writer."""
        for file in self._files.values():
            file.close()


# What reading garbage raises; JSON and UTF-8 that are none are ValueErrors.
_GARBAGE = (ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error)
# What passages say of their document: id, source, title, section, date, url, fields.
Told = tuple[str, str, str, str, str, str, tuple[tuple[str, str], ...]]
_passage = Passage._make


class Place(NamedTuple):
    """One passage's row as plain numbers."""

    document: int
    start: int
    end: int
    byte: int
    bytes: int
    head_byte: int
    head_bytes: int


class Reader:
    """A finished corpus, memory-mapped: nothing is loaded that is not asked for."""

    def __init__(self, folder: Path) -> None:
        self._name = folder.parent.name
        try:
            self._documents = _mapped(folder / "documents.bin", DOCUMENT)
            self._passages = _mapped(folder / "passages.bin", PASSAGE)
            self._document_rows = self._documents.view(np.uint8).data
            self._passage_rows = self._passages.view(np.uint8).data
            self._texts = _mapped(folder / "texts.bin", np.dtype(np.uint8)).data
            self._metas = _mapped(folder / "documents.jsonl", np.dtype(np.uint8)).data
            self._known: dict[int, dict[str, Any]] = {}
            self._told: dict[int, Told] = {}
            self._check(folder)
        except (OSError, *_GARBAGE):
            raise _damaged(folder.parent.name) from None

    def _check(self, folder: Path) -> None:
        """Whether the files go with each other. Raises ValueError where one was cut short, emptied or replaced.

        Looks at sizes and at the first and last rows, so that opening a large corpus stays quick.
        """
        texts, metas = len(self._texts), len(self._metas)
        if not len(self._documents):
            raise ValueError("no documents")
        text, text_bytes, meta, meta_bytes, _ = self._documents[-1].item()
        signatures = (folder / "signatures.bin").stat().st_size // 8  # one a passage
        if text + text_bytes != texts or meta + meta_bytes != metas or signatures != len(self._passages):
            raise ValueError("sizes")
        for row in (self._documents[0].item(), self._documents[-1].item()):
            orjson.loads(self._metas[row[2] : row[2] + row[3]])["id"]
        for place in {0, len(self._passages) - 1} if signatures else ():
            document, _, _, byte, size, head, head_size = self._passages[place].item()
            if document >= len(self._documents) or max(byte + size, head + head_size) > texts or not size:
                raise ValueError("passages")

    @property
    def n_documents(self) -> int:
        """How many documents there are."""
        return len(self._documents)

    @property
    def n_passages(self) -> int:
        """How many passages there are."""
        return len(self._passages)

    def passage(self, number: int) -> tuple[Place, str, str, dict[str, Any]]:
        """A passage's place, its words, its section's heading, and what is known of its document."""
        try:
            at = Place._make(_PASSAGE_ROW.unpack_from(self._passage_rows, number * _PASSAGE_ROW.size))
            document, _, _, byte, size, head_byte, head_size = at
            meta, texts = self._known.get(document) or self.meta(document), self._texts
            head = (
                str(texts[head_byte : head_byte + head_size], "utf-8")
                if head_size
                else meta.get("section", "")
            )
            return at, str(texts[byte : byte + size], "utf-8"), head, meta
        except _GARBAGE:
            raise _damaged(self._name) from None

    def give(self, number: int, score: float, corpus: str) -> Passage:
        """A passage as a retriever gives it back.

        A search gives back ten, so that what takes a microsecond here counts: the row's numbers are not named first, and the
        fields are put together without the checks of a call by names.
        """
        try:
            row = _PASSAGE_ROW.unpack_from(self._passage_rows, number * _PASSAGE_ROW.size)
            document, start, end, byte, size, head_byte, head_size = row
            name, source, title, section, date, url, fields = self._told.get(document) or self._tell(document)
            texts = self._texts
            if head_size:
                section = str(texts[head_byte : head_byte + head_size], "utf-8")
            text = str(texts[byte : byte + size], "utf-8")
        except _GARBAGE:
            raise _damaged(self._name) from None
        if not text:
            raise _damaged(self._name)
        return _passage((text, name, start, end, source, score, corpus, title, section, date, url, fields))

    def _tell(self, document: int) -> Told:
        get = self._read_meta(document).get
        fields = tuple(said.items()) if (said := get("fields")) else ()
        told = (
            get("id", ""),
            get("source", ""),
            get("title", ""),
            get("section", ""),
            get("date", ""),
            get("url", ""),
            fields,
        )
        return _kept(self._told, document, told)

    def heading(self, document: int, start: int) -> str:
        """The section's heading of a document's passage that begins at a character; "" where none begins there."""
        rows = self._passages
        low, high = (int(np.searchsorted(rows["document"], document, side)) for side in ("left", "right"))
        return next((self.passage(n)[2] for n in range(low, high) if int(rows["start"][n]) == start), "")

    def meta(self, document: int) -> dict[str, Any]:
        """What is known of a document: id, title, source, section, date, url."""
        return _kept(self._known, document, self._read_meta(document))

    def _read_meta(self, document: int) -> dict[str, Any]:
        try:
            _, _, start, size, _ = _DOCUMENT_ROW.unpack_from(
                self._document_rows, document * _DOCUMENT_ROW.size
            )
            found = orjson.loads(self._metas[start : start + size])
        except _GARBAGE:
            raise _damaged(self._name) from None
        if not isinstance(found, dict) or "id" not in found:
            raise _damaged(self._name)
        return found

    def text(self, document: int) -> str:
        """A document's whole text."""
        start, size, *_ = self._documents[document].item()
        return self._text(start, size)

    def unit_ranges(self) -> dict[int, tuple[int, int]]:
        """First document and the one after the last, of each file of the source by its number."""
        units = np.asarray(self._documents["unit"])
        numbers, first = np.unique(units, return_index=True)
        ends = [*first[1:].tolist(), len(units)]
        return dict(zip(numbers.tolist(), zip(first.tolist(), ends, strict=True), strict=True))

    def documents(self, first: int, last: int) -> Iterator[Document]:
        """Documents by number, as a reader of the source would give them."""
        for number in range(first, last):
            meta = dict(self.meta(number))
            fields = tuple(meta.pop("fields", {}).items())
            yield Document(text=self.text(number), **meta, fields=fields)

    def find(self, document_id: str) -> int | None:
        """A document's number by its id; looks through the whole list (about a second for a million)."""
        wanted = orjson.dumps(document_id)
        data, at = bytes(self._metas) if self.n_documents < 100_000 else None, 0
        if data is not None and (at := data.find(b'{"id":' + wanted)) < 0:
            return None
        low = int(np.searchsorted(self._documents["meta"], at)) if data is not None else 0
        return next((n for n in range(low, self.n_documents) if self.meta(n)["id"] == document_id), None)

    def _text(self, start: int, size: int) -> str:
        try:
            return str(self._texts[start : start + size], "utf-8")
        except _GARBAGE:
            raise _damaged(self._name) from None


def _damaged(name: str) -> Damaged:
    return Damaged(
        f"corpus {name} is damaged; osler corpus remove {name}, then add it again", f"corpus {name}"
    )


def _extra(document: Document) -> dict[str, Any]:
    """What not every document has."""
    said: dict[str, Any] = {name: True for name in ("markdown", "whole") if getattr(document, name)}
    if document.fields:
        said["fields"] = {key: value.encode("utf-8", "replace").decode() for key, value in document.fields}
    return said


def _kept(memory: dict[int, Any], document: int, found: Any) -> Any:
    if len(memory) >= _KNOWN:
        memory.clear()
    memory[document] = found
    return found


def _mapped(path: Path, dtype: np.dtype) -> np.ndarray:
    if path.stat().st_size == 0:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))
