"""What a source holds: the files of a folder, a zip (which is a folder), or one file; each with a fingerprint.

Zips within are opened too, two levels deep. Nothing is unpacked to disk. Order is by name, so that a source always reads the
same way. Hidden files and links that lead out of the folder are left out.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from osler.errors import InputError

READABLE = (
    ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".xml", ".nxml", ".yaml",
    ".yml",
)  # fmt: skip
MOST_HELD = (
    2_000_000_000  # bytes of a file that must be unpacked to be read: a zip in a zip, a packed PDF or Parquet
)
_DEEPEST = 2
_SKIPPED = ("__MACOSX/", "LICENSE", "LICENCE", "SOURCE.txt", "readme", "README")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Unit:
    """One file of a source. `inside` are the zips that lead to it; `size` is that of the file, in bytes."""

    name: str
    fingerprint: str
    size: int
    path: Path
    inside: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """The ending that tells how to read it, without a final .gz, lower case."""
        name = self.name.lower().removesuffix(".gz")
        return "." + name.rsplit(".", 1)[-1] if "." in name.rsplit("/", 1)[-1] else ""


def units(source: Path) -> list[Unit]:
    """The readable files of a source, by name. Raises InputError where there is none, or a zip is damaged."""
    if not source.exists():
        raise InputError(f"there is no file or folder {source}; name a folder, a zip, or a file ({_kinds()})")
    if source.is_dir():
        found = [
            unit for path in _files(source) for unit in _of_file(path, path.relative_to(source).as_posix())
        ]
    else:
        found = list(_of_file(source, source.name))
    if not found:
        raise InputError(
            f"{source} holds nothing that can be read; a corpus is made of {_kinds()}, also in a zip"
        )
    return sorted(found, key=lambda unit: unit.name)


def _kinds() -> str:
    return ", ".join(READABLE)


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(root):
            yield path


def _of_file(path: Path, name: str) -> Iterator[Unit]:
    if name.lower().endswith(".zip"):
        try:
            with zipfile.ZipFile(path) as archive:
                yield from _members(archive, path, name, ())
        except (*BROKEN, OSError) as error:
            raise InputError(
                f"{path} is no whole zip ({type(error).__name__}); fetch or pack it again"
            ) from None
    elif _wanted(name):
        status = path.stat()
        yield Unit(name, f"{status.st_size}:{status.st_mtime_ns}", status.st_size, path)


def _members(archive: zipfile.ZipFile, path: Path, prefix: str, inside: tuple[str, ...]) -> Iterator[Unit]:
    for info in archive.infolist():
        here = (*inside, info.filename)
        if info.is_dir() or info.filename.startswith("__MACOSX/"):
            continue
        if info.filename.lower().endswith(".zip") and len(here) < _DEEPEST:
            with zipfile.ZipFile(_seekable(archive, info)) as below:
                yield from _members(below, path, f"{prefix}/{info.filename}", here)
        elif _wanted(info.filename):
            yield Unit(
                f"{prefix}/{info.filename}", f"{info.file_size}:{info.CRC:08x}", info.file_size, path, here
            )


def _wanted(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return name.lower().removesuffix(".gz").endswith(READABLE) and not last.startswith((".", *_SKIPPED))


def _seekable(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """A zip within a zip as a file that can be searched, on disk where it is large."""
    with archive.open(info) as packed:
        return _held(packed, info.filename)


@contextmanager
def seekable(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file that can be searched at no cost: itself, or a copy where it comes out of a zip or a .gz."""
    if isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO):
        yield file
    else:
        with _held(file, "a packed file") as held:
            yield held


def _held(packed: IO[bytes], name: str) -> IO[bytes]:
    """A copy in memory, on disk where it is large. Raises InputError for one that unpacks to more than `MOST_HELD`."""
    held, size = tempfile.SpooledTemporaryFile(max_size=32_000_000), 0  # noqa: SIM115 (its reader closes it)
    while piece := packed.read(1 << 20):
        size += len(piece)
        if size > MOST_HELD:
            held.close()
            raise InputError(
                f"{name} unpacks to more than {MOST_HELD // 1_000_000_000} GB; unpack it yourself, then add the folder"
            )
        held.write(piece)
    held.seek(0)
    return held  # type: ignore[return-value]


class Opener:
    """Opens units; the zip that the last one came from stays open, for its directory may be long."""

    def __init__(self) -> None:
        self._key: tuple[Path, tuple[str, ...]] | None = None
        self._archives: list[zipfile.ZipFile] = []

    @contextmanager
    def open(self, unit: Unit) -> Iterator[IO[bytes]]:
        """The unit's bytes, unpacked. Raises InputError for what is damaged or gone."""
        try:
            raw = unit.path.open("rb") if not unit.inside else self._archive(unit).open(unit.inside[-1])
            with raw, gzip.open(raw) if unit.name.lower().endswith(".gz") else raw as file:
                yield io.BufferedReader(file) if isinstance(file, gzip.GzipFile) else file  # type: ignore[arg-type,misc]
        except (*BROKEN, OSError, KeyError) as error:
            raise InputError(
                f"{unit.name} cannot be read ({type(error).__name__}); fetch or pack it again"
            ) from None

    def _archive(self, unit: Unit) -> zipfile.ZipFile:
        key = (unit.path, unit.inside[:-1])
        if key != self._key:
            self.close()
            self._archives = [zipfile.ZipFile(unit.path)]
            for name in unit.inside[:-1]:
                above = self._archives[-1]
                self._archives.append(zipfile.ZipFile(_seekable(above, above.getinfo(name))))
            self._key = key
        return self._archives[-1]

    def close(self) -> None:
        """Close what is open."""
        for archive in reversed(self._archives):
            archive.close()
        self._archives, self._key = [], None
