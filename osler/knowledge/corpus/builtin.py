"""Corpora that Osler can make of what it has: registered by name (`osler corpus add profiles`), built like any other.

A part of the kind `corpus` is a function without parameters that gives a `BuiltIn`, or raises an OslerError that says what is
missing. Knowledge's own lie in `osler.knowledge.builtin`; a package that stands above (calculators) registers its own texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler import registry
from osler.errors import OslerError
from osler.knowledge.corpus.documents import Document

PREFIX = "builtin:"


@dataclass(frozen=True)
class BuiltIn:
    """A source of documents: files at `path`, or `documents()`, the same in the same order for the same `version()`.

    `pages` says that each document is about one thing, which its title names; how well a passage fits is then judged otherwise.
    """

    licence: str
    origin: str
    path: Path | None = None
    documents: Callable[[], Iterator[Document]] | None = None
    version: Callable[[], str] = str
    pages: bool = False


def headed(name: str, parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A page in Markdown of titled parts. Its name stands below the first title: alone it would be a passage that says nothing."""
    lines: list[str] = []
    for title, said in parts:
        lines += ["", f"## {title}", "", *([name, ""] if not lines else []), *said]
    return "\n".join(lines[1:]) + "\n"


def names() -> list[str]:
    """The built-in corpora, by name."""
    return registry.names("corpus")


def built_in(name: str) -> BuiltIn:
    """The built-in corpus of that name. Raises UsageError where there is none, or an error that says what it needs."""
    return registry.get("corpus", name).object()


def listing() -> list[dict[str, Any]]:
    """Name, summary and licence of each, and in `missing` what it needs where it cannot be built here."""
    rows = []
    for part in registry.parts("corpus"):
        try:
            found, missing = part.object(), ""
        except OslerError as error:
            found, missing = None, str(error)
        rows.append(
            {
                "name": part.name,
                "summary": part.summary,
                "licence": found.licence if found else "",
                "missing": missing,
            }
        )
    return rows
