"""The data sets that are there: fetched into Osler's own store, named by the user, or found in OSLER_DATA."""

from __future__ import annotations

import json
from pathlib import Path

from osler.data.paths import store_dir


def used_paths(name: str) -> list[Path]:
    """Folders or files that `osler data use` or `get` recorded for a data set, the newest first."""
    try:
        found = json.loads((store_dir() / "sources.json").read_text())
        return [Path(item["path"]) for item in reversed(found.get(name, []))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
