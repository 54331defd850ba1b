"""Where Osler keeps and finds files: the private cache, the store of data sets, and the folder named by OSLER_DATA."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """Folder of compiled files that can be rebuilt (mode 0700); honours XDG_CACHE_HOME. Not created here."""
    return _home("XDG_CACHE_HOME", ".cache") / "osler"


def store_dir() -> Path:
    """Folder of downloaded data sets and of the choices of `osler data use`; honours XDG_DATA_HOME."""
    return _home("XDG_DATA_HOME", ".local/share") / "osler"


def data_dir() -> Path | None:
    """Folder that OSLER_DATA names, or None where the variable is unset, empty or not a folder."""
    value = os.environ.get("OSLER_DATA", "").strip()
    path = Path(value).expanduser() if value else None
    return path if path is not None and path.is_dir() else None


def private_folder(path: Path) -> Path:
    """Make `path` (and its missing parents) with mode 0700 and return it."""
    # mkdir(parents=True) would give its mode to the last folder only.
    for folder in reversed([parent for parent in path.parents if not parent.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _home(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "").strip()
    # The XDG specification: a relative path is to be ignored.
    return Path(value) if value and Path(value).is_absolute() else Path.home() / default
