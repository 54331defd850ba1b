"""Errors that a user meets, each with the exit code that scripts rely on and a message that says what to do."""

from __future__ import annotations


class OslerError(Exception):
    """Base of all expected errors. `exit_code` follows the command line's contract."""

    exit_code = 1


class UsageError(OslerError):
    """The command or function was used wrongly (unknown name, impossible option). Exit code 2."""

    exit_code = 2


class Unplaced(UsageError):
    """A name stands for nothing that is known, or for several things; the message lists what may be meant. Exit code 2."""


class Missing(UsageError):
    """What was named is not there, or not any more: a case, a run, a passage. Exit code 2; on the page 404."""


class MethodFailed(OslerError):
    """A user's own method or a plug-in's raised an exception; the message says where. Exit code 2."""

    exit_code = 2


class InputError(OslerError):
    """An input could not be read: missing, empty, truncated, not a case, too deep, over the limit. Exit code 3."""

    exit_code = 3


class Damaged(InputError):
    """A file that Osler itself wrote and keeps (a run, a corpus, a map) is broken; `what` names what it is of, without its place.
    Exit code 3. A server tells its callers that it is not available: it is no fault of theirs."""

    def __init__(self, message: str, what: str = "a file that this needs") -> None:
        super().__init__(message)
        self.what = what


class SourceError(OslerError):
    """A model, server or data source failed, or a needed data set is not there. Exit code 4."""

    exit_code = 4


class LimitError(OslerError):
    """A budget or limit set by the user was reached; `level` says whose (`run`, `case`) where that is known. Exit code 5."""

    exit_code = 5
    level: str | None = None
