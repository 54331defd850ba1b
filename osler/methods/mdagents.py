"""MDAgents: a triage decides how many agents a case needs: one, a team that debates, or several teams in turn.

Source: Kim et al. 2024 (arXiv 2404.15155), checked against the released code. Stages: (0) triage: basic, intermediate or advanced.
Basic: `shots` random examples of the run's pool, for each of which the model writes a rationale of one or two sentences; then one answer with
them in view. Intermediate: a recruiter names 5 experts; each answers, with such examples in view; in each of up to `rounds` rounds an assistant sums the opinions up, in up to `turns` turns each expert says whether to speak, to
whom and what, and then the experts answer again; a turn in which nobody speaks ends the debate; a moderator decides from all final answers.
Advanced: a recruiter forms 3 teams of 3, the first for initial assessment, the last for final review; in each the lead asks, the members
report, the lead concludes, with the earlier teams' conclusions in view; a decision maker sees all three. Defaults: 5 examples, 5 experts, 5 rounds, 5
turns, 3 × 3; triage, recruiting and decisions greedy, the rest at 0.7. A triage that cannot be read counts as intermediate.
Calls per case: 2 (basic), 14 to 163 (intermediate), 15 (advanced); 1 for the rationale of each example, once a run.
Deviations from the code, each a defect there: triage is a field of three values, not a search for a word; when nobody wants to talk the moderator
gets the opinions; later rounds start from the current opinions; the decision maker of the advanced path gets all reports.
Further deviations: whether, to whom and what an expert says is one structured reply, not up to three calls; the experts of a turn speak at once;
an example's rationale is written once a run, greedily, not once a case; without a pool there are no examples, and the run says so; no order of rank among the experts; no outside retrieval (a later part brings it).
Failure modes: a wrong triage is the whole trade of cost against accuracy.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.llm.types import Message
from osler.methods import panel, task, votes
from osler.methods.exemplars import RATIONALE, exemplars
from osler.registry import method
from osler.services import Asked
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
    "{case}\n\nYou are {lead}, the lead of this team: {purpose}. It reported:\n\n{reports}\n\n{earlier}\n\nWrite the team's "
    "conclusion."
)
DECIDE = "{case}\n\nThe teams concluded:\n\n{reports}\n\nMake the final decision."


TEXT, TEXTS = {"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}
LEVEL = task.form(reasoning=TEXT, level={"type": "string", "enum": ["basic", "intermediate", "advanced"]})
SPEAK = task.form(message=TEXT, to={"type": "array", "items": {"type": "integer"}}, speak={"type": "boolean"})


def count_calls(experts: int, rounds: int, turns: int, teams: int, size: int, shots: int) -> Calls:
    """From a case that one answers alone to the longest debate, or all teams where that is more."""
    debate = 3 + experts + rounds * (1 + turns * experts + experts)
    return Calls(2, max(debate, 3 + teams * (size + 1)), shared=shots)


@method(
    "mdagents",
    source="Kim et al. 2024 (MDAgents)",
    needs=("model",),
    examples_for="shots",
    fidelity="code",
    cost="2 to 163 calls",
    calls=count_calls,
    roles=("assistant", "expert", "moderator", "lead", "member", "decision-maker"),
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
    shots: Annotated[int, Field(ge=0, le=20)] = 5,
) -> Answer:
    """Triage the case, then answer alone, by a debating team, or by teams in turn."""
    shown, calm = task.present(case), ctx.greedy()
    triage = await calm.ask(
        ctx.prompt("mdagents.triage", TRIAGE).format(case=shown),
        schema=LEVEL,
        system=task.SYSTEM,
        kind="observe",
        label="triage",
    )
    level = triage.value.get("level", "intermediate")
    if level == "basic":
        return await _basic(case, calm, shown, shots)
    free = ctx.sampling(temperature)
    if level == "intermediate":
        return await _team(case, free, calm, shown, experts, rounds, turns, shots)
    return await _departments(case, free, calm, shown, teams, size)


async def _basic(case: Case, ctx: Context, shown: str, shots: int) -> Answer:
    """One answer, with examples where the run has a pool."""
    wording = ctx.prompt("mdagents.basic", ANSWER)
    messages = [*await _examples(case, ctx, shots), Message("user", wording.format(case=shown))]
    asked = await ctx.ask(
        messages, schema=task.schema(case), system=task.SYSTEM, kind="conclude", label="answer alone"
    )
    return task.read(case, asked)


async def _examples(case: Case, ctx: Context, shots: int) -> list[Message]:
    """Solved examples with rationales as earlier turns, where the run has a pool."""
    return await exemplars(case, ctx, shots, ctx.prompt("mdagents.rationale", RATIONALE), "{case}")


async def _team(
    case: Case, free: Context, calm: Context, shown: str, n: int, rounds: int, turns: int, shots: int
) -> Answer:
    """Experts give opinions, talk to each other while anyone wants to, answer, and a moderator decides."""
    prepared: list[Any] = await calm.gather([_recruit(calm, shown, n), _examples(case, calm, shots)])
    experts, before = prepared
    seats = [free.role(f"expert {number}: {name}") for number, name in enumerate(experts, 1)]
    form = task.schema(case)
    opinion = free.prompt("mdagents.opinion", OPINION)
    opinions: list[Asked] = await free.gather(
        seat.ask(
            [*before, Message("user", opinion.format(case=shown, expert=name))],
            schema=form,
            system=task.SYSTEM,
            label="opinion",
        )
        for seat, name in zip(seats, experts, strict=True)
    )
    for _ in range(rounds):
        heard, over = await _round(case, free, shown, seats, experts, opinions, turns)
        if not any(heard):
            break
        opinions = await free.gather(
            seat.ask(
                free.prompt("mdagents.final", FINAL).format(
                    case=shown,
                    expert=name,
                    own=task.fence("your opinion", task.reasoning(own)),
                    heard="\n\n".join(messages) or "nothing",
                ),
                schema=form,
                system=task.SYSTEM,
                kind="revise",
                label="answer",
            )
            for seat, name, own, messages in zip(seats, experts, opinions, heard, strict=True)
        )
        if over:
            break
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


async def _recruit(ctx: Context, shown: str, n: int) -> list[str]:
    """n experts; who is missing is a general internist."""
    recruited = await ctx.ask(
        ctx.prompt("mdagents.recruit", RECRUIT).format(case=shown, n=n),
        schema=task.form(experts={**TEXTS, "minItems": n, "maxItems": n}),
        system=task.SYSTEM,
        kind="recall",
        label="recruit",
    )
    named = [name for expert in recruited.value.get("experts", []) if (name := task.line(expert))]
    return [*named, *["a general internist"] * n][:n]


async def _round(
    case: Case,
    free: Context,
    shown: str,
    seats: list[Context],
    experts: list[str],
    opinions: list[Asked],
    turns: int,
) -> tuple[list[list[str]], bool]:
    """A summary, then up to `turns` turns of messages: what each expert heard, and whether a turn passed in silence."""
    heard: list[list[str]] = [[] for _ in experts]
    others = "\n".join(f"{number}. {name}" for number, name in enumerate(experts, 1))
    summary = await panel.say(
        free.role("assistant"),
        "mdagents.summary",
        SUMMARY,
        kind="hypothesise",
        label="sum up",
        case=shown,
        opinions=_opinions(case, experts, opinions),
    )
    for _ in range(turns):
        replies = await free.gather(
            seat.ask(
                free.prompt("mdagents.talk", TALK).format(
                    case=shown,
                    expert=name,
                    summary="\n\n".join([task.fence("summary", summary), *told]),
                    others=others,
                ),
                schema=SPEAK,
                system=task.SYSTEM,
                kind="ask",
                label="talk",
            )
            for seat, name, told in zip(seats, experts, heard, strict=True)
        )
        if not _deliver(replies, experts, heard):
            return heard, True
    return heard, False


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
    return panel.heard(experts, [votes.position(case, own) for own in opinions])


async def _departments(case: Case, free: Context, calm: Context, shown: str, n: int, size: int) -> Answer:
    """Teams report one after the other, each seeing what came before; a decision maker sees all reports."""
    form = task.form(purpose=TEXT, members={**TEXTS, "minItems": size, "maxItems": size})
    formed = await calm.ask(
        calm.prompt("mdagents.teams", TEAMS).format(case=shown, n=n, size=size),
        schema=task.form(teams={"type": "array", "items": form, "minItems": n, "maxItems": n}),
        system=task.SYSTEM,
        kind="recall",
        label="form teams",
    )
    default = {"purpose": "assessment", "members": ["a general internist"] * size}
    teams = [*formed.value.get("teams", []), *[default] * n][:n]
    reports: list[str] = []
    for team in teams:
        reports.append(await _department(free, shown, team, reports))
    asked = await calm.role("decision-maker").ask(
        calm.prompt("mdagents.decide", DECIDE).format(case=shown, reports="\n\n".join(reports)),
        schema=task.schema(case),
        system=task.SYSTEM,
        kind="conclude",
        label="decide",
    )
    return task.read(case, asked)


async def _department(free: Context, shown: str, team: dict[str, Any], earlier: list[str]) -> str:
    """One team: the lead asks, the members report at once, the lead concludes."""
    lead, *members = [task.line(name) for name in team["members"]]
    purpose = task.line(team["purpose"], 300)
    values = {"case": shown, "purpose": purpose, "lead": lead, "members": ", ".join(members)}
    before = "\n\n".join(["These teams came before yours.", *earlier]) if earlier else ""
    request = await panel.say(
        free.role(f"lead: {lead}"),
        "mdagents.lead",
        LEAD,
        kind="order",
        label="request",
        **values,
        earlier=before,
    )
    reports = await free.gather(
        panel.say(
            free.role(f"member: {member}"),
            "mdagents.report",
            REPORT,
            kind="observe",
            case=shown,
            member=member,
            purpose=purpose,
            request=task.fence("request", request),
        )
        for member in members
    )
    conclusion = await panel.say(
        free.role(f"lead: {lead}"),
        "mdagents.conclude",
        CONCLUDE,
        kind="hypothesise",
        **values,
        reports=panel.heard(members, reports),
        earlier=before,
    )
    return task.fence(purpose, conclusion)
