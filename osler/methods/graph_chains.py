"""graph-chains (MIRAGE): a question in parts, each followed through a graph by a chain of its own; what the graph bears out is answered.

Source: Wei et al. 2026 (MIRAGE, AAAI; arXiv 2508.18260), checked against the released code and the paper's abstract; not to
be confused with the MIRAGE benchmark of retrieval. Stages: (1) decompose: at most four questions that name their own
entities, one where the question is simple; (2) a chain for each, all at once: think, then one look at the graph, either
`anchor` (the edges of one entity) or `bridge` (the shortest paths between two, up to three edges), until it says enough or
has looked five times; it ends in statements, each with the numbers of the facts it rests on; (3) verify, in code: a
statement holds where the graph holds its triple with that relation, and is refuted where the graph says the contrary or knows
such relations and not this one; else, or where its words deny what its relation says, nothing is known of it: an edge that
merely joins its ends, or a path, is shown and proves nothing; (4) with two chains or more, a coordinator names statements
that contradict each other; of each such pair the better supported stays (held before unknown before refuted, then the
shorter path, then more chains), and where that does not decide, one more chain looks into it; (5) one answer from what is
left, each of its statements with its edges. Defaults: four chains, five looks each, one further chain; greedy. Calls per
case: 3 for a simple question that one step answers, at most 33.
Deviations: the released chains run one after the other; here they run at once, as the paper says. There contradictions are
left to the last prompt; here the graph decides, and the trace shows it. There an entity is matched by sentence embeddings
from 0.7 up; here by name or
synonym, and a name that is not clear is told with those that may be meant. There paths follow the edges' direction; here either way, those through
hubs last. The released prompt always asks for disease, tests and treatment; here it asks the case's own question. A search
that was made before is not made again, there as here.
Failure modes: splitting severs a condition that joins the parts; two chains that share a mistake look like agreement; a
graph is never whole, so a true statement that is not in it is left out, or stands marked where nothing else does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.errors import Unplaced
from osler.graphs import relation_words
from osler.methods import edges, task
from osler.registry import method
from osler.services import Asked
from osler.trace import Answer, Evidence

SPLIT = (
    "{case}\n\nDo not answer yet. Split this into at most {most} questions, each of which can be looked up on its own in a graph of diseases, findings, "
    "drugs, genes and tests. Each names its entities in full, never by a pronoun. If it is simple, keep it as one."
)
THINK = (
    "A larger question was split; this is the part you work on.\n\n{case}\n\nWhat the graph gave so far:\n\n{facts}\n\n{looked}\n\nThink, then take one "
    "step: `anchor` shows the edges of one entity (`first`); `bridge` shows paths between two (`first` and `second`); `enough` ends, with your "
    "statements. Each statement is one claim: its words, its two ends and the relation between them, named as the facts name them, and "
    "the numbers of the facts it rests on. Looks left: {left}."
)
COORDINATE = (
    "{case}\n\nSeveral chains looked into parts of this. Their statements, each with what the graph says of it:\n\n{statements}\n\nName each pair that cannot "
    "both be true. Where it takes another look at the graph to decide between two, write the question to look up."
)
ANSWER = (
    "{case}\n\nThese statements were checked against the graph.\n\n{kept}\n\nThe facts behind them:\n\n{facts}\n\nReason from them. Write the statements that your "
    "answer consists of, each with the numbers of the facts that bear it out, then the answer."
)
_TEXT: dict[str, Any] = {"type": "string"}
_NUMBERS = {"type": "array", "items": {"type": "integer"}}
# As released: five paths of up to three edges. The edges of an entity are ten for each relation there; here, in all:
_PATHS, _HOPS, _EDGES = 5, 3, 30
# Words by which a statement denies or reverses what an edge between its ends says.
_DENIAL = re.compile(
    r"\b(?:not?|never|neither|nor|cannot|without|fail\w*|lacks?|absen\w+|avoid\w*|contraindicat\w+|worsen\w*|aggravat\w+|harm\w*)\b|n't\b",
    re.IGNORECASE,
)
_AGAIN = "; asked again, nothing new"
_BEST = {"held": 2, "unknown": 1, "refuted": 0}


CLAIM = task.form(text=_TEXT, head=_TEXT, relation=_TEXT, tail=_TEXT, facts=_NUMBERS)
PAIR = task.form(first={"type": "integer"}, second={"type": "integer"})


@dataclass
class Statement:
    """A claim of a chain: `facts` are those that decided `verdict` (held or refuted); where it is unknown, those it cites."""

    text: str
    ends: tuple[str, str]
    relation: str
    chain: int
    facts: list[Evidence]
    verdict: str = "unknown"
    dropped: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        """Better supported is higher: what the graph says, then how direct the shortest fact is."""
        facts = self.facts if self.verdict != "unknown" else []
        steps = min((len(edges.nodes(fact)) - 1 for fact in facts), default=99)
        return _BEST[self.verdict], -steps


@dataclass
class Chain:
    """What one chain has seen, where it looked, and what came of it."""

    number: int
    question: str
    facts: list[Evidence] = field(default_factory=list)
    looked: dict[str, str] = field(default_factory=dict)


@method(
    "graph-chains",
    source="Wei et al. 2026 (MIRAGE: parallel graph-retrieval chains)",
    needs=("model", "graph"),
    fidelity="code",
    graph=("guide", "refiner"),
    questions=("multi-hop", "explainable"),
    cost="3 to 33 calls",
    calls=lambda chains, looks, more: Calls(
        3, 2 + chains * (looks + 1) + (chains > 1) * (1 + more * (looks + 1))
    ),
    roles=("chain",),
)
async def graph_chains(
    case: Case,
    ctx: Context,
    chains: Annotated[int, Field(ge=1, le=8)] = 4,
    looks: Annotated[int, Field(ge=1, le=10)] = 5,
    more: Annotated[int, Field(ge=0, le=1)] = 1,
) -> Answer:
    """Follow parts of the question through a graph at once, keep what it bears out, answer with edges."""
    calm = ctx.greedy()
    questions = await _split(calm, case, chains)
    begun = [(calm.role(f"chain {n}"), Chain(n, words)) for n, words in enumerate(questions, 1)]
    said = await ctx.gather(_follow(seat, chain, looks) for seat, chain in begun)
    statements = [one for several in said for one in several]
    await _verify(ctx, statements)
    open_pairs = []
    if len({one.chain for one in statements}) > 1:
        open_pairs = await _coordinate(calm, case, statements, looks if more else 0)
    return await _answer(calm, case, statements, open_pairs)


async def _split(ctx: Context, case: Case, most: int) -> list[str]:
    """The parts of the question; the question itself where the reply cannot be read, as in the released code."""
    form = task.form(
        reasoning=_TEXT, questions={"type": "array", "items": _TEXT, "minItems": 1, "maxItems": most}
    )
    prompt = ctx.prompt("graph-chains.split", SPLIT).format(
        case=task.present(case, with_options=False), most=most
    )
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="recall", label="split")
    if asked.readable:
        return list(dict.fromkeys(asked.value["questions"]))
    return [case.question or case.text or task.described(case)]


async def _follow(ctx: Context, chain: Chain, looks: int) -> list[Statement]:
    """One chain to its end: its statements, none where a reply could not be read."""
    wording = ctx.prompt("graph-chains.think", THINK)
    for left in range(looks, -1, -1):
        step = ["anchor", "bridge", "enough"] if left else ["enough"]
        form = task.form(
            reasoning=_TEXT, step={"type": "string", "enum": step}, first=_TEXT, second=_TEXT,
            statements={"type": "array", "items": CLAIM},
        )  # fmt: skip
        seen = "\n".join(f"{name}: {outcome}" for name, outcome in chain.looked.items())
        looked = task.fence("looked up", seen) if seen else "Nothing was looked up yet."
        prompt = wording.format(
            case=task.fence("part", chain.question),
            facts=edges.show(chain.facts),
            looked=looked,
            left=left,
        )
        asked = await ctx.ask(prompt, schema=form, system=edges.SYSTEM, kind="hypothesise", label="think")
        if not asked.readable:
            return []
        if asked.value["step"] == "enough":
            return [_statement(chain, claim) for claim in asked.value["statements"]]
        _look(ctx, chain, asked)
    return []


def _look(ctx: Context, chain: Chain, asked: Asked) -> None:
    """One look at the graph. A name that it cannot place is told with those it has; a look made before gives nothing new."""
    first, second = task.line(asked.value["first"]), task.line(asked.value["second"])
    bridge = asked.value["step"] == "bridge" and bool(second)
    name = f"{first} → {second}" if bridge else first
    if name in chain.looked:
        chain.looked[name] = f"{chain.looked[name].removesuffix(_AGAIN)}{_AGAIN}"
        return
    with ctx.step("retrieve", "bridge" if bridge else "anchor", name) as step:
        try:
            if bridge:
                found = ctx.graphs.paths(first, second, longest=_HOPS, cap=_PATHS)
            else:
                found = ctx.graphs.triples(first, top=_EDGES)
            chain.looked[name] = f"{len(found)} found"
        except Unplaced as error:
            found, chain.looked[name] = [], task.line(str(error), 400)
        step.note(f"\n{chain.looked[name]}", found)
    chain.facts = edges.distinct([*chain.facts, *found])


def _statement(chain: Chain, claim: dict[str, Any]) -> Statement:
    return Statement(
        text=task.line(claim["text"], 300),
        ends=(task.line(claim["head"]), task.line(claim["tail"])),
        relation=task.line(claim["relation"]),
        chain=chain.number,
        facts=edges.resolve(claim["facts"], chain.facts, None),
    )


async def _verify(ctx: Context, statements: Sequence[Statement]) -> None:
    """Hold each statement's triple against the graph. Where that decides nothing, what it cites is shown and proves nothing."""
    for one in statements:
        checked = await ctx.graph_check(one.ends[0], one.relation, one.ends[1])
        if checked.verdict != "unknown" and _says_its_triple(one):
            held = checked.verdict == "true"
            one.verdict, one.facts = ("held" if held else "refuted"), list(checked.evidence)
    with ctx.step("verify", "statements") as step:
        for one in statements:
            step.note(f"chain {one.chain}: {one.text}: {one.verdict}\n", one.facts)
    for one in statements:
        one.dropped = "the graph does not bear it out" if one.verdict == "refuted" else ""


