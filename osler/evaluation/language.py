"""A run of a method over a benchmark with a language model: many cases under way at once, each kept as it finishes.

Cases are read as a stream and never all held, so memory stays flat. A record is written when its case is finished, in whatever
order that happens; the canonical order is by item. What a call cost goes to the sidecar, so that a re-run from the cache
writes the same records to the byte. Knows nothing of any single benchmark or method.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from osler import registry
from osler.benchmarks.items import Item
from osler.compose import Composed, compose
from osler.errors import InputError, LimitError, OslerError, SourceError, UsageError
from osler.evaluation.manifest import make_manifest
from osler.evaluation.store import Record, RunStore, read_manifest, refuse_unless_empty
from osler.evaluation.worker import CaseWorker
from osler.llm.budget import Budget
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.llm.types import Sampling

# After so many cases in a row failed because the model did, the run stops: it is down.
GIVE_UP_AFTER = 20


@dataclass(frozen=True)
class Plan:
    """What to run. `limit` is a seeded random sample; `epochs` repeats each case as that many independent draws."""

    benchmark: str
    data: Path
    method: str
    model: str | None = None
    subset: str | None = None
    split: str | None = None
    limit: int | None = None
    seed: int = 0
    epochs: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    budget: str | None = None
    case_budget: str | None = None
    knowledge: str = "hpo"
    examples: Path | None = None
    columns: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """The plan as the manifest keeps it."""
        about = asdict(self)
        return {name: str(value) if isinstance(value, Path) else value for name, value in about.items()}

    @classmethod
    def read(cls, arguments: Mapping[str, Any]) -> Plan:
        """The plan of a manifest."""
        known = {name: arguments[name] for name in cls.__dataclass_fields__ if name in arguments}
        for name in ("data", "examples"):
            known[name] = Path(known[name]) if known.get(name) else None
        return cls(**known)


@dataclass
class Progress:
    """What a run has come to so far, for whoever shows it."""

    total: int
    done: int = 0
    right: float = 0.0
    scored: int = 0
    calls: int = 0
    cost: float = 0.0
    unreadable: int = 0


def start(
    plan: Plan,
    folder: Path,
    models: Mapping[str, Model],
    show: Callable[[Progress], None] | None = None,
    concurrency: int = 64,
) -> None:
    """Run a plan into a new run folder. Raises UsageError, InputError, SourceError (model down), LimitError (budget)."""
    refuse_unless_empty(folder)
    made = _check(plan, models)
    chosen = _choose(plan)
    manifest = make_manifest(
        plan.benchmark,
        made.name,
        arguments=plan.arguments(),
        items=len(chosen) * plan.epochs,
        chosen=chosen if plan.limit else None,
        scorer=_benchmark(plan).scorer,
        fidelity=made.part.fidelity,
        needs=sorted(made.needs),
        models={role: model.name for role, model in models.items()},
    )
    with RunStore.create(folder, manifest) as store:
        asyncio.run(_run(store, plan, made, models, show, concurrency))


def resume(
    folder: Path,
    models: Mapping[str, Model],
    show: Callable[[Progress], None] | None = None,
    concurrency: int = 64,
    budget: str | None = None,
) -> None:
    """Go on with a run, under a new `budget` where one is given: what is finished is not done again. Raises as `start` does."""
    manifest = read_manifest(folder)
    plan = Plan.read(manifest["arguments"])
    plan = replace(plan, budget=budget or plan.budget)
    with RunStore.resume(folder) as store:
        if len(store.done) < manifest["items"]:
            asyncio.run(_run(store, plan, _check(plan, models), models, show, concurrency))


def items_of(plan: Plan) -> Iterator[Item]:
    """The benchmark's items as the plan asks for them, streamed."""
    about = {"columns": plan.columns} if plan.columns else {}
    return _benchmark(plan).object.items(plan.data, subset=plan.subset, split=plan.split, **about)


def _benchmark(plan: Plan) -> Any:
    part = registry.get("benchmark", plan.benchmark)
    if not hasattr(part.object, "items"):
        raise UsageError(
            f"benchmark {plan.benchmark!r} takes no method with a model; see `osler list benchmarks`"
        )
    return _Named(part.object, part.extra.get("scorer", "choice"))


@dataclass(frozen=True)
class _Named:
    object: Any
    scorer: str


def _check(plan: Plan, models: Mapping[str, Model]) -> Composed:
    made = compose(plan.method)
    if "model" in made.needs and not models:
        raise UsageError(f"method {made.name!r} asks a language model; name one with --model")
    if "examples" in made.needs and plan.examples is None:
        raise UsageError(f"method {made.name!r} learns from examples; name a pool with --examples PATH")
    return made


