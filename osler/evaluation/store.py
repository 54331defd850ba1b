"""The run store: a folder whose record file is only ever appended to, line by line, each with its own checksum.

    RUN/manifest.json   what was run, on what, with which versions; written once, atomically, before the first case
    RUN/cases.jsonl     one canonical record per finished case, in item order once the run is finished: the same bytes whenever
                        the same run is repeated
    RUN/times.jsonl     the sidecar: time per case, which no two runs share
    RUN/traces.jsonl    the trace of each case, where the run keeps traces
    RUN/run.lock        held (flock) while a process writes

A kill at any byte can only tear the end of a file. A line counts when its checksum holds; what does not is dropped
on opening and its case is done again. Every line is plain JSON, so DuckDB and pandas read the files as they are.
The store knows nothing of what a record means beyond its integer `item`, which gives the canonical order.
"""

from __future__ import annotations

import errno
import gc
import os
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from osler import __version__
from osler.errors import Damaged, InputError, SourceError, UsageError
from osler.evaluation.manifest_form import wrong_with

SCHEMA = "osler.run/1"
MANIFEST, RECORDS, TIMES, LOCK = "manifest.json", "cases.jsonl", "times.jsonl", "run.lock"
TRACES = "traces.jsonl"
_TAIL = len(b',"crc":"00000000"}')
_ITEM = b'{"item":'

Record = dict[str, Any]


def encode_line(record: Record) -> bytes:
    """One JSON line that ends in `"crc"`: the CRC-32 of the record without that field."""
    body = orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY)
    return body[:-1] + b',"crc":"%08x"}\n' % zlib.crc32(body)


def decode_line(line: bytes) -> Record | None:
    """The record of a line (without its newline), or None when the line is torn or damaged."""
    body, tail = line[:-_TAIL] + b"}", line[-_TAIL:]
    if tail != b',"crc":"%08x"}' % zlib.crc32(body):
        return None
    return orjson.loads(body)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Hundreds of thousands of records are made and none is garbage: looking for it takes longer than reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_lines(path: Path) -> tuple[list[Record], bool]:
    """All whole records of a file, in file order, and whether anything had to be left out."""
    if not path.exists():
        return [], False
    lines = path.read_bytes().split(b"\n")
    torn = lines.pop() != b""  # whatever follows the last newline was never finished
    decoded = (decode_line(line) for line in lines)
    records = [record for record in decoded if record is not None and isinstance(record.get("item"), int)]
    return records, torn or len(records) < len(lines)


