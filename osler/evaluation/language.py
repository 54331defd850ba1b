"""A run of a method over a benchmark with a language model: many cases under way at once, each kept as it finishes.

Cases are read as a stream and never all held, so memory stays flat. A record is written when its case is finished, in whatever
order that happens; the canonical order is by item. What a call cost goes to the sidecar, so that a re-run from the cache
writes the same records to the byte. Knows nothing of any single benchmark or method.
"""

from __future__ import annotations

import asyncio
import secrets
import time
import traceback
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence, Sized
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from osler import interrupt, registry
from osler.benchmarks.items import Item
from osler.case import Case
from osler.compose import Composed, compose
from osler.errors import InputError, LimitError, MethodFailed, OslerError, SourceError, UsageError
from osler.evaluation import evidence_arms
from osler.evaluation.forecast import Forecast, forecast
from osler.evaluation.manifest import make_manifest, needed
from osler.evaluation.plan import Plan, Source, choose, numbered
from osler.evaluation.run import wall_seconds
from osler.evaluation.store import Record, RunStore, read_manifest, read_times, refuse_unless_empty
from osler.evaluation.worker import CaseWorker
from osler.knowledge.retrieval.sources import Opened, refuse_lacking
from osler.llm.able import refuse_roles, refuse_unable
from osler.llm.budget import Budget
from osler.llm.cache import ReplyCache
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.llm.specs import entries_of
from osler.llm.types import Sampling
from osler.methods.searching import calls_a_search, further_needs, open_all
from osler.trace import Answer

__all__ = ["Plan", "Progress", "resume", "start"]

# After so many cases in a row failed because the model did, the run stops: it is down.
GIVE_UP_AFTER = 20
# Finished cases are written together, at most this long after the first of them: the file system is asked less often.
GATHER_S = 0.05
GATHERED = 256


class DataNotice(UserWarning):
    """Something about a run's data that its reader must know."""


Show = Callable[["Progress"], None]
Failures = list[dict[str, Any]]


class Solved(NamedTuple):
    """An example of the pool, as a simulated model learns it."""

    case: Case
    reference: Answer


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
    failed: int = 0


def start(
    plan: Plan,
    folder: Path,
    models: Mapping[str, Model],
    show: Show | None = None,
    concurrency: int = 64,
    tell: Callable[[Forecast], None] | None = None,
) -> Failures:
    """Run a plan into a new run folder; returns the cases that failed, with why (none of them is recorded). `tell` is given
    what the run will take, before its first call.

    Raises UsageError, InputError (the data), SourceError (the model is down), LimitError (the run's budget).
    """
    refuse_unless_empty(folder)
    made = check(plan, models)
    sources = open_all(plan.sources, made.needs)
    source = Source(plan)
    n, checksum = source.survey()
    refuse_unable(made.needs, models, source.seen.cases)
    _refuse_other_kinds(made, source)
    _tell_missing(source)
    _read_pool(made, source)
    evidence_arms.apply(plan, source, sources)
    chosen = choose(plan, n)
    manifest = make_manifest(
        plan.benchmark,
        made.name,
        arguments=plan.arguments(),
        items=(n if chosen is None else len(chosen)) * plan.epochs,
        chosen=chosen,
        data={"path": str(plan.data), "items": n, "sha256": checksum},
        scorer=source.scorer_name,
        fidelity=made.part.fidelity,
        needs=sorted(made.needs),
        models={role: model.name for role, model in models.items()},
        entries=_entries(plan),
        pool=source.about_pool(),
        sources=sources.about,
        departures=made.departures(source.pool is not None),
    )
    new = not folder.exists()
    with RunStore.create(folder, manifest) as store:
        try:
            run = _Run(store, source, made, models, show, sources)
            if tell is not None:
                tell(_expected(run, n))
        except BaseException:  # no case has begun: there is nothing to go on with
            store.discard(folder_too=new)
            raise
        return interrupt.run(run.go(concurrency))


