"""Four ways of deciding when and what to retrieve: fall back, route, search again, or vote over how many passages are in view.

Source: Sultana et al. 2025 (BanglaMedQA and BanglaMMedBench, arXiv 2511.04560), checked against its abstract and a review of it.
Stages: rag-fallback answers from the first `k` passages and says whether they hold the answer; where they do not, or nothing was
found, it answers without them. rag-agentic takes the first `k` passages of the corpus `local`; a router judges whether they bear on the
question and chooses corpus, web (a search service of the run, named by `web`) or the model's own knowledge; then the answer.
rag-feedback answers, judges whether the passages suffice, and if not searches with a new query, adds what it finds and answers again,
in `rounds` rounds at most. rag-aggregate gives one answer for each of several numbers of passages (`ks`, joined by +), at once, and takes
the majority.
Defaults: k = 5; 3 rounds; ks = 3+5+10; greedy; the query is the question alone. Calls per case: rag-fallback 1 to 2; rag-agentic 2 (1
where no route but its own knowledge is open); rag-feedback 2 to 2 × rounds − 1, that is 5; rag-aggregate one for each of `ks`, that is 3.
Deviations: the paper searches with question and options, which `options_in_query` does; by default the options stay out. Numbers of
passages are Osler's. A route that cannot be read is the corpus where it gave something. In rag-feedback passages of earlier rounds stay.
Failure modes: strong models send nearly everything to the web or to their own knowledge, so the route is in the trace (step `route`) and the answer's
note, and `route_shares` counts it; a model judges its own answer sufficient; questions of mere recall profit most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Asked, Context
from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import place_of
from osler.methods import evidence, queries, task, votes
from osler.passages import Filters, Passage
from osler.registry import method
from osler.trace import Answer, Trace

K = Annotated[int, Field(ge=1, le=200)]
Characters = Annotated[int, Field(ge=100)]
SOURCE = "Sultana et al. 2025 (BanglaMedQA)"
FOUND = (
    "{case}\n\nA search found these passages. Some may be off the point or wrong.\n\n{passages}\n\nThink step by step, cite the passages that "
    "you rest on by their numbers, then commit to your answer."
)
FALLBACK = (
    "{case}\n\nA search found these passages.\n\n{passages}\n\nSay first whether they hold what is needed to answer. Answer from them, and cite "
    "those you rest on by their numbers."
)
ALONE = "{case}\n\nThink step by step, from your own knowledge, then commit to your answer."
ROUTE = (
    "{case}\n\nA search of the local corpus found these passages.\n\n{passages}\n\nDo not answer yet. Say whether these passages bear on the "
    "question, then choose how it should be answered: {routes}."
)
ASSESS = (
    "{case}\n\nThese passages were in view.\n\n{passages}\n\nThis was answered.\n\n{answer}\n\nDo the passages suffice for that answer? If not, "
    "say what is missing and write a better query for it."
)
ROUTES = {
    "corpus": "`corpus`, from these passages",
    "web": "`web`, from a search of the web",
    "knowledge": "`knowledge`, without any passage",
}


def query_of(case: Case, options_in_query: bool) -> str:
    """The question as a query; with its options only where the user wants the paper's own form."""
    query = queries.of(case)
    return " ".join([query, *(option.text for option in case.options)]) if options_in_query else query