def _choose(plan: Plan) -> list[int]:
    """Positions of the items to run, sampled by seed where there is a limit. Raises InputError when there are none."""
    n = sum(1 for _ in items_of(plan))
    if n == 0:
        raise InputError(
            f"{plan.data} holds no item of {plan.benchmark} (subset {plan.subset}, split {plan.split})"
        )
    if plan.limit is None or plan.limit >= n:
        return list(range(n))
    return sorted(random.Random(plan.seed).sample(range(n), plan.limit))


@asynccontextmanager
async def _open(models: Mapping[str, Model]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for model in {id(model): model for model in models.values()}.values():
            await model.close()


def _plant(models: Mapping[str, Model], plan: Plan) -> None:
    """A simulated model is told what is right, inside its provider, so that its accuracy can be set; no method sees it."""
    for model in {id(model): model for model in models.values()}.values():
        if hasattr(model.provider, "plant"):
            model.provider.plant(items_of(plan))  # type: ignore[attr-defined]


async def _run(
    store: RunStore,
    plan: Plan,
    made: Composed,
    models: Mapping[str, Model],
    show: Callable[[Progress], None] | None,
    concurrency: int,
) -> None:
    """Keep `concurrency` cases under way until the stream ends; stop early when the model is down or the budget spent."""
    budget = Budget.read(plan.budget) if plan.budget else None
    benchmark = _benchmark(plan)
    pool = benchmark.object.examples(plan.examples) if plan.examples is not None else None
    worker = CaseWorker(
        made,
        models,
        registry.get("scorer", benchmark.scorer).object,
        sampling=Sampling(temperature=plan.temperature, max_tokens=plan.max_tokens),
        budget=budget,
        case_limits=plan.case_budget,
        knowledge=plan.knowledge,
        examples=pool,
        prompts=plan.prompts,
        seed=plan.seed,
        epochs=plan.epochs,
    )
    _plant(models, plan)
    progress = Progress(store.manifest["items"], done=len(store.done))
    session, began = secrets.token_hex(4), time.monotonic()
    work = _pending(plan, store.manifest.get("chosen"), store.done)
    failures: list[str] = []
    streak, cpu = 0, time.process_time()

    async def pump() -> None:
        nonlocal streak, cpu
        for number, item, epoch in work:
            try:
                record, times, trace = await worker(number, item, epoch)
            except CallFailed as error:
                failures.append(str(error))
                streak += 1
                if not error.retry or streak >= GIVE_UP_AFTER:
                    raise SourceError(
                        f"{error}. {progress.done} of {progress.total} cases are kept; go on with: osler eval --resume {store.folder}"
                    ) from None
                continue
            streak = 0
            # Cases overlap, so each is charged the CPU time since the last one finished: the sum is the run's.
            times["cpu_s"], cpu = round(time.process_time() - cpu, 6), time.process_time()
            store.append(
                [record], [{**times, "session": session, "at": round(time.monotonic() - began, 3)}], [trace]
            )
            _advance(progress, record, times, worker.scorer.primary)
            if show:
                show(progress)

    async with _open(models):
        pumps = [asyncio.ensure_future(pump()) for _ in range(min(concurrency, progress.total))]
        try:
            await asyncio.gather(*pumps)
        except BaseException as error:
            for task in pumps:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            if isinstance(error, LimitError):
                raise LimitError(
                    f"{error}. {progress.done} of {progress.total} cases are kept; go on with a larger --budget: "
                    f"osler eval --resume {store.folder}"
                ) from None
            raise
    if failures:
        raise OslerError(
            f"{len(failures)} cases failed ({failures[0]}); the others are kept. Try them again with: osler eval --resume {store.folder}"
        )


def _pending(plan: Plan, chosen: list[int] | None, done: set[int]) -> Iterator[tuple[int, Item, int]]:
    """Number, item and epoch of what is not done yet, in order; one iterator shared by all workers."""
    wanted = None if chosen is None else set(chosen)
    place = 0
    for position, item in enumerate(items_of(plan)):
        if wanted is not None and position not in wanted:
            continue
        for epoch in range(plan.epochs):
            number = place * plan.epochs + epoch
            if number not in done:
                yield number, item, epoch
        place += 1


def _advance(progress: Progress, record: Record, times: Record, primary: str) -> None:
    progress.done += 1
    progress.calls += times["calls"]
    progress.cost += times["cost"]
    progress.unreadable += bool(record["answer"].get("unreadable"))
    value = record["scores"].get(primary)
    if value is not None:
        progress.right += float(value)
        progress.scored += 1
