"""KGARevion: a model states triples, a graph reviews each, false ones are revised or dropped, the rest answer.

Source: Su et al. 2025 (KGARevion, ICLR 2025, arXiv 2410.04660), checked against notes on the released code. Stages:
(1) generate: one call names the medical entities of the question, then one call for each option (or one, without
options) states up to three triples with relations that the graph has; (2) review: each triple is looked up in the
graph: held (verified), not held (false), or nothing the graph can say of it, because a name or relation cannot be
linked; the last are accepted without proof, as in the paper, and counted: the soft-accept share stands in the trace
and in the answer's note; (3) revise: false triples are rewritten with the question in view, or withdrawn, and
reviewed again, up to `rounds` times; what is false after that is dropped; (4) answer: from the verified triples,
which alone can be cited, and those accepted without proof, shown apart and marked so (`soft=no` leaves them out).
Defaults: one round, up to three triples an option, greedy. Calls per case: 3 without options and revision, else 2 +
options + rounds.
Deviations: the reviewer is a look-up in the graph with entity linking by name, where the paper tunes an 8B model with
embeddings of PrimeKG to score a triple; a narrower finding verifies a broader one; relations are those of the graph
at hand, where the code has a list of 18; one call revises all false triples of a round. Not reproduced: the released
scorer counts a reply without a letter as right where the right letter stands anywhere in it; here such a reply is
unreadable and wrong.
Failure modes: accepting what cannot be linked lets most new statements through; verified triples of several options
are all true and do not tell them apart; a graph is never whole, so a true statement may be dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case, Option
from osler.context import Context
from osler.graphs import Checked
from osler.methods import edges, evidence, task
from osler.registry import method
from osler.trace import Answer, Evidence

ENTITIES = (
    "{case}\n\nDo not answer yet. Name the medical entities of this question (diseases, findings, drugs, genes, tests, body parts) that "
    "knowledge is needed about, each as a medical terminology calls it."
)
GENERATE = (
    "{case}\n\nDo not answer yet. Entities of the question:\n\n{entities}\n\n{about} State what you know, as one to {most} triples of head, relation and tail, "
    "that helps to judge this. State only what you hold to be true, for or against. Heads and tails are single "
    "entities. Relations that can be looked up:\n\n{relations}"
)
OF_OPTION = "Now consider this answer alone:\n\n{option}\n\n"
REVISE = (
    "{case}\n\nDo not answer yet. A graph was asked about these triples and does not hold them.\n\n{triples}\n\nFor each, in this order: correct it (another "
    "relation, a more exact name, another entity) so that it is true and still helps with the question, or withdraw it. "
    "Relations that can be looked up:\n\n{relations}"
)
ANSWER = (
    "{case}\n\nThese statements were checked and stand in the graph.\n\n{verified}\n\n{soft}Reason from them and from what you know, compare the possible answers, "
    "name the numbers of the statements that you rely on, then answer."
)
SOFT = "These could not be looked up. Nobody has verified them; do not cite them.\n\n{statements}\n\n"
_TEXT: dict[str, Any] = {"type": "string"}
_MOST_RELATIONS = 30


@dataclass(frozen=True)
class Stated:
    """A triple as the model stated it, for which option, and what the graph says of it."""

    head: str
    relation: str
    tail: str
    option: str = ""
    checked: Checked | None = None
    revised: int = 0

    @property
    def verdict(self) -> str:
        """`true`, `false` or `unknown`."""
        return self.checked.verdict if self.checked else "unknown"

    @property
    def words(self) -> str:
        """On one line, as a prompt shows it."""
        return " – ".join(task.line(part) for part in (self.head, self.relation, self.tail))


_TRIPLE = task.form(head=_TEXT, relation=_TEXT, tail=_TEXT)


# As many options as a question of the benchmarks at hand has at most, by letters.
_MOST_OPTIONS = 26


def _calls(rounds: int) -> Calls:
    return Calls(3, 2 + _MOST_OPTIONS + rounds)


@method(
    "kgarevion",
    source="Su et al. 2025 (KGARevion)",
    needs=("model", "graph"),
    fidelity="code",
    cost="2 + options + at most `rounds` calls (at most 29 with 26 options)",
    calls=_calls,
    graph=("refiner",),
    questions=("multi-hop", "explainable"),
    options_in_query=True,
)
async def kgarevion(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=0, le=5)] = 1,
    most: Annotated[int, Field(ge=1, le=5)] = 3,
    soft: bool = True,
) -> Answer:
    """Let a graph review the model's own triples, revise or drop what it does not hold, and answer from the rest."""
    calm = ctx.greedy()
    stated = await _review(ctx, await _generate(calm, case, most))
    proposed = len(stated)
    for number in range(1, rounds + 1):
        false = [one for one in stated if one.verdict == "false"]
        if not false:
            break
        revised = await _review(ctx, await _revise(calm, case, false, number))
        stated = [one for one in stated if one.verdict != "false"] + revised
    verified = [one for one in stated if one.verdict == "true"]
    accepted = [one for one in stated if one.verdict == "unknown"]
    note = _counted(ctx, proposed, verified, accepted)
    answer = await _answer(calm, case, verified, accepted if soft else [])
    return answer.model_copy(update={"note": note})


