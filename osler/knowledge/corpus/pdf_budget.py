"""How much work one PDF may cost: what its pages unpack to, held against its size, each page once, and seconds as a last resort.

A few kilobytes can stand for hours: pages that share one packed stream, thousands of references to one page, forms that draw
forms. A file over its budget is refused as damaged. The bytes are counted and always the same; the seconds (CPU of this thread)
only stop what bytes cannot tell, and are far above what a real file takes.
"""

from __future__ import annotations

import time
from typing import IO, Any

BASE, RATIO, MOST = 3_000_000, 20, 150_000_000  # bytes of page contents: BASE, and RATIO for each of the file
SECONDS, SECONDS_A_PAGE = 60.0, 0.2
_LOOK = 500  # drawing steps between two looks at the clock


class Over(BaseException):
    """A file is over its budget. No Exception, for pypdf goes on after those."""


class Budget:
    """What one file may still cost."""

    def __init__(self, file: IO[bytes], pages: int) -> None:
        size = file.seek(0, 2)
        self._bytes = min(BASE + RATIO * size, MOST)
        self._until = time.thread_time() + SECONDS + SECONDS_A_PAGE * pages
        self._steps = 0
        self._seen: set[int] = set()

    def text(self, page: Any) -> str | None:
        """The text of a page; None where the same page was read before. Raises Over."""
        number = getattr(page.indirect_reference, "idnum", 0)
        if number and number in self._seen:
            return None
        self._seen.add(number)
        streams = _streams(page)
        for stream in streams:
            self._bytes -= len(stream.get_data())
            if self._bytes < 0:
                raise Over
        text = page.extract_text(visitor_operand_before=self._step) or ""
        for stream in streams:
            stream.decoded_self = None  # pypdf would hold it as long as the file is open
        self._look()
        return text

    def _step(self, operator: Any, *_: Any) -> None:
        self._steps += 1
        if operator == b"Do" or self._steps % _LOOK == 0:
            self._look()

    def _look(self) -> None:
        if time.thread_time() > self._until:
            raise Over


def _streams(page: Any) -> list[Any]:
    """The streams that a page's contents are made of; one that stands there twice is there twice."""
    given = page.get("/Contents")
    found = given.get_object() if given is not None else None
    parts = found if isinstance(found, list) else [found]
    return [one for part in parts if part is not None and hasattr(one := part.get_object(), "get_data")]
