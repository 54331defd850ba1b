"""Reasoning laid over a graph: its steps as hops between linked names, beside the graph's paths from question to answer.

Three errors, after VeriLLMed (Xiang et al. 2026, arXiv:2604.23356), whose abstract names them; the definitions are Osler's:

- relation: a hop joins two names that the graph joins too, by another relation than was said, or the graph says the contrary.
- branch: a hop between a name of the reference paths and one off them that the graph does not join, or one that it does join and
  that leads to the wrong answer. What follows a branch belongs to it.
- missing: no reference path is gone in full; a name on the one that was followed furthest never occurs.

A hop the graph cannot judge (a name or relation that it does not have) is no error. A graph is never complete, so an error is a
place to look at, not a verdict. Knows nothing of runs and models.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from osler.errors import OslerError
from osler.graphs import Graphs, Linked, relation_words, triple
from osler.trace import AtPath, Evidence

Kind = Literal["relation", "branch", "missing"]
KINDS: tuple[Kind, ...] = ("relation", "branch", "missing")
NONE, NOT_JUDGED = "none", "not judged"
ANY = "associated with"
MOST_ENTITIES, MOST_PATHS, LONGEST, MOST_WORDS = 8, 6, 4, 6
_SENTENCE = re.compile(r"[^.!?;\n]+")
_WORD = re.compile(r"[a-z][a-z'-]*")
_FILLER = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "it",
        "its",
        "this",
        "that",
        "these",
        "which",
        "who",
        "and",
        "so",
        "therefore",
        "thus",
        "then",
        "also",
        "may",
        "can",
        "could",
        "would",
        "often",
        "usually",
        "typically",
        "commonly",
        "likely",
        "strongly",
        "with",
        "of",
        "in",
        "for",
        "by",
        "to",
        "as",
        "from",
    ]
)
_NOT = frozenset({"not", "no", "never", "without", "cannot", "doesn't", "isn't", "nor"})


@dataclass(frozen=True)
class Name:
    """A node of the graph."""

    id: str
    name: str
    kind: str = field(default="", compare=False)


@dataclass(frozen=True)
class Hop:
    """One step of reasoning: `head` stands in `relation` (words, empty where none are said) to `tail`, or is said not to."""

    head: Name
    relation: str
    tail: Name
    denied: bool = False
    step: str = ""


@dataclass(frozen=True)
class Reasoning:
    """What a reasoning says: its hops, and all names that occur in it, in order."""

    hops: tuple[Hop, ...]
    names: tuple[Name, ...]


@dataclass(frozen=True)
class Way:
    """A path of the graph: names, and the relation between each two (`^` before one that is walked backwards)."""

    names: tuple[Name, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class PathError:
    """An error and where it is: of a missing name, `head` is the one before it on the path and `tail` the one missing.

    `said` is the relation in the model's words, `expected` what the graph has there.
    """

    kind: Kind
    head: Name
    tail: Name
    said: str = ""
    expected: str = ""
    step: str = ""

    @property
    def key(self) -> str:
        """What errors that repeat have in common: the kind, the two names, and for a wrong relation what was said."""
        return "|".join((self.kind, self.head.id, self.tail.id, self.said if self.kind == "relation" else ""))

    @property
    def words(self) -> str:
        """The error in a line."""
        if self.kind == "missing":
            return f"{self.tail.name} is never reached from {self.head.name} ({self.expected})"
        if self.kind == "branch":
            return f"leaves for {self.tail.name} from {self.head.name}"
        return f"{self.head.name} “{self.said or ANY}” {self.tail.name}; the graph has {self.expected}"


@dataclass(frozen=True)
class Judged:
    """A reasoning beside its reference: the errors in the order they occur; `label` is the first one's kind, or empty."""

    reasoning: Reasoning
    reference: tuple[Way, ...]
    errors: tuple[PathError, ...]
    answer: Name | None = None
    given: Name | None = None

    @property
    def label(self) -> str:
        """The class of the case: that of its first error."""
        return self.errors[0].kind if self.errors else ""


@dataclass
class Cluster:
    """An error that repeats, and the cases that it occurs in."""

    error: PathError
    cases: list[str] = field(default_factory=list)


