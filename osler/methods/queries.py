"""What a search is asked for a case: its text and its question. Never its options, which would tell what to find.

Knows nothing of any single method; one whose paper does put options into a query says so and does it itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from osler.case import Case
from osler.errors import InputError
from osler.methods import task

MOST = 2000


def of(case: Case) -> str:
    """The case as a query: text (or its findings in words) and question, at most `MOST` characters, the question kept whole.

    Raises InputError where there is nothing to look for.
    """
    told = " ".join((case.text or task.described(case)).split())
    asked = " ".join((case.question or "").split())[:MOST]
    query = f"{told[: MOST - len(asked)].rstrip()} {asked}".strip()
    if not query:
        raise InputError("there is nothing to look for: the case holds neither text, findings nor a question")
    return query


def distinct(queries: Iterable[str]) -> list[str]:
    """Each query once, whatever its letter case and layout, as it was first written; empty ones are left out."""
    first: dict[str, str] = {}
    for query in queries:
        if words := " ".join(query.split()):
            first.setdefault(task.folded(words), words)
    return list(first.values())
