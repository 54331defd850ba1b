"""One case through a method: a fresh context and budget, the answer scored, the record, its cost and its trace as plain data.

The method gets the case and nothing else; the reference is used after it has answered, by the scorer alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from osler import calculators, critical_path, runtime
from osler.benchmarks.items import Item
from osler.case import Case
from osler.compose import Composed
from osler.context import Context
from osler.errors import LimitError
from osler.evaluation.store import Record
from osler.knowledge.retrieval.sources import Opened
from osler.llm.budget import Budget
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.llm.types import Sampling
from osler.services import Example, Examples, Images, Services
from osler.trace import Answer, Meter, Recorder, plain_steps


class CaseWorker:
    """Runs single cases with shared models, engine, examples and scorer. Safe to call many times at once."""

    def __init__(
        self,
        made: Composed,
        models: Mapping[str, Model],
        scorer: Any,
        *,
        sampling: Sampling | None = None,
        budget: Budget | None = None,
        case_limits: str | None = None,
        knowledge: str = "hpo",
        examples: Sequence[Example] | None = None,
        images: Images | None = None,
        prompts: Mapping[str, str] | None = None,
        sources: Opened | None = None,
        seed: int = 0,
        epochs: int = 1,
    ) -> None:
        self.made, self.models, self.scorer = made, models, scorer
        self.sampling, self.budget, self.case_limits = sampling, budget, case_limits
        self.engine = runtime.LazyHost(knowledge)
        self.examples = _pool(examples) if examples is not None else None
        self.images = images
        self.sources = sources or Opened()
        self.prompts, self.seed, self.epochs = dict(prompts or {}), seed, epochs
        self.shared: dict[Any, Any] = {}

    async def __call__(self, number: int, item: Item[Any], epoch: int = 0) -> tuple[Record, Record, Record]:
        """The canonical record of a case, what it cost, and its trace. Raises CallFailed, and LimitError of the run."""
        began = time.perf_counter()
        recorder = Recorder()
        critical_path.begin()
        answer, note = await self._answer(item.case, recorder, epoch)
        steps = plain_steps(recorder.events)
        reads = [step["data"]["read"] for step in steps if "read" in step.get("data", ())]
        plain = answer.model_dump(mode="json", exclude_defaults=True)
        record: Record = {
            "item": number,
            "id": item.key,
            "group": item.group,
            "subset": item.subset,
            "tags": dict(item.tags),
            **({"year": item.year} if item.year is not None else {}),
            "epoch": epoch,
            "answer": plain,
            "scores": self.scorer.score(item.reference, answer),
            "unreadable_replies": reads.count("unreadable"),
            "repaired_replies": reads.count("repair"),
        }
        # An image that the data lack is none that a model saw: the record says so.
        notes = [note, *(n.text for n in item.case.notices if n.code == "images-missing")]
        if any(notes):
            record["note"] = "; ".join(filter(None, notes))
        # What `Trace.model_dump` gives, without making its models: a test holds the two together.
        trace: Record = {"case_id": item.case.id, "method": self.made.name}
        if self.made.part.fidelity:
            trace["fidelity"] = self.made.part.fidelity
        if steps:
            trace["steps"] = steps
        trace["answer"] = plain
        path = recorder.critical_path
        cost = {
            "item": number,
            **spent(recorder.meters),
            "wall_s": round(time.perf_counter() - began, 6),
            "path_calls": path.calls,
            "path_s": round(path.seconds, 6),
        }
        return record, cost, {"item": number, "trace": trace}

    async def _answer(self, case: Case, recorder: Recorder, epoch: int) -> tuple[Answer, str | None]:
        """The method's answer; an abstention with a note when the case's own budget was used up."""
        budget = self._case_budget()
        services = Services(
            engine=self.engine,
            language=LanguageModels(self.models, budget=budget, sampling=self.sampling)
            if self.models
            else None,
            prompts=self.prompts,
            examples=self.examples,
            images=self.images,
            calculators=calculators,
            graph=self.sources.graph,
            retriever=self.sources.retriever_for(case),
            encoder=self.sources.encoder,
            reranker=self.sources.reranker,
            searching=self.sources.searching,
            shared=self.shared,
            seed=self.seed,
        )
        # Each epoch is a branch of its own, so that its draws differ from those of the others.
        ctx = Context(services, recorder, (epoch,) if self.epochs > 1 else ())
        try:
            return await self.made.call(case, ctx), None
        except LimitError as error:
            whose = error.level or ("run" if self.budget is not None and used_up(self.budget) else "case")
            if whose != "case":
                raise
            return Answer(kind=case.answer_kind, abstained=True), f"case budget: {error}"

    def _case_budget(self) -> Budget | None:
        if self.case_limits is None:
            return self.budget
        limits = Budget.read(self.case_limits)
        return Budget(
            limits.calls, limits.tokens, limits.money, limits.seconds, name="case", parent=self.budget
        )


def _pool(examples: Sequence[Example]) -> Examples:
    from osler.benchmarks.pool import Pool  # scipy.sparse: only where examples are shown

    return Pool(examples)


def spent(meters: Sequence[Meter]) -> Record:
    """Calls, cached calls, tokens and money of a case; `unpriced` where the price of some calls is not known."""
    calls = cached = prompt = completion = unpriced = 0
    cost = 0.0
    for meter in meters:
        calls += meter.calls
        cached += meter.cached
        prompt += meter.prompt_tokens
        completion += meter.completion_tokens
        cost += meter.cost
        unpriced += not meter.priced
    found: Record = {
        "calls": calls,
        "cached": cached,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cost": round(cost, 8),
    }
    return found | {"unpriced": unpriced} if unpriced else found


def used_up(budget: Budget) -> bool:
    """Whether a budget has no room for another call of ordinary size."""
    left = budget.seconds_left()
    return (
        (budget.calls is not None and budget.spent_calls >= budget.calls)
        or (budget.tokens is not None and budget.spent_tokens >= 0.9 * budget.tokens)
        or (budget.money is not None and budget.spent_money >= 0.9 * budget.money)
        or (left is not None and left <= 0)
    )
