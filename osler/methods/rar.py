"""RaR: each option is researched on its own, in rounds; a report with evidence for and against is answered from.

Source: Wind et al. 2025 (radiology Retrieval and Reasoning, npj Digital Medicine 8:790), from its abstract and the caption of
its figure 1 only. Stages: (1) the key concepts of the question, options unseen; (2) a supervisor plans one research task for
each option; (3) each task, all at once, searches, says which passages support and which contradict its option, and where fewer
than `enough` do either searches again in other words, at most `rounds` times; (4) each task becomes a section that cites its
passages; (5) the supervisor writes introduction and conclusion around the sections; (6) the question is answered with the
report in view. Defaults: 3 rounds, 5 passages a search, thin below 2 useful passages, greedy. Calls per case: 4, then 2 to 4
for each option (one for each round, one for the section). Options enter the search, as in the paper: each task looks for its
option. With `conclusion=false` the report is shown without its conclusion and its introduction, a fair test of the model that
answers, since their author has concluded already. A passage that is named for and against is told as read both ways. Deviations: the paper searches one web site live; here it is the corpus of the run
(`--corpus`), which may be a search engine. How many rounds, and what is thin, the abstract does not say. In the paper one model
writes the report and others answer; here the roles `supervisor`, `researcher` and `answerer` may have models of their own. More
than `tasks` options share the tasks; a question without options is researched by up to 4 lines of enquiry. A task that found
nothing has no call for its section, and the report says so. Failure modes: one corpus, one bias; the report's conclusion leaks
the author's answer; an option that is written about more seems better supported.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from osler.calls import Calls
from osler.case import Case, Option
from osler.context import Context
from osler.methods import evidence, queries, task
from osler.passages import Passage
from osler.registry import method
from osler.trace import Answer

CONCEPTS = (
    "{case}\n\nDo not answer. Name the key concepts of this question, in the words of a textbook, as a search would need "
    "them."
)
PLAN = (
    "{case}\n\nDo not answer. A search has to be planned.\n\n{concepts}\n\nFor each of these lines of enquiry, say in "
    "one sentence what has to be found out, for and against, and give a short query for a search engine.\n\n{lines}"
)
LINES = (
    "{case}\n\nDo not answer. A search has to be planned.\n\n{concepts}\n\nName up to {n} lines of enquiry: for each say "
    "in one sentence what has to be found out, for and against, and give a short query for a search engine."
)
READ = (
    "{case}\n\nYou research one line of enquiry only.\n\n{line}\n\nThe search gave these passages.\n\n{passages}\n\nSay "
    "which passages support it and which contradict it, by their numbers; leave out what is off the point. Where they "
    "are too few, give another query in other words."
)
SECTION = (
    "{case}\n\nYou researched one line of enquiry.\n\n{line}\n\nThese passages were kept.\n\n{passages}\n\nWrite a short "
    "section of a report: what supports it, then what contradicts it. Cite each statement by the number of its passage "
    "in square brackets. State nothing that no passage says."
)
REPORT = (
    "{case}\n\nThese sections were written, one for each line of enquiry.\n\n{sections}\n\nWrite an introduction, which "
    "says what is asked and what decides it, and a conclusion, which weighs the sections against each other and keeps "
    "their numbers in square brackets."
)
DECIDE = (
    "{case}\n\nThis report was compiled from a search. Numbers in square brackets are its passages.\n\n{report}\n\n"
    "Decide, and cite the numbers you rest on."
)
OPEN_LINES = 4
_BRACKETS = re.compile(r"[ \t]*\[[\d\s,;–-]+\]")


@dataclass
class Enquiry:
    """One research task: what it looks for, what it found in its rounds, and the section that came of it."""

    title: str
    wanted: str
    query: str
    found: list[Passage] = field(default_factory=list)
    supports: list[int] = field(default_factory=list)
    contradicts: list[int] = field(default_factory=list)
    both: list[int] = field(default_factory=list)
    section: str = ""

    @property
    def words(self) -> str:
        """The task as a prompt shows it."""
        return task.fence("line of enquiry", f"{self.title}\n{self.wanted}")


def count_calls(rounds: int, tasks: int, with_options: bool) -> Calls:
    """Concepts, plan, report and answer; for each task its rounds, and a section where it found anything."""
    return Calls(
        4 + (min(2, tasks) if with_options else 1), 4 + (tasks if with_options else OPEN_LINES) * (rounds + 1)
    )


@method(
    "rar",
    source="Wind et al. 2025 (RaR)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="4 calls, and 2 to 4 for each option",
    calls=count_calls,
    roles=("supervisor", "researcher", "answerer"),
    options_in_query=True,
)
async def rar(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 3,
    top: Annotated[int, Field(ge=1, le=50)] = 5,
    enough: Annotated[int, Field(ge=1, le=50)] = 2,
    tasks: Annotated[int, Field(ge=1, le=26)] = 10,
    conclusion: bool = True,
) -> Answer:
    """Research each option on its own in rounds, write a cited report for and against, then answer from the report."""
    supervisor = ctx.role("supervisor").greedy()
    enquiries = await _plan(case, supervisor, tasks)
    await ctx.gather(
        _research(case, ctx.role("researcher").greedy(), one, rounds, top, enough) for one in enquiries
    )
    passages = _number(enquiries)
    await ctx.gather(_section(case, ctx.role("researcher").greedy(), one, passages) for one in enquiries)
    report = await _report(case, supervisor, enquiries, passages, conclusion)
    prompt = ctx.prompt("rar", DECIDE).format(case=task.present(case), report=task.fence("report", report))
    form = evidence.with_citations(task.schema(case))
    answerer = ctx.role("answerer").greedy()
    asked = await answerer.ask(prompt, schema=form, system=evidence.SYSTEM, kind="conclude", label="answer")
    return evidence.answered(case, ctx, asked, passages)


async def _plan(case: Case, ctx: Context, tasks: int) -> list[Enquiry]:
    """The research tasks. Where the plan cannot be read, each looks for its option with the question's concepts."""
    bare = task.present(case, with_options=False)
    words = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 12}
    asked = await ctx.ask(
        ctx.prompt("rar.concepts", CONCEPTS).format(case=bare),
        schema=task.form(reasoning={"type": "string"}, concepts=words),
        system=task.SYSTEM,
        label="concepts",
    )
    named = [task.line(one) for one in asked.value.get("concepts", ())] or [queries.of(case)]
    concepts = task.fence("concepts", "\n".join(named))
    groups = [list(case.options[place::tasks]) for place in range(min(tasks, len(case.options)))]
    titles = [" / ".join(f"{one.key}. {one.text}" for one in group) for group in groups]
    n = len(groups) or OPEN_LINES
    one = task.form(look_for={"type": "string"}, query={"type": "string"})
    wanted = {"type": "array", "items": one, "minItems": len(groups) or 1, "maxItems": n}
    prompt = (
        ctx.prompt("rar.plan", PLAN).format(
            case=bare, concepts=concepts, lines=task.fence("lines", "\n".join(titles))
        )
        if groups
        else ctx.prompt("rar.lines", LINES).format(case=bare, concepts=concepts, n=n)
    )
    asked = await ctx.ask(
        prompt, schema=task.form(reasoning={"type": "string"}, tasks=wanted), system=task.SYSTEM, label="plan"
    )
    planned = asked.value.get("tasks", [])
    if not groups:
        planned = planned or [{"look_for": "what decides the question", "query": " ".join(named)}]
        return [
            Enquiry(task.line(p["look_for"], 300), task.line(p["look_for"], 300), task.line(p["query"], 300))
            for p in planned[:n]
        ]
    if len(planned) != len(groups):
        planned = [{"look_for": "what supports it and what contradicts it", "query": ""}] * len(groups)
    return [
        Enquiry(title, task.line(p["look_for"], 300), _usable(p["query"], group, named))
        for title, p, group in zip(titles, planned, groups, strict=True)
    ]


