"""All queries of a retrieval evaluation rewritten, many calls at once, each with what it cost (see `osler.methods.rewriting`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osler.context import Context, Services
from osler.llm.budget import Budget
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.methods.rewriting import Rewriter, rewrite
from osler.trace import Meter, Recorder


@dataclass(frozen=True)
class Rewritten:
    """A query as it is searched, what the model wrote, and what that took."""

    query: str
    written: str
    meters: tuple[Meter, ...] = ()


def rewrite_all(
    rewriter: Rewriter,
    queries: Sequence[str],
    models: Mapping[str, Model],
    *,
    budget: str | None = None,
    seed: int = 0,
) -> list[Rewritten]:
    """Each query rewritten, in order, many calls at once. Raises CallFailed, LimitError."""
    language = LanguageModels(models, budget=Budget.read(budget) if budget else None)

    async def work() -> list[Rewritten]:
        services = Services(language=language, seed=seed)
        try:
            return list(await asyncio.gather(*(_one(rewriter, query, services) for query in queries)))
        finally:
            for model in {id(model): model for model in models.values()}.values():
                await model.close()

    return asyncio.run(work())


async def _one(rewriter: Rewriter, query: str, services: Services) -> Rewritten:
    recorder = Recorder()
    searched, written = await rewrite(rewriter, query, Context(services, recorder))
    return Rewritten(searched, written, tuple(recorder.meters))
