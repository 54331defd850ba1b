"""The cases that people are working on, in memory only: one session a browser, several cases a session, forgotten in time.

A session is named by a random cookie and carries the token that every change must send back (CSRF). Nothing here is written to
disk: a restart forgets everything, and so does "forget this case". All sessions together hold so many characters of text at
most; where there are more, those that rested longest are forgotten first.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from osler.case import Case, opaque_id
from osler.errors import Missing

MOST_SESSIONS, MOST_CASES = 2_000, 20
MOST_TEXT, MOST_TEXT_OF_ONE = 400_000_000, 60_000_000
# However often it is used: after a week a session ends, and who needs a token shows it again.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
LONGEST_S = 7 * 24 * 3600.0


@dataclass
class Held:
    """A case in work: the case as it stands now, what was answered about it, and what was said in dialogue."""

    case: Case
    options: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Characters of text."""
        return len(self.case.text) + sum(len(one.text) for one in self.case.documents)


@dataclass
class Session:
    """One browser's cases, the newest last. `lock` is held while a case is changed."""

    id: str
    csrf: str
    used: float
    begun: float = 0.0
    cases: OrderedDict[str, Held] = field(default_factory=OrderedDict)
    kept: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    size: int = 0
    all: Sessions | None = field(default=None, repr=False)

    def put(self, case: Case, **options: Any) -> Held:
        """Begin to work on a case; the oldest one is forgotten where there are too many.

        An id that a file gave may be anything, also a name: one that is not plain gets an opaque one instead, as ids stand in
        addresses and names of files.
        """
        if not _PLAIN.fullmatch(case.id):
            case = case.model_copy(update={"id": opaque_id(case.id)})
        held = Held(case, dict(options))
        self.cases[case.id] = held
        self.cases.move_to_end(case.id)
        self.measure()
        while len(self.cases) > MOST_CASES or (self.size > MOST_TEXT_OF_ONE and len(self.cases) > 1):
            self.forget(next(iter(self.cases)))
        if self.all is not None:
            self.all.grown(self)
        return held

    def get(self, case_id: str) -> Held:
        """A case in work. Raises Missing where it is forgotten or was never there."""
        if case_id not in self.cases:
            raise Missing("this case is not held any more; open it again")
        return self.cases[case_id]

    def forget(self, case_id: str) -> None:
        """Forget a case and all that was said of it."""
        self.cases.pop(case_id, None)
        self.measure()
        if self.all is not None:
            self.all.forgotten(self, case_id)

    def measure(self) -> None:
        """Count the characters that are held."""
        notes = sum(one.size for one in self.kept.get("notes", ()))
        self.size = notes + sum(held.size for held in self.cases.values())


class Sessions:
    """All sessions; those that rested longer than `minutes` are gone.

    `forgotten(session, case_id)` is told of every case that is forgotten, and of every session that ends (then `case_id` is None).
    """

    def __init__(
        self,
        minutes: float,
        clock: Callable[[], float] = time.monotonic,
        forgotten: Callable[[Session, str | None], None] = lambda session, case_id: None,
    ) -> None:
        self._rest, self._clock, self.forgotten = minutes * 60, clock, forgotten
        self._all: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.RLock()

    def find(self, session_id: str | None) -> Session | None:
        """The session of a cookie, now used; None where there is none."""
        self.sweep()
        now = self._clock()
        with self._lock:
            found = self._all.get(session_id or "")
            if found is None:
                return None
            if now - found.begun > LONGEST_S:
                self.end(found.id)
                return None
            found.used = now
            self._all.move_to_end(found.id)
            return found

    def begin(self) -> Session:
        """A new session. Where there are too many, one that holds nothing gives way first."""
        now = self._clock()
        made = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now, now, all=self)
        with self._lock:
            if len(self._all) >= MOST_SESSIONS:
                empty = (one.id for one in self._all.values() if not one.cases and not one.kept)
                self.end(next(empty, next(iter(self._all))))
            self._all[made.id] = made
        return made

    def renew(self, session: Session) -> None:
        """Give a session another name and form token, as who it is for has changed (no name from before is of use then)."""
        with self._lock:
            self._all.pop(session.id, None)
            session.id, session.csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            session.begun = self._clock()
            self._all[session.id] = session

    def end(self, session_id: str) -> None:
        """Forget a session with all its cases."""
        with self._lock:
            found = self._all.pop(session_id, None)
        if found is not None:
            found.cases.clear()
            found.kept.clear()
            self.forgotten(found, None)

    def sweep(self) -> None:
        """Forget those that rested too long."""
        now = self._clock()
        with self._lock:
            while self._all:
                oldest = next(iter(self._all.values()))
                if now - oldest.used <= self._rest:
                    return
                self.end(oldest.id)

    def __len__(self) -> int:
        return len(self._all)

    def grown(self, session: Session) -> None:
        """See to it that all texts together are no more than can be held; those of other sessions give way."""
        with self._lock:
            over = sum(one.size for one in self._all.values()) - MOST_TEXT
            for one in list(self._all.values()) if over > 0 else ():
                if over > 0 and one is not session and one.size:
                    over -= one.size
                    self.end(one.id)
