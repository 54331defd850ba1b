"""One flat file of named numpy arrays that is memory-mapped and checked when it is opened.

Layout: 8 bytes magic, 8 bytes length of the header, the header (JSON: name, dtype, shape, offset, CRC-32 of every
array, and free `meta`), 4 bytes CRC-32 of the header, then the arrays, each aligned to 64 bytes. Knows nothing about
what the arrays mean.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

import numpy as np

MAGIC = b"OSLERA01"
_ALIGN = 64


class DamagedFile(Exception):
    """The file is truncated, altered, or not an array file; the caller rebuilds it."""


class Arrays(Mapping[str, np.ndarray]):
    """Read-only mapping from name to array, with `meta` (a JSON object) beside it."""

    def __init__(self, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any] | None = None):
        self._arrays = dict(arrays)
        self.meta: dict[str, Any] = dict(meta or {})

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def strings(self, name: str) -> Strings:
        """The string table stored under `name` by `pack_strings`."""
        return Strings(self._arrays[f"{name}.blob"], self._arrays[f"{name}.offsets"])


class Strings(Sequence[str]):
    """An immutable list of strings kept as one UTF-8 blob with offsets; entries are decoded when asked for."""

    def __init__(self, blob: np.ndarray, offsets: np.ndarray):
        self._blob, self._offsets = blob, offsets
        self._decoded: list[str] | None = None

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index):
        if isinstance(index, slice):
            return self.tolist()[index]
        if self._decoded is not None:
            return self._decoded[index]
        n = len(self)
        i = int(index) + n if index < 0 else int(index)
        if not 0 <= i < n:
            raise IndexError(f"string {index} of {n}")
        return self._blob[self._offsets[i] : self._offsets[i + 1]].tobytes().decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return iter(self.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(other) == len(self) and self.tolist() == list(other)

    def __repr__(self) -> str:
        return f"<{len(self)} strings>"

    def tolist(self) -> list[str]:
        """All strings as a list, decoded once."""
        if self._decoded is None:
            raw = self._blob.tobytes()
            ends = self._offsets.tolist()
            self._decoded = [raw[a:b].decode("utf-8") for a, b in pairwise(ends)]
        return self._decoded


def pack_strings(name: str, strings: Sequence[str]) -> dict[str, np.ndarray]:
    """Arrays `name.blob` (uint8) and `name.offsets` (int64[n + 1]) that `Arrays.strings(name)` reads."""
    encoded = [text.encode("utf-8", "replace") for text in strings]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(item) for item in encoded], out=offsets[1:])
    return {f"{name}.blob": np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}.offsets": offsets}


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any] | None = None) -> None:
    """Write atomically (temporary file, fsync, rename) with mode 0600. Raises OSError where that is not possible."""
    entries, offset = [], 0
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in contiguous.items():
        entry = {"name": name, "dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        entries.append(entry | {"crc": zlib.crc32(_bytes(array))})
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"size": offset, "meta": dict(meta or {}), "arrays": entries}).encode()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(
                MAGIC + struct.pack("<Q", len(header)) + header + struct.pack("<I", zlib.crc32(header))
            )
            file.write(bytes(_start(len(header)) - file.tell()))
            for array in contiguous.values():
                file.write(_bytes(array))
                file.write(bytes(-array.nbytes % _ALIGN))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_arrays(path: Path, verify: bool = True) -> Arrays:
    """Memory-map the file; with `verify`, check every array's CRC-32 (about 1 ms per MB). Raises DamagedFile, OSError.

    The check reads the file and not the mapping: only what is used of the arrays comes to count as the process's memory.
    """
    with path.open("rb") as file:
        header, start = _read_header(file)
        if os.fstat(file.fileno()).st_size < start + header["size"]:
            raise DamagedFile(f"{path.name} is shorter than its header says")
        if header["size"] == 0:
            return Arrays(
                {e["name"]: np.zeros(e["shape"], e["dtype"]) for e in header["arrays"]}, header["meta"]
            )
        data = np.memmap(file, dtype=np.uint8, mode="r", offset=start, shape=(header["size"],))
        if verify:
            _verify(file, start, header["arrays"])
    arrays = {}
    base = np.asarray(data)
    for entry in header["arrays"]:
        dtype = np.dtype(entry["dtype"])
        nbytes = int(np.prod(entry["shape"], dtype=np.int64)) * dtype.itemsize
        piece = base[entry["offset"] : entry["offset"] + nbytes]
        arrays[entry["name"]] = piece.view(dtype).reshape(entry["shape"])
    return Arrays(arrays, header["meta"])


def _verify(file, start: int, entries: Sequence[Mapping[str, Any]]) -> None:
    """Hold every array's bytes against its CRC-32, a piece at a time."""
    piece = memoryview(bytearray(1 << 18))
    for entry in entries:
        left = int(np.prod(entry["shape"], dtype=np.int64)) * np.dtype(entry["dtype"]).itemsize
        file.seek(start + entry["offset"])
        found = 0
        while left:
            read = file.readinto(piece[: min(left, len(piece))])
            if not read:
                raise DamagedFile(f"{Path(file.name).name}: array {entry['name']} is cut off")
            found, left = zlib.crc32(piece[:read], found), left - read
        if found != entry["crc"]:
            raise DamagedFile(f"{Path(file.name).name}: array {entry['name']} is altered")


def _read_header(file) -> tuple[dict[str, Any], int]:
    """The parsed header and the offset where the arrays start."""
    lead = file.read(16)
    if len(lead) < 16 or lead[:8] != MAGIC:
        raise DamagedFile("not an array file")
    (length,) = struct.unpack("<Q", lead[8:])
    if length > 100_000_000:
        raise DamagedFile("the header is altered")
    header, crc = file.read(length), file.read(4)
    if len(crc) < 4 or struct.unpack("<I", crc)[0] != zlib.crc32(header):
        raise DamagedFile("the header is altered")
    return json.loads(header), _start(length)


def _start(header_length: int) -> int:
    return -(-(20 + header_length) // _ALIGN) * _ALIGN


def _bytes(array: np.ndarray) -> memoryview | bytes:
    return array.reshape(-1).view(np.uint8).data if array.nbytes else b""
