"""Queries put into other words by a language model before a search, so that a rewriter can be measured by what it finds.

- `hyde`: a passage is written that would answer the query; it is searched with the query (Gao et al. 2023; R2MED's baseline of that name).
- `rationale`: what the query points to is reasoned out first, and that is searched in the query's place (Rethinking-RAG 2025).
- a file: a prompt of your own with {query}; the reply is searched with the query.

The model sees the query and nothing else: neither judgements nor documents. An empty reply leaves the query as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osler.context import Context, Services, fit_prompt
from osler.errors import UsageError
from osler.llm.budget import Budget
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.methods import task
from osler.trace import Meter, Recorder

HYDE = (
    "{query}\n\nWrite one short passage, as it might stand in a medical textbook or journal, that answers this. Name the "
    "disease, test or treatment it is about. State facts as such a text would; do not mention the question."
)
RATIONALE = (
    "{query}\n\nThink about what this points to: the most likely diagnosis or answer, and the facts one would have to look up "
    "to be sure. Write that in two or three sentences, in the terms a textbook would use."
)
LONGEST = 512


@dataclass(frozen=True)
class Rewriter:
    """A way of rewriting. With `instead` the reply takes the query's place; otherwise it stands after it."""

    name: str
    prompt: str
    instead: bool = False


@dataclass(frozen=True)
class Rewritten:
    """A query as it is searched, what the model wrote, and what that took."""

    query: str
    written: str
    meters: tuple[Meter, ...] = ()


def rewriter_of(name: str) -> Rewriter | None:
    """The way that a name or a file means; None for `none`. Raises UsageError for another name, or a prompt without {query}."""
    if name == "none":
        return None
    if name == "hyde":
        return Rewriter(name, HYDE)
    if name == "rationale":
        return Rewriter(name, RATIONALE, instead=True)
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"--rewrite takes none, hyde, rationale, or a file with a prompt; there is no {name}"
        )
    prompt = fit_prompt("rewrite", path.read_text(encoding="utf-8"), HYDE)
    if "{query}" not in prompt:
        raise UsageError(f"the prompt in {name} has no {{query}} to fill")
    return Rewriter(path.stem, prompt)


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
    prompt = rewriter.prompt.format(query=task.fence("query", query))
    ctx = Context(services, recorder).greedy()
    asked: Any = await ctx.ask(prompt, system=task.SYSTEM, label="rewrite", max_tokens=LONGEST)
    written = asked.text.strip()
    searched = query if not written else written if rewriter.instead else f"{query}\n{written}"
    return Rewritten(searched, written, tuple(recorder.meters))
