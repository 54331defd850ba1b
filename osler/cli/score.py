"""`osler score RUN`: the answers of a run under another scorer, without a call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import console, notices, print_json
from osler.errors import UsageError

STAGES = "evidence-use"


def score(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    scorer: Annotated[
        str, typer.Option(help="`osler list scorers` shows them; `reading audit` reads replies three ways.")
    ],
    data: Annotated[Path | None, typer.Option(help="The run's data, if they moved.")] = None,
    marks: Annotated[
        Path | None,
        typer.Option(
            help="evidence-use: JSON lines of marked passages and statements (docs/retrieval-evaluation.md)."
        ),
    ] = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score a run again: references are read anew from its data, and no model is asked.

    With --scorer evidence-use the answers of a run over a corpus are scored stage by stage against --marks; --model names a
    judge of what supports what, else words decide.
    """
    if scorer == STAGES or marks is not None:
        _stages(run, scorer, marks, model, base_url, json)
        return
    if model:
        raise UsageError(f"--scorer {scorer} asks no model; --model goes with --scorer {STAGES}")
    from osler.evaluation.rescore import rescore

    found = rescore(run, scorer, data)
    if found["unfinished"]:
        notices().print(
            f"{found['unfinished']} cases of the run are unfinished or damaged; the figures are over the others",
            markup=False,
        )
    for notice in found.get("notices", ()):
        notices().print(f"note: {notice}", markup=False)
    if json:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from osler.scoring.intervals import written

    out = console()
    out.print(
        f"{found['benchmark']} · {found['method']} · {found['model']} · {found['n']} cases", markup=False
    )
    values = found["accuracy"] if found["scorer"] == "reading audit" else found
    for name, ci in found["ci"].items():
        digits = ".6g" if "p95" in found else ".3f"
        out.print(f"  {name:14} {values[name]:{digits}} {written(ci, digits)}", markup=False)
    if "p95" in found:
        out.print(f"  {'median':14} {found['median']:.6g}\n  {'p95':14} {found['p95']:.6g}", markup=False)
    for mode, change in found.get("difference", {}).items():
        out.print(
            f"  {mode} − standard {100 * change['value']:+.1f} points {written(change['ci'], '+.1f', 100)}",
            markup=False,
        )
    if "unreadable_count" in found:
        out.print(f"  unreadable: {found['unreadable_count']}", markup=False)
        for reply in found["unreadable"][:20]:
            said = " ".join(reply["text"].split())[:100]
            out.print(f"    {reply['case']}  lenient: {reply['lenient']}  {said!r}", markup=False)
    elif found["format_failures"]:
        out.print(f"  {found['format_failures']} answers unreadable", markup=False)


def _stages(
    run: Path, scorer: str, marks: Path | None, model: list[str] | None, base_url: str | None, json: bool
) -> None:
    """The stages of answers from passages, against marks."""
    if scorer != STAGES or marks is None:
        raise UsageError(f"--scorer {STAGES} and --marks FILE go together")
    from osler.evaluation.stages import stages
    from osler.llm.specs import models_from
    from osler.scoring.intervals import written

    about: dict[str, Any] = {"base_url": base_url} if base_url else {}
    found = stages(run, marks, models_from(model, cache=True, **about) if model else None)
    if json:
        print_json(found)
        return
    out = console()
    out.print(
        f"{found['benchmark']} · {found['method']} · {found['n']} cases marked · judge: {found['judge']}",
        markup=False,
    )
    for name, ci in found["ci"].items():
        out.print(f"  {name:22} {found[name]:.3f} {written(ci)} of {found['of'][name]}", markup=False)
