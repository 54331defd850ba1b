"""QKG: claims are validated in a graph whose edges count only for the patients they are said of; the choice is kept or revised.

Source: Wang et al. 2026 (Quantum Knowledge Graph, arXiv 2604.23972), checked against the released code. Stages: (1)
the reasoner answers without any source and states a claim for its choice and one against every other option; at the
same time one call reads what is known of the patient; (2) the validator takes looks at the graph, one a turn:
relations, a name, edges of a node, what joins two nodes; edges that state for whom they count are held against the
patient before it sees them: those that do not apply are left out, those that apply, are likelier or need caution are
marked; (3) it reports on every claim: supported, contradicted or not covered, with the numbers of the edges that say
so; (4) the reasoner keeps its choice or revises it, by the rule that what is not covered is neutral and a doubtful
switch is worse than none. Defaults: 20 looks, at least 2; greedy. `match=no` shows every edge to everyone (the
paper's control); `compress=no` keeps old observations whole. Calls per case: 2 where the reasoner cannot be read,
else 4 and up to four more for each look.
Deviations: turns are forms, not text to be parsed (the released code evaluates the written call); age, sex and groups
that are one name are decided in code, the rest by one call for up to 15 edges; a report that names no edge for a
verdict, or only edges between other nodes than the claim's, counts as not covered, since the paper's own analysis finds that a strong validator mostly answers the
question itself; one round of validation, where the code has two; where the code's relabelling of drug and disease
edges makes a treatment a contraindication, here the edge is left out, and a contraindication stays its own edge. The
edges of a name are those of the graph's relations, most frequent first, at most 20.
Failure modes: a validator that knows the answer reports what it knows (watch `unbacked` in the trace); no edge, no
coverage; the patient's conditions misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.graphs import Person
from osler.methods import edges, task
from osler.methods.graph_tools import HELP, JUDGE, LOOKS, Desk
from osler.registry import method
from osler.trace import Answer, Evidence

REASON = (
    "{case}\n\nAnswer from your own knowledge. Before the answer, state claims that can be looked up, each one specific medical fact: what speaks for your "
    "answer, and for every other option what rules it out."
)
PATIENT = (
    "{case}\n\nDo not answer. Write down what is known of the patient: age in years, sex, conditions, findings and medicines that the patient has, and those that "
    "are said to be absent, each as a medical terminology calls it; then a summary in two sentences."
)
LOOK = (
    "{case}\n\nClaims to validate, each for an option (supports) or against it (rules out):\n\n{claims}\n\nLooks at the graph so far:\n\n{seen}\n\n{help}\n\nValidate every "
    "claim with equal care, for all options alike. Take one look, or choose report when the graph has been asked about every claim. {left}"
)
COMPRESS = "{case}\n\nDo not answer yet. A look at a graph gave this.\n\n{seen}\n\nWrite in at most 200 words what of it may matter for these claims, with the numbers in square brackets kept.\n\n{claims}"
REPORT = (
    "{case}\n\nClaims:\n\n{claims}\n\nLooks at the graph:\n\n{seen}\n\nReport on every claim, in this order: supported, contradicted or not covered by the edges "
    "shown, and the numbers of the edges that say so. Go by the edges alone, not by what you know; without an edge a claim is not covered."
)
RECONSIDER = (
    "{case}\n\nYou answered {answer}. Your claims were held against a graph{whose}.\n\n{report}\n\nNot covered is neutral. Where a claim for your answer is supported, keep "
    "it, unless what ruled out another option is contradicted and that option has support of its own. Where it is contradicted and another "
    "option has support, switch. When in doubt, keep your answer."
)
STATUS = ("supported", "contradicted", "not covered")
_TEXT: dict[str, Any] = {"type": "string"}
_LINES: dict[str, Any] = {"type": "array", "items": _TEXT, "maxItems": 20}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_LEAST, _SHORT = 2, 300


@dataclass
class Claim:
    """A claim of the reasoner and what the validator reports of it."""

    option: str
    text: str
    supports: bool
    status: str = "not covered"
    facts: list[Evidence] = field(default_factory=list)
    unbacked: bool = False


@method(
    "qkg",
    source="Wang et al. 2026 (QKG)",
    needs=("model", "graph"),
    fidelity="code",
    cost="2 calls where the reasoner cannot be read, else 4 and up to 4 more for each of `looks`",
    calls=lambda looks, match, compress: Calls(2, 4 + looks * (1 + compress + 2 * match)),
    roles=("validator",),
    graph=("refiner",),
    questions=("explainable", "multi-hop"),
    options_in_query=True,
)
async def qkg(
    case: Case,
    ctx: Context,
    looks: Annotated[int, Field(ge=2, le=40)] = 20,
    match: bool = True,
    compress: bool = True,
) -> Answer:
    """Validate claims in a graph, counting only edges that apply to this patient, then keep or revise the answer."""
    calm = ctx.greedy()
    parts = (
        [_reason(calm.child(), case), _patient(calm.child(), case)]
        if match
        else [_reason(calm.child(), case)]
    )
    (first, claims), *read = await ctx.gather(parts)
    if first.unreadable or not claims:
        return first
    seat = calm.role("validator")
    person, summary = read[0] if read else (None, "")
    wording, bare = (lambda: ctx.prompt("qkg.judge", JUDGE)), task.present(case, with_options=False)
    desk = Desk(seat, wording, person, summary, bare)
    seen = await _validate(seat, case, claims, desk, looks, compress)
    await _report(seat, case, claims, seen, desk)
    answer = await _reconsider(calm, case, first, claims, match)
    return _conclude(ctx, first, answer, claims, desk)


async def _reason(ctx: Context, case: Case) -> tuple[Any, Any]:
    """The reasoner's own answer, and its claims."""
    keys = [option.key for option in case.options] or [""]
    one = task.form(option={"type": "string", "enum": keys}, claim=_TEXT, supports={"type": "boolean"})
    fields = task.schema(case)["properties"]
    claims = {"type": "array", "items": one, "minItems": 1, "maxItems": 3 * len(keys) + 3}
    form = task.form(reasoning=_TEXT, claims=claims, answer=fields["answer"])
    prompt = ctx.prompt("qkg.reason", REASON).format(case=task.present(case))
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="hypothesise", label="reason")
    rows = asked.value["claims"] if asked.readable else []
    return task.read(case, asked), [
        Claim(row["option"], task.line(row["claim"], 300), row["supports"]) for row in rows
    ]


