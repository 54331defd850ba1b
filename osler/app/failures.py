"""What fails at the server's own end, told to a caller without its places: a file that broke while the server runs, a queue that is full.

Where a file lies on this machine goes to the log alone. An error that nobody thought of is logged by its type and its places in
the code, as its words may hold case text.
"""

from __future__ import annotations

import logging
import struct
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from osler.app.wording import without_places
from osler.errors import Damaged, LimitError, OslerError, UsageError

_log = logging.getLogger(__name__)
# What reading a file that is gone, cut off or written over ends in.
_BROKEN = (OslerError, OSError, ValueError, KeyError, IndexError, EOFError, struct.error)


class Unavailable(OslerError):
    """Something that the server needs for this cannot be had at the moment (503)."""

    exit_code = 4


class Busy(Unavailable):
    """Too much is under way for all callers together (503); it may be asked again after `retry_after` seconds."""

    retry_after = 10


class TooMuch(LimitError):
    """One caller has too much under way (429); it may be asked again after `retry_after` seconds."""

    retry_after = 5


@contextmanager
def whole(what: str, place: str = "", passing: tuple[type[OslerError], ...] = ()) -> Iterator[None]:
    """Read something of the server's within this: where it is broken, Unavailable is raised and the log says which file (or `place`).

    What a caller did wrong (UsageError) and limits pass as they are, and so do the errors `passing`.
    """
    try:
        yield
    except (UsageError, LimitError, Unavailable, *passing):
        raise
    except _BROKEN as error:
        raise unavailable(what, error, place) from None


def unavailable(what: str, error: Exception, place: str = "") -> Unavailable:
    """The error for callers; what is broken is logged."""
    own = isinstance(error, (OslerError, OSError))
    _log.error("%s%s cannot be read: %s", what, f" ({place})" if place else "", error if own else told(error))
    state = "is damaged" if isinstance(error, Damaged) else "cannot be read at the moment"
    return Unavailable(f"{what} {state}; the server's log says why")


def for_callers(error: OslerError | OSError) -> OslerError:
    """An error as callers meet it: what is broken at the server's own end is none of theirs, and is logged."""
    if isinstance(error, Damaged):
        return unavailable(error.what, error)
    return error if isinstance(error, OslerError) else unavailable("a file that this needs", error)


def in_words(error: Exception, what: str = "this") -> str:
    """The same in words without places, for an error that is told within a reply: in a row of a list, beside a result, as an event."""
    return without_places(str(for_callers(error) if isinstance(error, (OslerError, OSError)) else unavailable(what, error)))  # fmt: skip


def internal(where: str, error: BaseException) -> str:
    """What callers are told of an error that nobody thought of; the log says where it was, neither has its words."""
    _log.error("internal error: %s: %s", where, told(error))
    return f"internal error ({type(error).__name__}); please report it"


def without_words(record: logging.LogRecord) -> bool:
    """A filter for the logs of others: an exception is told by its type and places, without its words."""
    if record.exc_info and (error := record.exc_info[1]) is not None:
        record.msg, record.args = f"internal error: {told(error)}", ()
        record.exc_info = record.exc_text = None
    return True


def told(error: BaseException) -> str:
    """An error by its type and the places it went through, without its words."""
    places = [
        f"{Path(one.filename).name}:{one.lineno} {one.name}"
        for one in traceback.extract_tb(error.__traceback__)
    ]
    inner = (
        error.exceptions
        if isinstance(error, BaseExceptionGroup)
        else [error.__cause__]
        if error.__cause__
        else []
    )
    own = f"{type(error).__name__} at {' < '.join(reversed(places[-12:]))}"
    return "; from ".join([own, *(told(one) for one in inner[:3])])
