"""Tables as CSV files to save: what a spreadsheet would take for a formula is written as the words it is."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.responses import Response, StreamingResponse

from osler.app.headers import attachment

# The signs that begin a formula; some spreadsheets read the full-width, small, raised and lowered ones as the plain ones.
_SIGNS = re.compile("[-=+@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−]")
# Where a spreadsheet may begin a new cell within one: its list separator is `;` in many countries, and then the quotes of a cell that
# is not the row's first do not hold.
_WITHIN = re.compile("([;\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029])")


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
    if _SIGNS.search(cell):
        cell = "".join(f"'{part}" if _is_formula(part) else part for part in _WITHIN.split(cell))
    return f"'{cell}" if cell.startswith(("\t", "\r", "\n")) else cell


def _is_formula(part: str) -> bool:
    """Whether the first sign that is seen begins a formula: spreadsheets pass over spaces and what is invisible."""
    seen = (sign for sign in part if not sign.isspace() and unicodedata.category(sign) not in ("Cc", "Cf"))
    return bool(_SIGNS.match(next(seen, "")))