# --- rag-fallback --------------------------------------------------------------------------------------------------------
@method(
    "rag-fallback",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 to 2 calls",
    calls=lambda: Calls(1, 2),
)
async def rag_fallback(
    case: Case,
    ctx: Context,
    k: K = 5,
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer from passages; where they do not hold the answer, answer without them."""
    found = await ctx.retrieve(query_of(case, options_in_query), k)
    if found:
        shown = evidence.keep_within(found, characters)
        prompt = ctx.prompt("rag-fallback", FALLBACK).format(
            case=task.present(case), passages=evidence.show(shown)
        )
        asked = await ctx.greedy().ask(
            prompt, schema=_sufficient(case), system=evidence.SYSTEM, kind="conclude", label="answer"
        )
        if not asked.readable or asked.value["enough"] is not False:
            return evidence.answered(case, ctx, asked, shown, fallback=False)
    answer = await _alone(case, ctx, "rag-fallback.alone")
    why = "the passages did not hold the answer" if found else "nothing was found"
    with ctx.step("conclude", "fallback") as step:
        step.note(f"{why}\n", fallback=True)
    return answer.model_copy(update={"note": f"{why}; answered without passages"})


def _sufficient(case: Case) -> dict[str, Any]:
    """The form of an answer that first says whether the passages hold it. Null: it was left out, as in prose."""
    form = evidence.with_citations(task.schema(case))
    fields = dict(form["properties"])
    rest = {name: fields.pop(name) for name in ("citations", "answer")}
    fields["enough"] = {
        "type": ["boolean", "null"],
        "description": "whether the passages hold what is needed",
    }
    fields |= rest
    return {**form, "properties": fields, "required": list(fields)}


async def _alone(case: Case, ctx: Context, name: str) -> Answer:
    prompt = ctx.prompt(name, ALONE).format(case=task.present(case))
    asked = await ctx.greedy().ask(
        prompt, schema=task.schema(case), system=task.SYSTEM, kind="conclude", label="without passages"
    )
    return task.read(case, asked)


# --- rag-agentic ---------------------------------------------------------------------------------------------------------
@method(
    "rag-agentic",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="1 to 2 calls",
    calls=lambda: Calls(1, 2),
    roles=("router",),
)
async def rag_agentic(
    case: Case,
    ctx: Context,
    k: K = 5,
    local: str = "",
    web: str = "",
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """A router chooses between the local corpus, a web search and the model's own knowledge."""
    if web and not local:
        raise UsageError("rag-agentic searches two corpora of the run: name both, -m local=NAME -m web=NAME")
    query = query_of(case, options_in_query)
    near = Filters(corpus=local) if local else None
    found = evidence.keep_within(await ctx.retrieve(query, k, filters=near, label="local"), characters)
    route = await _route(case, ctx, found, web)
    note = f"route: {route}"
    if route == "knowledge":
        answer = await _alone(case, ctx, "rag-agentic.alone")
    else:
        if route == "web":
            found = await ctx.retrieve(query, k, filters=Filters(corpus=web), label="web")
        wording = ctx.prompt("rag-agentic", FOUND)
        answer = await evidence.answer(case, ctx, found, wording, characters=characters, route=route)
    return answer.model_copy(update={"note": note})


async def _route(case: Case, ctx: Context, found: Sequence[Passage], web: str) -> str:
    """The route that the router chose, of those that are open; recorded."""
    routes = [route for route in ROUTES if (route != "corpus" or found) and (route != "web" or web)]
    route, relevant = routes[0], None
    if len(routes) > 1:
        prompt = ctx.prompt("rag-agentic.route", ROUTE).format(
            case=task.present(case),
            passages=evidence.show(found),
            routes=", ".join(ROUTES[one] for one in routes),
        )
        router = ctx.greedy().role("router")
        asked = await router.ask(
            prompt, schema=_choice_of(routes), system=evidence.SYSTEM, kind="hypothesise", label="router"
        )
        if asked.readable:
            route, relevant = asked.value["route"], asked.value["relevant"]
    with ctx.step("hypothesise", "route") as step:
        step.note(f"{route}\n", route=route, open=routes, relevant=relevant)
    return route


def _choice_of(routes: Sequence[str]) -> dict[str, Any]:
    fields = {
        "reasoning": {"type": "string"},
        "relevant": {"type": "boolean", "description": "whether the local passages bear on the question"},
        "route": {"type": "string", "enum": list(routes)},
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def route_shares(traces: Iterable[Trace]) -> dict[str, float]:
    """Which share of runs of rag-agentic took each route; empty without any."""
    taken = Counter(
        step.data["route"] for trace in traces for step in trace.steps if step.label == "route" and step.data
    )
    return {route: count / taken.total() for route, count in taken.most_common()}


# --- rag-feedback --------------------------------------------------------------------------------------------------------
@method(
    "rag-feedback",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="2 to 2 × rounds − 1 calls",
    calls=lambda rounds: Calls(min(2, 2 * rounds - 1), 2 * rounds - 1),
)
async def rag_feedback(
    case: Case,
    ctx: Context,
    rounds: Annotated[int, Field(ge=1, le=10)] = 3,
    k: K = 5,
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer, judge whether the passages suffice, search again with a better query, and answer again."""
    seen: dict[tuple[str, str, int, int], Passage] = {}
    query = query_of(case, options_in_query)
    for number in range(1, rounds + 1):
        found = await ctx.retrieve(query, k, label=f"round {number}")
        # What the newest query found comes first, so that a cut falls on what was found earlier.
        seen = {place_of(passage): passage for passage in found} | seen
        shown = evidence.keep_within(list(seen.values()), characters)
        prompt = ctx.prompt("rag-feedback", FOUND).format(
            case=task.present(case), passages=evidence.show(shown)
        )
        form = evidence.with_citations(task.schema(case))
        asked = await ctx.greedy().ask(
            prompt, schema=form, system=evidence.SYSTEM, kind="conclude", label=f"answer {number}"
        )
        better = "" if number == rounds else await _better(case, ctx, asked, shown)
        if not better:
            break
        query = better
    return evidence.answered(case, ctx, asked, shown, rounds=number)


async def _better(case: Case, ctx: Context, asked: Asked, shown: Sequence[Passage]) -> str:
    """A better query; empty where the passages suffice, or where nothing could be read."""
    fields = {
        "missing": {"type": "string", "description": "what is missing, or nothing"},
        "sufficient": {"type": "boolean"},
        "query": {"type": "string", "description": "what to search for next; empty where nothing is missing"},
    }
    form = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    prompt = ctx.prompt("rag-feedback.assess", ASSESS).format(
        case=task.present(case),
        passages=evidence.show(shown),
        answer=task.fence("answer", votes.position(case, asked, 4000)),
    )
    verdict = await ctx.greedy().ask(
        prompt, schema=form, system=evidence.SYSTEM, kind="verify", label="assess"
    )
    if not verdict.readable or verdict.value["sufficient"]:
        return ""
    return " ".join(verdict.value["query"].split())


# --- rag-aggregate -------------------------------------------------------------------------------------------------------
@method(
    "rag-aggregate",
    source=SOURCE,
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="one for each of `ks`: 3 calls",
    calls=lambda ks: len(numbers_in(ks)),
)
async def rag_aggregate(
    case: Case,
    ctx: Context,
    ks: str = "3+5+10",
    options_in_query: bool = False,
    characters: Characters = evidence.MOST,
) -> Answer:
    """Answer with several numbers of passages in view, and take the majority."""
    several = numbers_in(ks)
    found = await ctx.retrieve(query_of(case, options_in_query), max(several))
    wording = ctx.prompt("rag-aggregate", FOUND)
    answers = await ctx.gather(
        evidence.answer(case, ctx.child(), found[:k], wording, characters=characters, k=k) for k in several
    )
    with ctx.step("conclude", "vote") as step:
        voted = votes.majority(answers)
        said = {str(k): votes.key_of(answer) for k, answer in zip(several, answers, strict=True)}
        step.note(voted.note or "", votes=said, confidence=voted.confidence)
    return voted


def numbers_in(ks: str) -> list[int]:
    """Numbers of passages as typed, joined by +. Raises UsageError for what is none."""
    parts = ks.split("+")
    if not all(part.strip().isdecimal() and 0 < int(part) <= 500 for part in parts):
        raise UsageError(f"ks is numbers of passages joined by +, such as 3+5+10, not {ks!r}")
    return list(dict.fromkeys(int(part) for part in parts))
