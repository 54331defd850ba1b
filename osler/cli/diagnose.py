"""`osler diagnose`: one case as a readable report or JSON; several files or a folder as a batch with export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import MaxMb, check_target, console, notices, print_json, write_private
from osler.cli.stream import setting_of
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.diagnosis.memory import Memory


def diagnose(
    files: options.CaseFiles = None,
    present: options.Present = None,
    absent: options.Absent = None,
    age: options.Age = None,
    sex: options.Sex = None,
    top: options.Top = 10,
    knowledge: options.Knowledge = "hpo",
    method: options.Method = "embedded",
    model: options.Models = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    graph: options.Graph = None,
    option: options.MethodOption = None,
    base_url: options.BaseUrl = None,
    budget: options.Budget = None,
    rpm: options.Rpm = None,
    tpm: options.Tpm = None,
    call_timeout: options.CallTimeout = None,
    prompts: options.Prompts = None,
    cache: options.Cache = True,
    explain: Annotated[int, typer.Option(min=0, help="How many diseases to explain.")] = 3,
    questions: Annotated[int, typer.Option(min=0, help="How many next questions to show.")] = 5,
    memory: Annotated[
        bool, typer.Option("--memory", help="Let solved cases of `osler memory` count.")
    ] = False,
    jobs: options.Jobs = 1,
    export: Annotated[
        str | None, typer.Option(help="csv or phenopackets: write the results to --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File (csv) or empty folder (phenopackets).")] = None,
    trace: options.TraceFile = None,
    max_mb: MaxMb = 10,
    json: options.Json = False,
) -> None:
    """Rank diseases for a case: what speaks for and against each, what is missing, and what to ask next."""
    from osler.cli import batch
    from osler.knowledge.retrieval.sources import Sources

    paths = batch.expand(files or [])
    given = {
        "present": present or (),
        "absent": absent or (),
        "age": age,
        "sex": sex,
        "top": top,
        "method": method,
        "base": knowledge,
        "questions": questions,
        "max_bytes": int(max_mb * 1_000_000),
    }
    limits = _limits(bool(model), rpm, tpm, call_timeout)
    if any((model, option, base_url, budget, prompts, corpus, retrieval, encoder, reranker, graph)):
        about = {"stream": not (json or len(paths) > 1), "limits": limits, "cache": cache}
        given["setting"] = setting_of(model, option, base_url, budget, prompts, **about)
        given["setting"].sources = Sources.read(corpus, retrieval, encoder, reranker, graph=graph)
    if memory:
        given["memory"] = _memory()
    _check_export(export, out)
    if len(paths) > 1 or export or any(Path(file).is_dir() for file in files or [] if file != "-"):
        if trace:
            raise UsageError("--trace takes a single case")
        raise typer.Exit(batch.run(paths, given, jobs=jobs, export=export, out=out, json=json))
    _single(paths[0] if paths else None, given, trace, explain, json)


def _limits(
    asks_model: bool, rpm: int | None, tpm: int | None, call_timeout: float | None
) -> dict[str, float]:
    """The limits of calls as given. Raises UsageError where there are some and no model is asked."""
    if not any((rpm, tpm, call_timeout)):
        return {}
    if not asks_model:
        raise UsageError("--rpm, --tpm and --call-timeout limit the calls of a model; name one with --model")
    from osler.llm.limits import limits_of

    return limits_of(rpm, tpm, call_timeout)


def _memory() -> Memory:
    from osler.diagnosis.memory import Memory

    return Memory.default()


def _check_export(export: str | None, out: Path | None) -> None:
    if export not in (None, "csv", "phenopackets"):
        raise UsageError(f"--export takes csv or phenopackets, not {export!r}")
    if (export is None) != (out is None):
        raise UsageError("--export and --out go together")


def _single(path: Path | None, given: dict[str, Any], trace: Path | None, explain: int, json: bool) -> None:
    """One case: the report or the JSON, and the trace where it is wanted."""
    from osler.runtime import diagnose as run

    if trace:
        check_target(trace)
    result = run(path, **given)
    if trace:
        write_private(trace, result.trace.to_json() + "\n")
    if json:
        print_json(result)
        return
    from osler.cli.render import diagnosis

    diagnosis(console(), result, path.name if path and path.name != "-" else "case", explain)
    if trace:
        notices().print(f"trace written to {trace}", markup=False)