class RunStore:
    """A run opened for writing. Make one with `create` or `resume`; use it as a context manager."""

    def __init__(self, folder: Path, manifest: Record, lock: int) -> None:
        self.folder = folder
        self.manifest = manifest
        self._lock = lock
        self.done = _repair(folder / RECORDS)
        for name in (
            TIMES,
            TRACES,
        ):  # what a kill left of a case that was not finished goes: nothing is ever doubled
            _repair(folder / name, self.done)
        self._files = {name: _append_only(folder / name) for name in (RECORDS, TIMES)}

    @classmethod
    def create(cls, folder: Path, manifest: Record) -> RunStore:
        """Start a run in a folder that is missing or empty.

        Raises UsageError when the folder holds something, or another process writes there, and ValueError for a manifest that
        nobody could read again.
        """
        if wrong := wrong_with(manifest):
            raise ValueError(f"this is no manifest of a run: {wrong}")
        refuse_unless_empty(folder)
        folder.mkdir(parents=True, exist_ok=True)
        lock = _take_lock(folder)
        refuse_unless_empty(folder)  # again, now that nobody else can write
        _write_atomically(folder / MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
        return cls(folder, manifest, lock)

    @classmethod
    def resume(cls, folder: Path) -> RunStore:
        """Open a started run to go on with it; torn lines are dropped, so their cases count as not done.

        Raises UsageError when the folder is no run or another process writes there.
        """
        manifest = read_manifest(folder)
        began = manifest.get("versions", {}).get("osler", __version__)
        if began != __version__:
            warnings.warn(
                f"the run began with Osler {began} and goes on with {__version__}; figures may differ between the two",
                stacklevel=2,
            )
        return cls(folder, manifest, _take_lock(folder))

    def append(
        self, records: Iterable[Record], times: Iterable[Record], traces: Iterable[Record] = ()
    ) -> None:
        """Add finished cases, their times, and their traces where they are kept. An item that is already done is refused: nothing is ever doubled."""
        fresh = list(records)
        if doubled := [record["item"] for record in fresh if record["item"] in self.done]:
            raise ValueError(f"items {doubled[:5]} are already in the run")
        # Times first: a kill between the two leaves a time without a case, which the redone case replaces.
        self._write(TIMES, b"".join(map(encode_line, times)))
        if lines := b"".join(map(encode_line, traces)):
            if TRACES not in self._files:
                self._files[TRACES] = _append_only(self.folder / TRACES)
            self._write(TRACES, lines)
        self._write(RECORDS, b"".join(map(encode_line, fresh)))
        self.done.update(record["item"] for record in fresh)

    def _write(self, name: str, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._files[name], data) :]
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise SourceError(
                f"no space left to write {self.folder / name}; finished cases are kept. "
                f"Free some space, then: osler eval --resume {self.folder}"
            ) from None

    def close(self) -> None:
        """Flush to disk, put a finished run's files in item order, and let go of the lock."""
        for file in self._files.values():
            os.fsync(file)
            os.close(file)
        self._files = {}
        if len(self.done) >= self.manifest["items"]:
            for name in (RECORDS, TRACES):
                _put_in_order(self.folder / name)
        os.close(self._lock)

    def discard(self, folder_too: bool) -> None:
        """Take back a run in which nothing has begun: its files, and the folder where it was made for it."""
        for file in self._files.values():
            os.close(file)
        self._files = {}
        for name in (MANIFEST, RECORDS, TIMES, TRACES, LOCK):
            (self.folder / name).unlink(missing_ok=True)
        if folder_too:
            self.folder.rmdir()

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_manifest(folder: Path) -> Record:
    """The manifest of a run, its fields checked. Raises UsageError when the folder is not a run, Damaged when it is damaged, and
    InputError when it is of another form."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(
            f"{folder} is not a run: it has no {MANIFEST}. Start one with: osler eval … --out {folder}"
        )
    about = f"run {folder.name}"
    try:
        manifest = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        raise Damaged(f"{path} is damaged; the run cannot be resumed, start a new one", about) from None
    if isinstance(manifest, dict) and (schema := manifest.get("schema", SCHEMA)) != SCHEMA:
        raise InputError(
            f"{folder} was written in another form ({str(schema)[:40]!r}); this version of Osler reads {SCHEMA}"
        )
    if wrong := wrong_with(manifest):
        raise Damaged(f"{path} is damaged: {wrong}; start a new run", about)
    return manifest


def read_records(folder: Path) -> list[Record]:
    """The finished cases in canonical (item) order; readable while a run is being written."""
    read_manifest(folder)
    return _by_item(read_lines(folder / RECORDS)[0])


def read_times(folder: Path) -> list[Record]:
    """The latest time record of each item, in item order."""
    latest = {time["item"]: time for time in read_lines(folder / TIMES)[0]}
    return [latest[item] for item in sorted(latest)]


def read_trace(folder: Path, item: int) -> Record | None:
    """The trace record of an item, or None where the run keeps none; only the lines of this item are read as JSON."""
    path, found = folder / TRACES, None
    if not path.exists():
        return None
    start = _ITEM + b"%d," % item
    for line in _lines(path):
        if line.startswith(start):
            found = decode_line(line.rstrip(b"\n")) or found
    return found


def canonical_traces(folder: Path) -> Iterator[bytes]:
    """The lines of the traces in item order, of finished cases only; empty where the run keeps none."""
    path = folder / TRACES
    if not path.exists():
        return
    done = {record["item"] for record in read_records(folder)}
    places = {item: place for item, place in line_places(path).items() if item in done}
    with path.open("rb") as file:
        yield from _read_at(file, [places[item] for item in sorted(places)])


def canonical_lines(folder: Path) -> Iterator[bytes]:
    """The canonical record of the run, byte for byte: its lines in item order."""
    return map(encode_line, read_records(folder))


def refuse_unless_empty(folder: Path) -> None:
    """Raise UsageError unless the folder may take a new run: missing, empty, or left by a start that wrote nothing."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"--out {folder} is a file; name a folder that is new or empty")
    names = {path.name for path in folder.iterdir()} - {LOCK, f"{MANIFEST}.part"}
    if MANIFEST in names:
        raise UsageError(f"{folder} already holds a run. To go on with it: osler eval --resume {folder}")
    if names:
        raise UsageError(f"{folder} is not empty; name a folder that is new or empty")


