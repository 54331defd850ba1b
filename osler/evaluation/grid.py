"""A grid of encoders and generators over one set of questions: each cell is a method run with one of each, with its figures.

Every cell runs the same items over the same corpus, so that cells differ by encoder and model alone. Nothing is stored; for runs
that are kept and resumed, make one `osler eval` for each cell and compare them. Knows nothing of the method.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from osler import registry
from osler.benchmarks.items import Item
from osler.compose import compose
from osler.evaluation.worker import CaseWorker
from osler.knowledge.retrieval.sources import Opened
from osler.llm.model import Model
from osler.passages import Encoder, Retriever

AT_ONCE = 64


async def grid(
    method: str,
    items: Sequence[Item[Any]],
    retriever: Retriever,
    encoders: Mapping[str, Encoder],
    models: Mapping[str, Model],
    *,
    scorer: str = "answer-words",
) -> list[dict[str, Any]]:
    """A row for each pair of encoder and model, in their order: `encoder`, `generator`, and what the scorer sums up.

    Raises UsageError for a method or scorer that is not there, CallFailed where a model's call fails.
    """
    made, part = compose(method), registry.get("scorer", scorer).object
    rows = []
    for encoder_name, encoder in encoders.items():
        for model_name, model in models.items():
            sources = Opened(retriever=retriever, encoder=encoder)
            worker = CaseWorker(made, {"main": model}, part, sources=sources)
            scores = await _scores(worker, items)
            figures = part.summarise(scores, [item.group for item in items])
            rows.append({"encoder": encoder_name, "generator": model_name, **figures})
    return rows


async def _scores(worker: CaseWorker, items: Sequence[Item[Any]]) -> list[Mapping[str, Any]]:
    """The scores of each item in order, a bounded number of cases at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, item: Item[Any]) -> Mapping[str, Any]:
        async with gate:
            record, _, _ = await worker(number, item)
        return record["scores"]

    return list(await asyncio.gather(*(one(number, item) for number, item in enumerate(items))))


def table(rows: Sequence[Mapping[str, Any]], figures: Sequence[str] = ("precision", "recall", "f1")) -> str:
    """The grid as a Markdown table; intervals stand in brackets where there are some."""
    lines = ["| encoder | generator | " + " | ".join(figures) + " |", "| --- " * (2 + len(figures)) + "|"]
    for row in rows:
        cells = [f"{row[name]:.3f}{_interval(row, name)}" for name in figures]
        lines.append(f"| {row['encoder']} | {row['generator']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _interval(row: Mapping[str, Any], name: str) -> str:
    low, high = row.get("ci", {}).get(name, (None, None))
    return "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