def _expected(run: _Run, n: int) -> Forecast:
    """What the run will take; `n` cases lie in the data."""
    source, pool = run.source, run.worker.examples
    return forecast(
        run.worker.made,
        run.models,
        run.store.manifest["items"],
        with_options=source.with_options,
        pool=len(pool) if isinstance(pool, Sized) else 0,
        characters=source.characters / max(1, n),
        max_tokens=source.plan.max_tokens,
        per_search=calls_a_search(source.plan.sources),
    )


def resume(
    folder: Path,
    models: Mapping[str, Model],
    show: Show | None = None,
    concurrency: int = 64,
    budget: str | None = None,
) -> Failures:
    """Go on with a run, under a new `budget` where one is given: what is finished is not done again. Raises as `start` does."""
    manifest = read_manifest(folder)
    plan = Plan.read(needed(manifest, "arguments"))
    plan = replace(plan, budget=plan.budget if budget is None else budget)
    with RunStore.resume(folder) as store:
        if len(store.done) >= manifest["items"]:
            return []
        began = needed(manifest, "data").get("sha256")
        source = Source(plan)
        if source.survey()[1] != began:
            raise UsageError(
                f"the data at {plan.data} changed since the run began; start a new run with --out"
            )
        if manifest.get("entries", {}) != _entries(plan):
            raise UsageError(
                "the run's models changed since the run began (models.yaml); start a new run with --out"
            )
        if manifest.get("models") != {role: model.name for role, model in models.items()}:
            raise UsageError("the run began with other models than these; start a new run with --out")
        made = check(plan, models)
        _read_pool(made, source)
        if "pool" in manifest and manifest["pool"] != source.about_pool():
            raise UsageError("the pool of examples changed since the run began; start a new run with --out")
        sources = open_all(plan.sources, made.needs)
        if manifest.get("sources", {}) != sources.about:
            raise UsageError("the run's corpora changed since the run began; start a new run with --out")
        evidence_arms.apply(plan, source, sources)
        return interrupt.run(_Run(store, source, made, models, show, sources).go(concurrency))


def _entries(plan: Plan) -> dict[str, Any]:
    """What is known of the plan's models that the user has named in `models.yaml`."""
    return entries_of(plan.model.split()) if plan.model else {}


def check(plan: Plan, models: Mapping[str, Model]) -> Composed:
    """The plan's method, composed. Raises UsageError when it needs a model that is not there, or lacks a role that was
    given one, and for a budget that cannot be read.
    """
    for limits in (plan.budget, plan.case_budget):
        if limits is not None:
            Budget.read(limits)
    made = compose(plan.method)
    if "model" in made.needs | further_needs(plan.sources) and not models:
        raise UsageError(f"method {made.name!r} asks a language model; name one with --model")
    refuse_roles(made.name, made.roles, models)
    refuse_unable(made.needs, models)
    refuse_lacking(made.name, made.needs, plan.sources)
    return made


def _read_pool(made: Composed, source: Source) -> None:
    """Read the pool of examples, where the method has a use for one. Raises UsageError where it needs one and there is none."""
    if (
        source.examples("examples" in made.needs or "examples" in made.uses) is None
        and "examples" in made.needs
    ):
        raise UsageError(
            f"method {made.name!r} learns from examples, and {source.why_no_pool}; name a pool with --examples: a file of "
            "solved questions, BENCHMARK/SPLIT or BENCHMARK:PATH"
        )


def _refuse_other_kinds(made: Composed, source: Source) -> None:
    """Raises UsageError where cases ask for a kind of answer that the method cannot give: every one would be wrong."""
    other = source.kinds - made.answers if made.answers is not None else set()
    if other:
        plan, given = (
            source.plan,
            " or ".join(sorted(made.answers or ())) or "no kind that all its parts give",
        )
        some = "choose another --subset, or " if source.kinds > other else ""
        raise UsageError(
            f"method {made.name!r} answers with {given}, and {plan.benchmark} asks for {' and '.join(sorted(other))}; "
            f"{some}choose another method (`osler list methods` shows what each answers with)"
        )


