"""What a context asks of a medical graph: names in a text, edges as triples, paths, and whether a statement holds there.

All of it comes as evidence whose place is a path of node ids. Knows nothing of how a graph is kept or searched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from osler.trace import AtPath, Evidence

_ARROW = re.compile(r"(?<= )(?:–(?! )([^–→←\n]{1,200})(?<! )→|←(?! )([^–→←\n]{1,200})(?<! )–)(?= )")
Verdict = Literal["true", "false", "unknown"]
Way = Literal["", "out", "in"]
Fitness = Literal["applies", "likelier", "caution", "not", "unstated", "unknown"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A mention and the node that it means: characters of the text, half-open; `status` of a finding (absent, family, …).

    `score`: 1 where the words are the node's id or own name, 0.9 for a synonym, 0.8 for a finding in other words.
    """

    id: str
    name: str
    kind: str
    span: tuple[int, int]
    score: float
    status: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a statement holds in the graph. `why` says it in words; `evidence` are the edges that decided it.

    "unknown" where an end cannot be linked, or the graph holds no such relation between such kinds of nodes; "false" where
    it does hold such relations and this one is not among them, or says the contrary. A graph is never complete: "false"
    means that it was not found where it would stand.
    """

    verdict: Verdict
    why: str
    evidence: tuple[Evidence, ...] = ()
    head: Linked | None = None
    tail: Linked | None = None
    relation: str = ""


@dataclass(frozen=True, slots=True)
class RelationKind:
    """A relation that the graph holds, from one kind of node to another, and how many such edges there are."""

    name: str
    head_kind: str
    tail_kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What an edge's validity hangs on: an age, a sex, or a group of people in words (empty for people in general).

    `advice` is what holds for that group: "applies", "likelier", "not", "recommended", "caution" or "avoid".
    """

    kind: Literal["age", "sex", "group"]
    says: str
    advice: str = "applies"
    because: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an edge is held against: age in years, sex, and names or ids of what the person has and surely has not."""

    age: float | None = None
    sex: str = ""
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """Whether an edge counts for a person: "unstated" without conditions, "unknown" where they cannot be decided."""

    verdict: Fitness
    why: str = ""
    undecided: tuple[Condition, ...] = ()


class Graphs(Protocol):
    """A medical graph as a context sees it; `osler.knowledge.graph.connect.GraphService` is one."""

    def paths(
        self, start: str, end: str, *, relations: Sequence[str] = (), without: Sequence[str] = (), sex: str = "",
        age: float | None = None, longest: int = 4, cap: int = 50,
    ) -> list[Evidence]:  # fmt: skip
        """The best shortest paths between two names or ids. Raises UsageError for a name it cannot place."""
        ...

    def near(
        self, name: str, *, relations: Sequence[str] = (), kinds: Sequence[str] = (), top: int = 30
    ) -> list[Evidence]:
        """What a name or id is joined to directly. Raises UsageError for a name it cannot place."""
        ...

    def link(self, text: str, kinds: Sequence[str] = ()) -> list[Linked]:
        """Nodes that a name or a running text mentions, in order; nothing where it means several things or none."""
        ...

    def triples(
        self,
        name: str,
        relations: Sequence[str] = (),
        kinds: Sequence[str] = (),
        top: int = 30,
        way: Way = "",
    ) -> list[Evidence]:
        """Edges of a name or id, each in its own direction; see `triple`. Raises UsageError for a name it cannot place.

        `way` "out" is those that point away from it, "in" those that point at it, "" both.
        """
        ...

    def check(self, head: str, relation: str, tail: str) -> Checked:
        """Whether the graph holds that `head` stands in `relation` to `tail` (names or ids). Never raises for a name."""
        ...

    def relations(self) -> list[RelationKind]:
        """The relations that the graph holds, and between what kinds of nodes."""
        ...

    def conditions(self, evidence: Evidence) -> list[Condition]:
        """What the edges behind a triple hang on; nothing where they state no condition."""
        ...

    def applicable(self, evidence: Evidence, person: Person) -> Applied:
        """Whether a triple counts for a person, as far as age, sex and what the person has decide it."""
        ...


def relation_words(relation: str) -> str:
    """A relation as people say it: `has_phenotype` is "has phenotype", `drug_protein:target` "target", `a|b` "a or b"."""
    named = (one.removeprefix("^") for one in relation.split("|"))
    said = ((one.rpartition(":")[2] or one).replace("_", " ").strip() for one in named)
    return " or ".join(dict.fromkeys(said))


def path_words(text: str) -> str:
    """A text with the relations on its arrows as people say them: `Marfan –has_phenotype→ …` is `Marfan –has phenotype→ …`."""
    return _ARROW.sub(
        lambda arrow: f"–{relation_words(arrow[1])}→" if arrow[1] else f"←{relation_words(arrow[2])}–", text
    )


def triple(evidence: Evidence) -> tuple[str, str, str]:
    """Head, relation and tail of an edge as people read them; empty for evidence that is no single edge."""
    if not isinstance(evidence.locator, AtPath) or len(evidence.locator.relations) != 1:
        return "", "", ""
    relation = evidence.locator.relations[0]
    head, _, rest = (evidence.quote or "").partition(f" –{relation}→ ")
    return head, relation, rest
