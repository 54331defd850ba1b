"""How figures of evaluations look on a terminal: regimes side by side, calibration, coverage by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from osler.cli.medrgb_table import medrgb_table

if TYPE_CHECKING:
    from rich.console import Console

_METRICS = ("R@1", "R@3", "R@5", "R@10", "MRR", "group_R@1", "group_R@10")


def diagnosis_tables(out: Console, result: dict[str, Any]) -> None:
    """Print the figures of a diagnosis run."""
    base, cpu = result["knowledge"], result["cpu_ms"]
    out.print(f"{result['method']} on {result['n']} cases, {base['name']} {base['release']}", markup=False)
    out.print(
        f"coverage {_share(result['coverage'])} of diagnoses have a profile here; "
        f"{result['rankable']} cases have one in the packaged release",
        markup=False,
    )
    _regimes(out, "cases whose diagnosis has a profile in the packaged release", result["regimes"])
    _regimes(out, "all cases, a diagnosis without a profile counted as missed", result["all"])
    out.print(
        "95 % intervals: bootstrap, publications resampled whole. Ties count against the right answer.\n"
    )
    _calibration(out, result["calibration_by_regime"])
    for regime, none in result["none_fits"].items():
        out.print(
            f"none fits, AUROC, {regime}: disease and series taken away against present {_number(none['auroc'])} "
            f"(n {none['n']}); no profile against profile {_number(none['auroc_unprofiled'])} (n {none['n_unprofiled']})"
        )
    out.print(
        f"CPU ms per case: ranking median {_number(cpu['median'])}, p95 {_number(cpu['p95'])}; "
        f"all regimes and posteriors {_number(cpu['total_mean'])}; wall {result['wall_s']} s"
    )
    _coverage(out, result["coverage_by_year"])
    out.print(
        f"weights: {result['weights']['checksum']}, out of fold where a case was fitted on", markup=False
    )
    if result["unfinished"]:
        out.print(
            f"unfinished: {result['unfinished']} cases; the figures are over what is done", markup=False
        )
    if result["run"]:
        out.print(f"run: {result['run']}", markup=False)


def _regimes(out: Console, title: str, regimes: dict[str, dict[str, Any]]) -> None:
    table = _table(title, "", *regimes)
    for count in ("n", "publications"):
        table.add_row(count, *[str(regime[count]) for regime in regimes.values()])
    for metric in _METRICS:
        cells = [f"{_percent(r[metric])} {_percents(r['ci'][metric])}" for r in regimes.values()]
        table.add_row(metric.replace("_", " "), *cells)
    out.print(table)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def _percents(pair: Sequence[float | None]) -> str:
    """`[32–50]`: short, so that four regimes fit beside each other in 80 columns."""
    low, high = pair
    return "" if low is None or high is None else rf"\[{100 * low:.0f}–{100 * high:.0f}]"


def _calibration(out: Console, regimes: dict[str, dict[str, Any]]) -> None:
    table = _table("is the first-ranked disease's probability its chance of being right?", "", *regimes)
    for name, label in (
        ("ece", "ECE"),
        ("brier", "Brier"),
        ("brier_skill", "Brier skill"),
        ("auroc", "AUROC of being right"),
    ):
        table.add_row(label, *[_number(r[name]) for r in regimes.values()])
    out.print(table)
    _reliability(out, regimes)


def _reliability(out: Console, regimes: dict[str, dict[str, Any]]) -> None:
    """Share right (and how many answers) for each range of stated probability."""
    bins = {name: {row["low"]: row for row in regime["reliability"]} for name, regime in regimes.items()}
    table = _table(
        "reliability: of the answers stated this probable, so many % were right (n)", "stated %", *regimes
    )
    for low in sorted({low for rows in bins.values() for low in rows}):
        found = [rows.get(low) for rows in bins.values()]
        high = next(row["high"] for row in found if row)
        cells = ["" if row is None else f"{100 * row['accuracy']:.0f} ({row['n']})" for row in found]
        table.add_row(f"{100 * low:.0f}–{100 * high:.0f}", *cells)
    out.print(table)


def _coverage(out: Console, years: list[dict[str, Any]]) -> None:
    """Years in blocks of at most five, so that the line fits."""
    if not years:
        return
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in years:
        year = row["year"]
        first = year - year % 5
        blocks.setdefault("before 2000" if year < 2000 else f"{first}–{first + 4}", []).append(row)
    table = _table(
        "coverage by year of publication (estimated from the PubMed number)", "years", "n", "coverage"
    )
    for name, rows in blocks.items():
        n = sum(row["n"] for row in rows)
        table.add_row(name, str(n), _share(sum(row["n"] * row["coverage"] for row in rows) / n))
    out.print(table)


def findings_table(out: Console, result: dict[str, Any]) -> None:
    """Print the figures of text-to-findings."""
    table = _table(f"findings in {result['n']} documents", "", "P", "R", "F1")
    rows = (("mention, nested", result["mention"]), ("document", result["document"]))
    for name, row in (*rows, ("mention, longest match", result["longest"]["mention"])):
        table.add_row(name, *[_number(row[key]) for key in ("P", "R", "F1")])
    out.print(table)
    out.print(f"{_number(result['mchar_per_s'])} million characters per CPU second")


def entity_table(out: Console, result: dict[str, Any]) -> None:
    """Print the figures of an entity extractor."""
    table = _table(f"{result['entities']} entities in {result['n']} documents", "", "P", "R", "F1")
    rows = {name: result[name] for name in ("strict", "partial", "token")}
    rows |= {
        f"{label}, {way}": row for label, ways in result["by_class"].items() for way, row in ways.items()
    }
    for name, row in rows.items():
        table.add_row(name, *[_number(row[key]) for key in ("P", "R", "F1")])
    out.print(table)


def ddxplus_table(out: Console, result: dict[str, Any]) -> None:
    """Print the figures of asking DDXPlus patients."""
    out.print(
        f"{result['method']}, {result['n']} patients ({result['patients']}), at most {result['budget']} questions"
    )
    table = _table("", "metric", "mean", "95 % interval")
    for name, interval in result["ci"].items():
        table.add_row(name, _number(result[name]), _interval(interval))
    out.print(table)
    if result["unfinished"]:
        out.print(f"unfinished: {result['unfinished']} patients")
    if result["run"]:
        out.print(f"run: {result['run']}", markup=False)


def simsum_tables(out: Console, result: dict[str, Any]) -> None:
    """Print span figures without and with the table, and the treatment effect."""
    table = _table(f"symptom spans, {result['n_scored']} of {result['n']} visits scored", "", "P", "R", "F1")
    for name, label in (("without_table", "without the table"), ("with_table", "with the table")):
        table.add_row(label, *[_number(result[name]["span"][key]) for key in ("P", "R", "F1")])
    out.print(table)
    effects = _table("antibiotics on days at home", "", "log rate ratio", "days")
    for name in ("naive", "adjusted"):
        row = result["effect"][name]
        ratio = f"{row['log_ratio']:+.3f} {_interval(row['log_ratio_ci'])}"
        effects.add_row(name, ratio, f"{row['days']:+.2f} {_interval(row['days_ci'])}")
    out.print(effects)
    if "planted_log_ratio" in result["effect"]:
        out.print(f"planted log rate ratio: {result['effect']['planted_log_ratio']:+.3f}")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(pair: Sequence[float | None]) -> str:
    low, high = pair
    return "" if low is None or high is None else rf"\[{low:.2f}, {high:.2f}]"


SHOW = {
    "phenopackets": diagnosis_tables,
    "ddxplus": ddxplus_table,
    "hpo-gsc": findings_table,
    "simsum": simsum_tables,
    "clinical-ner": entity_table,
    "medrgb": medrgb_table,
}


def _facts_and_rules(screen: Console, result: dict[str, Any]) -> None:
    """Wrong facts by kind, and rules wrongly applied, where a scorer counts them."""
    facts, rules = result.get("facts"), result.get("rules")
    if not facts or not rules or not facts["checked"]:
        return
    kinds = ", ".join(f"{name} {n}" for name, n in facts.items() if name not in ("checked", "wrong"))
    screen.print(
        f"facts wrong: {facts['wrong']} of {facts['checked']} ({kinds}); rule wrongly applied: {rules['wrong']} of "
        f"{rules['checked']}",
        markup=False,
    )


def language_table(screen: Console, result: dict[str, Any]) -> None:
    """The figures of a run with a language model: each metric with its interval, replies, cost."""
    from rich import box
    from rich.table import Table

    who = " · ".join(str(part) for part in (result["benchmark"], result["method"], result["model"]) if part)
    screen.print(f"{who} · {result['n']} cases · checked against: {result['fidelity']}", markup=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "n", *result["ci"]):
        table.add_column(name, justify="left" if not name else "right")
    for name, row in {"all": result, **result["subsets"]}.items():
        cells = [_with_interval(row.get(metric), row["ci"].get(metric)) for metric in result["ci"]]
        table.add_row(name, str(row["n"]), *cells)
    screen.print(table)
    _facts_and_rules(screen, result)
    if result.get("errors"):
        told = ", ".join(f"{error} {count['n']}" for error, count in result["errors"].items())
        screen.print(f"what went wrong: {told}", markup=False)
    tokens = result["tokens"]
    cost = "not known" if result["cost"] is None else f"{result['cost']:.2f}"
    screen.print(
        f"{result['format_failures']} answers unreadable, {result['replies']['repaired']} replies repaired; "
        f"{result['calls']} calls ({result['cached']} from the cache), {tokens['prompt']:,} + {tokens['completion']:,} "
        f"tokens, cost {cost}; {result['wall_s']:.1f} s",
        markup=False,
    )
    _stated(screen, result.get("calibration"))
    _per_case(screen, result["per_case"])


def _stated(screen: Console, figures: dict[str, Any] | None) -> None:
    """How far the confidence that answers stated can be believed, where any did."""
    if not figures:
        return
    named = {"ECE": "ece", "Brier": "brier", "AUROC of being right": "auroc", "AURC": "aurc"}
    told = ", ".join(f"{label} {_known(figures[name])}" for label, name in named.items())
    coverages = figures["selective_accuracy"].items()
    surest = ", ".join(f"{_known(share)} at {100 * float(level):.0f} %" for level, share in coverages)
    screen.print(
        f"confidence stated in {figures['n']} answers: {told}; accuracy of the surest: {surest}", markup=False
    )


def _known(value: float | None) -> str:
    """Three decimals; a dash where there is no such figure (no answer was wrong, for instance)."""
    return _number(None if value is None or value != value else value)


def _per_case(screen: Console, spent: dict[str, dict[str, float] | None]) -> None:
    """What a case took: calls, tokens, cost, seconds, and the longest chain of calls that waited for each other."""
    table = _table("", "per case", "mean", "median", "p95")
    for name, row in spent.items():
        if row is not None and any(row.values()):
            cells = [f"{row[column]:,.6g}" for column in ("mean", "median", "p95")]
            table.add_row(
                name.removesuffix("_s").replace("_", " ") + (", s" if name.endswith("_s") else ""), *cells
            )
    if table.row_count:
        screen.print(table)


def _with_interval(value: float | None, interval: list[float] | None) -> str:
    if value is None:
        return "–"
    from osler.scoring.intervals import written

    return f"{value:.3f} {written(interval)}" if interval else f"{value:.3f}"
