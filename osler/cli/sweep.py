"""`osler sweep`: a method measured over numbers of passages and places of the gold, or with its evidence removed and swapped."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import console, notices, print_json
from osler.cli.sweep_retrievers import retrievers
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.cli.eval_options import Options
    from osler.evaluation.plan import Plan
    from osler.evaluation.sweep import Cell

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A method over a table of settings, each cell a run that compares with any other.",
)

app.command("retrievers")(retrievers)

Benchmark = Annotated[str, typer.Argument(metavar="BENCHMARK", help="`osler list benchmarks` shows them.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder of the sweep; the same command again goes on with it. Left out: nothing is kept.",
    ),
]


Numbers = Annotated[str, typer.Option("--k", metavar="N,…", help="Numbers of passages in view.")]
Position = Annotated[
    str, typer.Option(metavar="PLACE,…", help="first, middle, last, none, a number from 1, or as-found.")
]
Gold = Annotated[
    Path | None,
    typer.Option(
        help="The passages that hold the answers: JSON lines of id or question, and text or document."
    ),
]
Risk = Annotated[
    float | None,
    typer.Option(
        min=0.001, max=0.999, help="Choose the number whose risk of a wrong answer is under this (RULE)."
    ),
]
Delta = Annotated[float, typer.Option(min=0.001, max=0.5, help="--risk holds but for this probability.")]


@app.command("rag")
def rag(
    benchmark: Benchmark,
    k: Numbers = "1,2,4,8,16,32",
    gold_position: Position = "as-found",
    gold: Gold = None,
    risk: Risk = None,
    delta: Delta = 0.1,
    method: Annotated[str, typer.Option(help="A method with an option k or top.")] = "rag",
    data: options.Data = None,
    option: options.MethodOption = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    rewrite: options.Rewrite = None,
    rank: options.Rank = None,
    subset: options.Subset = None,
    split: options.Split = None,
    map_: options.Map = None,
    limit: options.Limit = None,
    seed: options.Seed = 0,
    budget: options.Budget = None,
    concurrency: options.Concurrency = 64,
    out: Folder = None,
    json: options.Json = False,
) -> None:
    """Accuracy by the number of passages in view and by where the gold one stands among them ("lost in the middle")."""
    from osler.evaluation.evidence_arms import matched
    from osler.evaluation.sweep import count_option, rag_cells, risk_controlled

    numbers = _numbers(k)
    places = list(dict.fromkeys(word.strip() for word in gold_position.split(",") if word.strip()))
    given = _given(locals())
    plan = _plan(benchmark, given)
    cells = rag_cells(plan, numbers, places, gold.resolve() if gold else None)
    held = matched(plan, gold) if gold is not None else None
    with _folder(out) as folder:
        rows = _run_in(cells, given, folder)
        safe = risk_controlled(rows, risk, delta) if risk is not None else None
    _forget(rows, out)
    result = {**_about(plan), "k_option": count_option(plan.method), "cells": rows}
    result |= {"controlled": safe} if safe else {}
    result |= {"gold": {"cases": held[0], "of": held[1]}} if held else {}
    if json:
        print_json(result)
    else:
        _table(result, places)


@app.command("evidence")
def evidence(
    benchmark: Benchmark,
    method: Annotated[str, typer.Option(help="A method that answers from a corpus.")] = "rag",
    data: options.Data = None,
    option: options.MethodOption = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    rewrite: options.Rewrite = None,
    rank: options.Rank = None,
    subset: options.Subset = None,
    split: options.Split = None,
    map_: options.Map = None,
    limit: options.Limit = None,
    seed: options.Seed = 0,
    budget: options.Budget = None,
    concurrency: options.Concurrency = 64,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Write preference pairs (DPO) of the cases that the evidence spoiled, as JSON lines."
        ),
    ] = None,
    out: Folder = None,
    json: options.Json = False,
) -> None:
    """Do the answers rest on the evidence? The same cases with what was found removed, and swapped for another case's."""
    from osler.evaluation.sweep import dependence, evidence_cells

    given = _given(locals())
    plan = _plan(benchmark, given)
    with _folder(out) as folder:
        rows = _run_in(evidence_cells(plan), given, folder)
        result = {**_about(plan), "arms": rows, "against_as_is": dependence(rows)}
        if pairs is not None:
            result["pairs"] = _write_pairs(Path(folder), pairs)
    _forget(rows, out)
    if json:
        print_json(result)
    else:
        _dependence_table(result)


