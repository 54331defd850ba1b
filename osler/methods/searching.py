"""How every search of a run is made, beside the method's own stages: queries in other words first, results in another order after.

Hooks of `ctx.retrieve`, so that any method can be run with any of them (`--rewrite`, `--rank`):

    rewrite   hyde: a passage is written that would answer the query, and searched with it (Gao et al. 2023, in words);
              rationale: what the query points to is reasoned out and searched in its place (Rethinking-RAG 2025);
              FILE: a prompt of your own with {query}
    rank      cross-encoder: by the run's re-ranker; model: one call of the role `ranker` orders the candidates (listwise, as
              Sun et al. 2023, RankGPT, in one window); mmr: near the query and unlike each other (Carbonell and Goldstein 1998)

Candidates for a new order: four times what is asked for, at least 20. A search by a vector is not rewritten. Fidelity: the papers'
text. An unreadable order leaves the retriever's; passages that the order leaves out follow in the retriever's order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from osler.context import Context
from osler.errors import UsageError
from osler.knowledge.retrieval.mmr import mmr
from osler.knowledge.retrieval.sources import Opened, Sources, open_sources
from osler.methods import evidence, task
from osler.methods.rewriting import Rewriter, rewrite, rewriter_of
from osler.passages import Passage

RANKS = ("cross-encoder", "model", "mmr")
ORDER = (
    "{query}\n\nA search for this found these passages.\n\n{passages}\n\nOrder them by how well each one helps to answer, the best "
    "first. Give the numbers of all of them."
)
# So many candidates a place, and at least so many.
FACTOR, LEAST = 4, 20
# Weight of likeness to what is chosen already, between 0 and 1.
DIVERSITY = 0.3


@dataclass(frozen=True)
class Searching:
    """What is done before and after each search of a run. Raises UsageError for a way that is not known."""

    rewriter: Rewriter | None = None
    rank: str | None = None

    @classmethod
    def read(cls, rewrite: str | None, rank: str | None) -> Searching | None:
        """From the options as typed; None where neither asks for anything."""
        if rank is not None and rank not in RANKS:
            raise UsageError(f"--rank takes {', '.join(RANKS)}, not {rank!r}")
        rewriter = rewriter_of(rewrite) if rewrite is not None else None
        return cls(rewriter, rank) if rewriter is not None or rank is not None else None

    @property
    def needs(self) -> frozenset[str]:
        """What a run must have for it: `model`, `reranker`, `encoder`."""
        by_rank = {"cross-encoder": "reranker", "model": "model", "mmr": "encoder"}
        found = {by_rank[self.rank]} if self.rank else set()
        return frozenset(found | ({"model"} if self.rewriter else set()))

    async def before(self, query: str, ctx: Context) -> str:
        """The query as it is searched."""
        if self.rewriter is None:
            return query
        return (await rewrite(self.rewriter, query, ctx))[0]

    def candidates(self, top: int) -> int:
        """How many passages the search itself is asked for."""
        return top if self.rank is None else max(FACTOR * top, LEAST)

    async def after(self, query: str, found: Sequence[Passage], top: int, ctx: Context) -> list[Passage]:
        """At most `top` of the passages that were found, in their new order."""
        if self.rank is None or len(found) < 2:
            return list(found[:top])
        if self.rank == "cross-encoder":
            return await ctx.rerank(query, found, top)
        if self.rank == "mmr":
            return await _unlike(query, found, top, ctx)
        return await _by_model(query, found, top, ctx)


async def _unlike(query: str, found: Sequence[Passage], top: int, ctx: Context) -> list[Passage]:
    asked = (await ctx.embed([query], "query"))[0]
    rows = await ctx.embed([one.text for one in found], "passage")
    return [found[place] for place in mmr(rows @ asked, rows @ rows.T, top, DIVERSITY)]


async def _by_model(query: str, found: Sequence[Passage], top: int, ctx: Context) -> list[Passage]:
    shown = evidence.keep_within(found)
    numbers = {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": len(found)}
    fields: dict[str, Any] = {"reasoning": {"type": "string"}, "order": numbers}
    form = task.form(**fields)
    prompt = ctx.prompt("rank", ORDER).format(query=task.fence("query", query), passages=evidence.show(shown))
    calm = ctx.role("ranker").greedy()
    asked = await calm.ask(prompt, schema=form, system=evidence.SYSTEM, kind="verify", label="rank")
    given = asked.value["order"] if asked.readable else []
    order = [number - 1 for number in dict.fromkeys(given) if 1 <= number <= len(shown)]
    rest = [place for place in range(len(found)) if place not in set(order)]
    return [found[place] for place in (*order, *rest)][:top]


def open_all(sources: Sources, needs: Collection[str]) -> Opened:
    """What a run retrieves from, with what is done around each search. Raises UsageError as `open_sources` does."""
    searching = Searching.read(sources.rewrite, sources.rank)
    found = open_sources(sources, {*needs, *(searching.needs if searching else ())})
    if searching is not None:
        found.searching = searching
        found.about |= {"rewrite": sources.rewrite, "rank": sources.rank}
    return found


def calls_a_search(sources: Sources) -> int:
    """How many calls each search makes beside the method's own: one to rewrite the query, one to order what was found."""
    searching = Searching.read(sources.rewrite, sources.rank)
    return 0 if searching is None else (searching.rewriter is not None) + (searching.rank == "model")


def further_needs(sources: Sources) -> frozenset[str]:
    """What a run must have for its searches, beside what its method needs."""
    searching = Searching.read(sources.rewrite, sources.rank)
    return searching.needs if searching is not None else frozenset()