def _by_item(records: Iterable[Record]) -> list[Record]:
    first: dict[int, Record] = {}
    for record in records:
        first.setdefault(record["item"], record)
    return [first[item] for item in sorted(first)]


def _repair(path: Path, known: set[int] | None = None) -> set[int]:
    """Drop torn, damaged and doubled lines from a file, atomically; returns the items that are left.

    With `known`, lines of other items go too. The file is read line by line and never held.
    """
    if not path.exists():
        return set()
    found: set[int] = set()
    if all(_sound(line, found, known) for line in _lines(path)):
        return found
    found.clear()
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.writelines(line for line in _lines(path) if _sound(line, found, known))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    return found


def line_places(path: Path) -> dict[int, tuple[int, int]]:
    """Where the whole line of each item stands: its offset and length, in file order."""
    found: dict[int, tuple[int, int]] = {}
    at = 0
    for line in _lines(path):
        if _whole(line):
            found[_item_of(line)] = (at, len(line))
        at += len(line)
    return found


def _read_at(file: Any, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    for at, length in places:
        file.seek(at)
        yield file.read(length)


def _put_in_order(path: Path) -> None:
    """Sort the lines of a file by item, atomically and without holding them; nothing is done where they are sorted."""
    if not path.exists():
        return
    places = line_places(path)
    if list(places) == sorted(places):
        return
    part = path.with_name(f"{path.name}.part")
    with (
        path.open("rb") as old,
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new,
    ):
        new.writelines(_read_at(old, [places[item] for item in sorted(places)]))
        new.flush()
        os.fsync(new.fileno())
    part.replace(path)


def _sound(line: bytes, found: set[int], known: set[int] | None) -> bool:
    """Whether a line is whole and of an item not met before; the item is then added to `found`."""
    if not _whole(line):
        return False
    item = _item_of(line[: -_TAIL - 1])
    if item in found or (known is not None and item not in known):
        return False
    found.add(item)
    return True


def _whole(line: bytes) -> bool:
    """Whether a line with its newline is as it was written: its checksum holds."""
    body, tail = line[: -_TAIL - 1], line[-_TAIL - 1 :]
    return tail == b',"crc":"%08x"}\n' % zlib.crc32(b"}", zlib.crc32(body))


def _item_of(body: bytes) -> int:
    """The item of a line; records begin with it, so the rest need not be read."""
    if body.startswith(_ITEM):
        number = body[len(_ITEM) : len(_ITEM) + 20].partition(b",")[0]
        if number.isdigit():
            return int(number)
    return orjson.loads(body + b"}")["item"]


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=1 << 20) as file:
        yield from file


def _append_only(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _write_atomically(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _take_lock(folder: Path) -> int:
    """Hold the run's lock until closed; the kernel lets go of it when the process dies, however it dies."""
    import fcntl  # POSIX only: here, so that reading runs works everywhere

    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise UsageError(f"another process is writing to {folder}; wait for it to end, or stop it") from None
    return lock
