"""Tables as CSV files to save: what a spreadsheet would take for a formula is written as the words it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.responses import Response, StreamingResponse

from osler.app.headers import attachment

# Spreadsheets pass over spaces before the sign, and some read the full-width one as the plain one.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def csv_reply(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A reply that a browser saves as `name`; rows are written as they come, so that there may be many."""
    lines = _lines([head], rows)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=attachment(name))


def _lines(*parts: Iterable[Sequence[Any]]) -> Iterable[str]:
    held = io.StringIO()
    writer = csv.writer(held)
    for part in parts:
        for row in part:
            writer.writerow([_cell(cell) for cell in row])
            if held.tell() > 1 << 16:
                yield held.getvalue()
                held.seek(0)
                held.truncate()
    yield held.getvalue()


def _cell(cell: Any) -> Any:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return cell
    risky = cell.lstrip().startswith(_FORMULA) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if risky else cell
