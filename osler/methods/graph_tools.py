"""Looks at a graph that a model may take one at a time: relations, a name, the edges of a node, whether two nodes are joined.

Every edge that is shown has a number, by which a report cites it. Edges that state for whom they count are held against the
person of the case before anyone sees them: first in code (age, sex, what the person has), then, where a group is given in
words, by a model; what does not apply is left out, what does is marked. Knows nothing of any single method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from osler.context import Context
from osler.graphs import Applied, Person
from osler.methods import edges, task
from osler.trace import Evidence

LOOKS = ("relations", "find", "edges", "check")
HELP = (
    "relations: what kinds of edges the graph has.\n"
    "find (first): the nodes that a name means.\n"
    "edges (first, relation or null): edges of a node, of one relation or of all.\n"
    "check (first, second): what joins two nodes."
)
JUDGE = (
    "{case}\n\nDo not answer yet. What is known of the patient:\n\n{patient}\n\nEach numbered edge of a graph is said of certain groups of people, with advice in square brackets.\n\n"
    "{rows}\n\nFor each number choose the group that fits this patient most closely, people in general only where no other does, and say what follows for the "
    "edge: applies, likelier (it holds more often than in others), caution, not (it does not hold for this patient), or undecided. Where "
    "the relation is itself a contraindication, advice to avoid means that it applies."
)
_BATCH = 15
_TOP = 20
_MARK = {
    "applies": "applies to this patient",
    "likelier": "likelier in this patient",
    "caution": "with caution in this patient",
}
_FITS = ("applies", "likelier", "caution", "not", "undecided")


@dataclass
class Desk:
    """Where looks are taken: the facts shown so far by number, and how many were left out as not applying.

    Without a `person` every edge counts for everyone. `patient` is the person in words and `case` the case as a prompt shows it, for
    groups that only a model can judge.
    """

    ctx: Context
    wording: Callable[[], str] = lambda: JUDGE
    person: Person | None = None
    patient: str = ""
    case: str = ""
    facts: list[Evidence] = field(default_factory=list)
    left_out: list[Evidence] = field(default_factory=list)
    looks: int = 0

    async def look(self, action: str, first: str, second: str, relation: str) -> str:
        """What a look gives, in words; lines of edges begin with their number."""
        self.looks += 1
        if action == "relations":
            rows = self.ctx.graphs.relations()[:40]
            return "\n".join(
                f"{row.head_kind} – {row.name} → {row.tail_kind} ({row.count:,})" for row in rows
            )
        if action == "find":
            found = await self.ctx.graph_link(first)
            return "\n".join(f"{one.name} ({one.kind}, {one.id})" for one in found) or "no node is called so"
        if action == "edges":
            known = {row.name for row in self.ctx.graphs.relations()}
            if relation and relation not in known:
                return f"the graph has no relation {relation!r}; look at relations first"
            chosen = [relation] if relation else []
            return await self._shown(await self.ctx.graph_triples(first, top=_TOP, relations=chosen))
        checked = await self.ctx.graph_check(first, relation or "associated with", second)
        if not checked.evidence:
            return checked.why
        return await self._shown(checked.evidence)

    async def _shown(self, found: Sequence[Evidence]) -> str:
        """Edges that count for the person, numbered; how many were left out."""
        kept = list(zip(found, [""] * len(found), strict=True))
        if self.person is not None and found:
            kept = await self._applying(found, self.person)
        lines = [
            f"[{self._number(fact)}] {edges.said(fact)}{f' ({mark})' if mark else ''}" for fact, mark in kept
        ]
        gone = len(found) - len(kept)
        if gone:
            lines.append(f"{gone} left out: they do not apply to this patient")
        return "\n".join(lines) or "no edge"

    def _number(self, fact: Evidence) -> int:
        places = [edges.place(one) for one in self.facts]
        if edges.place(fact) not in places:
            self.facts.append(fact)
            return len(self.facts)
        return places.index(edges.place(fact)) + 1

    async def _applying(self, found: Sequence[Evidence], person: Person) -> list[tuple[Evidence, str]]:
        """Edges that are not known not to apply, each with its mark."""
        single = [one for one in found if len(edges.nodes(one)) == 2]
        judged = dict(
            zip(map(edges.place, single), await self.ctx.graph_applicable(single, person), strict=True)
        )
        open_ones = [one for one in single if judged[edges.place(one)].verdict == "unknown"]
        batches = [open_ones[at : at + _BATCH] for at in range(0, len(open_ones), _BATCH)]
        for said in await self.ctx.gather(self._judged(self.ctx.child(), batch) for batch in batches):
            judged |= said
        kept = []
        for fact in found:
            verdict = judged.get(edges.place(fact), Applied("unstated")).verdict
            if verdict == "not":
                self.left_out.append(fact)
            else:
                kept.append((fact, _MARK.get(verdict, "")))
        return kept

    async def _judged(self, ctx: Context, batch: Sequence[Evidence]) -> dict[Any, Applied]:
        """What a model makes of groups in words; an edge that it says nothing readable of stays undecided."""
        lines = []
        for number, fact in enumerate(batch, 1):
            lines.append(f"{number}. {task.line(fact.quote or '', 300)}")
            for one in ctx.graphs.conditions(fact):
                because = f": {task.line(one.because, 300)}" if one.because else ""
                lines.append(f"   [{one.advice}] {task.line(one.says, 300) or 'people in general'}{because}")
        row = {"number": {"type": "integer"}, "fit": {"type": "string", "enum": list(_FITS)}}
        form = task.form(reasoning={"type": "string"}, edges={"type": "array", "items": task.form(**row)})
        prompt = self.wording().format(
            case=self.case,
            patient=task.fence("patient", self.patient or "nothing"),
            rows=task.fence("edges", "\n".join(lines)),
        )
        asked = await ctx.ask(prompt, schema=form, system=edges.SYSTEM, kind="verify", label="applicability")
        said = {row["number"]: row["fit"] for row in asked.value["edges"]} if asked.readable else {}
        return {
            edges.place(fact): Applied(
                "unknown" if (fit := said.get(number, "undecided")) == "undecided" else fit
            )
            for number, fact in enumerate(batch, 1)
        }
