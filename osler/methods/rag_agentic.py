"""Agentic RAG: a router chooses between the local corpus, a search of the web, and the model's own knowledge.

Source: Sultana et al. 2025 (BanglaMedQA and BanglaMMedBench, arXiv 2511.04560), checked against its abstract and a review of it.
Stages: (1) the first `k` passages of the corpus `local`, or of all corpora of the run; (2) a router sees them, judges whether they bear on the
question, and chooses: the corpus, the web (a search service of the run, named by `web`), or knowledge alone; routes that are not open are not
offered, and where one alone is, nobody is asked; (3) the answer by that route. Defaults: k = 5, no web, greedy. Calls per case: 2, or 1
where only the model's own knowledge is open. `--corpus books,searxng:http://HOST -m local=books -m web=searxng:HOST` opens all three.
Deviations: the paper searches with question and options, which `options_in_query` does; by default the options stay out. Its number of
passages is not in the abstract; 5 is Osler's. A route that cannot be read is the corpus where it gave something.
Failure modes: strong models send nearly everything to the web or to their own knowledge; so the route stands in the trace (step `route`) and in
the answer's note, and `route_shares` counts the routes of a run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from osler.calls import Calls
from osler.case import Case
from osler.context import Context
from osler.errors import UsageError
from osler.methods import evidence, task
from osler.methods.rag_fallback import SOURCE, Characters, K, alone, query_of
from osler.passages import Filters, Passage
from osler.registry import method
from osler.trace import Answer, Trace

FOUND = (
    "{case}\n\nA search found these passages. Some may be off the point or wrong.\n\n{passages}\n\nThink step by step, cite the passages that "
    "you rest on by their numbers, then commit to your answer."
)
ROUTE = (
    "{case}\n\nA search of the local corpus found these passages.\n\n{passages}\n\nDo not answer yet. Say whether these passages bear on the "
    "question, then choose how it should be answered: {routes}."
)
ROUTES = {
    "corpus": "`corpus`, from these passages",
    "web": "`web`, from a search of the web",
    "knowledge": "`knowledge`, without any passage",
}


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
        answer = await alone(case, ctx, "rag-agentic.alone")
    else:
        if route == "web":
            found = await ctx.retrieve(query, k, filters=Filters(corpus=web), label="web")
        wording = ctx.prompt("rag-agentic", FOUND)
        answer = await evidence.answer(case, ctx, found, wording, characters=characters, route=route)
    return answer.model_copy(update={"note": f"{note}; {answer.note}" if answer.note else note})


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
    return task.form(**fields)


def route_shares(traces: Iterable[Trace]) -> dict[str, float]:
    """Which share of runs of rag-agentic took each route; empty without any."""
    taken = Counter(
        step.data["route"] for trace in traces for step in trace.steps if step.label == "route" and step.data
    )
    return {route: count / taken.total() for route, count in taken.most_common()}
