"""Errors of reasoning by what they have in common: their class, the relation, and the kind of node or the answer that they end in.

One pattern holds the errors that repeat it, name by name (`Cluster`). A branch is told by the kinds at both its ends alone, since
its relation is in free words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from osler.scoring.path_errors import ANY, KINDS, Cluster, Judged, Kind, PathError, clusters


@dataclass
class Pattern:
    """A sort of error: its class, in words, and its errors with their cases, the most frequent first."""

    key: str
    kind: Kind
    words: str
    errors: list[Cluster] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)


def patterns(judged: Mapping[str, Judged]) -> list[Pattern]:
    """The patterns of some cases by how many cases they have, those of one case last."""
    found: dict[str, Pattern] = {}
    for cluster in clusters(judged):
        words = words_of(cluster.error, judged[cluster.cases[0]])
        key = f"{cluster.error.kind}: {words}"
        one = found.setdefault(key, Pattern(key, cluster.error.kind, words))
        one.errors.append(cluster)
    for one in found.values():
        own = {case for cluster in one.errors for case in cluster.cases}
        one.cases = [case for case in judged if case in own]
    return sorted(found.values(), key=lambda one: (-len(one.cases), KINDS.index(one.kind), one.key))


def words_of(error: PathError, case: Judged) -> str:
    """What an error has in common with others, in words."""
    end = _end(error, case)
    if error.kind == "missing":
        return f"{end} is never reached ({error.expected})"
    if error.kind == "branch":
        return f"leaves a {error.head.kind or 'name'} for {end}"
    return f"“{error.said or ANY}” said of {end}"


def _end(error: PathError, case: Judged) -> str:
    """The kind of node that an error ends in, or which answer it is."""
    if case.answer is not None and error.tail.id == case.answer.id:
        return "the right answer"
    if case.given is not None and error.tail.id == case.given.id:
        return "the answer given"
    return f"a {error.tail.kind or 'name'}"
