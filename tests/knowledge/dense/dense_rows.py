"""Rows of a small corpus whose passages share few words."""

from __future__ import annotations

import json
from pathlib import Path

NAMES = ("id", "title", "text", "source", "date")
ROWS = (
    ("metformin", "Metformin", "Metformin rarely causes lactic acidosis.", "Drugs", "2019"),
    ("aspirin", "Aspirin", "Aspirin may cause bleeding from the stomach.", "Drugs", "2023-05-01"),
    ("anaemia", "Anaemia", "Iron deficiency is the commonest cause of anaemia.", "Guides", "2021-02"),
    ("sepsis", "Sepsis", "Interleukin-6 rises early in sepsis.", "Guides", ""),
    ("noonan", "Noonan syndrome", "Noonan syndrome often comes with pulmonary stenosis.", "Guides", "2020"),
)


def write_rows(path: Path, rows=ROWS) -> Path:
    """A source of one row a document."""
    path.write_text("".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in rows))
    return path
