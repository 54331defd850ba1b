"""The cases that people are working on, in memory only: one session a browser, several cases a session, forgotten in time.

A session is named by a random cookie and carries the token that every change must send back (CSRF). Nothing here is written to
disk: a restart forgets everything, and so does "forget this case".
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from osler.case import Case
from osler.errors import UsageError

MOST_SESSIONS, MOST_CASES = 2_000, 20


@dataclass
class Held:
    """A case in work: the case as it stands now, what was answered about it, and what was said in dialogue."""

    case: Case
    options: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass
class Session:
    """One browser's cases, the newest last. `lock` is held while a case is changed."""

    id: str
    csrf: str
    used: float
    cases: OrderedDict[str, Held] = field(default_factory=OrderedDict)
    kept: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, case: Case, **options: Any) -> Held:
        """Begin to work on a case; the oldest one is forgotten where there are too many."""
        held = Held(case, dict(options))
        self.cases[case.id] = held
        while len(self.cases) > MOST_CASES:
            self.cases.popitem(last=False)
        return held

    def get(self, case_id: str) -> Held:
        """A case in work. Raises UsageError where it is forgotten or was never there."""
        if case_id not in self.cases:
            raise UsageError("this case is not held any more; open it again")
        return self.cases[case_id]

    def forget(self, case_id: str) -> None:
        """Forget a case and all that was said of it."""
        self.cases.pop(case_id, None)


class Sessions:
    """All sessions; those that rested longer than `minutes` are gone."""

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest, self._clock = minutes * 60, clock
        self._all: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, session_id: str | None) -> Session | None:
        """The session of a cookie, now used; None where there is none."""
        now = self._clock()
        with self._lock:
            self._sweep(now)
            found = self._all.get(session_id or "")
            if found is not None:
                found.used = now
                self._all.move_to_end(found.id)
            return found

    def begin(self) -> Session:
        """A new session."""
        made = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), self._clock())
        with self._lock:
            self._all[made.id] = made
            while len(self._all) > MOST_SESSIONS:
                self._all.popitem(last=False)
        return made

    def end(self, session_id: str) -> None:
        """Forget a session with all its cases."""
        with self._lock:
            self._all.pop(session_id, None)

    def __len__(self) -> int:
        return len(self._all)

    def _sweep(self, now: float) -> None:
        while self._all:
            oldest = next(iter(self._all.values()))
            if now - oldest.used <= self._rest:
                return
            self._all.pop(oldest.id)
