"""All queries of a retrieval evaluation rewritten, many calls at once, each with what it cost (see `osler.methods.rewriting`).

A rewrite is written to the run's folder as it comes (`rewrites.jsonl`, each line with its checksum), so that one call that fails,
or a kill, loses no other; a run that goes on asks only for what is not there. Knows nothing of searching.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osler.context import Context
from osler.errors import LimitError
from osler.evaluation.store import decode_line, encode_line
from osler.llm.budget import Budget
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.methods.rewriting import Rewriter, rewrite
from osler.services import Services
from osler.trace import Meter, Recorder

REWRITES = "rewrites.jsonl"


@dataclass(frozen=True)
class Rewritten:
    """A query as it is searched, what the model wrote, and what that took."""

    query: str
    written: str
    meters: tuple[Meter, ...] = ()


class Kept:
    """The rewrites that stand in a run's folder. A torn or damaged line counts as not there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / REWRITES
        self.known: dict[str, Rewritten] = {}
        body = self.path.read_bytes() if self.path.exists() else b""
        for row in filter(None, map(decode_line, body.split(b"\n"))):
            meters = tuple(Meter.model_validate(one) for one in row["meters"])
            self.known[row["of"]] = Rewritten(row["query"], row["written"], meters)
        self._torn = bool(body) and not body.endswith(b"\n")

    def get(self, query: str) -> Rewritten | None:
        """The rewrite of a query that is there."""
        return self.known.get(_of(query))

    def add(self, query: str, found: Rewritten) -> None:
        """Write one more, at once."""
        meters = [meter.model_dump(mode="json", exclude_defaults=True) for meter in found.meters]
        row = {"of": _of(query), "query": found.query, "written": found.written, "meters": meters}
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, (b"\n" if self._torn else b"") + encode_line(row))
        finally:
            os.close(file)
        self._torn = False
        self.known[_of(query)] = found


def rewrite_all(
    rewriter: Rewriter,
    queries: Sequence[str],
    models: Mapping[str, Model],
    *,
    keep: Callable[[str, Rewritten], None],
    budget: str | None = None,
    seed: int = 0,
) -> dict[str, CallFailed | LimitError]:
    """Each query rewritten, many calls at once; `keep` is given each as it comes. Returns the queries that failed, with why."""
    language = LanguageModels(models, budget=Budget.read(budget) if budget else None)
    failed: dict[str, CallFailed | LimitError] = {}

    async def one(query: str, services: Services) -> None:
        recorder = Recorder()
        try:
            searched, written = await rewrite(rewriter, query, Context(services, recorder))
        except (CallFailed, LimitError) as error:
            failed[query] = error
        else:
            keep(query, Rewritten(searched, written, tuple(recorder.meters)))

    async def work() -> None:
        services = Services(language=language, seed=seed)
        try:
            await asyncio.gather(*(one(query, services) for query in queries))
        finally:
            for model in {id(model): model for model in models.values()}.values():
                await model.close()

    asyncio.run(work())
    return failed


def _of(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()
