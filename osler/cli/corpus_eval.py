"""`osler corpus eval BENCHMARK`: how well a corpus is searched, by nDCG, recall and their kin, against judged answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import console, notices, print_json
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.benchmarks.judged import JudgedSet
    from osler.evaluation.retrieval import Plan
    from osler.knowledge.retrieval.sources import Opened
    from osler.llm.model import Model

_ROLE = "no-rewrite"


Benchmark = Annotated[
    str,
    typer.Argument(metavar="BENCHMARK", help="beir, r2med, cliniq, medquad …: those with judged documents."),
]
Metrics = Annotated[
    str | None,
    typer.Option(metavar="NAME,…", help="nDCG@10,R@100,RR,AP,P@5,Success@1 …; default the benchmark's own."),
]
Rewrite = Annotated[
    str, typer.Option(metavar="WAY", help="none, hyde, rationale, or a file with a prompt that has {query}.")
]
Against = Annotated[
    str | None,
    typer.Option(
        metavar="WAY", help="Compare with bm25, dense or hybrid, or with no-rewrite, query by query."
    ),
]


def evaluate(
    benchmark: Benchmark,
    data: options.Data = None,
    subset: options.Subset = None,
    split: options.Split = None,
    retrieval: options.Retrieval = None,
    corpus: options.Corpus = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    metrics: Metrics = None,
    rewrite: Rewrite = "none",
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    budget: options.Budget = None,
    against: Against = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="So many queries of each set (--seed picks them).")
    ] = None,
    seed: options.Seed = 0,
    depth: Annotated[int, typer.Option(min=1, max=1000, help="How many documents are ranked.")] = 100,
    out: options.RunFolder = None,
    json: options.Json = False,
) -> None:
    """Measure retrieval on judged queries: each measure with its interval, by set; two ways compared with --against.

    The documents a benchmark brings are made into a corpus once (judged-…); --corpus names another. A run that was
    killed goes on where it stood: run it again with the same --out.
    """
    given = dict(locals())
    reader, plan = _reader(benchmark), _plan(given)
    plans = [plan, *([_other(plan, against)] if against else [])]
    sets = reader.sets(Path(plan.data), subset=subset, split=split)
    with _folder(out) as folder:
        found = _measured(plans, sets, folder, base_url, budget)
        if out is None:
            for one in found:
                one["run"] = None
        result = found[0] | ({"against": _compared(plans, folder, found[1])} if against else {})
    if json:
        print_json(result)
    else:
        _show(result, found)


def _plan(given: dict[str, Any]) -> Plan:
    """The plan of the command's arguments. Raises UsageError for what cannot be."""
    from osler.benchmarks.places import place_of
    from osler.evaluation.retrieval import Plan
    from osler.knowledge.retrieval.sources import WAYS
    from osler.methods.rewriting import rewriter_of
    from osler.scoring.retrieval import measure

    measures = tuple(name.strip() for name in (given["metrics"] or "").split(",") if name.strip())
    for name in measures:
        measure(name)
    rewriter_of(given["rewrite"])
    if given["retrieval"] not in (None, *WAYS):
        raise UsageError(f"--retrieval takes {', '.join(WAYS)}, not {given['retrieval']!r}")
    if given["rewrite"] != "none" and not given["model"]:
        raise UsageError(f"--rewrite {given['rewrite']} asks a language model; name one with --model")
    same = (
        "benchmark",
        "corpus",
        "encoder",
        "reranker",
        "subset",
        "split",
        "rewrite",
        "limit",
        "seed",
        "depth",
    )
    return Plan(
        data=str((given["data"] or place_of(given["benchmark"])).resolve()),
        retrieval=given["retrieval"] or "bm25",
        measures=measures,
        model=" ".join(given["model"] or ()) or None,
        **{name: given[name] for name in same},
    )


def _reader(benchmark: str) -> Any:
    """The benchmark's reader. Raises UsageError for one without judged documents."""
    from osler import registry

    part = registry.get("benchmark", benchmark)
    if not part.extra.get("judged"):
        known = [one.name for one in registry.parts("benchmark") if one.extra.get("judged")]
        raise UsageError(
            f"{benchmark} has no judged documents; these have: {', '.join(known)} (osler eval measures methods)"
        )
    return part.object


def _other(plan: Plan, against: str) -> Plan:
    """The plan that a comparison is with."""
    from osler.knowledge.retrieval.sources import WAYS

    if against == _ROLE:
        if plan.rewrite == "none":
            raise UsageError("--against no-rewrite goes with --rewrite")
        return replace(plan, rewrite="none", model=None)
    if against not in WAYS:
        raise UsageError(f"--against takes {', '.join(WAYS)} or no-rewrite, not {against!r}")
    if against == plan.retrieval:
        raise UsageError(f"--against {against} is the same way; name another with --retrieval or --against")
    return replace(plan, retrieval=against)


