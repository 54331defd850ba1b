"""What DeepRare's host works with: a shelf of numbered references, and tools that fill it from local sources.

Every tool's find becomes a reference with a number that stays: passages of the corpus, diseases that the phenotype engine ranks,
remembered and pooled patients, what profiles say. A citation resolves where the shelf has its number; what does not is
dropped and counted. Knows nothing of prompts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from osler.case import Case
from osler.context import Context, cited
from osler.methods import evidence, task
from osler.passages import Passage
from osler.trace import Candidate, Evidence

LONGEST = 1_500


@runtime_checkable
class Remembers(Protocol):
    """An engine that has a memory of solved cases."""

    def recall(self, case: Case, top: int) -> list[Candidate]:
        """The remembered cases most like this one, by their disease; `score` is the similarity, 0 to 1."""
        ...


@dataclass
class Shelf:
    """References of one case, numbered from 1 in the order they were put there; the same one twice has one number."""

    shown: list[Passage] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)

    def add(self, passage: Passage, item: Evidence) -> int:
        """Put a reference on the shelf, cut to `LONGEST` characters as it is shown; its number."""
        key = (item.source, item.record, passage.start)
        if key not in self._known:
            self.shown.append(passage)
            self.evidence.append(item)
            self._known[key] = len(self.shown)
        return self._known[key]

    def passages(self, found: Sequence[Passage]) -> list[int]:
        """Numbers of passages of a corpus; one of which not a sentence fits is left out."""
        short = [cut for passage in found for cut in evidence.keep_within([passage], LONGEST)]
        return [self.add(passage, cited(passage)) for passage in short]

    def disease(self, candidate: Candidate, source: str, record: str = "") -> int:
        """The number of what a tool or a profile says of a disease: its findings for (+), against (-) and open (?).

        `record` names the reference where it is not the disease's own (a remembered patient).
        """
        marks = {True: "+", False: "-", None: "?"}
        lines = [
            f"{marks[item.supports]} {item.quote or item.record}"
            + (f" ({', '.join(item.references[:3])})" if item.references else "")
            for item in candidate.evidence[:12]
        ]
        text = "\n".join([f"{candidate.name} ({candidate.id or 'no id'})", *lines])
        references = [ref for item in candidate.evidence for ref in item.references]
        item = Evidence(
            source=source,
            record=record or candidate.id or candidate.name,
            quote=text.partition("\n")[0],
            score=candidate.score,
            references=list(dict.fromkeys(references))[:10],
        )
        return self.add(Passage(text, item.record, 0, len(text), source, 0.0), item)

    def show(self, numbers: Sequence[int] | None = None) -> str:
        """References by number, fenced and attributed; all of them without `numbers`."""
        chosen = range(1, len(self.shown) + 1) if numbers is None else sorted(set(numbers))
        return "\n\n".join(evidence.show([self.shown[n - 1]], n) for n in chosen) or evidence.NONE

    def resolve(
        self, numbers: Sequence[int], without: Collection[int] = ()
    ) -> tuple[list[Evidence], list[int]]:
        """What is cited, as evidence that supports, and the numbers that no reference has; those of `without` count as none."""
        unique = list(dict.fromkeys(numbers))
        known = [number for number in unique if 1 <= number <= len(self.shown) and number not in without]
        found = [self.evidence[number - 1].model_copy(update={"supports": True}) for number in known]
        return found, [number for number in unique if number not in known]


async def similar_patients(case: Case, ctx: Context, shelf: Shelf, top: int) -> list[int]:
    """Solved patients like this one: of the engine's memory, and of the run's pool where it has diagnoses; one `recall` step."""
    engine, pool = ctx.services.engine, ctx.services.examples
    found = engine.recall(case, top) if isinstance(engine, Remembers) else []
    numbers = [
        shelf.disease(one, "case memory", one.evidence[0].record if one.evidence else "") for one in found
    ]
    for _, example in pool.nearest(case, top) if pool is not None else ():
        told = example.case.text or task.described(example.case)
        if example.answer.differential and told.strip():
            name = example.answer.differential[0].name
            text = f"{told[:LONGEST]}\nDiagnosis: {name}"
            item = Evidence(source="pool", record=example.case.id, quote=text)
            numbers.append(shelf.add(Passage(text, example.case.id, 0, len(text), "pool", 0.0), item))
    if numbers:
        with ctx.step("recall", "similar patients") as step:
            step.note("", [shelf.evidence[number - 1] for number in numbers])
    return numbers


async def knowledge_of(
    case: Case, ctx: Context, shelf: Shelf, names: Sequence[str], top: int
) -> tuple[dict[str, list[int]], dict[str, Candidate | None]]:
    """References about each disease, by folded name: its profile held against the case, and `top` passages; and the profiles.

    Searches run at once; numbers are given in the order of the names.
    """
    profiles = await ctx.review(case, names)
    searched = await ctx.gather(
        ctx.retrieve(f"{name} clinical features diagnosis", top, label="about a disease") for name in names
    )
    numbers: dict[str, list[int]] = {}
    for name, profile, passages in zip(names, profiles, searched, strict=True):
        own = [shelf.disease(profile, "profile")] if profile is not None else []
        numbers[task.folded(name)] = [*own, *shelf.passages(passages)]
    return numbers, {task.folded(name): one for name, one in zip(names, profiles, strict=True)}
