"""The runs that a server shows: the folders with a manifest in its folder of runs, by their path within it, and nothing outside it.

The one rule of what a run is called, for the page, the API and MCP: the parts of its path joined by "/" ("first", "trials/first"), three
at most, none of them hidden; a folder within a run is none of its own, and a link leads nowhere, also one within a run.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from osler.app.failures import in_words
from osler.errors import Missing, OslerError, UsageError
from osler.evaluation.store import LOCK, MANIFEST, RECORDS, TIMES, TRACES, Record, read_manifest

DEPTH, MOST_RUNS, LONGEST = 3, 2_000, 600
# What is read of a run.
_FILES = (MANIFEST, RECORDS, TIMES, TRACES, LOCK, "atlas.npz")
_PART = re.compile(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]{0,199}")


def home(runs: Path | None) -> Path:
    """The folder of runs. Raises UsageError where the server has none."""
    if runs is None:
        raise UsageError("this server shows no runs; start it with: osler serve --runs FOLDER")
    return runs


def folder_of(runs: Path | None, name: str) -> Path:
    """A run's folder by its name. Raises UsageError for a name that is none of the runs'."""
    whole, parts = home(runs), name.split("/")
    folder = whole.joinpath(*parts) if _possible(parts) else None
    if folder is None or not (folder / MANIFEST).is_file() or _within_a_run(whole, parts):
        raise Missing(f"there is no run {name[:80]!r} here")
    if folder.resolve() != whole.resolve().joinpath(*parts):  # a link may point anywhere
        raise UsageError(f"{name[:80]!r} lies outside the folder of runs")
    if strange := strange_in(folder):
        raise UsageError(f"run {name[:80]!r} is not shown: its {strange} is a link, or no plain file")
    return folder


def names(runs: Path | None, newest: bool = False, depth: int = DEPTH) -> list[str]:
    """The names of all runs, by name or the newest first; none where there is no folder."""
    if runs is None or not runs.is_dir():
        return []
    found: list[tuple[float, str]] = []
    for path, folders, files in os.walk(runs):
        here = Path(path)
        parts = here.relative_to(runs).parts
        folders[:] = sorted(one for one in folders if len(parts) < depth and _PART.fullmatch(one))
        if parts and MANIFEST in files and strange_in(here) is None:
            found.append(((here / MANIFEST).stat().st_mtime, "/".join(parts)))
        if MANIFEST in files:
            folders.clear()
        if len(found) >= MOST_RUNS:
            break
    return [name for _, name in sorted(found, reverse=True)] if newest else sorted(name for _, name in found)


def strange_in(folder: Path) -> str | None:
    """The first of a run's files that is a link or no plain file."""
    return next((one for one in _FILES if _leads_elsewhere(folder / one)), None)


def _leads_elsewhere(path: Path) -> bool:
    """Whether what stands there is a link or no plain file: it may be any file of this machine, or one that never ends."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def _possible(parts: list[str]) -> bool:
    return len(parts) <= DEPTH and all(_PART.fullmatch(one) for one in parts)


def _within_a_run(whole: Path, parts: list[str]) -> bool:
    return any((whole.joinpath(*parts[:n]) / MANIFEST).is_file() for n in range(1, len(parts)))


def brief(runs: Path, name: str) -> dict[str, Any]:
    """A run in brief: what ran over what, and how far it is. A damaged run says so in `error`."""
    try:
        folder = folder_of(runs, name)
        manifest = read_manifest(folder)
    except OslerError as error:
        return {"name": name, "error": in_words(error)}
    return {"name": name, **about(manifest), "done": done(folder), "error": None}


def about(manifest: Record) -> dict[str, Any]:
    """What a manifest says of a run."""
    models = manifest.get("models") or {}
    return {
        "benchmark": manifest.get("benchmark"),
        "method": manifest.get("method"),
        "model": models.get("main"),
        "items": manifest["items"],
        "started": manifest.get("started"),
    }


def done(folder: Path) -> int:
    """How many cases are written, by the lines of the records."""
    path = folder / RECORDS
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
