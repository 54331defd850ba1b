"""Where the names and hops of a reasoning and of its reference paths stand in a picture: columns from question to answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from osler.graphs import relation_words
from osler.scoring.path_errors import Hop, Judged, Name, PathError

WIDE, HIGH, ACROSS, DOWN, EDGE = 190, 46, 300, 96, 16
MOST_NODES, MOST_WAYS = 40, 12


@dataclass(frozen=True)
class Node:
    """A name as a box; `look` is reference, both, off or missing; `end` says that it is the right answer or the one given."""

    name: Name
    x: float
    y: float
    look: str
    end: str = ""


@dataclass(frozen=True)
class Line:
    """A hop from box to box; `look` is reference, right, unknown, relation or branch."""

    x1: float
    y1: float
    x2: float
    y2: float
    words: str
    look: str

    @property
    def middle(self) -> tuple[float, float]:
        """Where the words stand: of a slanting line of the reference nearer its end, so that they do not lie on a hop's."""
        share = 0.75 if self.look == "reference" and self.y1 != self.y2 else 0.5
        return self.x1 + share * (self.x2 - self.x1), self.y1 + share * (self.y2 - self.y1)


@dataclass(frozen=True)
class Picture:
    """Boxes and lines with the size they take; `says` tells it to those who do not see it."""

    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    width: float
    height: float
    says: str


def picture(judged: Judged) -> Picture:
    """The reference paths with the reasoning laid over them."""
    columns = _columns(judged)
    places: dict[str, tuple[float, float]] = {}
    rows: dict[int, int] = defaultdict(int)
    for name, column in columns.items():
        places[name.id] = (EDGE + column * ACROSS, EDGE + rows[column] * DOWN)
        rows[column] += 1
    said = {name.id for name in judged.reasoning.names}
    on = {name.id for way in judged.reference[:MOST_WAYS] for name in way.names}
    missing = {error.tail.id for error in judged.errors if error.kind == "missing"}
    nodes = tuple(
        Node(name, places[name.id][0], places[name.id][1], _look(name, said, on, missing), _end(name, judged))
        for name in columns
    )
    lines = [*_reference_lines(judged, places), *_hop_lines(judged, places)]
    width = max((node.x + WIDE for node in nodes), default=0) + EDGE
    height = max((node.y + HIGH for node in nodes), default=0) + EDGE
    return Picture(nodes, tuple(lines), width, height, _says(judged))


def _columns(judged: Judged) -> dict[Name, int]:
    """The column of each name: its place on a reference path, else one right of where a hop came from."""
    columns: dict[Name, int] = {}
    for way in judged.reference[:MOST_WAYS]:
        for place, name in enumerate(way.names):
            if len(columns) < MOST_NODES:
                columns[name] = max(place, columns.get(name, 0))
    for hop in judged.reasoning.hops:
        for name, other in ((hop.head, hop.tail), (hop.tail, hop.head)):
            if name not in columns and len(columns) < MOST_NODES:
                columns[name] = columns[other] + 1 if other in columns else 0
    for name in judged.reasoning.names:
        if name not in columns and len(columns) < MOST_NODES:
            columns[name] = 0
    return columns


def _look(name: Name, said: set[str], on: set[str], missing: set[str]) -> str:
    if name.id in missing:
        return "missing"
    if name.id in on:
        return "both" if name.id in said else "reference"
    return "off"


def _end(name: Name, judged: Judged) -> str:
    right = judged.answer is not None and name.id == judged.answer.id
    given = judged.given is not None and name.id == judged.given.id
    return "right, and given" if right and given else "right" if right else "given" if given else ""


def _reference_lines(judged: Judged, places: dict[str, tuple[float, float]]) -> list[Line]:
    drawn: dict[tuple[str, str], Line] = {}
    for way in judged.reference[:MOST_WAYS]:
        for (a, b), relation in zip(zip(way.names, way.names[1:], strict=False), way.relations, strict=False):
            if a.id in places and b.id in places:
                ends = (b, a) if relation.startswith("^") else (a, b)
                words = relation_words(relation)
                drawn[ends[0].id, ends[1].id] = _line(
                    places[ends[0].id], places[ends[1].id], words, "reference"
                )
    return list(drawn.values())


def _hop_lines(judged: Judged, places: dict[str, tuple[float, float]]) -> list[Line]:
    """The hops, a little below the reference's lines so that both are seen."""
    wrong = {(error.head.id, error.tail.id): error for error in judged.errors if error.kind != "missing"}
    drawn: dict[tuple[str, str, str], Line] = {}
    for hop in judged.reasoning.hops:
        if hop.head.id in places and hop.tail.id in places:
            look = _hop_look(hop, wrong.get((hop.head.id, hop.tail.id)))
            words = f"not {hop.relation}".strip() if hop.denied else hop.relation
            drawn[hop.head.id, hop.tail.id, words] = _line(
                places[hop.head.id], places[hop.tail.id], words, look, 12
            )
    return list(drawn.values())


def _hop_look(hop: Hop, error: PathError | None) -> str:
    if error is None:
        return "said"
    said = f"not {hop.relation}".strip() if hop.denied else hop.relation
    return error.kind if error.kind == "branch" or error.said == said else "said"


def _line(a: tuple[float, float], b: tuple[float, float], words: str, look: str, below: float = 0) -> Line:
    """From box to box: across from side to side, else from below to above."""
    if a[0] == b[0]:
        up = a[1] > b[1]
        x = a[0] + WIDE / 2 + 3 * below
        return Line(x, a[1] + (0 if up else HIGH), x, b[1] + (HIGH if up else 0), words, look)
    right = b[0] > a[0]
    y = HIGH / 2 - 6 + below
    return Line(a[0] + (WIDE if right else 0), a[1] + y, b[0] + (0 if right else WIDE), b[1] + y, words, look)


def _says(judged: Judged) -> str:
    ways = "; ".join(", ".join(name.name for name in way.names) for way in judged.reference[:3])
    hops = "; ".join(
        f"{hop.head.name} {'not ' if hop.denied else ''}{hop.relation} {hop.tail.name}"
        for hop in judged.reasoning.hops[:8]
    )
    errors = "; ".join(f"{error.kind}: {error.words}" for error in judged.errors) or "none"
    return f"Reference: {ways or 'none'}. Said: {hops or 'no hop'}. Errors: {errors}."
