"""`osler eval BENCHMARK`: measure a method on a benchmark, into a run folder that survives a kill and resumes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from osler.cli import options
from osler.cli.eval_options import Options
from osler.cli.output import console, notices, print_json
from osler.errors import LimitError, SourceError, UsageError
from osler.evaluation.figures import WHOLE, module_of

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
    data: options.Data = None,
    method: Annotated[
        str | None, typer.Option(help="A method, such as embedded or `self-consistency(debate, samples=5)`.")
    ] = None,
    option: options.MethodOption = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    subset: options.Subset = None,
    split: options.Split = None,
    inputs: options.Inputs = None,
    map_: options.Map = None,
    examples: options.Examples = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    rewrite: options.Rewrite = None,
    rank: options.Rank = None,
    graph: options.Graph = None,
    prompts: options.Prompts = None,
    epochs: options.Epochs = 1,
    concurrency: options.Concurrency = 64,
    rpm: options.Rpm = None,
    tpm: options.Tpm = None,
    call_timeout: options.CallTimeout = None,
    temperature: options.Temperature = None,
    max_tokens: options.MaxTokens = None,
    budget: options.Budget = None,
    case_budget: options.CaseBudget = None,
    cache: options.Cache = True,
    regime: options.Regimes = None,
    knowledge: Annotated[str | None, typer.Option(help="hpo, hpo@RELEASE, …; default hpo.")] = None,
    out: options.RunFolder = None,
    resume: options.Resume = None,
    limit: options.Limit = None,
    ids: options.Ids = None,
    seed: options.Seed = 0,
    sample_seed: options.SampleSeed = None,
    jobs: options.Jobs = 1,
    sample: Annotated[int | None, typer.Option(min=1, help="ddxplus, simsum: draw so many records.")] = None,
    questions: Annotated[
        int, typer.Option(min=0, help="ddxplus: the budget of questions per patient.")
    ] = _QUESTIONS,
    json: options.Json = False,
) -> None:
    """Measure a method on a benchmark and print figures with intervals.

    Exit code 1 when the run finished but some cases could not be read; they are listed.
    """
    raise typer.Exit(_evaluate(benchmark, resume, Options.of(locals())))


def _evaluate(benchmark: str, resume: Path | None, given: Options) -> int:
    """Start or resume what was asked for; the exit code."""
    if resume is not None:
        return _resume(benchmark, resume, given)
    if not benchmark:
        raise UsageError("name a benchmark (`osler list benchmarks`), or a run to go on with: --resume RUN")
    if benchmark == "phenopackets" and given.language.models:
        return _language("phenopackets-text", given)
    if benchmark not in _BENCHMARKS:
        return _language(benchmark, given)
    _refuse_unused(benchmark, given)
    return _BENCHMARKS[benchmark](given)


# Options that a benchmark takes beside --data, --out, --limit, --seed, --sample-seed, --jobs and --json.
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
    if unused := given.language.given():
        raise UsageError(f"eval {benchmark} asks no language model and takes no --{unused[0]}")
    for name, default in _DEFAULTS.items():
        if getattr(given, name) != default and name not in _TAKES.get(benchmark, ()):
            raise UsageError(f"eval {benchmark} takes no --{'regime' if name == 'regimes' else name}")


def _language(benchmark: str, given: Options) -> int:
    """A benchmark whose items go through a method, with a model where the method asks one."""
    for name, default in _DEFAULTS.items():
        if getattr(given, name) != default and name not in ("method", "knowledge"):
            raise UsageError(f"eval {benchmark} takes no --{'regime' if name == 'regimes' else name}")
    from osler.cli import eval_language
    from osler.evaluation import language as evaluate

    plan = eval_language.plan_of(benchmark, given)
    with eval_language.opened(given.language, given.seed) as (models, show):
        return _into_folder(
            given,
            lambda folder: evaluate.start(
                plan, folder, models, show, given.language.concurrency, eval_language.tell
            ),
        )


def _phenopackets(given: Options) -> int:
    from osler.evaluation.phenopackets import Plan, start
    from osler.evaluation.regimes import REGIMES

    plan = Plan(
        data=_data(given, "phenopackets"),
        method=given.method or "embedded",
        knowledge=given.knowledge or "hpo",
        regimes=given.regimes or REGIMES,
        limit=given.limit,
        seed=given.picked_by,
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
        seed=given.picked_by,
    )
    return _into_folder(given, lambda folder: start(plan, folder, given.jobs))


def _whole(given: Options, benchmark: str) -> int:
    from osler.evaluation.whole import start

    data = None if given.sample is not None else str(_data(given, benchmark).resolve())
    arguments = {"data": data, "limit": given.limit, "seed": given.picked_by, "sample": given.sample}
    return _into_folder(given, lambda folder: start(benchmark, arguments, folder))


def _into_folder(given: Options, begin: Callable[[Path], Any]) -> int:
    """Run into --out, or into a temporary folder when there is none."""
    holder = (
        tempfile.TemporaryDirectory(prefix="osler-run-") if given.out is None else nullcontext(str(given.out))
    )
    with holder as folder:
        return _drive(Path(folder), given, given.out is not None, lambda: begin(Path(folder)))


def _resume(benchmark: str, folder: Path, given: Options) -> int:
    from osler.evaluation.manifest import needed
    from osler.evaluation.store import read_manifest

    manifest = read_manifest(folder)
    began = {**needed(manifest, "arguments"), "benchmark": needed(manifest, "benchmark")}
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
    if "models" in manifest:
        return _resume_language(folder, manifest, given)
    return _drive(folder, given, True, lambda: module_of(manifest).resume(folder, given.jobs, given.data))


def _resume_language(folder: Path, manifest: dict[str, Any], given: Options) -> int:
    from osler.cli import eval_language
    from osler.evaluation import language as evaluate

    asked = eval_language.as_before(given.language, manifest["arguments"])
    with eval_language.opened(asked, manifest["arguments"].get("seed", 0)) as (models, show):
        return _drive(
            folder,
            given,
            True,
            lambda: evaluate.resume(folder, models, show, asked.concurrency, asked.budget),
        )


def _drive(folder: Path, given: Options, kept: bool, work: Callable[[], Any]) -> int:
    """Do the work, then print the figures of the folder; the exit code."""
    from osler.evaluation.store import MANIFEST, read_manifest

    try:
        failures = work() or []
    except KeyboardInterrupt:
        if kept:
            notices().print(f"what was done is kept; go on with: osler eval --resume {folder}", markup=False)
        raise
    except (LimitError, SourceError) as error:  # the figures of what was done, then the error
        if (folder / MANIFEST).is_file() and "models" in read_manifest(folder):
            _tell(folder, given, kept, [])
        told = str(error)
        if not kept and str(folder) in told:  # a folder that is gone the next moment is nothing to go on with
            error.args = (
                f"{told.rpartition('. ')[0]}. Without --out nothing is kept; name a folder to go on from",
            )
        raise
    return _tell(folder, given, kept, failures)


def _tell(folder: Path, given: Options, kept: bool, failures: list[dict[str, Any]]) -> int:
    """Print the figures of a run folder; the exit code."""
    from osler.cli import eval_tables
    from osler.evaluation.store import read_manifest

    manifest = read_manifest(folder)
    result = module_of(manifest).figures(folder)
    result["run"] = str(folder) if kept else None
    result["failures"] = [*result["failures"], *failures]
    if given.json:
        print_json(result)
    elif result.get("n", 1):
        eval_tables.SHOW.get(manifest["benchmark"], eval_tables.language_table)(console(), result)
    for notice in result.get("notices", ()):
        notices().print(f"note: {notice}", markup=False)
    for failure in result["failures"]:
        name = "failed" if "item" in failure else "unreadable"
        notices().print(f"{name}: {failure['file']}: {failure['error']}", markup=False)
    return 1 if result["failures"] else LimitError.exit_code if result.get("over_budget") else 0


def _data(given: Options, benchmark: str) -> Path:
    """The path given, else what `osler data get` or `use` recorded, else the benchmark's place in OSLER_DATA."""
    from osler.data.manifest import manifest
    from osler.data.paths import data_dir
    from osler.data.store import used_paths

    if given.data is not None:
        return given.data
    root, pattern = data_dir(), _PLACES[benchmark]
    _, _, inside = pattern.partition("/")
    for place in used_paths(benchmark):
        # A fetched archive may have another name than the one in OSLER_DATA: any will do.
        archives = sorted(place.glob(inside)) or sorted(place.glob("*.zip")) if inside else []
        return archives[0] if archives else place
    found = sorted(root.glob(pattern)) if root else []
    if not found:
        entry = manifest().get(benchmark)
        ways = [f"osler data get {benchmark}"] if entry and entry.files else []
        ways += [f"osler data use {benchmark} PATH"] if entry else []
        ways += [f"give --data PATH; set OSLER_DATA to a folder that has {pattern}"]
        raise UsageError(f"the data of {benchmark} are not here; do one of: {'; '.join(ways)}")
    return found[0]


_BENCHMARKS: dict[str, Callable[[Options], int]] = {
    "phenopackets": _phenopackets,
    "ddxplus": _ddxplus,
    **{name: partial(_whole, benchmark=name) for name in WHOLE},
}