def _measured(
    plans: list[Plan], sets: list[JudgedSet], folder: Path, base_url: str | None, budget: str | None
) -> list[dict[str, Any]]:
    """The figures of each plan; of two, each has a folder below."""
    from osler.evaluation.retrieval import Runner, run
    from osler.methods.rewriting import rewriter_of

    names: dict[str, str] = {}
    found = []
    for plan in plans:
        where = folder if len(plans) == 1 else folder / _slug(plan)
        rewriter = rewriter_of(plan.rewrite)
        models = _models(plan, base_url) if rewriter else {}
        runner = Runner(
            plan, sets, lambda judged, plan=plan: _open(plan, judged, names), rewriter, models, budget
        )
        found.append(run(runner, where))
    return found


def _open(plan: Plan, judged: JudgedSet, names: dict[str, str]) -> Opened:
    """What a set is searched with; its own documents are made into a corpus, and into vectors, where they are not yet."""
    from osler.evaluation.judged_corpus import corpus_for, embed
    from osler.knowledge.retrieval.sources import Sources, open_sources

    name = plan.corpus
    if name is None:
        key = judged.collection or judged.name
        name = names[key] if key in names else names.setdefault(key, corpus_for(plan.benchmark, judged))
        if plan.retrieval != "bm25":
            embed(name, plan.encoder)
    return open_sources(Sources.read(name, plan.retrieval, plan.encoder, plan.reranker))


def _models(plan: Plan, base_url: str | None) -> dict[str, Model]:
    from osler.llm.specs import models_from

    about: dict[str, Any] = {"base_url": base_url} if base_url else {}
    return models_from((plan.model or "").split(), cache=True, **about)


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    holder = tempfile.TemporaryDirectory(prefix="osler-run-") if out is None else nullcontext(str(out))
    with holder as folder:
        yield Path(folder) / "run" if out is None else Path(folder)


def _slug(plan: Plan) -> str:
    return plan.retrieval if plan.rewrite == "none" else f"{plan.retrieval}-{Path(plan.rewrite).stem}"


def _compared(plans: list[Plan], folder: Path, other: dict[str, Any]) -> dict[str, Any]:
    """Each measure's difference: what was asked for, minus what it is held against."""
    from osler.evaluation.compare import compare_runs

    found = compare_runs(folder / _slug(plans[1]), folder / _slug(plans[0]))
    rows = {name: {**asdict(paired), "ci": list(paired.ci)} for name, paired in found.metrics.items()}
    return {"method": other["method"], "figures": other, "metrics": rows}


def _show(result: dict[str, Any], found: list[dict[str, Any]]) -> None:
    from rich import box
    from rich.table import Table

    from osler.scoring.intervals import written

    out = console()
    sets = {**result["subsets"], "all": result} if result["subsets"] else {"all": result}
    out.print(f"{result['benchmark']}: {result['method']}, {result['n']} queries", markup=False)
    names = list(dict.fromkeys(name for one in sets.values() for name in one["ci"]))
    table = Table("", "n", *names, box=box.SIMPLE)
    for name, one in sets.items():
        cells = [
            f"{one[m]:.3f} {written(one['ci'][m])}".replace("[", r"\[") if m in one["ci"] else "–"
            for m in names
        ]
        table.add_row(name, str(one["n"]), *cells)
    if len(sets) > 2 and result["mean_over_sets"]:
        means = result["mean_over_sets"]
        table.add_row("mean over sets", "", *[f"{means[m]:.3f}" if m in means else "–" for m in names])
    out.print(table)
    out.print(
        "RR's mean is the MRR, AP's the MAP. 95 % intervals: bootstrap, queries of one group resampled together."
    )
    for one in found:
        if failed := one["failures"]:
            notices().print(
                f"note: {len(failed)} queries could not be rewritten and are left out ({failed[0]['error']}); with --out the "
                "same command asks for them again",
                markup=False,
            )
    if result["found_nothing"]:
        notices().print(f"note: for {result['found_nothing']} queries nothing was found", markup=False)
    if "against" in result:
        out.print(f"\nagainst {found[1]['method']}, paired by query:", markup=False)
        for name, row in result["against"]["metrics"].items():
            out.print(
                f"  {name}: {row['difference']:+.4f} {written(row['ci'], '+.4f')}, p {row['p']:.4f}; "
                f"better {row['wins']}, worse {row['losses']}, same {row['ties']}",
                markup=False,
                highlight=False,
            )
    if result["run"]:
        out.print(f"run: {result['run']}", markup=False)