def _usable(query: str, group: list[Option], concepts: list[str]) -> str:
    """The planned query, or one of the option and the question's concepts where none was given."""
    return task.line(query, 300) or " ".join([*(one.text for one in group), *concepts])[: queries.MOST]


async def _research(case: Case, ctx: Context, one: Enquiry, rounds: int, top: int, enough: int) -> None:
    """Search and read in rounds until enough was found, the rounds are used up, or no new query is given."""
    numbers = {"type": "array", "items": {"type": "integer"}}
    form = task.form(
        reasoning={"type": "string"},
        supporting=numbers,
        contradicting=numbers,
        query={"type": ["string", "null"], "description": "another query, or null where there is enough"},
    )
    query, tried = one.query, set()
    kept: dict[tuple[str, str, int], tuple[Passage, set[str]]] = {}
    for number in range(1, rounds + 1):
        tried.add(task.folded(query))
        found = evidence.keep_within(await ctx.retrieve(query, top, label=f"search {number}"))
        prompt = ctx.prompt("rar.read", READ).format(
            case=task.present(case, with_options=False), line=one.words, passages=evidence.show(found)
        )
        asked = await ctx.ask(
            prompt, schema=form, system=evidence.SYSTEM, kind="verify", label=f"round {number}"
        )
        for name in ("supporting", "contradicting"):
            for n in asked.value.get(name, ()):
                if 1 <= n <= len(found):
                    passage = found[n - 1]
                    place = (passage.corpus, passage.document, passage.start)
                    kept.setdefault(place, (passage, set()))[1].add(name)
        query = task.line(asked.value.get("query") or "", 300)
        if len(kept) >= enough or not query or task.folded(query) in tried:
            break
    one.found = [passage for passage, _ in kept.values()]
    sides = [named for _, named in kept.values()]
    one.supports = [place for place, named in enumerate(sides) if named == {"supporting"}]
    one.contradicts = [place for place, named in enumerate(sides) if named == {"contradicting"}]
    one.both = [place for place, named in enumerate(sides) if len(named) == 2]