def _numbers(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or not all(word.isdecimal() and int(word) > 0 for word in words):
        raise UsageError(f"--k takes numbers from 1, such as 1,2,4,8; not {text!r}")
    return sorted({int(word) for word in words})


def _given(words: dict[str, Any]) -> Options:
    """The command's arguments as those of `osler eval`."""
    from osler.cli.eval_options import LanguageOptions, Options

    asked = LanguageOptions(
        models=tuple(words["model"] or ()),
        base_url=words["base_url"],
        options=tuple(words["option"] or ()),
        subset=words["subset"],
        split=words["split"],
        map=words["map_"],
        corpus=words["corpus"],
        retrieval=words["retrieval"],
        encoder=words["encoder"],
        reranker=words["reranker"],
        rewrite=words.get("rewrite"),
        rank=words.get("rank"),
        concurrency=words["concurrency"],
        budget=words["budget"],
    )
    return Options(
        data=words["data"], method=words["method"], knowledge=None, regimes=(), out=None, limit=words["limit"],
        seed=words["seed"], sample_seed=None, jobs=1, sample=None, questions=0, json=words["json"], language=asked,
    )  # fmt: skip


def _plan(benchmark: str, given: Options) -> Plan:
    from osler.cli import eval_language

    if not given.language.corpus:
        raise UsageError("name what is searched with --corpus (osler corpus list shows what there is)")
    return eval_language.plan_of(benchmark, given)


def _about(plan: Plan) -> dict[str, Any]:
    about = ("benchmark", "method", "model", "corpus", "retrieval")
    return {name: getattr(plan, name) for name in about}


def _folder(out: Path | None) -> Any:
    return tempfile.TemporaryDirectory(prefix="osler-sweep-") if out is None else nullcontext(str(out))


def _run_in(cells: Sequence[Cell], given: Options, folder: str) -> list[dict[str, Any]]:
    from osler.cli import eval_language
    from osler.evaluation.sweep import run_cells

    return run_cells(
        cells,
        Path(folder),
        lambda: eval_language.opened(given.language, given.seed),
        given.language.concurrency,
    )


def _write_pairs(folder: Path, path: Path) -> int:
    """Pairs of the cases that are right without evidence and wrong with it; how many there are."""
    from json import dumps

    from osler.cli.output import write_private
    from osler.evaluation.preferences import spoiled

    rows = [dumps(row, ensure_ascii=False) for row in spoiled(folder / "removed", folder / "as-is")]
    write_private(path, "".join(f"{row}\n" for row in rows))
    return len(rows)


def _forget(rows: list[dict[str, Any]], out: Path | None) -> list[dict[str, Any]]:
    """Without --out no folder is left to name."""
    for row in rows:
        row["run"] = row["run"] if out else None
        if row["failures"]:
            notices().print(
                f"note: {row['failures']} cases failed in one cell; they are not in its figures", markup=False
            )
    return rows


def _table(result: dict[str, Any], places: Sequence[str]) -> None:
    from rich import box
    from rich.table import Table

    out, rows = console(), result["cells"]
    metric = next((row["metric"] for row in rows if row["metric"]), "")
    out.print(
        f"{result['benchmark']}: {result['method']}, {metric} by passages in view and place of the gold",
        markup=False,
    )
    if gold := result.get("gold"):
        out.print(f"gold for {gold['cases']:,} of {gold['of']:,} cases", markup=False)
    table = Table(result["k_option"], *places, "tokens per case", box=box.SIMPLE)
    for k in dict.fromkeys(row["k"] for row in rows):
        own = {row["gold"]: row for row in rows if row["k"] == k}
        tokens = [sum(row["tokens"].values()) / max(1, row["n"]) for row in own.values()]
        table.add_row(
            str(k), *[_cell(own.get(place)) for place in places], f"{sum(tokens) / len(tokens):,.0f}"
        )
    out.print(table)


def _cell(row: dict[str, Any] | None) -> str:
    from osler.scoring.intervals import written

    if row is None or not row["metric"]:
        return "–"
    value, ci = row[row["metric"]], row["ci"][row["metric"]]
    return f"{100 * value:.1f} {written(ci, '.0f', 100, '–')}".replace("[", r"\[")


def _dependence_table(result: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    from osler.scoring.intervals import written

    out = console()
    out.print(
        f"{result['benchmark']}: {result['method']} with its evidence as it is, removed and swapped",
        markup=False,
    )
    table = Table(
        "evidence",
        "figure",
        "difference",
        "right to wrong",
        "wrong to right",
        "answers changed",
        box=box.SIMPLE,
    )
    for row in result["arms"]:
        told = result["against_as_is"].get(row["evidence"], {})
        difference = f"{100 * told['difference']:+.1f} {written(told['ci'], '+.1f', 100)}" if told else ""
        changed = told.get("changed")
        table.add_row(
            row["evidence"],
            _cell(row),
            difference.replace("[", r"\["),
            str(told.get("right_to_wrong", "")),
            str(told.get("wrong_to_right", "")),
            "" if changed is None else f"{100 * changed:.0f} %",
        )
    out.print(table)
    out.print("Answers that stay the same when their evidence is removed or swapped did not rest on it.")
