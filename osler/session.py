"""One case through a method with language models, outside an evaluation: what `osler ask` and `osler diagnose --model` share.

Models are opened by spec and closed with the event loop that used them. `listen` sees trace events as they happen, `pieces`
the words of replies as they stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from osler import calculators
from osler.case import Case
from osler.compose import Composed, compose
from osler.context import Context
from osler.data.images import Shelf
from osler.errors import UsageError
from osler.knowledge.retrieval.sources import Opened, Sources, refuse_lacking
from osler.methods.searching import further_needs, open_all
from osler.prompts import check as check_prompts
from osler.services import Differentials, Images, Services
from osler.trace import Answer, Recorder, Trace, replay

if TYPE_CHECKING:
    from osler.llm.language import Listener
    from osler.llm.model import Model


@dataclass
class Setting:
    """With what a case is run. `models` are `--model` values; without one, methods that ask a model are refused. `limits` are
    options of `Model` (see `osler.llm.limits.limits_of`). `opened` is what to retrieve from where it is open already."""

    models: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    api_key_env: str | None = None
    budget: str | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    temperature: float | None = None
    max_tokens: int | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    examples: Any = None
    images: Images | None = None
    sources: Sources = field(default_factory=Sources)
    opened: Opened | None = None
    seed: int = 0
    cache: bool = True
    listen: Callable[[Any], None] | None = None
    pieces: Listener | None = None


@dataclass
class Outcome:
    """The answer, how it was reached, and what it cost."""

    answer: Answer
    trace: Trace
    made: Composed
    models: dict[str, str]
    calls: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    notices: list[str] = field(default_factory=list)


def composed(method: str, setting: Setting) -> Composed:
    """The method with its options. Raises UsageError when it needs a model or examples that were not named, and for prompts
    of the user's and roles that no method in it has.
    """
    made = compose(method, dict(setting.options))
    check_prompts(setting.prompts, made.parts)
    if "model" in further_needs(setting.sources) and not setting.models:
        raise UsageError(f"{_asks(setting.sources)} asks a language model; name one with --model")
    if "model" in made.needs and not setting.models:
        raise UsageError(
            f"method {made.name!r} asks a language model; name one with --model, such as openai:NAME with --base-url, "
            "or simulated:good to try it (osler models check tests one)"
        )
    if setting.models:
        from osler.llm.able import refuse_roles
        from osler.llm.specs import read_roles

        refuse_roles(made.name, made.roles, read_roles(setting.models))
    if setting.opened is None:
        refuse_lacking(made.name, made.needs, setting.sources)
    if "examples" in made.needs and setting.examples is None:
        raise UsageError(
            f"method {made.name!r} learns from examples, so it needs an evaluation: osler eval --examples"
        )
    return made


def _asks(sources: Sources) -> str:
    """Which way of searching asks a model."""
    return (
        f"--rewrite {sources.rewrite}" if sources.rewrite not in (None, "none") else f"--rank {sources.rank}"
    )


async def run_case(
    case: Case, made: Composed, setting: Setting, host: Differentials | None = None, **given: Any
) -> Outcome:
    """Run a composed method over a case. `given` are further typed options. Raises SourceError, LimitError, UsageError."""
    return await run_with(_open(setting), case, made, setting, host, **given)


async def run_with(
    models: Mapping[str, Model],
    case: Case,
    made: Composed,
    setting: Setting,
    host: Differentials | None = None,
    **given: Any,
) -> Outcome:
    """The same over models that are open already; they are closed at the end."""
    from osler.llm.able import refuse_unable
    from osler.llm.budget import Budget
    from osler.llm.language import LanguageModels
    from osler.llm.types import Sampling

    language = None
    if models:
        refuse_unable(made.needs, models, int(bool(case.images or any(o.image for o in case.options))))
        budget = Budget.read(setting.budget) if setting.budget is not None else None
        sampling = Sampling(temperature=setting.temperature, max_tokens=setting.max_tokens)
        language = LanguageModels(models, budget=budget, sampling=sampling, listen=setting.pieces)
    recorder = Recorder(setting.listen)
    opened = setting.opened or open_all(setting.sources, made.needs)
    services = Services(
        engine=host,
        language=language,
        prompts=dict(setting.prompts),
        examples=setting.examples,
        images=setting.images or Shelf(),
        calculators=calculators,
        graph=opened.graph,
        retriever=opened.retriever,
        encoder=opened.encoder,
        reranker=opened.reranker,
        searching=opened.searching,
        seed=setting.seed,
    )
    try:
        answer = await made.call(case, Context(services, recorder), **given)
    finally:
        for model in {id(model): model for model in models.values()}.values():
            await model.close()
    trace = Trace(
        case_id=case.id,
        method=made.name,
        options={**made.options, **given},
        fidelity=made.part.fidelity,
        sources=dict(getattr(host, "sources", {})),
        steps=replay(recorder.events),
        answer=answer,
    )
    found = Outcome(answer, trace, made, {role: model.name for role, model in models.items()})
    for meter in recorder.meters:
        found.calls += meter.calls
        found.cached += meter.cached
        found.prompt_tokens += meter.prompt_tokens
        found.completion_tokens += meter.completion_tokens
        found.cost += meter.cost
    found.notices = made.departures(setting.examples is not None)
    found.notices += [text for model in models.values() for text in model.notices]
    return found


def _open(setting: Setting) -> dict[str, Model]:
    if not setting.models:
        return {}
    from osler.llm.specs import models_from

    about = {"base_url": setting.base_url, "api_key_env": setting.api_key_env}
    given: dict[str, Any] = {name: value for name, value in about.items() if value}
    return models_from(setting.models, cache=setting.cache, **given, **setting.limits)
