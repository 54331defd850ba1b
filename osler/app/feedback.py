"""What people think of answers: a line for each, appended to a private file (mode 0600) in the user's data folder.

Case text is there only where it was handed over to be kept.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from osler.data.paths import private_folder, store_dir
from osler.errors import LimitError

MOST_BYTES = 100_000_000


def path() -> Path:
    """Where it is kept."""
    return store_dir() / "feedback.jsonl"


def keep(row: dict[str, Any], text: str | None = None) -> None:
    """Append a line. Raises LimitError where the file has become too large."""
    file = path()
    private_folder(file.parent)
    if file.exists() and file.stat().st_size > MOST_BYTES:
        raise LimitError("the file of feedback is full; its owner must move it away")
    line = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **row}
    if text is not None:
        line["case_text"] = text
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, orjson.dumps(line) + b"\n")  # one write: lines of several callers never mix
    finally:
        os.close(handle)
