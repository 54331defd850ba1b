"""The audit log: who did what, when, with which knowledge release; one JSON object a line, appended, never case text unless asked for.

`who` is a token's name or `local`; `route` is the pattern of the path, never its values, and queries and bodies are left out. With
text allowed, the body and query of a request stand in `text` and `query` (form tokens taken out; the log-in never). The file has
mode 0600; when it grows too large it is put aside under the time of day, and none is ever deleted. A line that cannot be written
is told once, on standard error, and the request goes on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from osler.errors import SourceError

_log = logging.getLogger(__name__)
MOST_TEXT = 100_000
_SECRET = re.compile(rb"csrf=[^&]*|name=\"csrf\"\r\n\r\n[^\r]*")


class Audit:
    """An audit log in a file."""

    def __init__(self, path: Path, most_mb: float = 50.0, text: bool = False) -> None:
        self.path, self.text = path, text
        self._most = int(most_mb * 1_000_000)
        self._lock = threading.Lock()
        self._file: int | None = None
        self._told = False

    def check(self) -> None:
        """Raise SourceError where the file cannot be written to: a server that should keep a log must not start without."""
        try:
            with self._lock:
                self._open()
        except OSError as error:
            raise SourceError(
                f"the audit log {self.path} cannot be written ({error.strerror}); name another with --audit"
            ) from None

    def write(self, **about: Any) -> None:
        """Append one line; `at` is added."""
        line = orjson.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **about}) + b"\n"
        try:
            with self._lock:
                self._append(line)
            self._told = False
        except OSError as error:
            if not self._told:
                self._told = True
                _log.error("the audit log cannot be written (%s); requests go on without it", error.strerror)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._shut()

    def _append(self, line: bytes) -> None:
        file = self._open()
        if os.fstat(file).st_size + len(line) > self._most and os.fstat(file).st_size:
            self._shut()
            self._put_aside()
            file = self._open()
        if os.write(file, line) != len(line):  # a full disk cuts a line short: the next begins on its own
            with contextlib.suppress(OSError):
                os.write(file, b"\n")
            raise OSError(28, "No space left on device")

    def _put_aside(self) -> None:
        stamp, number = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"), 0
        while (
            aside := self.path.with_name(f"{self.path.name}.{stamp}{f'-{number}' * bool(number)}")
        ).exists():
            number += 1
        self.path.rename(aside)

    def _open(self) -> int:
        """The file, opened anew where it was moved away from under the server (as logrotate does)."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                if os.fstat(self._file).st_ino == self.path.stat().st_ino:
                    return self._file
            self._shut()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.open(self.path, flags, 0o600)
        os.fchmod(self._file, 0o600)
        return self._file

    def _shut(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def words_of(body: bytes) -> str:
    """A request's body as it may stand in a log that takes text: cut, and without the token of its form."""
    return _SECRET.sub(b"csrf", body[:MOST_TEXT]).decode("utf-8", "replace")