def _number(enquiries: list[Enquiry]) -> list[Passage]:
    """All kept passages in one list; each enquiry's places become their numbers in it, from 1."""
    passages: list[Passage] = []
    for one in enquiries:
        first = len(passages) + 1
        one.supports = [first + place for place in one.supports]
        one.contradicts = [first + place for place in one.contradicts]
        one.both = [first + place for place in one.both]
        passages += one.found
    return passages


async def _section(case: Case, ctx: Context, one: Enquiry, passages: list[Passage]) -> None:
    """Write the section; citations of passages that this task does not have are taken out of it."""
    numbers = sorted([*one.supports, *one.contradicts, *one.both])
    if not numbers:
        one.section = "Nothing was found on this, neither for nor against."
        return
    sides = f"Supporting: {_marks(one.supports)}. Contradicting: {_marks(one.contradicts)}."
    if one.both:
        sides += f" Read both ways: {_marks(one.both)}."
    prompt = ctx.prompt("rar.section", SECTION).format(
        case=task.present(case, with_options=False),
        line=f"{one.words}\n{sides}",
        passages=evidence.show(one.found, numbers[0]),
    )
    asked = await ctx.ask(prompt, system=evidence.SYSTEM, label="section")
    one.section = without_unknown(asked.text, numbers)


def _marks(numbers: list[int]) -> str:
    return " ".join(f"[{number}]" for number in numbers) or "none"


async def _report(
    case: Case, ctx: Context, enquiries: list[Enquiry], passages: list[Passage], conclusion: bool
) -> str:
    """Introduction, sections and, if wanted, the conclusion, as one text with its sources; sections stand as they were written."""
    sections = "\n\n".join(
        task.fence(f"section {number}", f"{one.title}\n{one.section}")
        for number, one in enumerate(enquiries, 1)
    )
    prompt = ctx.prompt("rar.report", REPORT).format(
        case=task.present(case, with_options=False), sections=sections
    )
    form = task.form(introduction={"type": "string"}, conclusion={"type": "string"})
    asked = await ctx.ask(prompt, schema=form, system=evidence.SYSTEM, label="report")
    known = range(1, len(passages) + 1)
    parts = [f"{one.title}\n{one.section}" for one in enquiries]
    if (
        conclusion
    ):  # the introduction has the same author, who has seen the sections: it may give the answer away too
        parts.insert(0, without_unknown(asked.value.get("introduction", ""), known))
        if asked.value.get("conclusion"):
            parts.append(f"Conclusion: {without_unknown(asked.value['conclusion'], known)}")
    parts.append("\n".join(f"[{n}] {evidence.attribution(one)}" for n, one in enumerate(passages, 1)))
    with ctx.step("recall", "the report") as step:
        step.note("\n\n".join(part for part in parts if part), conclusion=conclusion)
    return "\n\n".join(part for part in parts if part)


def without_unknown(text: str, numbers: Collection[int]) -> str:
    """A text in which brackets cite only these numbers: others are taken out, and a bracket that has no other goes with them."""

    def kept(found: re.Match[str]) -> str:
        named = evidence.cited_numbers(found[0])
        known = [number for number in named if number in numbers]
        if not named or known == named:
            return found[0]
        return f" [{', '.join(map(str, known))}]" if known else ""

    return _BRACKETS.sub(kept, text)