def _says_its_triple(one: Statement) -> bool:
    """Whether a statement's words and its relation agree in denying: "never treats" is not what an edge `treats` says."""
    words = task.folded(one.text)
    for end in one.ends:
        words = words.replace(task.folded(end), " ")
    return bool(_DENIAL.search(words)) == bool(_DENIAL.search(relation_words(one.relation)))


async def _coordinate(
    ctx: Context, case: Case, statements: list[Statement], looks: int
) -> list[tuple[Statement, Statement]]:
    """Settle contradictions between statements by their support; what is left undecided after another look."""
    pairs, question = await _contradictions(ctx, case, statements)
    undecided = settle(pairs, statements)
    if undecided and looks and question:
        chain = Chain(max(one.chain for one in statements) + 1, question)
        found = await _follow(ctx.role(f"chain {chain.number}"), chain, looks)
        await _verify(ctx, found)
        statements += found
        undecided = settle(undecided, statements)
    with ctx.step("verify", "contradictions") as step:
        dropped = [one for pair in pairs for one in pair if one.dropped]
        step.note("".join(f"dropped: {one.text}: {one.dropped}\n" for one in dropped))
        step.note("".join(f"undecided: {a.text} / {b.text}\n" for a, b in undecided))
    return undecided


async def _contradictions(
    ctx: Context, case: Case, statements: Sequence[Statement]
) -> tuple[list[tuple[Statement, Statement]], str]:
    form = task.form(reasoning=_TEXT, contradictions={"type": "array", "items": PAIR}, question=_TEXT)
    listed = "\n".join(
        f"{n}. (chain {one.chain}, {one.verdict}) {one.text}" for n, one in enumerate(statements, 1)
    )
    prompt = ctx.prompt("graph-chains.coordinate", COORDINATE).format(
        case=task.present(case, with_options=False), statements=task.fence("statements", listed)
    )
    asked = await ctx.ask(prompt, schema=form, system=edges.SYSTEM, kind="verify", label="coordinate")
    if not asked.readable:
        return [], ""
    numbers = [(pair["first"], pair["second"]) for pair in asked.value["contradictions"]]
    known = range(1, len(statements) + 1)
    pairs = [
        (statements[a - 1], statements[b - 1]) for a, b in numbers if a in known and b in known and a != b
    ]
    return pairs, asked.value["question"].strip()


