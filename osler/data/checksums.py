"""SHA-256 of files, remembered by path, size and time so that an unchanged file is hashed once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from osler.data.paths import cache_dir, private_folder

# A file changed within this many seconds of being hashed is not remembered: its time could not tell a later change.
_SETTLED_NS = 2_000_000_000


def sha256_of(path: Path) -> str:
    """SHA-256 of the content, hexadecimal; reads the whole file."""
    state = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            state.update(chunk)
    return state.hexdigest()


def file_checksum(path: Path) -> str:
    """As `sha256_of`, remembered in the cache by real path, inode, size and modification time. Raises OSError."""
    path = path.resolve()
    status = path.stat()
    stamp = [status.st_ino, status.st_size, status.st_mtime_ns]
    memory = _read()
    known = memory.get(str(path))
    if isinstance(known, list) and known[:3] == stamp and len(known) == 4:
        return known[3]
    value = sha256_of(path)
    if _now_ns() - status.st_mtime_ns > _SETTLED_NS:
        _write(_read() | {str(path): [*stamp, value]})
    return value


def _now_ns() -> int:
    import time

    return time.time_ns()


def _memory() -> Path:
    return cache_dir() / "checksums.json"


def _read() -> dict[str, list]:
    try:
        found = json.loads(_memory().read_text())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _write(memory: dict[str, list]) -> None:
    # Only a shortcut: where it cannot be written, files are hashed again next time.
    with contextlib.suppress(OSError):
        folder = private_folder(_memory().parent)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".checksums.")
        with os.fdopen(handle, "w") as file:
            json.dump(memory, file)
        Path(temporary).replace(_memory())
