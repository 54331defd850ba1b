"""SearchRAG: many search-engine queries are drawn, and only snippets that lower the model's uncertainty are kept.

Source: Shi et al. 2025 (arXiv 2502.13233); checked against its abstract and summaries of it only. Stages: (1) `queries` times, at once
and at a high temperature, the model writes a query for a search engine; equal ones count once; (2) each is searched, the first `results`
snippets kept (passages as the source gives them, never whole pages; those of sites that carry exam questions are left out); (3) for
each of the first `candidates`, the entropy of the model's answer with and without it, ΔH = H(Y|x) − H(Y|x, snippet); those with
ΔH > 0 are kept, the largest first, at most `snippets`; (4) one answer with them in view, or without any where none is left. The entropy is
that of the options' likelihoods after the question (natural logarithm), or, with `entropy=sampling`, that of `samples` drawn answers, of
which what could not be read is left out. `auto` samples where the model gives no likelihoods, and where the case has images
or no single choice is asked for.
Defaults: 8 queries at temperature 1, 3 results, 24 candidates, at most 16 snippets, 5 samples, greedy answer. Calls per case: queries + 1
without a result, else queries + 1 + (candidates found + 1) × (1 by likelihood, or `samples`): 34 by likelihood, 134 by sampling at most; `auto` makes one
more in a run's first case, to see whether the model gives likelihoods.
Deviations: any corpus or search service of the run takes the engine's place; numbers the paper leaves to its experiments are
Osler's; options are not shown where queries are written; the case's question itself is searched where no query could be read.
Failure modes: a snippet that makes the model surely wrong lowers its entropy too; exam questions stand on the web with their answers;
what a search engine gives changes from day to day (addresses stand in the trace); few samples make a coarse entropy.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from osler.calls import Calls
from osler.case import Case
from osler.context import Context, cited
from osler.errors import UsageError
from osler.knowledge.retrieval.fusion import place_of
from osler.llm.provider import CallFailed
from osler.methods import evidence, task, votes
from osler.methods import queries as asking
from osler.methods.loglikelihood import shares
from osler.passages import Passage, host_of
from osler.registry import method
from osler.trace import Answer, OptionLikelihood

Entropy = Literal["auto", "likelihood", "sampling"]
WRITE = (
    "{case}\n\nWrite one query that you would type into a web search engine to find what is needed to answer this: a few words, with the "
    "medical terms that pages about it use."
)
LIKELIHOOD = "{case}\n\n{passages}\n\nAnswer:"
SAMPLE = "{case}\n\nA search found this.\n\n{passages}\n\nAnswer directly, without an explanation."
ANSWER = (
    "{case}\n\nA search found these snippets. Some may be wrong.\n\n{passages}\n\nThink step by step, cite the snippets that you rest on by "
    "their numbers, then commit to your answer."
)
QUERY = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "the words to search for"}},
    "required": ["query"],
    "additionalProperties": False,
}
# Keeps shared work of this file apart from that of others.
_PLACE = -3
# Sites that publish exam questions with their answers, or data sets of them: a snippet of theirs would be the key.
EXAM_SITES = (
    "huggingface.co", "github.com", "githubusercontent.com", "kaggle.com", "paperswithcode.com", "quizlet.com", "brainly.com",
    "chegg.com", "coursehero.com", "studocu.com", "scribd.com", "brainscape.com", "cram.com", "prepladder.com", "examveda.com",
)  # fmt: skip


@method(
    "search-rag",
    source="Shi et al. 2025 (SearchRAG)",
    needs=("model", "corpus"),
    fidelity="abstract",
    cost="queries + 1 + (snippets found + 1) × (1, or `samples`): 9 to 135 calls",
    calls=lambda queries, candidates, samples, entropy: Calls(
        queries + 1,
        queries + 1 + (candidates + 1) * (1 if entropy == "likelihood" else samples) + (entropy == "auto"),
    ),
)
async def search_rag(
    case: Case,
    ctx: Context,
    queries: Annotated[int, Field(ge=1, le=100)] = 8,
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0,
    results: Annotated[int, Field(ge=1, le=50)] = 3,
    candidates: Annotated[int, Field(ge=1, le=200)] = 24,
    snippets: Annotated[int, Field(ge=1, le=50)] = 16,
    entropy: Entropy = "auto",
    samples: Annotated[int, Field(ge=2, le=50)] = 5,
    exam_sites: bool = False,
    characters: Annotated[int, Field(ge=100)] = evidence.MOST,
) -> Answer:
    """Draw many search queries, keep the snippets that lower the entropy of the answer, then answer with them."""
    wanted = await _queries(case, ctx, queries, temperature)
    found = await _found(ctx, wanted, results, exam_sites)
    kept = await _selected(case, ctx, found[:candidates], entropy, samples) if found else []
    return await evidence.answer(
        case, ctx, kept[:snippets], ctx.prompt("search-rag", ANSWER), characters=characters
    )


async def _queries(case: Case, ctx: Context, queries: int, temperature: float) -> list[str]:
    """Different queries in the order drawn; the question itself where none could be read."""
    prompt = ctx.prompt("search-rag.query", WRITE).format(case=task.present(case, with_options=False))
    drawn = await ctx.gather(
        ctx.sampling(temperature).ask(prompt, schema=QUERY, system=task.SYSTEM, label="write a query")
        for _ in range(queries)
    )
    words = (asked.value["query"] for asked in drawn if asked.readable)
    return asking.distinct(words) or [asking.of(case)]


async def _found(ctx: Context, wanted: Sequence[str], results: int, exam_sites: bool) -> list[Passage]:
    """The snippets of all queries, each once: all first results, then all second ones, and so on."""
    lists = await ctx.gather(ctx.child().retrieve(one, results, label="search") for one in wanted)
    ranked = [one[rank] for rank in range(results) for one in lists if rank < len(one)]
    first: dict[tuple[str, str, int, int], Passage] = {}
    for passage in ranked:
        first.setdefault(place_of(passage), passage)
    every = list(first.values())
    if exam_sites:
        return every
    allowed = [passage for passage in every if not _exam_site(passage.url)]
    if len(allowed) < len(every):
        with ctx.step("verify", "exam sites") as step:
            step.note("".join(f"left out: {p.url}\n" for p in every if _exam_site(p.url)))
    return allowed


def _exam_site(url: str) -> bool:
    host = host_of(url)
    return any(host == site or host.endswith(f".{site}") for site in EXAM_SITES)


async def _selected(
    case: Case, ctx: Context, found: Sequence[Passage], entropy: Entropy, samples: int
) -> list[Passage]:
    """The snippets that lower the entropy of the answer, the one that lowers it most first."""
    without, *with_one = await _entropies(case, ctx, [[], *([one] for one in found)], entropy, samples)
    drops = [None if without is None or value is None else round(without - value, 9) for value in with_one]
    order = sorted(range(len(found)), key=lambda place: -(drops[place] or 0.0))
    kept = [found[place] for place in order if (drops[place] or 0.0) > 0]
    with ctx.step("verify", "select") as step:
        for passage, drop in zip(found, drops, strict=True):
            said = "no readable answer" if drop is None else f"ΔH {drop:+.4f}"
            step.note(f"{said} {passage.document}\n", [cited(passage, True if (drop or 0) > 0 else None)])
        step.note(entropy=without, drops=drops, kept=len(kept))
    return kept


async def _entropies(
    case: Case, ctx: Context, views: Sequence[Sequence[Passage]], entropy: Entropy, samples: int
) -> list[float | None]:
    """The entropy of the answer with each of these sets of passages in view; None where no answer could be read."""
    alone = case.answer_kind in ("choice", "label") and bool(case.options)
    pictured = bool(case.images or any(option.image for option in case.options))
    if entropy == "likelihood" and (not alone or pictured):
        raise UsageError("search-rag compares likelihoods of options in text; use -m entropy=sampling here")
    if entropy != "sampling" and alone and not pictured and (entropy == "likelihood" or await _able(ctx)):
        return list(await ctx.gather(_by_likelihood(case, ctx.child(), shown) for shown in views))
    return list(await ctx.gather(_by_samples(case, ctx.child(), shown, samples) for shown in views))


async def _able(ctx: Context) -> bool:
    """Whether the model gives likelihoods at all; it is asked once a run."""

    async def work(apart: Context) -> bool:
        wording = apart.prompt("search-rag.likelihood", LIKELIHOOD).format(case="Yes or no?", passages="")
        try:
            await apart.likelihoods(f"{evidence.SYSTEM}\n\n{wording}", [" yes", " no"])
        except CallFailed as error:
            if error.status is None and not error.retry and "log-probabilities" in str(error):
                return False
            raise
        return True

    return await ctx.shared((_PLACE,), work)


async def _by_likelihood(case: Case, ctx: Context, shown: Sequence[Passage]) -> float:
    prompt = ctx.prompt("search-rag.likelihood", LIKELIHOOD).format(
        case=task.present(case), passages=evidence.show(shown)
    )
    keys = [option.key for option in case.options]
    found = await ctx.likelihoods(
        f"{evidence.SYSTEM}\n\n{prompt}", [f" {key}" for key in keys], kind="verify", label="entropy"
    )
    options = [
        OptionLikelihood(key=key, logprob=one.logprob, tokens=max(1, one.tokens), characters=len(key))
        for key, one in zip(keys, found, strict=True)
    ]
    return entropy_of(shares(options).values())


async def _by_samples(case: Case, ctx: Context, shown: Sequence[Passage], samples: int) -> float | None:
    prompt = ctx.prompt("search-rag.sample", SAMPLE).format(
        case=task.present(case), passages=evidence.show(shown)
    )
    form = task.schema(case, before={})
    drawn = await ctx.gather(
        ctx.sampling(1.0).ask(prompt, schema=form, system=evidence.SYSTEM, kind="verify", label="entropy")
        for _ in range(samples)
    )
    votes_for = Counter(key for asked in drawn if (key := _key(task.read(case, asked))) is not None)
    total = sum(votes_for.values())
    return entropy_of(count / total for count in votes_for.values()) if total else None


def _key(answer: Answer) -> str | None:
    """What counts as the same answer: of a differential its first diagnosis."""
    if answer.differential and not answer.unreadable:
        return task.folded(answer.differential[0].name)
    return votes.key_of(answer)


def entropy_of(probabilities: Iterable[float]) -> float:
    """Shannon's entropy in nats; 0 · ln 0 is 0."""
    return sum(-p * math.log(p) for p in probabilities if p > 0)