async def _patient(ctx: Context, case: Case) -> tuple[Any, Any]:
    """The person that edges are held against, and a summary; what the case itself says of age and sex counts first."""
    form = task.form(
        age={"type": ["number", "null"]}, sex={"type": ["string", "null"], "enum": ["male", "female", None]},
        has=_LINES, lacks=_LINES, summary=_TEXT,
    )  # fmt: skip
    prompt = ctx.prompt("qkg.patient", PATIENT).format(case=task.present(case, with_options=False))
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="observe", label="patient")
    said = (
        asked.value if asked.readable else {"age": None, "sex": None, "has": [], "lacks": [], "summary": ""}
    )
    own = case.demographics
    age = own.age_years if own.age_years is not None else said["age"]
    sex = own.sex if own.sex in ("male", "female") else said["sex"]
    person = Person(age, sex or "", tuple(map(task.line, said["has"])), tuple(map(task.line, said["lacks"])))
    return person, said["summary"] or task.described(case)


async def _validate(
    ctx: Context, case: Case, claims: Sequence[Claim], desk: Desk, looks: int, compress: bool
) -> list[str]:
    """Looks at the graph until the validator has enough or may take no more; what they gave, one text each."""
    form = task.form(
        thought=_TEXT, action={"type": "string", "enum": [*LOOKS, "report"]}, first=_MAYBE, second=_MAYBE, relation=_MAYBE
    )  # fmt: skip
    wording = ctx.prompt("qkg.look", LOOK)
    seen: list[str] = []
    for turn in range(looks):
        left = f"Looks left: {looks - turn}."
        if turn < _LEAST:
            left += f" Take at least {_LEAST} before you report."
        prompt = wording.format(
            case=task.present(case), claims=_listed(claims), seen=_shown(seen), help=HELP, left=left
        )
        asked = await ctx.ask(
            prompt, schema=form, system=edges.SYSTEM, kind="verify", label=f"look {turn + 1}"
        )
        if not asked.readable or (asked.value["action"] == "report" and turn >= _LEAST):
            break
        if compress and seen and len(seen[-1]) > _SHORT and not seen[-1].startswith("In short: "):
            seen[-1] = await _short(ctx, case, seen[-1], claims)
        seen.append(await _look(desk, asked.value))
    return seen


async def _look(desk: Desk, said: dict[str, Any]) -> str:
    if said["action"] == "report":
        return "report: not before two looks"
    first, second, relation = (task.line(said[name] or "") for name in ("first", "second", "relation"))
    if said["action"] != "relations" and not first:
        return f"{said['action']}: say in first what to look at"
    if said["action"] == "check" and not second:
        return "check: say in first and second which two nodes"
    given = ", ".join(word for word in (first, second, relation) if word)
    return f"{said['action']} {given}:\n{await desk.look(said['action'], first, second, relation)}"


