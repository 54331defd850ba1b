"""`osler eval BENCHMARK`: measure a method on a benchmark, into a run folder that survives a kill and resumes."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from osler.cli.output import console, notices, print_json
from osler.errors import UsageError


@dataclass(frozen=True)
class Options:
    """The options of `osler eval`, as given."""

    data: Path | None
    method: str | None
    knowledge: str | None
    regimes: tuple[str, ...]
    out: Path | None
    limit: int | None
    seed: int
    jobs: int
    sample: int | None
    questions: int
    json: bool


_QUESTIONS = 30
_DEFAULTS: dict[str, Any] = {
    "method": None,
    "regimes": (),
    "knowledge": None,
    "sample": None,
    "questions": _QUESTIONS,
}


def eval_(
    benchmark: Annotated[
        str, typer.Argument(metavar="BENCHMARK", help="`osler list benchmarks` shows them.")
    ] = "",
    data: Annotated[Path | None, typer.Option(help="The benchmark's files: ZIP, folder or file.")] = None,
    method: Annotated[str | None, typer.Option(help="A ranker; default embedded.")] = None,
    regime: Annotated[
        list[str] | None,
        typer.Option(help="as-is, not-cited, not-cited-clean, leave-out (repeat; default all)."),
    ] = None,
    knowledge: Annotated[str | None, typer.Option(help="hpo, hpo@RELEASE, …; default hpo.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder, new or empty. Left out: nothing is kept.")
    ] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run folder.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="A seeded random sample of so many cases.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    sample: Annotated[int | None, typer.Option(min=1, help="ddxplus, simsum: draw so many records.")] = None,
    questions: Annotated[
        int, typer.Option(min=0, help="ddxplus: the budget of questions per patient.")
    ] = _QUESTIONS,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a method on a benchmark and print figures with intervals.

    Exit code 1 when the run finished but some cases could not be read; they are listed.
    """
    given = Options(
        data, method, knowledge, tuple(regime or ()), out, limit, seed, jobs, sample, questions, json
    )
    if resume is not None:
        code = _resume(benchmark, resume, given)
    elif not benchmark:
        raise UsageError("name a benchmark (`osler list benchmarks`), or a run to go on with: --resume RUN")
    elif benchmark not in _BENCHMARKS:
        from osler import registry

        registry.get("benchmark", benchmark)
        raise UsageError(
            f"{benchmark} is known but cannot be run from here; there are {', '.join(_BENCHMARKS)}"
        )
    else:
        _refuse_unused(benchmark, given)
        code = _BENCHMARKS[benchmark](given)
    raise typer.Exit(code)


# Options that a benchmark takes beside --data, --out, --limit, --seed, --jobs and --json.
_TAKES: dict[str, frozenset[str]] = {
    "phenopackets": frozenset(("method", "regimes", "knowledge")),
    "ddxplus": frozenset(("method", "sample", "questions")),
    "simsum": frozenset(("sample",)),
}
# Where each lies in OSLER_DATA.
_PLACES = {
    "phenopackets": "phenopackets/phenopacket-store*.zip",
    "ddxplus": "ddxplus",
    "simsum": "simsum",
    "hpo-gsc": "hpo-gsc/*.zip",
    "clinical-ner": "clinical-ner/*",
}


def _refuse_unused(benchmark: str, given: Options) -> None:
    """An option that would silently do nothing is an error."""
    for name, default in _DEFAULTS.items():
        if getattr(given, name) != default and name not in _TAKES.get(benchmark, ()):
            raise UsageError(f"eval {benchmark} takes no --{'regime' if name == 'regimes' else name}")


def _phenopackets(given: Options) -> int:
    from osler.evaluation.phenopackets import Plan, start
    from osler.evaluation.regimes import REGIMES

    plan = Plan(
        data=_data(given, "phenopackets"),
        method=given.method or "embedded",
        knowledge=given.knowledge or "hpo",
        regimes=given.regimes or REGIMES,
        limit=given.limit,
        seed=given.seed,
    )
    return _into_folder(given, lambda folder: start(plan, folder, given.jobs))


