"""`osler study`: reader studies. Make one, serve it (osler serve --study FOLDER), export and score it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import check_target, console, notices, print_json, write_private
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.scoring.reader_study import Key, Reading

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Reader studies: differentials before and after help, in arms drawn by a seed.",
)
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The study's folder.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to this file.")]


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML or JSON: cases, arms, readers, seed.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new private folder for the study.")],
    json: options.Json = False,
) -> None:
    """Lay out a study: draw who reads which case in which arm, and give each reader a code."""
    from osler.evaluation.reader_study.making import make

    plan = make(file, folder).plan
    if json:
        print_json({
            "study": plan.name, "folder": str(folder), "seed": plan.seed, "arms": [arm.name for arm in plan.arms],
            "cases": len(plan.cases), "readers": [reader.model_dump() for reader in plan.readers],
        })  # fmt: skip
        return
    out = console()
    out.print(f"{plan.name}: {len(plan.cases)} cases in {len(plan.arms)} arms", markup=False)
    for reader in plan.readers:
        out.print(f"{reader.code}  {reader.name}  {len(plan.plan[reader.code])} cases", markup=False)
    notices().print(
        f"give each reader their code; then: osler serve --study {folder}", markup=False, soft_wrap=True
    )


@app.command("show")
def show(folder: Folder, json: options.Json = False) -> None:
    """How far the readers are."""
    from osler.evaluation.reader_study.study import Study

    study = Study(folder)
    rows = [(reader, *study.done(reader.code)) for reader in study.plan.readers]
    if json:
        told = [{**reader.model_dump(), "done": done, "of": of} for reader, done, of in rows]
        print_json({"study": study.plan.name, "readers": told})
        return
    for reader, done, of in rows:
        console().print(f"{reader.code}  {reader.name}  {done} of {of}", markup=False)


@app.command("export")
def export(folder: Folder, out: Out = None, json: options.Json = False) -> None:
    """Write what was listed: CSV with a row for each list, or with --json (or a name that ends in .json) the whole study."""
    from osler.evaluation.reader_study import tables
    from osler.evaluation.reader_study.study import Study

    study = Study(folder)
    if out is None:
        print_json(tables.as_json(study)) if json else typer.echo(tables.as_csv(study), nl=False)
        return
    check_target(out)
    if json or out.suffix == ".json":
        import orjson

        write_private(out, orjson.dumps(tables.as_json(study), option=orjson.OPT_INDENT_2).decode())
    else:
        write_private(out, tables.as_csv(study))
    notices().print(f"{out} is written; it names what is right in each case", markup=False, soft_wrap=True)


@app.command("sheet")
def sheet(folder: Folder, out: Out = None) -> None:
    """A blinded sheet for raters: each list without reader and arm, with columns for quality, appropriateness, comprehensiveness."""
    from osler.evaluation.reader_study import tables
    from osler.evaluation.reader_study.study import Study

    text = tables.sheet(Study(folder))
    if out is None:
        typer.echo(text, nl=False)
        return
    check_target(out)
    write_private(out, text)


@app.command("score")
def score(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A study's folder, or its export as JSON.")
    ],
    rating: Annotated[
        list[Path] | None,
        typer.Option("--ratings", metavar="CSV", help="A sheet that a rater filled in (repeat)."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Score the lists: top-k accuracy, quality, completeness, time; before against after, and arm against arm."""
    from osler.evaluation.reader_study import tables
    from osler.scoring.reader_study import score_study

    readings, keys, aids, seed = _open(source)
    if not readings:
        raise UsageError("no reader has finished a case yet")
    given = tables.ratings(rating or [], readings, seed)
    found = score_study(readings, keys, given, aids, seed)
    if json:
        print_json(found)
    else:
        _show(found)


def _open(source: Path) -> tuple[list[Reading], dict[str, Key], dict[str, dict[str, list[str]]], int]:
    from osler.evaluation.reader_study import tables
    from osler.evaluation.reader_study.study import Study

    if source.is_file():
        return tables.from_export(source)
    study = Study(source)
    return study.readings(), study.keys(), study.aids(), study.plan.seed


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    out = console()
    out.print(
        f"{found['n']} readings of {found['cases']} cases by {found['readers']} readers; quality: {found['quality_by']}",
        markup=False,
    )
    names = ("top-1", "top-3", "top-5", "top-10", "quality", "completeness", "seconds")
    table = Table("arm", "list", "n", *names, box=None)
    for arm, figures in found["arms"].items():
        for when in ("before", "after"):
            cells = [f"{figures[when][name]:.3g}" if name in figures[when] else "–" for name in names]
            table.add_row(arm, when, str(figures["n"]), *cells)
    for arm, figures in found["alone"].items():
        cells = [f"{figures[name]:.3g}" if name in figures else "–" for name in names]
        table.add_row(arm, "its own", str(figures["n"]), *cells)
    out.print(table)
    for one in found["comparisons"]:
        if one["metric"] in ("top-10", "quality", "completeness"):
            test = f"p {one['p']:.3g} ({one['test']})"
            if "mcnemar" in one:
                test = f"McNemar χ² {one['mcnemar']['chi2']:.3g}, p {one['mcnemar']['p']:.3g}; exact p {one['p']:.3g}"
            out.print(
                f"{one['metric']}: {one['first']} → {one['second']}: {one['difference']:+.3g} (n {one['n_paired']}), {test}",
                markup=False,
                soft_wrap=True,
            )
