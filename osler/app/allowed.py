"""What a caller of the page, the API or MCP may name: methods, options, rankers and corpora, and nothing that names a file.

Methods take options that are files of this machine (`medrek(edits=FILE)` reads one, `quicker(stages=FILE)` writes one), a method
may be a user's own file, and a corpus may be `cohort:FILE`. All that is for who sits at the machine. Models, services and
knowledge are those that the server was started with.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from osler import registry
from osler.app.failures import Unavailable
from osler.compose import Composed, compose
from osler.errors import UsageError
from osler.registry import Part

if TYPE_CHECKING:
    from osler.app.settings import Settings

MOST_METHOD, MOST_OPTIONS, MOST_CORPORA = 2_000, 50, 50
# Options that are files though their type is a plain text.
_FILES = frozenset({"records"})
_NAMED = re.compile(r"([\w-]+)\s*=")
_GIVEN = re.compile(r"([\w-]+)\s*=\s*([^\s(),=]+)")
# A word, a list of words, a number: a dot stands between digits alone, so that no file and no address can be written.
_VALUE = re.compile(r"(?:[\w+\-*:; ]|(?<=\d)\.(?=\d))*$", re.ASCII)


def method(expression: str, options: Mapping[str, str] | None = None) -> Composed:
    """A method that a caller named, with its options. Raises UsageError for one that is unknown, is a file, or reads or writes one."""
    given = dict(options or {})
    if len(expression) > MOST_METHOD or len(given) > MOST_OPTIONS:
        raise UsageError("this method expression is too long")
    if re.search(r"[/\\]|\.py\b", expression) or any(
        "/" in value or "\\" in value for value in given.values()
    ):
        raise UsageError("a method is named as `osler list methods` shows it; files are not read for callers")
    for name, value in [*_GIVEN.findall(expression), *given.items()]:
        refuse_value(name, value)
    made = compose(expression, given)
    files = _FILES.union(*(file_options(part) for part in made.parts))
    if name := next((name for name in (*_NAMED.findall(expression), *given) if name in files), None):
        raise UsageError(f"option {name!r} names a file of the server, which callers may not")
    return made


def file_options(part: Part) -> frozenset[str]:
    """The options of a method that name files: none of them is for callers, and no form need show them."""
    hints = inspect.get_annotations(part.object, eval_str=True)
    return frozenset(name for name, hint in hints.items() if name in _FILES or "Path" in str(hint))


def refuse_value(name: str, value: str) -> None:
    """Raise UsageError for an option's value that could be a file or an address."""
    if len(value) > MOST_METHOD or not _VALUE.match(value):
        raise UsageError(f"option {name!r} takes a word or a number here, never a file or an address")


def ranker(name: str) -> str:
    """A ranker of the embedded engine that a caller named. Raises UsageError for one that is unknown or a file."""
    if name not in registry.names("ranker"):
        raise UsageError(
            f"no ranker is called {name[:60]!r}; there are {', '.join(registry.names('ranker'))}"
        )
    return name


def corpora(settings: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """Corpora that a caller named, each once: those kept on this machine, and those of the server. Raises UsageError, Unavailable."""
    from osler.knowledge.corpus import store

    if len(names) > MOST_CORPORA:
        raise UsageError(f"name {MOST_CORPORA} corpora at most")
    known = {*store.names(), *settings.sources.corpora}
    if unknown := next((name for name in names if name not in known), None):
        if unknown in store.unfinished():
            raise Unavailable(f"corpus {unknown} is damaged, or is being made")
        raise UsageError(f"there is no corpus {unknown[:60]!r} here; GET /api/v1/corpora lists them")
    return tuple(dict.fromkeys(names))