def settle(
    pairs: Sequence[tuple[Statement, Statement]], statements: Sequence[Statement]
) -> list[tuple[Statement, Statement]]:
    """Drop the worse supported statement of each contradicting pair; the pairs that this does not decide."""
    undecided = []
    for pair in pairs:
        first, second = ((*one.rank, _said_by(one, statements)) for one in pair)
        if first == second:
            undecided.append(pair)
            continue
        worse, better = pair if first < second else pair[::-1]
        worse.dropped = worse.dropped or f"contradicts what is better supported: {better.text}"
    return undecided


def _said_by(one: Statement, statements: Sequence[Statement]) -> int:
    """How many chains state the same triple."""
    same = [o for o in statements if (o.ends, o.relation) == (one.ends, one.relation)]
    return len({other.chain for other in same})


async def _answer(
    ctx: Context,
    case: Case,
    statements: Sequence[Statement],
    undecided: Sequence[tuple[Statement, Statement]],
) -> Answer:
    """The last call: what held, with its facts, and the answer's own statements tied to them."""
    left = [one for one in statements if not one.dropped]
    held = [one for one in left if one.verdict == "held"]
    kept = held or left
    facts = edges.distinct(fact for one in kept for fact in one.facts)
    lines = [f"{one.text}{'' if held else ' (the graph does not say so)'}" for one in kept]
    lines += [f"Undecided: {a.text} or {b.text}" for a, b in undecided if a in kept and b in kept]
    fields = task.schema(case)["properties"]
    claims = {"type": "array", "items": task.form(text=_TEXT, facts=_NUMBERS)}
    written = task.form(reasoning=fields["reasoning"], statements=claims, answer=fields["answer"])
    asked = await ctx.ask(
        ctx.prompt("graph-chains.answer", ANSWER).format(
            case=task.present(case),
            kept=task.fence("statements", "\n".join(lines)) if lines else "None of them holds.",
            facts=edges.show(facts),
        ),
        schema=written,
        system=edges.SYSTEM,
        kind="hypothesise",
        label="answer",
    )
    answer = task.read(case, asked)
    claimed = _conclude(ctx, asked, facts, True if held else None)
    dropped = sum(bool(one.dropped) for one in statements)
    note = f"{dropped} statement{'s' if dropped != 1 else ''} of the chains dropped" if dropped else None
    if not held:
        note = "the graph bears out none of it"
    elif case.answer_kind == "text" and answer.text is not None and case.answer_form is None:
        answer = answer.model_copy(update={"text": f"{answer.text}\n\n{listing(claimed)}".strip()})
    return answer.model_copy(update={"note": note})


def _conclude(
    ctx: Context, asked: Asked, facts: Sequence[Evidence], supports: bool | None
) -> list[tuple[str, list[Evidence]]]:
    """Each statement of the answer with its edges, a step for each; one that cites no fact of the list is left out."""
    claimed = []
    for claim in asked.value.get("statements", []) if asked.readable else []:
        bearing = edges.resolve(claim["facts"], facts, supports)
        with ctx.step("conclude", "statement" if bearing else "statement without an edge") as step:
            step.note(task.line(claim["text"], 300), bearing)
        if bearing:
            claimed.append((task.line(claim["text"], 300), bearing))
    return claimed


def listing(claimed: Sequence[tuple[str, Sequence[Evidence]]]) -> str:
    """Statements one on a line, each followed by its edges."""
    return "\n".join(
        f"- {text} [{'; '.join(edges.said(fact) for fact in bearing)}]" for text, bearing in claimed
    )
