"""`osler sweep retrievers`: a method by the way of retrieving and by the number of passages or facts that it sees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osler.cli import options
from osler.cli.output import console, notices, print_json, write_private


def retrievers(
    benchmark: Annotated[str, typer.Argument(help="A benchmark of osler list benchmarks.")],
    k: Annotated[str, typer.Option("--k", help="Numbers of passages or facts, parted by commas.")] = "1,5,10",
    ways: Annotated[str, typer.Option("--retrieval", help="bm25, dense, hybrid, parted by commas.")] = "bm25",
    method: Annotated[str, typer.Option(help="A method with an option k or top.")] = "mededit",
    data: options.Data = None,
    option: options.MethodOption = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    corpus: options.Corpus = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    subset: options.Subset = None,
    split: options.Split = None,
    map_: options.Map = None,
    limit: options.Limit = None,
    seed: options.Seed = 0,
    budget: options.Budget = None,
    concurrency: options.Concurrency = 64,
    table: Annotated[Path | None, typer.Option(help="Write the table to a file (Markdown).")] = None,
    out: Annotated[
        Path | None, typer.Option(help="A folder for the runs, one a cell; a killed sweep goes on there.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Accuracy by the way of retrieving (rows) and the number of passages or facts in view (columns)."""
    from osler.cli import sweep
    from osler.evaluation.sweep_ways import markdown, way_cells

    chosen = list(dict.fromkeys(word.strip() for word in ways.split(",") if word.strip()))
    given = sweep._given({**locals(), "retrieval": chosen[0] if chosen else None})
    plan = sweep._plan(benchmark, given)
    with sweep._folder(out) as folder:
        rows = sweep._run_in(way_cells(plan, chosen, sweep._numbers(k)), given, folder)
    sweep._forget(rows, out)
    shown = markdown(rows)
    if table is not None:
        write_private(table, f"{shown}\n")
        notices().print(f"table written to {table}", markup=False)
    if json:
        about = {name: getattr(plan, name) for name in ("benchmark", "method", "model", "corpus")}
        print_json({**about, "cells": rows, "table": shown})
    else:
        console().print(shown, markup=False)
