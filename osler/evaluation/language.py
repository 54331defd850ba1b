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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from osler import registry, runtime
from osler.benchmarks.items import Item
from osler.compose import Composed, compose
from osler.context import Context, Examples, Services
from osler.errors import InputError, LimitError, OslerError, SourceError, UsageError
from osler.evaluation.manifest import make_manifest
from osler.evaluation.store import Record, RunStore, read_manifest, refuse_unless_empty
from osler.llm.budget import Budget
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.llm.types import Sampling
from osler.trace import Answer, Meter, Recorder, Trace, replay

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
) -> None:
    """Go on with a run: what is finished is not done again. Raises as `start` does."""
    manifest = read_manifest(folder)
    plan = Plan.read(manifest["arguments"])
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


class _Worker:
    """Runs single cases: a fresh context and case budget for each, shared models, engine, examples and scorer."""

    def __init__(
        self, plan: Plan, made: Composed, models: Mapping[str, Model], budget: Budget | None
    ) -> None:
        self.plan, self.made, self.models, self.budget = plan, made, models, budget
        self.scorer = registry.get("scorer", _benchmark(plan).scorer).object
        self.sampling = Sampling(temperature=plan.temperature, max_tokens=plan.max_tokens)
        self.examples: Examples | None = None
        if plan.examples is not None:
            from osler.benchmarks.pool import Pool

            self.examples = Pool(_benchmark(plan).object.examples(plan.examples))
        self.shared: dict[Any, Any] = {}
        self._host: Any = None

    @property
    def host(self) -> Any:
        """The embedded engine, made when a method first asks for it."""
        if self._host is None:
            self._host = _Engine(self.plan.knowledge)
        return self._host

    async def __call__(self, number: int, item: Item, epoch: int) -> tuple[Record, Record, Record, Recorder]:
        """The canonical record of a case, its time record and its trace record."""
        began, cpu = time.perf_counter(), time.process_time()
        recorder = Recorder()
        limits = Budget.read(self.plan.case_budget) if self.plan.case_budget else None
        case_budget = (
            Budget(limits.calls, limits.tokens, limits.money, limits.seconds, name="case", parent=self.budget)
            if limits
            else self.budget
        )
        language = (
            LanguageModels(self.models, budget=case_budget, sampling=self.sampling) if self.models else None
        )
        services = Services(
            engine=self.host,
            language=language,
            prompts=self.plan.prompts,
            examples=self.examples,
            shared=self.shared,
            seed=self.plan.seed,
        )
        # Each epoch is a branch of its own, so that its draws differ from those of the others.
        ctx = Context(services, recorder, (epoch,) if self.plan.epochs > 1 else ())
        note = None
        try:
            answer = await self.made.call(item.case, ctx)
        except LimitError as error:
            if self.budget is not None and _used_up(self.budget):
                raise
            answer, note = (
                Answer(kind=item.case.answer_kind, abstained=True, note="case budget used up"),
                str(error),
            )
        steps = replay(recorder.events)
        reads = [step.data["read"] for step in steps if "read" in step.data]
        record = {
            "item": number,
            "id": item.key,
            "group": item.group,
            "subset": getattr(item, "subset", None),
            "epoch": epoch,
            "answer": answer.model_dump(mode="json", exclude_defaults=True) | {"kind": answer.kind},
            "scores": self.scorer.score(item.reference, answer),
            "unreadable_replies": reads.count("unreadable"),
            "repaired_replies": reads.count("repair"),
        }
        if note:
            record["note"] = note
        trace = Trace(case_id=item.case.id, method=self.made.name, steps=steps, answer=answer)
        times = {"item": number, **_spent(recorder.meters), "cpu_s": round(time.process_time() - cpu, 6)}
        times["wall_s"] = round(time.perf_counter() - began, 6)
        return (
            record,
            times,
            {"item": number, "trace": trace.model_dump(mode="json", exclude_defaults=True)},
            recorder,
        )


class _Engine:
    """The embedded engine behind a run's contexts, loaded when first asked: choice benchmarks never need it."""

    def __init__(self, knowledge: str) -> None:
        self.knowledge = knowledge
        self._host: Any = None

    @property
    def host(self) -> Any:
        """The engine's host."""
        if self._host is None:
            self._host = runtime.Host(runtime.knowledge(self.knowledge), explain=True, questions=0)
        return self._host

    def differential(self, case: Any, method: str, top: int) -> Answer:
        """See `osler.context.Differentials`."""
        return self.host.differential(case, method, top)

    def review(self, case: Any, names: Any) -> Any:
        """See `osler.context.Differentials`."""
        return self.host.review(case, names)


def _spent(meters: list[Meter]) -> dict[str, Any]:
    return {
        "calls": sum(meter.calls for meter in meters),
        "cached": sum(meter.cached for meter in meters),
        "prompt_tokens": sum(meter.prompt_tokens for meter in meters),
        "completion_tokens": sum(meter.completion_tokens for meter in meters),
        "cost": round(sum(meter.cost for meter in meters), 8),
        "critical_s": round(_critical_path(meters), 6),
    }


def _critical_path(meters: list[Meter]) -> float:
    """A lower bound of the wall time from the calls' own latencies: the slowest call of each parallel group, added up.

    Calls whose paths differ only in their last two numbers at the same position are taken as parallel only where the method
    gathered them; without that knowledge the longest single call is the bound.
    """
    return max((meter.wall_s for meter in meters), default=0.0)


def _used_up(budget: Budget) -> bool:
    left = budget.seconds_left()
    return (
        (budget.calls is not None and budget.spent_calls >= budget.calls)
        or (budget.tokens is not None and budget.spent_tokens >= 0.9 * budget.tokens)
        or (budget.money is not None and budget.spent_money >= 0.9 * budget.money)
        or (left is not None and left <= 0)
    )


@asynccontextmanager
async def _open(models: Mapping[str, Model]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for model in {id(model): model for model in models.values()}.values():
            await model.close()


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
    worker = _Worker(plan, made, models, budget)
    progress = Progress(store.manifest["items"], done=len(store.done))
    session, began = secrets.token_hex(4), time.monotonic()
    work = _pending(plan, store.manifest.get("chosen"), store.done)
    failures: list[str] = []
    streak = 0

    async def pump() -> None:
        nonlocal streak
        for number, item, epoch in work:
            try:
                record, times, trace, _ = await worker(number, item, epoch)
            except CallFailed as error:
                failures.append(str(error))
                streak += 1
                if not error.retry or streak >= GIVE_UP_AFTER:
                    raise SourceError(
                        f"{error}. {progress.done} of {progress.total} cases are kept; go on with: osler eval --resume {store.folder}"
                    ) from None
                continue
            streak = 0
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
