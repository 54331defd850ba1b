"""The language-model side of `osler eval`: from options to a plan and opened models, with a progress line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osler.cli.output import notices, settings
from osler.errors import InputError, UsageError

if TYPE_CHECKING:
    from osler.cli.eval_options import LanguageOptions, Options
    from osler.evaluation.forecast import Forecast
    from osler.evaluation.language import Progress
    from osler.evaluation.plan import Plan
    from osler.llm.model import Model


def plan_of(benchmark: str, given: Options) -> Plan:
    """The plan of a run. Raises UsageError for options that do not fit."""
    from osler import registry
    from osler.benchmarks.examples import absolute
    from osler.benchmarks.ids import read_ids
    from osler.benchmarks.places import place_of
    from osler.compose import compose
    from osler.evaluation.plan import Plan
    from osler.llm.keys import without_password
    from osler.prompts import check as check_prompts

    asked = given.language
    part = registry.get("benchmark", benchmark)
    if asked.inputs is not None and asked.inputs not in part.extra.get("inputs", ()):
        known = " or ".join(part.extra.get("inputs", ()))
        raise UsageError(f"eval {benchmark} takes {'--inputs ' + known if known else 'no --inputs'}")
    method = given.method or (
        "embedded-calc" if asked.inputs and part.extra["scorer"] == "calculation" else None
    )
    if method is None:
        raise UsageError("name a method with --method (`osler list methods` shows them)")
    made = compose(method, dict(_pair(word) for word in asked.options))
    prompts = read_prompts(asked.prompts) if asked.prompts else {}
    check_prompts(prompts, made.parts)
    columns: dict[str, str] = {}
    if asked.map:
        from osler.benchmarks.own import read_map

        columns = read_map(asked.map)
    return Plan(
        benchmark=benchmark,
        data=(given.data or place_of(benchmark)).resolve(),
        method=made.name,
        model=" ".join(asked.models) or None,
        subset=asked.subset,
        split=asked.split,
        inputs=asked.inputs,
        limit=given.limit,
        seed=given.seed,
        sample_seed=given.sample_seed,
        epochs=asked.epochs,
        temperature=asked.temperature,
        max_tokens=asked.max_tokens,
        budget=asked.budget,
        case_budget=asked.case_budget,
        knowledge=given.knowledge or "hpo",
        examples=absolute(asked.examples) if asked.examples else None,
        base_url=without_password(asked.base_url) if asked.base_url else None,
        api_key_env=asked.api_key_env,
        columns=columns,
        prompts=prompts,
        corpus=asked.corpus,
        retrieval=asked.retrieval,
        encoder=asked.encoder,
        reranker=asked.reranker,
        rewrite=asked.rewrite,
        rank=asked.rank,
        graph=asked.graph,
        ids=read_ids(asked.ids) if asked.ids else (),
    )


def as_before(asked: LanguageOptions, arguments: dict[str, Any]) -> LanguageOptions:
    """The options of a resumed run: the models it began with unless others are named."""
    before = tuple(str(arguments["model"]).split()) if arguments.get("model") else ()
    if asked.models and asked.models != before:
        raise UsageError(f"the run began with --model {' '.join(before)}; start a new run with --out")
    again = {name: getattr(asked, name) or arguments.get(name) for name in ("base_url", "api_key_env")}
    return replace(asked, models=before, **again)


def tell(expected: Forecast) -> None:
    """Say, before a run, how many calls it takes, and about what they cost."""
    notices().print(str(expected), markup=False)


def read_prompts(path: Path) -> dict[str, str]:
    """Prompts by name from a YAML or JSON file. Raises InputError for anything but names and texts."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"the prompts in {path} cannot be read ({type(error).__name__})") from None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise InputError(f"{path} must map prompt names (such as medagents.report) to texts")
    return {str(name): text for name, text in found.items()}


@contextmanager
def opened(
    asked: LanguageOptions, seed: int = 0
) -> Iterator[tuple[dict[str, Model], Callable[[Progress], None] | None]]:
    """The models by role, whose draws follow from `seed`, and a function that shows progress (None where nobody looks)."""
    from osler.llm.limits import limits_of
    from osler.llm.specs import models_from

    options: dict[str, Any] = {"concurrency": asked.concurrency, "seed": seed}
    options |= limits_of(asked.rpm, asked.tpm, asked.call_timeout)
    if asked.base_url:
        options["base_url"] = asked.base_url
    if asked.api_key_env:
        options["api_key_env"] = asked.api_key_env
    models = models_from(asked.models, cache=asked.cache, **options) if asked.models else {}
    with _shown() as show:
        yield models, show
    for model in {id(model): model for model in models.values()}.values():
        for text in model.notices:
            notices().print(text, markup=False)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None] | None]:
    if settings.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=notices(), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(so_far: Any) -> None:
            right = f"{so_far.right / so_far.scored:.1%} right" if so_far.scored else ""
            words = (
                f"{right} · {so_far.calls} calls · {so_far.cost:.2f} spent · {so_far.unreadable} unreadable"
                + (f" · {so_far.failed} failed" if so_far.failed else "")
            )
            bar.update(task, total=so_far.total, completed=so_far.done, description=words)

        yield show


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise UsageError(f"-m takes NAME=VALUE, not {word!r}")
    return name.strip(), value.strip()