def reasoning_of(texts: Iterable[tuple[str, str]], graph: Graphs) -> Reasoning:
    """Hops and names of some steps, each (its place, its text): the names that follow each other within a sentence."""
    hops: list[Hop] = []
    names: dict[str, Name] = {}
    for step, text in texts:
        for sentence in _SENTENCE.findall(text):
            linked = [one for one in graph.link(sentence) if one.status in ("", "present", "absent")]
            for one in linked:
                if one.status != "absent":
                    names.setdefault(one.id, _name(one))
            hops += _hops(sentence, sorted(linked, key=lambda one: one.span), step)
    return Reasoning(tuple(hops), tuple(names.values()))


def reference_paths(question: str, answer: str, graph: Graphs) -> tuple[Way, ...]:
    """The graph's shortest paths from the names of a question to its right answer; empty where nothing can be linked."""
    goal = _one(answer, graph)
    if goal is None:
        return ()
    ways: list[Way] = []
    starts = {
        one.id: one for one in graph.link(question) if one.status in ("", "present") and one.id != goal.id
    }
    for start in list(starts)[:MOST_ENTITIES]:
        try:
            found = graph.paths(start, goal.id, longest=LONGEST, cap=MOST_PATHS)
        except OslerError:
            continue
        ways += [_way(one, graph) for one in found if isinstance(one.locator, AtPath)]
    return tuple(dict.fromkeys(ways))


def judge(reasoning: Reasoning, reference: Sequence[Way], answer: str, given: str, graph: Graphs) -> Judged:
    """The errors of a reasoning that ended at `given` where `answer` is right (names, options or diagnoses in words)."""
    right, said = _one(answer, graph), _one(given, graph)
    wrong_end = said if said is not None and right is not None and said.id != right.id else None
    judge_ = _Judge(reasoning, tuple(reference), graph, wrong_end)
    errors = list(judge_.hops())
    if reference and not any(error.kind == "branch" for error in errors):
        ends = (
            {one.id for one in graph.link(given)} if given.strip() else set()
        )  # the answer names them itself
        missing = _missing(reasoning, reference, ends)
        # A name that a wrong relation was told of is not missing as well.
        told = {name.id for error in errors for name in (error.head, error.tail)}
        errors += [error for error in missing if error.tail.id not in told]
    return Judged(reasoning, tuple(reference), tuple(dict.fromkeys(errors)), right, said)


def clusters(judged: Mapping[str, Judged]) -> list[Cluster]:
    """Errors that several cases share stand together; the most frequent first, those of one case last."""
    found: dict[str, Cluster] = {}
    for case, one in judged.items():
        for error in one.errors:
            cluster = found.setdefault(error.key, Cluster(error))
            if case not in cluster.cases:
                cluster.cases.append(case)
    return sorted(
        found.values(), key=lambda one: (-len(one.cases), KINDS.index(one.error.kind), one.error.key)
    )


def counts(judged: Iterable[Judged]) -> dict[str, int]:
    """How many cases have each class, as `class_of` tells it."""
    found = Counter(class_of(one) for one in judged)
    return {kind: found[kind] for kind in (*KINDS, NONE, NOT_JUDGED)}


def class_of(judged: Judged) -> str:
    """The label of a case, "none" without an error, "not judged" where the graph has no path to judge it by."""
    return judged.label or (NONE if judged.reference else NOT_JUDGED)


class _Judge:
    """One reasoning against the graph and its reference."""

    def __init__(
        self, reasoning: Reasoning, reference: tuple[Way, ...], graph: Graphs, wrong_end: Name | None
    ) -> None:
        self.reasoning, self.reference, self.graph = reasoning, reference, graph
        self.on = {name.id for way in reference for name in way.names}
        self.astray = _leading_to(reasoning.hops, wrong_end, self.on)

    def hops(self) -> Iterator[PathError]:
        """The errors of hops, in order; what follows a branch belongs to it."""
        left: set[str] = set()
        for hop in self.reasoning.hops:
            error = self._hop(hop)
            if error is not None and error.kind == "branch":
                if hop.head.id not in left:
                    yield error
                left.add(hop.tail.id)
            elif error is not None:
                yield error

    def _hop(self, hop: Hop) -> PathError | None:
        checked = self.graph.check(hop.head.id, hop.relation or ANY, hop.tail.id)
        if checked.verdict == "unknown" and "no relation like" in checked.why:
            checked = self.graph.check(hop.head.id, ANY, hop.tail.id)
        if hop.denied:
            return self._relation(hop, _said_by(checked.evidence)) if checked.verdict == "true" else None
        if checked.verdict == "true":
            leaves = hop.head.id in self.on and hop.tail.id not in self.on and hop.tail.id in self.astray
            return self._error("branch", hop) if leaves else None
        if checked.evidence:  # the graph says the contrary
            return self._relation(hop, _said_by(checked.evidence))
        joined = self.graph.check(hop.head.id, ANY, hop.tail.id)
        if joined.verdict == "true" or joined.evidence:
            return self._relation(hop, _said_by(joined.evidence))
        off = hop.head.id not in self.on or hop.tail.id not in self.on
        return self._error("branch", hop) if self.reference and off and joined.verdict == "false" else None

    def _relation(self, hop: Hop, expected: str) -> PathError:
        said = f"not {hop.relation}".strip() if hop.denied else hop.relation
        return PathError("relation", hop.head, hop.tail, said, expected, hop.step)

    def _error(self, kind: Kind, hop: Hop) -> PathError:
        return PathError(kind, hop.head, hop.tail, hop.relation, "", hop.step)


