"""How a trace is shown: steps as a tree, claims with the evidence that holds them, and each piece of evidence opened at its place.

A piece of evidence has a reference within a run: `s0.1-3` is the fourth of step 0.1, `c2-0` the first of the third candidate.
Whether a statement is held by a text is decided by words alone (`osler.scoring.evidence_use.contained`), and pages say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from osler.app import corpora as corpora_here
from osler.case import Case
from osler.errors import Missing, UsageError
from osler.graphs import relation_words
from osler.scoring.evidence_use import contained, statements_of
from osler.trace import Answer, AtFormula, AtPath, AtSpan, Evidence, Path, Step, Trace

AROUND, MOST_CLAIMS, MOST_CITED = 3_000, 60, 60
_REF = re.compile(r"(?:s(\d{1,6}(?:\.\d{1,6}){0,20})|c(\d{1,4}))-(\d{1,5})$")
_HOP = re.compile(r" (?:–([^→←]+?)→|←([^→←]+?)–) ")


@dataclass
class Node:
    """A step with those below it; `id` names it in the page."""

    step: Step
    id: str
    below: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Cited:
    """A piece of evidence with its reference in the run."""

    ref: str
    evidence: Evidence

    @property
    def where(self) -> str:
        """What the page shows before the words: source, record and place."""
        one = self.evidence
        place = f" {one.locator.start}:{one.locator.end}" if isinstance(one.locator, AtSpan) else ""
        return f"{one.source} {one.record}{place}"


@dataclass(frozen=True)
class Claim:
    """A statement of an answer: `verdict` is supported, contradicted or unsupported; `by` are numbers of evidence from 1."""

    text: str
    verdict: str
    by: tuple[int, ...]


@dataclass(frozen=True)
class Hop:
    """One edge of a path: its relation and whether it points back."""

    relation: str
    back: bool


@dataclass(frozen=True)
class Opened:
    """A piece of evidence at its place: text in (words, marked) pieces, nodes and hops of a path, or a formula's inputs."""

    title: str
    evidence: Evidence
    pieces: tuple[tuple[str, bool], ...] = ()
    nodes: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""


def name_of(path: Path) -> str:
    """A step's place as an element's id holds it."""
    return "-".join(map(str, path))


def above(path: Path, there: Iterable[Path]) -> Path:
    """The nearest step around a path among those that are there; () at the top."""
    known = set(there)
    return next((path[:n] for n in range(len(path) - 1, 0, -1) if path[:n] in known), ())


def tree(steps: Sequence[Step]) -> list[Node]:
    """Steps in their order, each below the nearest step around it."""
    nodes: dict[Path, Node] = {}
    top: list[Node] = []
    for step in sorted(steps, key=lambda one: one.path):
        node = Node(step, name_of(step.path))
        around = above(step.path, nodes)
        (nodes[around].below if around else top).append(node)
        nodes[step.path] = node
    return top


def cited_of(trace: Trace) -> list[Cited]:
    """What an answer rests on, each once: the evidence of its concluding steps, else of all steps."""
    concluded = [step for step in trace.steps if step.kind == "conclude" and step.evidence]
    steps = concluded or [step for step in trace.steps if step.kind in ("retrieve", "calculate", "verify")]
    found: dict[str, Cited] = {}
    for step in steps:
        for place, one in enumerate(step.evidence):
            key = f"{one.source}|{one.record}|{one.locator}|{one.supports}"
            ref = f"s{'.'.join(map(str, step.path))}-{place}"
            found.setdefault(key, Cited(ref, one))
    return list(found.values())[:MOST_CITED]


def claims_of(answer: Answer | None, cited: Sequence[Cited]) -> list[Claim]:
    """The statements of an answer in words, each with the evidence that holds it or says the contrary."""
    if answer is None or answer.abstained or answer.kind not in ("text", "plan"):
        return []
    said = statements_of(answer.text or "") if answer.kind == "text" else list(answer.plan)
    return [_claim(one, cited) for one in said[:MOST_CLAIMS]]