class _Run:
    """One session of a run: its workers, its progress, and the cases that failed in it."""

    def __init__(
        self,
        store: RunStore,
        source: Source,
        made: Composed,
        models: Mapping[str, Model],
        show: Show | None,
        sources: Opened,
    ) -> None:
        plan = source.plan
        self.store, self.source, self.models, self.show = store, source, models, show
        self.worker = CaseWorker(
            made,
            models,
            registry.get("scorer", source.scorer_name).object,
            sampling=Sampling(temperature=plan.temperature, max_tokens=plan.max_tokens),
            budget=_budget(plan.budget, store) if plan.budget is not None else None,
            case_limits=plan.case_budget,
            knowledge=plan.knowledge,
            examples=source.pool,
            images=source.images,
            prompts=plan.prompts,
            sources=sources,
            seed=plan.seed,
            epochs=plan.epochs,
        )
        self.progress = Progress(store.manifest["items"], done=len(store.done))
        self.ledger = _Ledger(store, [model.cache for model in models.values() if model.cache is not None])
        self.work: Iterator[tuple[int, Item[Any], int]] = numbered(
            source, store.manifest.get("chosen"), store.done
        )
        self.failures: Failures = []
        self.streak = 0
        self.refused = 0  # cases that the model failed
        self.down: CallFailed | None = None  # the last failure of the model
        self.spent: LimitError | None = None
        _plant(models, source)

    async def go(self, concurrency: int) -> Failures:
        """Keep `concurrency` cases under way until the stream ends; stop early when the model is down or the budget spent."""
        async with _open(self.models):
            pumps = [
                asyncio.ensure_future(self._pump()) for _ in range(min(concurrency, self.progress.total))
            ]
            try:
                await asyncio.gather(*pumps)
            finally:
                for task in pumps:
                    task.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                self.ledger.flush()
        if self.spent is not None:
            raise LimitError(
                f"{self.spent}. {self._kept()}; go on with a larger --budget: osler eval --resume {self.store.folder}"
            ) from None
        if len(self.store.done) + len(self.failures) < self.store.manifest["items"]:
            raise InputError(
                f"the data end before the run's {self.store.manifest['items']} cases do; its manifest does not fit them"
            )
        if self.down is not None and not self.progress.done and self.refused == len(self.failures):
            raise SourceError(
                f"{self.down}. Every one of the {len(self.failures)} cases failed because the model did, none is kept; check the "
                f"model (osler models check), then go on with: osler eval --resume {self.store.folder}"
            ) from None
        return sorted(self.failures, key=lambda failure: failure["item"])

    async def _pump(self) -> None:
        for number, item, epoch in self.work:
            try:
                record, times, trace = await self.worker(number, item, epoch)
            except CallFailed as error:
                self._failed(number, item, str(error))
                self.down, self.refused = error, self.refused + 1
                self.streak += 1
                if _hopeless(error) or self.streak >= GIVE_UP_AFTER:
                    raise SourceError(
                        f"{error}. {self._kept()}; go on with: osler eval --resume {self.store.folder}"
                    ) from None
                continue
            except LimitError as error:
                # Calls under way were paid for: their cases end, and no new one begins.
                self.spent = self.spent or error
                return
            except InputError as error:
                self._failed(number, item, str(error))
                continue
            except Exception as error:
                told = isinstance(error, MethodFailed)
                if isinstance(error, OslerError) and not told:
                    raise
                # A method's own mistake costs the case, not the run; unless it always makes it.
                self._failed(number, item, str(error) if told else _mistake(error))
                self.streak += 1
                if self.streak >= GIVE_UP_AFTER:
                    raise
                continue
            self.streak = 0
            self.ledger.add(record, times, trace)
            self._advance(record, times)
            if self.spent is not None:
                return

    def _failed(self, number: int, item: Item[Any], why: str) -> None:
        self.failures.append({"item": number, "file": item.key, "error": why})
        self.progress.failed += 1
        if self.show:
            self.show(self.progress)

    def _kept(self) -> str:
        return f"{self.progress.done} of {self.progress.total} cases are kept"

    def _advance(self, record: Record, times: Record) -> None:
        progress = self.progress
        progress.done += 1
        progress.calls += times["calls"]
        progress.cost += times["cost"]
        progress.unreadable += bool(record["scores"].get("unreadable", record["answer"].get("unreadable")))
        value = record["scores"].get(self.worker.scorer.primary)
        if value is not None:
            progress.right += float(value)
            progress.scored += 1
        if self.show:
            self.show(progress)