async def _generate(ctx: Context, case: Case, most: int) -> list[Stated]:
    """Triples for every option, or for the question; an option whose reply cannot be read has none."""
    prompt = ctx.prompt("kgarevion.entities", ENTITIES).format(case=task.present(case, with_options=False))
    form = task.form(reasoning=_TEXT, entities={"type": "array", "items": _TEXT, "maxItems": 10})
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="observe", label="entities")
    entities = asked.value["entities"] if asked.readable else []
    work = [_of_option(ctx.child(), case, option, entities, most) for option in case.options or [None]]
    found = [one for several in await ctx.gather(work) for one in several]
    return list({(one.words.casefold(), one.option): one for one in found}.values())


async def _of_option(
    ctx: Context, case: Case, option: Option | None, entities: Sequence[str], most: int
) -> list[Stated]:
    about = ""
    if option is not None:
        about = OF_OPTION.format(option=task.fence("answer", f"{option.key}. {option.text}"))
    prompt = ctx.prompt("kgarevion.generate", GENERATE).format(
        case=task.present(case, with_options=False),
        entities=task.fence("entities", "\n".join(map(task.line, entities)) or "none"),
        about=about,
        most=most,
        relations=_relations(ctx),
    )
    form = task.form(reasoning=_TEXT, triples={"type": "array", "items": _TRIPLE, "maxItems": most})
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="recall", label="generate")
    rows = asked.value["triples"] if asked.readable else []
    return [Stated(**row, option=option.key if option else "") for row in rows if all(row.values())]


def _relations(ctx: Context) -> str:
    """What the graph joins by what, the most frequent first."""
    rows = ctx.graphs.relations()[:_MOST_RELATIONS]
    lines = [f"{one.head_kind or 'any'} – {one.name} – {one.tail_kind or 'any'}" for one in rows]
    return task.fence("relations", "\n".join(map(task.line, lines)))


async def _review(ctx: Context, stated: Sequence[Stated]) -> list[Stated]:
    """Each triple looked up in the graph."""
    return [
        replace(one, checked=await ctx.graph_check(one.head, one.relation, one.tail, label="review"))
        for one in stated
    ]


async def _revise(ctx: Context, case: Case, false: Sequence[Stated], number: int) -> list[Stated]:
    """The false triples rewritten; those that are withdrawn, repeated, or not read are gone."""
    listed = "\n".join(f"{place}. {one.words}" for place, one in enumerate(false, 1))
    prompt = ctx.prompt("kgarevion.revise", REVISE).format(
        case=task.present(case), triples=task.fence("triples", listed), relations=_relations(ctx)
    )
    fields = {**_TRIPLE["properties"], "withdraw": {"type": "boolean"}}
    many = {"type": "array", "items": task.form(**fields), "minItems": len(false), "maxItems": len(false)}
    asked = await ctx.ask(
        prompt,
        schema=task.form(reasoning=_TEXT, triples=many),
        system=task.SYSTEM,
        kind="revise",
        label=f"revise {number}",
    )
    revised = []
    for old, row in zip(false, asked.value["triples"] if asked.readable else [], strict=False):
        new = replace(
            old, head=row["head"], relation=row["relation"], tail=row["tail"], checked=None, revised=number
        )
        if not row["withdraw"] and new.words != old.words and all((new.head, new.relation, new.tail)):
            revised.append(new)
    return revised


def _counted(ctx: Context, proposed: int, verified: Sequence[Stated], accepted: Sequence[Stated]) -> str:
    """How many statements are verified, accepted without proof, and dropped, as a step and as a note."""
    kept = len(verified) + len(accepted)
    share = len(accepted) / kept if kept else 0.0
    note = (
        f"{len(verified)} of {proposed} statements verified in the graph, {len(accepted)} accepted without proof "
        f"({share:.0%} of those kept), {proposed - kept} dropped"
    )
    with ctx.step("verify", "soft-accept") as step:
        lines = "".join(
            f"{one.verdict}: {one.words} ({one.checked.why})\n"
            for one in (*verified, *accepted)
            if one.checked
        )
        step.note(
            f"{note}\n{lines}",
            None,
            proposed=proposed,
            verified=len(verified),
            accepted=len(accepted),
            dropped=proposed - kept,
            revised=sum(one.revised > 0 for one in verified),
            soft_accept_share=round(share, 4),
        )
    return note


async def _answer(ctx: Context, case: Case, verified: Sequence[Stated], accepted: Sequence[Stated]) -> Answer:
    """The last call, with the verified statements numbered; the `conclude` step holds those that it cites."""
    facts = edges.distinct(_fact(one) for one in verified)
    unproved = task.fence("not verified", "\n".join(dict.fromkeys(one.words for one in accepted)))
    asked = await ctx.ask(
        ctx.prompt("kgarevion.answer", ANSWER).format(
            case=task.present(case),
            verified=edges.show(facts, "verified"),
            soft=SOFT.format(statements=unproved) if accepted else "",
        ),
        schema=evidence.with_citations(task.schema(case)),
        system=edges.SYSTEM,
        kind="hypothesise",
        label="answer",
    )
    cited = edges.resolve(evidence.numbers_of(asked), facts) if asked.readable else []
    with ctx.step("conclude", "citations") as step:
        step.note("".join(f"{fact.quote}\n" for fact in cited) or "cites no statement\n", cited)
    return task.read(case, asked)


def _fact(one: Stated) -> Evidence:
    assert one.checked is not None
    return one.checked.evidence[0]