async def _short(ctx: Context, case: Case, seen: str, claims: Sequence[Claim]) -> str:
    """An observation that is no longer the last, in few words; whole where none came."""
    prompt = ctx.prompt("qkg.compress", COMPRESS).format(
        case=task.present(case, with_options=False), seen=task.fence("look", seen), claims=_listed(claims)
    )
    asked = await ctx.ask(prompt, system=edges.SYSTEM, kind="revise", label="compress", max_tokens=400)
    words = " ".join(asked.text.split()[:200])
    return f"In short: {words}" if words else seen


async def _report(ctx: Context, case: Case, claims: Sequence[Claim], seen: Sequence[str], desk: Desk) -> None:
    """The validator's verdict on each claim; without an edge that was shown and bears on the claim it counts as not covered."""
    row = task.form(
        status={"type": "string", "enum": list(STATUS)}, edges={"type": "array", "items": {"type": "integer"}}
    )
    many = {"type": "array", "items": row, "minItems": len(claims), "maxItems": len(claims)}
    prompt = ctx.prompt("qkg.report", REPORT).format(
        case=task.present(case), claims=_listed(claims), seen=_shown(seen)
    )
    asked = await ctx.ask(
        prompt,
        schema=task.form(reasoning=_TEXT, claims=many),
        system=edges.SYSTEM,
        kind="verify",
        label="report",
    )
    for claim, said in zip(claims, asked.value["claims"] if asked.readable else [], strict=False):
        named = edges.resolve(said["edges"], desk.facts, said["status"] == "supported")
        claim.facts = [fact for fact in named if _bears(ctx, case, claim, fact)]
        claim.unbacked = said["status"] != "not covered" and not claim.facts
        claim.status = said["status"] if claim.facts else "not covered"
        if claim.status == "not covered":
            claim.facts = []


def _bears(ctx: Context, case: Case, claim: Claim, fact: Evidence) -> bool:
    """Whether an edge is about what a claim names, in its words or by its option: both ends where it names two nodes or more."""
    option = next((one.text for one in case.options if one.key == claim.option), "")
    named = {one.id for text in (claim.text, option) if text for one in ctx.graphs.link(text)}
    return bool(named) and len(named & set(edges.nodes(fact))) >= min(2, len(named))


async def _reconsider(
    ctx: Context, case: Case, first: Answer, claims: Sequence[Claim], match: bool
) -> Answer:
    """The reasoner's choice after the report; its own first one where the graph covers nothing or the reply cannot be read."""
    if all(claim.status == "not covered" for claim in claims):
        return first
    said = first.choice or first.text or ", ".join(first.choices or first.plan) or "as stated in your claims"
    asked = await ctx.ask(
        ctx.prompt("qkg.reconsider", RECONSIDER).format(
            case=task.present(case), answer=task.line(said), report=_listed(claims, True),
            whose=", each edge counted for this patient" if match else "",
        ),
        schema=task.schema(case), system=task.SYSTEM, kind="revise", label="reconsider",
    )  # fmt: skip
    answer = task.read(case, asked)
    return first if answer.unreadable else answer


def _conclude(ctx: Context, first: Answer, answer: Answer, claims: Sequence[Claim], desk: Desk) -> Answer:
    """The claims with their edges as a step, and whether the answer was kept."""
    bare = {"confidence": None, "logprob": None, "note": None}
    kept = first.model_copy(update=bare) == answer.model_copy(update=bare)
    counts = {status: sum(claim.status == status for claim in claims) for status in STATUS}
    unbacked = sum(claim.unbacked for claim in claims)
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    note = (
        f"{'kept' if kept else 'revised'} after validation: {said}; {len(desk.left_out)} edges did not apply"
    )
    with ctx.step("conclude", "validation") as step:
        lines = "".join(f"{claim.status}: {claim.text}\n" for claim in claims)
        step.note(
            f"{note}\n{lines}", [fact for claim in claims for fact in claim.facts], kept=kept, unbacked=unbacked,
            looks=desk.looks, left_out=len(desk.left_out), **{status.replace(" ", "_"): n for status, n in counts.items()},
        )  # fmt: skip
    return answer.model_copy(update={"note": note})


def _listed(claims: Sequence[Claim], with_status: bool = False) -> str:
    """Claims, numbered and fenced; with what was reported of each."""
    lines = []
    for number, claim in enumerate(claims, 1):
        side = f"{claim.option} {'supports' if claim.supports else 'rules out'}: " if claim.option else ""
        facts = f" ({'; '.join(edges.said(fact) for fact in claim.facts)})" if claim.facts else ""
        lines.append(f"{number}. {side}{claim.text}" + (f" → {claim.status}{facts}" if with_status else ""))
    return task.fence("claims", "\n".join(lines))


def _shown(seen: Sequence[str]) -> str:
    return "\n\n".join(task.fence(f"look {n}", text) for n, text in enumerate(seen, 1)) or "None yet."