class _Ledger:
    """Finished cases on their way to the store. Cases overlap, so those written together share the CPU time since the last
    writing equally: the sum over all cases is the run's."""

    def __init__(self, store: RunStore, caches: Sequence[ReplyCache] = ()) -> None:
        self.store, self.caches = store, list(dict.fromkeys(caches))
        self.session, self.began = secrets.token_hex(4), time.monotonic()
        self._cpu = time.process_time()
        self._waiting: list[tuple[Record, Record, Record]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None

    def add(self, record: Record, times: Record, trace: Record) -> None:
        """Take a finished case. Raises what an earlier writing raised."""
        if self._error is not None:
            raise self._error
        times["session"], times["at"] = self.session, round(time.monotonic() - self.began, 3)
        self._waiting.append((record, times, trace))
        if len(self._waiting) >= GATHERED:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._on_time)

    def flush(self) -> None:
        """Write what is waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        now = time.process_time()
        share, self._cpu = round((now - self._cpu) / len(rows), 6), now
        for _, times, _ in rows:
            times["cpu_s"] = share
        for (
            cache
        ) in self.caches:  # first: a case that is recorded must be there again in a re-run, whatever happens
            cache.flush()
        self.store.append(*zip(*rows, strict=True))

    def _on_time(self) -> None:
        try:
            self.flush()
        except Exception as error:  # told to the next case that ends: a timer has nobody to tell
            self._error = error


def _budget(text: str, store: RunStore) -> Budget:
    """The run's budget, less what earlier sessions of the run have spent."""
    budget = Budget.read(text)
    if store.done:
        times = read_times(store.folder)
        budget.spend(
            calls=sum(time["calls"] for time in times),
            tokens=sum(time["prompt_tokens"] + time["completion_tokens"] for time in times if time["calls"]),
            money=sum(time["cost"] for time in times),
            seconds=wall_seconds(times),
        )
    return budget


def _hopeless(error: CallFailed) -> bool:
    """Whether no other case can fare better: no such model, no right to it, no connection that a retry mended."""
    if error.status is not None:
        return error.status in (401, 403, 404)
    return not error.retry


def _tell_missing(source: Source) -> None:
    """Images that the data name but do not hold are said before the run, and again in the record of each case."""
    if source.seen.missing:
        warnings.warn(
            f"{source.seen.missing} cases name images that are not in {source.plan.data}: they are asked without them",
            DataNotice,
            stacklevel=3,
        )


def _mistake(error: Exception) -> str:
    """What went wrong and where, without the message: that may quote the case."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def _plant(models: Mapping[str, Model], source: Source) -> None:
    """A simulated model is told what is right, inside its provider, so that its accuracy can be set; no method sees it."""
    for model in {id(model): model for model in models.values()}.values():
        if hasattr(model.provider, "plant"):
            model.provider.plant(source)  # type: ignore[attr-defined]
            known = [
                Solved(one.case, one.answer)
                for one in source.pool or ()
                if one.case.options and one.case.question
            ]
            model.provider.plant(known)  # type: ignore[attr-defined]


@asynccontextmanager
async def _open(models: Mapping[str, Model]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for model in {id(model): model for model in models.values()}.values():
            await model.close()