def _ddxplus(given: Options) -> int:
    from osler.evaluation.ddxplus import Plan, start

    plan = Plan(
        data=_data(given, "ddxplus"),
        method=given.method or "embedded",
        questions=given.questions,
        limit=given.limit,
        sample=given.sample,
        seed=given.seed,
    )
    return _into_folder(given, lambda folder: start(plan, folder, given.jobs))


def _whole(given: Options, benchmark: str) -> int:
    from osler.evaluation.whole import start

    data = None if given.sample is not None else str(_data(given, benchmark).resolve())
    arguments = {"data": data, "limit": given.limit, "seed": given.seed, "sample": given.sample}
    return _into_folder(given, lambda folder: start(benchmark, arguments, folder))


def _into_folder(given: Options, begin: Callable[[Path], None]) -> int:
    """Run into --out, or into a temporary folder when there is none."""
    holder = (
        tempfile.TemporaryDirectory(prefix="osler-run-") if given.out is None else nullcontext(str(given.out))
    )
    with holder as folder:
        return _drive(Path(folder), given, given.out is not None, lambda: begin(Path(folder)))


def _resume(benchmark: str, folder: Path, given: Options) -> int:
    from osler.evaluation.store import read_manifest

    manifest = read_manifest(folder)
    began = {**manifest["arguments"], "benchmark": manifest["benchmark"]}
    asked = {
        "benchmark": benchmark or None,
        "method": given.method,
        "knowledge": given.knowledge,
        "limit": given.limit,
    }
    asked |= {"regimes": list(given.regimes) or None}
    for name, value in asked.items():
        if value is not None and value != began.get(name):
            raise UsageError(
                f"the run began with {name} {began.get(name)}, not {value}; start a new run with --out"
            )
    if given.out is not None and given.out.resolve() != folder.resolve():
        raise UsageError("--out and --resume name different folders; give --resume alone")
    return _drive(folder, given, True, lambda: _module(manifest).resume(folder, given.jobs, given.data))


def _drive(folder: Path, given: Options, kept: bool, work: Callable[[], None]) -> int:
    """Do the work, then print the figures of the folder; the exit code."""
    from osler.cli import eval_tables
    from osler.evaluation.store import read_manifest

    try:
        work()
    except KeyboardInterrupt:
        if kept:
            notices().print(f"what was done is kept; go on with: osler eval --resume {folder}", markup=False)
        raise
    manifest = read_manifest(folder)
    result = _module(manifest).figures(folder)
    result["run"] = str(folder) if kept else None
    if given.json:
        print_json(result)
    else:
        eval_tables.SHOW[manifest["benchmark"]](console(), result)
    for failure in result["failures"]:
        notices().print(f"unreadable: {failure['file']}: {failure['error']}", markup=False)
    return 1 if result["failures"] else 0


def _module(manifest: dict[str, Any]) -> Any:
    """The evaluation module that a run was made by: each has `start`, `resume` and `figures`."""
    name = manifest["benchmark"]
    if name not in _BENCHMARKS:
        raise UsageError(f"this version of Osler does not know runs of {name}")
    own = name in ("phenopackets", "ddxplus")
    return importlib.import_module(f"osler.evaluation.{name if own else 'whole'}")


def _data(given: Options, benchmark: str) -> Path:
    """The path given, else the benchmark's place in OSLER_DATA."""
    from osler.data.paths import data_dir

    if given.data is not None:
        return given.data
    root, pattern = data_dir(), _PLACES[benchmark]
    found = sorted(root.glob(pattern)) if root else []
    if not found:
        raise UsageError(
            f"give --data PATH for {benchmark} (or set OSLER_DATA to a folder that has {pattern})"
        )
    return found[0]


_BENCHMARKS: dict[str, Callable[[Options], int]] = {
    "phenopackets": _phenopackets,
    "ddxplus": _ddxplus,
    **{name: partial(_whole, benchmark=name) for name in ("hpo-gsc", "simsum", "clinical-ner")},
}
