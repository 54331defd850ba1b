"""`osler diagnose`: one case as a readable report or JSON; several files or a folder as a batch with export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.output import MaxMb, check_target, console, notices, print_json, write_private
from osler.errors import UsageError


def diagnose(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE…", help="Text, phenopacket, FHIR or case JSON; a folder; - for stdin."),
    ] = None,
    present: Annotated[
        list[str] | None,
        typer.Option("--present", metavar="HP:…|NAME", help="A finding that is there (repeat)."),
    ] = None,
    absent: Annotated[
        list[str] | None,
        typer.Option("--absent", metavar="HP:…|NAME", help="A finding that is not there (repeat)."),
    ] = None,
    age: Annotated[float | None, typer.Option(help="Age in years.")] = None,
    sex: Annotated[str | None, typer.Option(help="male, female or other.")] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many diseases to show.")] = 10,
    knowledge: Annotated[str, typer.Option(help="hpo, hpo@RELEASE, ddxplus, or hpo+ddxplus.")] = "hpo",
    method: Annotated[str, typer.Option(help="`osler list methods` shows them.")] = "embedded",
    model: Annotated[
        list[str] | None,
        typer.Option(help="openai:NAME, hf:PATH, simulated:PROFILE …; ROLE=MODEL for a role (repeat)."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("-m", "--option", metavar="NAME=VALUE", help="An option of the method (repeat)."),
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible server.")] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="calls=…,tokens=…,money=…,seconds=…", help="Limits of model calls.")
    ] = None,
    prompts: Annotated[Path | None, typer.Option(help="YAML or JSON file of prompts to use instead.")] = None,
    explain: Annotated[int, typer.Option(min=0, help="How many diseases to explain.")] = 3,
    questions: Annotated[int, typer.Option(min=0, help="How many next questions to show.")] = 5,
    memory: Annotated[
        bool, typer.Option("--memory", help="Let solved cases of `osler memory` count.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes for several files.")] = 1,
    export: Annotated[
        str | None, typer.Option(help="csv or phenopackets: write the results to --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File (csv) or empty folder (phenopackets).")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write the reasoning trace to this JSON file.")] = None,
    max_mb: MaxMb = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rank diseases for a case: what speaks for and against each, what is missing, and what to ask next."""
    from osler.cli import batch
    from osler.runtime import diagnose as run

    paths = batch.expand(files or [])
    options = {
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
    asks_model = bool(model or option or base_url or budget or prompts)
    if asks_model:
        from osler.cli.stream import setting_of

        several = len(paths) > 1
        options["setting"] = setting_of(
            model, option, base_url, budget, prompts, stream=not (json or several)
        )
    if memory:
        from osler.diagnosis.memory import Memory

        options["memory"] = Memory.default()
    if export not in (None, "csv", "phenopackets"):
        raise UsageError(f"--export takes csv or phenopackets, not {export!r}")
    if (export is None) != (out is None):
        raise UsageError("--export and --out go together")
    if len(paths) > 1 or export or any(Path(file).is_dir() for file in files or [] if file != "-"):
        if trace:
            raise UsageError("--trace takes a single case")
        raise typer.Exit(batch.run(paths, options, jobs=jobs, export=export, out=out, json=json))
    if trace:
        check_target(trace)
    result = run(paths[0] if paths else None, **options)
    if trace:
        write_private(trace, result.trace.to_json() + "\n")
    if json:
        print_json(result)
    else:
        from osler.cli.render import diagnosis

        diagnosis(console(), result, paths[0].name if paths and paths[0].name != "-" else "case", explain)
        if trace:
            notices().print(f"trace written to {trace}", markup=False)
