"""Where the data of a benchmark lie in OSLER_DATA."""

from __future__ import annotations

from pathlib import Path

from osler.data.paths import data_dir
from osler.errors import UsageError

# Those whose place differs from their name.
PLACES = {"phenopackets-text": "phenopackets/phenopacket-store*.zip", "medquad-qa": "medquad", "own": ""}


def place_of(benchmark: str, option: str = "--data PATH") -> Path:
    """The benchmark's place in OSLER_DATA. Raises UsageError, which names the option to give instead."""
    root, pattern = data_dir(), PLACES.get(benchmark, benchmark)
    found = sorted(root.glob(pattern)) if root and pattern else []
    if not found:
        raise UsageError(f"give {option} for {benchmark} (or set OSLER_DATA to a folder that has it)")
    return found[0]