def _claim(text: str, cited: Sequence[Cited]) -> Claim:
    verdicts = [contained(text, one.evidence.quote or "") for one in cited]
    held = [n for n, (verdict, one) in enumerate(zip(verdicts, cited, strict=True), 1)
            if verdict == "supported" and one.evidence.supports is not False]  # fmt: skip
    if held:
        return Claim(text, "supported", tuple(held))
    denied = [
        n
        for n, (verdict, one) in enumerate(zip(verdicts, cited, strict=True), 1)
        if verdict == "contradicted" or (verdict == "supported" and one.evidence.supports is False)
    ]
    return Claim(text, "contradicted" if denied else "unsupported", tuple(denied))


def find(trace: Trace, ref: str) -> Evidence:
    """The evidence of a reference. Raises Missing where there is none."""
    match = _REF.match(ref)
    try:
        if match and match[1]:
            path = tuple(int(part) for part in match[1].split("."))
            return trace.step(path).evidence[int(match[3])]
        if match and trace.answer:
            return trace.answer.differential[int(match[2])].evidence[int(match[3])]
    except (KeyError, IndexError):
        pass
    raise Missing("this run has no such evidence")


def opened(evidence: Evidence, case: Case, corpora: Sequence[str]) -> Opened:
    """A piece of evidence at its place."""
    place = evidence.locator
    if isinstance(place, AtPath):
        nodes, hops = path_of(evidence)
        return Opened("A path of the graph", evidence, nodes=nodes, hops=hops)
    if isinstance(place, AtFormula):
        return Opened("A formula with its numbers", evidence, inputs=place.inputs)
    if isinstance(place, AtSpan):
        if evidence.source in corpora:
            return passage(evidence.source, evidence.record, place.start, place.end, evidence)
        text, title = _own_text(evidence, case)
        if text:
            return Opened(title, evidence, pieces=around(text, place.start, place.end))
    return Opened("A record", evidence)


def passage(corpus: str, document: str, start: int, end: int, evidence: Evidence | None = None) -> Opened:
    """A document of a corpus at its words. Raises UsageError for one that is not there, or words beyond its end,
    Unavailable for a broken corpus."""
    text, meta = corpora_here.document(corpus, document)
    if not 0 <= start <= end <= len(text):
        raise UsageError(f"this document has characters 0 to {len(text)}, not {start}:{end}")
    one = evidence or Evidence(
        source=corpus, record=document, locator=AtSpan(start=start, end=end), quote=text[start:end]
    )
    title = str(meta.get("title") or document)
    return Opened(title, one, pieces=around(text, start, end), link=str(meta.get("url") or ""))


def around(text: str, start: int, end: int, most: int = AROUND) -> tuple[tuple[str, bool], ...]:
    """A text in (words, marked) pieces: the marked characters and at most `most` on either side."""
    left, right = max(0, start - most), min(len(text), end + most)
    before = ("… " if left else "") + text[left:start]
    after = text[end:right] + (" …" if right < len(text) else "")
    return tuple(piece for piece in ((before, False), (text[start:end], True), (after, False)) if piece[0])


def path_of(evidence: Evidence) -> tuple[tuple[str, ...], tuple[Hop, ...]]:
    """The names along a path and its edges; ids where the words do not name as many."""
    place = evidence.locator
    assert isinstance(place, AtPath)
    parts = _HOP.split(evidence.quote or "")
    names = [part.strip() for part in parts[0::3]]
    if len(names) != len(place.nodes):
        names = list(place.nodes)
    hops = [Hop(relation_words(one), one.startswith("^")) for one in place.relations]
    if len(parts) == 3 * len(hops) + 1:
        hops = [Hop(relation_words(ahead or back), bool(back)) for ahead, back in zip(parts[1::3], parts[2::3], strict=True)]  # fmt: skip
    return tuple(names), tuple(hops)


def _own_text(evidence: Evidence, case: Case) -> tuple[str, str]:
    """The text of the case, or of one of its documents, that a span is of."""
    place = evidence.locator
    assert isinstance(place, AtSpan)
    for document in case.documents:
        if document.id == evidence.record and place.end <= len(document.text):
            return document.text, document.title or document.id
    words = case.text[place.start : place.end]
    if words and (not evidence.quote or " ".join(words.split()) == " ".join(evidence.quote.split())):
        return case.text, "The case"
    return "", ""
