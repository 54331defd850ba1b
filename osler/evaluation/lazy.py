"""A large run read in parts: records by place in the file, and one trace found by halving, not by reading all.

Both need the files of a finished run in item order, as the store leaves them; where they are not (a run being written), all is
read through. Knows nothing of what a record means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from osler.evaluation.store import RECORDS, TRACES, Record, decode_line, line_places, read_trace

_ITEM = b'{"item":'


class Records:
    """The finished cases of a run, by item; only where they stand is held. Read again when the run has grown."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RECORDS
        places = line_places(self.path) if self.path.exists() else {}
        self.items = np.array(sorted(places), np.int64)
        self._at = np.array([places[item] for item in self.items], np.int64).reshape(len(places), 2)

    def __len__(self) -> int:
        return len(self.items)

    def read(self, items: Iterable[int]) -> Iterator[Record]:
        """The records of some items, in the order asked; unknown items are passed over."""
        with self.path.open("rb") as file:
            for item in items:
                place = int(np.searchsorted(self.items, item))
                if place < len(self.items) and self.items[place] == item:
                    at, length = self._at[place]
                    file.seek(int(at))
                    record = decode_line(file.read(int(length)).rstrip(b"\n"))
                    if record is not None:
                        yield record


def trace_of(folder: Path, item: int) -> Record | None:
    """The trace record of an item, None where the run keeps none."""
    return _halved(folder / TRACES, item) or read_trace(folder, item)


def _halved(path: Path, item: int) -> Record | None:
    """The record of an item in a file that is in item order; None where it is not met."""
    if not path.exists():
        return None
    low, high = 0, path.stat().st_size
    with path.open("rb") as file:
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # the line that the middle fell into
            line = file.readline()
            number = _number(line)
            if number == item:
                return decode_line(line.rstrip(b"\n"))
            if not line or number is None or number > item:
                high = middle
            else:
                low = middle + 1
        file.seek(low if low == 0 else max(0, low - 1))
        line = file.readline()
        return decode_line(line.rstrip(b"\n")) if _number(line) == item else None


def _number(line: bytes) -> int | None:
    if not line.startswith(_ITEM):
        return None
    digits = line[len(_ITEM) : len(_ITEM) + 20].partition(b",")[0]
    return int(digits) if digits.isdigit() else None