def _leading_to(hops: Sequence[Hop], end: Name | None, on: set[str]) -> set[str]:
    """The names off the reference from which the hops lead to the wrong answer, itself among them."""
    if end is None or end.id in on:
        return set()
    ways: dict[str, set[str]] = defaultdict(set)
    for hop in hops:  # "insulin treats it" leads from the disease to insulin as well
        ways[hop.tail.id].add(hop.head.id)
        ways[hop.head.id].add(hop.tail.id)
    found, open_ = {end.id}, [end.id]
    while open_:
        for other in ways[open_.pop()] - found - on:
            found.add(other)
            open_.append(other)
    return found


def _missing(reasoning: Reasoning, reference: Sequence[Way], ends: set[str]) -> list[PathError]:
    """The names never met on the reference path that was followed furthest; none where one path was gone in full."""
    met = {name.id for name in reasoning.names} | ends
    # A path begins in the question: its first name is given, so it is never missing.
    lacks = [[name for name in way.names[1:] if name.id not in met] for way in reference]

    def short(place: int) -> tuple[float, bool, int]:
        way = reference[place]
        return len(lacks[place]) / len(way.names), way.names[0].id not in met, place

    best = min(range(len(reference)), key=short)
    way = reference[best]
    found = []
    for (before, name), relation in zip(itertools.pairwise(way.names), way.relations, strict=False):
        if name.id not in met:
            expected = relation_words(relation)
            found.append(PathError("missing", before, name, "", expected))
    return found


def _hops(sentence: str, found: Sequence[Linked], step: str) -> Iterator[Hop]:
    for a, b in itertools.pairwise(found):
        if a.id == b.id:
            continue
        words = _WORD.findall(sentence[a.span[1] : b.span[0]].lower())
        denied = any(word in _NOT for word in words) or "absent" in (a.status, b.status)
        kept = [word for word in words if word not in _NOT and word not in ("does", "do")]
        if len(kept) > MOST_WORDS:
            continue
        yield Hop(_name(a), _relation_words(kept), _name(b), denied, step)


def _relation_words(words: list[str]) -> str:
    """The words between two names without those that say nothing of a relation at either end."""
    while words and words[0] in _FILLER:
        words = words[1:]
    while words and words[-1] in _FILLER - {"with", "by", "of", "for", "in"}:
        words = words[:-1]
    return "" if all(word in _FILLER or word in ("or", "but") for word in words) else " ".join(words)


def _one(words: str, graph: Graphs) -> Name | None:
    """The one node that an answer names, the first where it names several."""
    return next((_name(one) for one in graph.link(words)), None) if words.strip() else None


def _name(one: Linked) -> Name:
    return Name(one.id, one.name, one.kind)


def _way(evidence: Evidence, graph: Graphs) -> Way:
    place = evidence.locator
    assert isinstance(place, AtPath)
    return Way(tuple(_name_of(node, graph) for node in place.nodes), tuple(place.relations))


def _name_of(node: str, graph: Graphs) -> Name:
    return next(
        (Name(node, one.name, one.kind) for one in graph.link(node) if one.id == node), Name(node, node)
    )


def _said_by(evidence: Sequence[Evidence]) -> str:
    """The graph's own statements behind a check, in words."""
    rows = [triple(one) for one in evidence]
    told = [f"{head} {relation.replace('_', ' ')} {tail}" for head, relation, tail in rows if relation]
    return "; ".join(dict.fromkeys(told)) or "; ".join(one.quote or "" for one in evidence)
