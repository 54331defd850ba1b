"""KG-Rank: facts of a medical graph about the question's terms, ranked against the question, before a long answer.

Source: Yang et al. 2024 (BioNLP at ACL 2024), checked against the released scripts, one for each way of ranking. Stages: (1)
a model names the terms of the question; (2) each is linked to the graph and its edges are fetched; (3) the edges are ranked
against the question, term by term: `similarity` (cosine of encoder vectors), `mmr` (the most similar first, then each time
the one whose similarity, less a weight times its mean similarity to those chosen, is highest; the weight is 0.1 and grows by
0.01 with each), `expansion` (similarity to the question and a model's draft answer together), `rerank` (the `first` by
similarity, ordered by a cross-encoder), or `random`, the scripts' own control; (4) the first `keep` of each term; (5) one
answer with them in view, which names those it rests on. Defaults: similarity (the scripts have no default), keep 20, first
200, five terms; greedy. Calls per case: 2, with expansion 3.
Deviations: the graph is Osler's or the user's own, not UMLS over its web service, and the encoder is the run's, not
UMLSBert; a term is linked by its name or one synonym and left out where it means several things, while the scripts take the
first hit of a search; the graph has no definitions, so a term comes with its kind alone; `mmr` passes over an edge whose
similarity to a chosen one is at least `same`, since the published weights alone rarely drop a near-duplicate; options of a
question enter neither terms nor ranking. Where the terms cannot be read, those that the text itself names are taken, and the
trace says so; the scripts then answer without facts and do not tell.
Failure modes: a term that the graph names otherwise brings nothing; most edges of a taxonomy say little; similarity favours
edges that repeat the question's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from osler.case import Case
from osler.context import Context
from osler.graphs import Linked
from osler.methods import edges, task
from osler.registry import method
from osler.trace import Answer, Evidence

Mode = Literal["similarity", "mmr", "expansion", "rerank", "random"]
TERMS = (
    "{case}\n\nDo not answer yet. Name up to {most} medical terms whose facts would help most to answer: diseases, findings, drugs, tests or genes, "
    "each as a medical terminology calls it."
)
DRAFT = "{case}\n\nWrite a short draft of the answer, from memory."
ANSWER = (
    "{case}\n\nThese terms were looked up in a medical graph, and these are the facts that fit best.\n\n{terms}\n\n{facts}\n\nUse the facts where they "
    "help, and what you know where they do not. First reason, then name the numbers of the facts that you rely on, then answer."
)


@method(
    "kg-rank",
    source="Yang et al. 2024 (KG-Rank)",
    needs=("model", "graph", "encoder"),
    fidelity="code",
    graph=("background",),
    questions=("explainable",),
    cost="2 or 3 calls",
    calls=lambda mode: 3 if mode == "expansion" else 2,
)
async def kg_rank(
    case: Case,
    ctx: Context,
    mode: Mode = "similarity",
    keep: Annotated[int, Field(ge=1, le=100)] = 20,
    first: Annotated[int, Field(ge=1, le=500)] = 200,
    terms: Annotated[int, Field(ge=1, le=10)] = 5,
    fetch: Annotated[int, Field(ge=1, le=5000)] = 500,
    same: Annotated[float, Field(gt=0, le=1)] = 0.95,
) -> Answer:
    """Rank a graph's facts about the question's terms, then answer with the best in view."""
    calm = ctx.greedy()
    wanted: list[Any] = [_terms(calm, case, terms)]
    if mode == "expansion":
        wanted.append(_draft(calm, case))
    linked, *drafts = await ctx.gather(wanted)
    query = " ".join([_question(case), *drafts])
    found = [edges.distinct(await ctx.graph_triples(one.id, top=fetch)) for one in linked]
    kept = await _ranked(ctx, query, found, mode, keep, first, same)
    facts = edges.distinct(fact for group in kept for fact in group)
    named = "\n".join(f"{one.name} ({one.kind})" for one in linked)
    prompt = ctx.prompt("kg-rank.answer", ANSWER).format(
        case=task.present(case),
        terms=task.fence("terms", named) if named else "No term is in the graph.",
        facts=edges.show(facts),
    )
    return await edges.answer(case, ctx, prompt, facts, "the graph gave no fact for the question's terms")


def _question(case: Case) -> str:
    """What is ranked against: the question, and the text that it is about; never the options."""
    return f"{case.question or ''}\n{case.text or task.described(case)}".strip()


async def _terms(ctx: Context, case: Case, most: int) -> list[Linked]:
    """The nodes that the question's terms mean, each once."""
    form = {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "terms": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most},
        },
        "required": ["reasoning", "terms"],
        "additionalProperties": False,
    }
    prompt = ctx.prompt("kg-rank.terms", TERMS).format(case=task.present(case, with_options=False), most=most)
    asked = await ctx.ask(prompt, schema=form, system=task.SYSTEM, kind="recall", label="terms")
    named = [task.line(term) for term in asked.value["terms"]] if asked.readable else [_question(case)]
    found: dict[str, Linked] = {}
    for term in named:
        for one in await ctx.graph_link(term):
            found.setdefault(one.id, one)
    return list(found.values())


