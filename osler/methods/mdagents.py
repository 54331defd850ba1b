"""MDAgents: a triage decides how many agents a case needs: one, a team that debates, or several teams in turn.

Source: Kim et al. 2024 (arXiv 2404.15155), checked against the released code. Stages: (0) triage: basic, intermediate or advanced.
Basic: one answer, with 5 examples from the pool where there is one. Intermediate: a recruiter names 5 experts; each answers; in up to
`rounds` rounds of up to `turns` turns an assistant sums the opinions up and each expert says whether to speak and to whom, and a turn in which
nobody speaks ends the debate; experts then answer again; a moderator decides from all final answers. Advanced: a recruiter forms 3 teams of 3,
the first for initial assessment, the last for final review; in each the lead asks, the members report, the lead concludes; a decision maker
sees all three reports. Defaults: 5 experts, 5 rounds, 5 turns, 3 × 3; decisions at temperature 0, the rest at 0.7.
Calls per case: 2 (basic) to about 300 (intermediate, when all keep talking), 17 (advanced).
Deviations from the code, each a defect there: triage is a field of three values, not a search for a word; when nobody wants to talk the moderator
gets the opinions; later rounds start from the current opinions; the decision maker of the advanced path gets all reports.
Deviation from the paper: examples come without generated rationales; no outside retrieval (a later part brings it).
Failure modes: a wrong triage is the whole trade of cost against accuracy.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from osler.case import Case
from osler.context import Asked, Context
from osler.llm.types import Message
from osler.methods import task
from osler.methods.debate import reasoning
from osler.methods.few_shot import turns
from osler.registry import method
from osler.trace import Answer

TRIAGE = (
    "{case}\n\nHow hard is this? Basic: one physician can answer at once. Intermediate: several specialists should discuss it. Advanced: "
    "teams of several departments must work on it one after the other."
)
ANSWER = "{case}\n\nReason step by step, then answer."
RECRUIT = (
    "{case}\n\nName {n} experts who should discuss this, each with the expertise needed, in a few words."
)
OPINION = "{case}\n\nYou are {expert}. Give your opinion and your answer."
SUMMARY = "{case}\n\nThese are the experts' present opinions.\n\n{opinions}\n\nSum up where they agree and where they differ."
TALK = (
    "{case}\n\nYou are {expert}. The discussion so far.\n\n{summary}\n\nDo you want to say something to one or more of the others, to "
    "convince them or to ask? Their numbers:\n{others}"
)
FINAL = "{case}\n\nYou are {expert}. Your opinion was:\n\n{own}\n\nThe others told you:\n\n{heard}\n\nGive your answer now."
MODERATE = "{case}\n\nThese are the experts' final answers.\n\n{opinions}\n\nAs moderator, give the answer that they support best."
TEAMS = (
    "{case}\n\nForm {n} teams of {size} clinicians each. The first does the initial assessment, the last the final review and decision. Give each "
    "team its purpose and its members, the lead first."
)
LEAD = "{case}\n\nYou lead this team: {purpose}. You are {lead}. Say which investigations and assessments you need from {members}.\n\n{earlier}"
REPORT = "{case}\n\nYou are {member} in a team for: {purpose}. Your lead asks:\n\n{request}\n\nReport what you find in the case."
CONCLUDE = (
    "{case}\n\nYou are {lead}, the lead. Your team reported:\n\n{reports}\n\nWrite the team's conclusion."
)
DECIDE = "{case}\n\nThe teams concluded:\n\n{reports}\n\nMake the final decision."


def _form(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


TEXT, TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}
LEVEL = _form(reasoning=TEXT, level={"type": "string", "enum": ["basic", "intermediate", "advanced"]})
SPEAK = _form(message=TEXT, to={"type": "array", "items": {"type": "integer"}}, speak={"type": "boolean"})


@method(
    "mdagents",
    source="Kim et al. 2024 (MDAgents)",
    needs=("model",),
    fidelity="code",
    cost="2 to about 300 calls",
)
async def mdagents(
    case: Case,
    ctx: Context,
    experts: Annotated[int, Field(ge=2, le=10)] = 5,
    rounds: Annotated[int, Field(ge=1, le=5)] = 5,
    turns: Annotated[int, Field(ge=1, le=5)] = 5,
    teams: Annotated[int, Field(ge=2, le=5)] = 3,
    size: Annotated[int, Field(ge=2, le=5)] = 3,
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7,
) -> Answer:
    """Triage the case, then answer alone, by a debating team, or by teams in turn."""
    shown, calm = task.present(case), ctx.sampling(0.0)
    triage = await calm.ask(
        ctx.prompt("mdagents.triage", TRIAGE).format(case=shown),
        schema=LEVEL,
        system=task.SYSTEM,
        kind="observe",
        label="triage",
    )
    level = triage.value.get("level", "intermediate")
    if level == "basic":
        return await _basic(case, calm, shown)
    free = ctx.sampling(temperature)
    if level == "intermediate":
        return await _team(case, free, calm, shown, experts, rounds, turns)
    return await _departments(case, free, calm, shown, teams, size)


async def _basic(case: Case, ctx: Context, shown: str) -> Answer:
    """One answer, with five examples where the run has a pool."""
    wording = ctx.prompt("mdagents.basic", ANSWER)
    pool = ctx.services.examples
    before = turns(pool.sample(case, 5, ctx.rng), wording) if pool else []
    messages = [*before, Message("user", wording.format(case=shown))]
    asked = await ctx.ask(messages, schema=task.schema(case), system=task.SYSTEM, kind="conclude")
    return task.read(case, asked)


async def _team(
    case: Case, free: Context, calm: Context, shown: str, n: int, rounds: int, turns: int
) -> Answer:
    """Experts give opinions, talk to each other while anyone wants to, answer, and a moderator decides."""
    recruited = await calm.ask(
        calm.prompt("mdagents.recruit", RECRUIT).format(case=shown, n=n),
        schema=_form(experts={**TEXTS, "minItems": n, "maxItems": n}),
        system=task.SYSTEM,
        kind="recall",
        label="recruit",
    )
    named = [str(name) for name in recruited.value.get("experts", [])]
    experts = [*named, *["a general internist"] * n][:n]
    seats = [free.role(name) for name in experts]
    form = task.schema(case)
    opinions: list[Asked] = await free.gather(
        seat.ask(
            free.prompt("mdagents.opinion", OPINION).format(case=shown, expert=name),
            schema=form,
            system=task.SYSTEM,
            label="opinion",
        )
        for seat, name in zip(seats, experts, strict=True)
    )
    for _ in range(rounds):
        heard, talked = await _round(free, shown, seats, experts, opinions, turns)
        if not talked:
            break
        opinions = await free.gather(
            seat.ask(
                free.prompt("mdagents.final", FINAL).format(
                    case=shown,
                    expert=name,
                    own=task.fence("your opinion", reasoning(own)),
                    heard="\n\n".join(messages) or "nothing",
                ),
                schema=form,
                system=task.SYSTEM,
                kind="revise",
                label="answer",
            )
            for seat, name, own, messages in zip(seats, experts, opinions, heard, strict=True)
        )
    asked = await calm.role("moderator").ask(
        calm.prompt("mdagents.moderate", MODERATE).format(
            case=shown, opinions=_opinions(case, experts, opinions)
        ),
        schema=form,
        system=task.SYSTEM,
        kind="conclude",
        label="moderate",
    )
    return task.read(case, asked)


async def _round(
    free: Context, shown: str, seats: list[Context], experts: list[str], opinions: list[Asked], turns: int
) -> tuple[list[list[str]], bool]:
    """Up to `turns` turns of messages; what each expert heard, and whether anyone spoke."""
    heard: list[list[str]] = [[] for _ in experts]
    others = "\n".join(f"{number}. {name}" for number, name in enumerate(experts, 1))
    talked = False
    for _ in range(turns):
        said = "\n\n".join(
            task.fence(name, "\n".join([reasoning(own), *told]))
            for name, own, told in zip(experts, opinions, heard, strict=True)
        )
        summary = await free.role("assistant").ask(
            free.prompt("mdagents.summary", SUMMARY).format(case=shown, opinions=said),
            system=task.SYSTEM,
            label="sum up",
        )
        replies = await free.gather(
            seat.ask(
                free.prompt("mdagents.talk", TALK).format(
                    case=shown, expert=name, summary=task.fence("summary", summary.text), others=others
                ),
                schema=SPEAK,
                system=task.SYSTEM,
                kind="ask",
                label="talk",
            )
            for seat, name in zip(seats, experts, strict=True)
        )
        spoken = _deliver(replies, experts, heard)
        if not spoken:
            break
        talked = True
    return heard, talked


def _deliver(replies: list[Asked], experts: list[str], heard: list[list[str]]) -> bool:
    """Put each message where it is addressed; whether there was any."""
    spoken = False
    for sender, reply in enumerate(replies):
        if not reply.readable or not reply.value["speak"]:
            continue
        for number in {n for n in reply.value["to"] if isinstance(n, int) and 1 <= n <= len(experts)}:
            if number - 1 != sender:
                heard[number - 1].append(task.fence(f"{experts[sender]} says", reply.value["message"]))
                spoken = True
    return spoken


def _opinions(case: Case, experts: list[str], opinions: list[Asked]) -> str:
    return "\n\n".join(
        task.fence(
            f"{name} answers {task.key_of(task.read(case, own)) or 'nothing readable'}", reasoning(own)
        )
        for name, own in zip(experts, opinions, strict=True)
    )


async def _departments(case: Case, free: Context, calm: Context, shown: str, n: int, size: int) -> Answer:
    """Teams report one after the other, each seeing what came before; a decision maker sees all reports."""
    form = _form(purpose=TEXT, members={**TEXTS, "minItems": size, "maxItems": size})
    formed = await calm.ask(
        calm.prompt("mdagents.teams", TEAMS).format(case=shown, n=n, size=size),
        schema=_form(teams={"type": "array", "items": form, "minItems": n, "maxItems": n}),
        system=task.SYSTEM,
        kind="recall",
        label="form teams",
    )
    default = {"purpose": "assessment", "members": ["a general internist"] * size}
    teams = [*formed.value.get("teams", []), *[default] * n][:n]
    reports: list[str] = []
    for team in teams:
        reports.append(await _department(free, shown, team, reports))
    asked = await calm.role("decision maker").ask(
        calm.prompt("mdagents.decide", DECIDE).format(case=shown, reports="\n\n".join(reports)),
        schema=task.schema(case),
        system=task.SYSTEM,
        kind="conclude",
        label="decide",
    )
    return task.read(case, asked)


async def _department(free: Context, shown: str, team: dict[str, Any], earlier: list[str]) -> str:
    """One team: the lead asks, the members report at once, the lead concludes."""
    lead, *members = [str(name) for name in team["members"]]
    purpose = str(team["purpose"])
    values = {"case": shown, "purpose": purpose, "lead": lead, "members": ", ".join(members)}
    request = await free.role(lead).ask(
        free.prompt("mdagents.lead", LEAD).format(**values, earlier="\n\n".join(earlier)),
        system=task.SYSTEM,
        kind="order",
        label="request",
    )
    reports = await free.gather(
        free.role(member).ask(
            free.prompt("mdagents.report", REPORT).format(
                case=shown, member=member, purpose=purpose, request=task.fence("request", request.text)
            ),
            system=task.SYSTEM,
            kind="observe",
            label="report",
        )
        for member in members
    )
    told = "\n\n".join(task.fence(member, reply.text) for member, reply in zip(members, reports, strict=True))
    conclusion = await free.role(lead).ask(
        free.prompt("mdagents.conclude", CONCLUDE).format(**values, reports=told),
        system=task.SYSTEM,
        label="conclude",
    )
    return task.fence(purpose, conclusion.text)
