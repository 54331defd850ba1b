"""The cache of compiled arrays: built once, private, atomic, safe for two processes at once, rebuilt when damaged."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from osler.data.arrays import Arrays, DamagedFile, read_arrays, write_arrays
from osler.data.paths import cache_dir, private_folder

_DAY_S = 86_400

Builder = Callable[[], Arrays | Mapping[str, np.ndarray]]


class CacheNotice(UserWarning):
    """The cache could not be used; the result is right, but will be computed again next time."""


def cached_arrays(key: str, builder: Builder, *, verify: bool = True) -> Arrays:
    """Arrays under `key`, memory-mapped from the user's cache, built by `builder()` when missing or damaged.

    `key` must change when the content does: a readable name, then a digest of inputs and format version
    (see `digest`), such as "ranker-lr-3f2a…". `builder` returns a dict of arrays (strings through
    `pack_strings`), or an `Arrays` when `meta` is to be kept. Where the cache cannot be written (read-only, no space)
    the arrays are returned from memory and a CacheNotice is warned.
    """
    path = cache_dir() / f"{re.sub(r'[^A-Za-z0-9._@+-]', '_', key)}.arrays"
    found = _open(path, verify)
    if found is not None:
        return found
    try:
        private_folder(path.parent)
        with locked(path):
            found = _open(path, verify)
            if found is not None:  # another process built it while this one waited
                return found
            built = _as_arrays(builder())
            try:
                _prune(path.parent)
                write_arrays(path, built, built.meta)
            except OSError as error:
                _notice(path, error)
                return built
        return read_arrays(path, verify=False)
    except OSError as error:
        _notice(path, error)
        return _as_arrays(builder())


def digest(*parts: object) -> str:
    """Hexadecimal SHA-256 (first 20 digits) of the parts' text, for use in a key."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:20]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock beside `path` (released by the system when the process dies)."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _open(path: Path, verify: bool) -> Arrays | None:
    try:
        found = read_arrays(path, verify)
    except (DamagedFile, OSError, ValueError, KeyError, TypeError):
        return None
    with contextlib.suppress(
        OSError
    ):  # so that `_prune` sees that it is in use; a read-only cache is no matter
        if time.time() - path.stat().st_mtime > _DAY_S:
            path.touch()
    return found


def _prune(folder: Path) -> None:
    """Delete compiled files that nothing has opened for three months, such as those of older releases."""
    for path in folder.glob("*.arrays"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > 90 * _DAY_S:
                path.unlink()


def _as_arrays(built: Arrays | Mapping[str, np.ndarray]) -> Arrays:
    return built if isinstance(built, Arrays) else Arrays(built)


def _notice(path: Path, error: OSError) -> None:
    reason = (
        "there is no space left" if error.errno == errno.ENOSPC else (error.strerror or str(error)).lower()
    )
    text = f"The cache {path.parent} cannot be used ({reason}); set XDG_CACHE_HOME to a writable folder with 100 MB free."
    warnings.warn(text, CacheNotice, stacklevel=3)
