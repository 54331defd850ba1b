"""The runs that a server shows: the folders with a manifest in its folder of runs, by name, and nothing outside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from osler.errors import OslerError, UsageError
from osler.evaluation.store import MANIFEST, RECORDS, Record, read_manifest

NAME = r"^[\w@=+,-][\w.@=+,-]{0,199}$"


def home(runs: Path | None) -> Path:
    """The folder of runs. Raises UsageError where the server has none."""
    if runs is None:
        raise UsageError("this server shows no runs; start it with: osler serve --runs FOLDER")
    return runs


def folder_of(runs: Path | None, name: str) -> Path:
    """A run's folder by its name. Raises UsageError for a name that is none of the runs'."""
    whole = home(runs)
    folder = whole / name
    if not re.match(NAME, name) or not (folder / MANIFEST).is_file():
        raise UsageError(f"there is no run {name[:80]!r}")
    if folder.resolve().parent != whole.resolve():  # a link may point anywhere
        raise UsageError(f"{name!r} lies outside the folder of runs")
    return folder


def names(runs: Path | None) -> list[str]:
    """The names of all runs, sorted; none where there is no folder."""
    if runs is None or not runs.is_dir():
        return []
    return sorted(
        path.name for path in runs.iterdir() if re.match(NAME, path.name) and (path / MANIFEST).is_file()
    )


def brief(runs: Path, name: str) -> dict[str, Any]:
    """A run in brief: what ran over what, and how far it is. A damaged run says so in `error`."""
    try:
        manifest = read_manifest(folder_of(runs, name))
    except OslerError as error:
        return {"name": name, "error": str(error)}
    return {"name": name, **about(manifest), "done": done(runs / name), "error": None}


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