async def _draft(ctx: Context, case: Case) -> str:
    prompt = ctx.prompt("kg-rank.draft", DRAFT).format(case=task.present(case, with_options=False))
    asked = await ctx.ask(prompt, system=task.SYSTEM, kind="hypothesise", label="draft")
    return asked.text


async def _ranked(
    ctx: Context,
    query: str,
    found: Sequence[Sequence[Evidence]],
    mode: Mode,
    keep: int,
    first: int,
    same: float,
) -> list[list[Evidence]]:
    """The first `keep` edges of each term, best first, their score the cosine (or the cross-encoder's own)."""
    groups = [list(group) for group in found if group]
    if not groups:
        return []
    if mode == "random":
        rng = ctx.rng
        kept = [rng.sample(group, min(keep, len(group))) for group in groups]
    else:
        kept = await _by_vectors(ctx, query, groups, mode, keep, first, same)
    with ctx.step("retrieve", f"rank by {mode}") as step:
        chosen = [fact for group in kept for fact in group]
        step.note("".join(f"{fact.quote}\n" for fact in chosen), chosen)
    return kept


async def _by_vectors(
    ctx: Context,
    query: str,
    groups: Sequence[Sequence[Evidence]],
    mode: Mode,
    keep: int,
    first: int,
    same: float,
) -> list[list[Evidence]]:
    [asked] = await ctx.embed([query], "query")
    vectors = await ctx.embed([edges.plain(fact) for group in groups for fact in group], "passage")
    kept, start = [], 0
    for group in groups:
        own = vectors[start : start + len(group)]
        start += len(group)
        near = (own @ asked).tolist()
        order = sorted(range(len(group)), key=lambda at: (-near[at], at))
        if mode == "mmr":
            order = diverse(near, (own @ own.T).tolist(), keep, same)
        scored = [
            group[at].model_copy(update={"score": round(near[at], 6), "score_unit": "cosine"}) for at in order
        ]
        kept.append(await _crossed(ctx, query, scored[:first], keep) if mode == "rerank" else scored[:keep])
    return kept


async def _crossed(ctx: Context, query: str, facts: Sequence[Evidence], keep: int) -> list[Evidence]:
    """Facts in the order of the run's cross-encoder, the first `keep`."""
    ordered = await ctx.rerank(query, [edges.as_passage(fact) for fact in facts], keep)
    known = {(edges.plain(fact), "; ".join(edges.nodes(fact))): fact for fact in facts}
    return [
        known[one.text, one.document].model_copy(
            update={"score": round(one.score, 6), "score_unit": "cross-encoder"}
        )
        for one in ordered
    ]


def diverse(
    relevance: Sequence[float], alike: Sequence[Sequence[float]], keep: int, same: float = 0.95
) -> list[int]:
    """Positions of the chosen, in order: relevance less (0.1 + 0.01 for each chosen) times the mean similarity to those.

    One that is `same` or more like a chosen one is passed over. `relevance` [n] and `alike` [n, n] are cosines.
    """
    chosen: list[int] = []
    left = list(range(len(relevance)))
    summed = [0.0] * len(relevance)
    while left and len(chosen) < keep:
        weight = (0.1 + 0.01 * len(chosen)) / max(len(chosen), 1)
        best = max(left, key=lambda at: (relevance[at] - weight * summed[at], -at))
        left.remove(best)
        if any(alike[best][other] >= same for other in chosen):
            continue
        chosen.append(best)
        for at in left:
            summed[at] += alike[best][at]
    return chosen
