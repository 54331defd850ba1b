"""Runs as one HTML file that needs nothing else: figures with intervals, plots, breakdowns, flips, traces worth reading.

Everything that comes from a case, a model or a name is escaped; the page's policy allows no script, no image and no style
but its own. Under 1 MB: long texts are cut and say so. Knows nothing of how a run was made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from osler.errors import UsageError
from osler.evaluation.compare import Comparison, compare_runs
from osler.evaluation.html_pieces import cut, figure, interval, measure_name, page, short, table
from osler.evaluation.html_plots import Point, legend, reliability, scatter
from osler.evaluation.html_text import escape
from osler.evaluation.html_traces import traces_worth_reading
from osler.evaluation.language_report import figures_of
from osler.evaluation.language_sections import main_value
from osler.evaluation.manifest import data_checksum
from osler.evaluation.store import Record, collector_paused, read_manifest, read_records, read_times
from osler.evaluation.tradeoff import Row, model_name, tradeoff
from osler.scoring.calibration import reliability_table
from osler.scoring.intervals import written
from osler.scoring.resampling import estimate

_GROUPS_SHOWN = 40
_FLIPS_SHOWN = 12


@dataclass(frozen=True)
class Run:
    """A run as the report needs it. `spent` holds calls and tokens of each item; `name` is what tells it from the others."""

    folder: Path
    manifest: Record
    records: list[Record]
    figures: dict[str, Any]
    spent: dict[int, tuple[int, int]]
    name: str = ""


def read_runs(folders: Sequence[Path], advance: Callable[[float], None] = lambda _: None) -> list[Run]:
    """The runs of some folders; `advance` is told of each.

    Raises UsageError for a folder that is no run of a method over questions, or holds no finished case.
    """
    runs = []
    with collector_paused():
        for folder in folders:
            runs.append(_open(folder))
            advance(1)
    return _named(runs)


def _named(runs: Sequence[Run]) -> list[Run]:
    """Each run with its method for a name, and its model where the models differ."""
    alike = len({model_name(run.figures) for run in runs}) == 1 and len(runs) > 1
    return [
        replace(
            run,
            name=run.figures["method"]
            if alike
            else " · ".join(filter(None, (run.figures["method"], model_name(run.figures)))),
        )
        for run in runs
    ]


def steps_of(runs: int) -> int:
    """How often `read_runs` and `page_of` together tell of their progress."""
    return 2 * runs + 1


def tradeoff_of(runs: Sequence[Run]) -> list[Row]:
    """Score beside what it took, with the Pareto fronts."""
    return tradeoff([(run.folder, run.manifest, run.figures) for run in runs])


def write_report(folders: Sequence[Path]) -> str:
    """The page for some run folders. Raises as `read_runs` does."""
    return page_of(read_runs(folders))


def page_of(runs: Sequence[Run], advance: Callable[[float], None] = lambda _: None) -> str:
    """The page for some runs of one benchmark or of several; the first is the one others are compared with."""
    with collector_paused():
        return page(", ".join(_benchmarks(runs)), list(_body(runs, advance)))


def _benchmarks(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.manifest["benchmark"] for run in runs))


def _body(runs: Sequence[Run], advance: Callable[[float], None]) -> Iterable[str]:
    yield f"<h1>{escape(', '.join(_benchmarks(runs)))}</h1>"
    yield (
        '<p class="note">Made by Osler, for research and education. Not a medical device. May quote cases: keep it '
        "private.</p>"
    )
    rows = tradeoff_of(runs)
    yield _overview(runs)
    yield _took(runs, rows)
    yield _plots(runs, rows)
    yield _breakdowns(runs)
    advance(1)
    for run in runs[1:]:
        comparison = _compared(runs[0], run)
        yield _comparison(comparison, runs[0], run) if comparison is not None else ""
        advance(1)
    yield traces_worth_reading([(run.folder, run.name, run.records) for run in runs])
    yield _about(runs)
    advance(1)


def _open(folder: Path) -> Run:
    manifest = read_manifest(folder)
    if "models" not in manifest:
        raise UsageError(
            f"{folder} ran {manifest['benchmark']} without a method over questions: no report is made of it"
        )
    records = read_records(folder)
    if not records:
        raise UsageError(f"{folder} holds no finished case; go on with: osler eval --resume {folder}")
    times = read_times(folder)
    spent = {
        time["item"]: (time["calls"] + time["cached"], time["prompt_tokens"] + time["completion_tokens"])
        for time in times
    }
    return Run(folder, manifest, records, figures_of(folder, manifest, records, times), spent)


def _compared(first: Run, second: Run) -> Comparison | None:
    """The comparison of two runs, None where they share no case (other benchmarks, other samples)."""
    try:
        return compare_runs(first.folder, second.folder, (first.records, second.records))
    except UsageError:
        return None


# --- sections ----------------------------------------------------------------------------------------------------------
def _overview(runs: Sequence[Run]) -> str:
    metrics = list(dict.fromkeys(metric for run in runs for metric in run.figures["ci"]))
    head = ["", "run", "cases", *metrics, "unreadable", "calls", "from cache", "tokens", "cost", "wall s"]
    rows = []
    for number, run in enumerate(runs, 1):
        f = run.figures
        cells = [interval(f.get(metric), f["ci"].get(metric)) for metric in metrics]
        tokens = f["tokens"]["prompt"] + f["tokens"]["completion"]
        name = run.name + (f" ({run.figures['unfinished']} cases unfinished)" if f["unfinished"] else "")
        cost = "not known" if f["cost"] is None else short(f["cost"])
        rows.append([number, name, f["n"], *cells, f["format_failures"], f["calls"], f["cached"], f"{tokens:,}",
                     cost, f"{f['wall_s']:.1f}"])  # fmt: skip
    models = {name for run in runs if (name := model_name(run.figures))}
    one = f"Model: {models.pop()}. " if len(models) == 1 and len(runs) > 1 else ""
    note = f'<p class="note">{escape(one)}In brackets: 95 % intervals.</p>'
    return "<h2>Runs</h2>" + table(head, rows, wide=1) + note


_TOOK = ("cost", "tokens", "calls", "latency_s", "critical_path_calls", "critical_path_s")


def _took(runs: Sequence[Run], rows: Sequence[Row]) -> str:
    """The main score of each run beside what a case took, and who is on a Pareto front."""
    place = {str(run.folder): number for number, run in enumerate(runs, 1)}
    head = ["", "run", rows[0].metric if rows else "score", *map(measure_name, _TOOK), "on the front of"]
    lines = []
    for row in rows:
        cells = [_mean_p95(row.spent.get(name)) for name in _TOOK]
        fronts = " and ".join(row.fronts) if row.compared > 1 else None
        number = place[row.run]
        lines.append([number, runs[number - 1].name, interval(row.value, row.ci), *cells, fronts])
    return (
        "<h2>What a case took</h2>" + table(head, lines, wide=1) + f'<p class="note">{_took_note(rows)}</p>'
    )


def _took_note(rows: Sequence[Row]) -> str:
    words = [
        "Means over cases, and below them the 95th percentile. On the front: no other run over the same cases is at "
        "least as good and at least as cheap (for time: as quick), and better in one.",
        "The critical path is the longest chain of calls that each waited for the one before; its seconds leave out "
        "waiting for a free place, which latency counts.",
    ]
    if any(row.by_tokens for row in rows):
        words.append(
            "Tokens stand in for cost: nothing cost money, a price is not known, or replies came from a cache."
        )
    if any(row.from_cache for row in rows):
        words.append("Replies from a cache took neither time nor money, so there is no front for time.")
    return " ".join(words)


def _mean_p95(found: Any) -> Any:
    return None if found is None else (short(found["mean"]), short(found["p95"]))


def _bounds(row: Row) -> tuple[float, float]:
    """The ends of the interval to draw; the score itself where there is none."""
    low, high = row.ci
    return (low, high) if low == low and high == high else (row.value, row.value)


def _plots(runs: Sequence[Run], rows: Sequence[Row]) -> str:
    """Cost against the score (tokens where they stand in for it), and reliability where confidence is stated."""
    place = {str(run.folder): number for number, run in enumerate(runs)}
    names = [run.name for run in runs]
    parts = []
    if rows:
        by = "tokens" if any(row.by_tokens for row in rows) else "cost"
        points = [
            Point(place[row.run], names[place[row.run]], x, row.value, *_bounds(row), "cost" in row.fronts)
            for row in rows
            if (x := row.mean(by)) is not None
        ]
        several = len({row.benchmark for row in rows}) == 1 and len(rows) > 1
        parts.append(
            figure(
                scatter(points, f"{by} per case", rows[0].metric, front=several),
                f"{by.capitalize()} and {rows[0].metric}, with 95 % intervals."
                + (" The dashed line joins the Pareto front." if several else ""),
            )
        )
    tables = [(number, bins) for number, run in enumerate(runs) if (bins := bins_of(run.records))]
    if tables:
        parts.append(
            figure(
                reliability(tables),
                "Reliability: on the dashed line, stated confidence is right. Larger circles hold more cases.",
            )
        )
    return legend(names) + "".join(parts) if parts else ""


def bins_of(records: Sequence[Record]) -> list[tuple[float, float, int]]:
    """Stated confidence, share right and cases of ten bins; empty where no confidence is stated."""
    rows = [
        r["scores"] for r in records if r["scores"].get("confidence") is not None and "correct" in r["scores"]
    ]
    if not rows:
        return []
    found = reliability_table([r["confidence"] for r in rows], [r["correct"] for r in rows], 10)
    return [(b.confidence, b.accuracy, b.n) for b in found]


def _breakdowns(runs: Sequence[Run]) -> str:
    """Main score by subset and by each tag that parts the cases, with intervals, and beside it what a case cost."""
    parts = []
    names = list(dict.fromkeys(n for run in runs for record in run.records for n in record.get("tags", ())))
    for name in ("subset", *(name for name in names if name != "published")):  # a date each is no group
        rows = _by_group(runs, name)
        if len(rows) > 1:
            head = [name, "cases", *(w for n in range(len(runs)) for w in (str(n + 1), "calls", "tokens"))]
            left_out = f'<p class="note">{len(rows) - _GROUPS_SHOWN} smaller ones are left out.</p>'
            rows.sort(key=lambda row: -row[1])
            parts.append(
                f"<h2>By {escape(name)}</h2>"
                + table(head, rows[:_GROUPS_SHOWN])
                + (left_out if len(rows) > _GROUPS_SHOWN else "")
            )
    note = '<p class="note">Calls and tokens are per case, those answered from the cache among them.</p>'
    return "".join([*parts, note]) if parts else ""


def _by_group(runs: Sequence[Run], title: str) -> list[list[Any]]:
    cells: dict[str, list[str]] = defaultdict(lambda: ["–"] * 3 * len(runs))
    sizes: dict[str, int] = {}
    for number, run in enumerate(runs):
        groups: dict[str, list[Record]] = defaultdict(list)
        for record in run.records:
            name = record.get("subset") if title == "subset" else record.get("tags", {}).get(title)
            groups[str(name or "")].append(record)
        for name, records in groups.items():
            scores = [main_value(record) for record in records]
            values = [np.nan if score is None else score for score in scores]
            found = estimate(values, [record["group"] for record in records])
            spent = np.mean([run.spent.get(record["item"], (0, 0)) for record in records], axis=0)
            cells[name][3 * number : 3 * number + 3] = [
                interval(found.value, list(found.ci)),
                f"{spent[0]:.1f}",
                f"{spent[1]:,.0f}",
            ]
            sizes[name] = max(sizes.get(name, 0), len(records))
    return [[name or "(none)", sizes[name], *row] for name, row in cells.items()]


def _comparison(found: Comparison, first: Run, second: Run) -> str:
    rows = [
        [name, row.n_paired, f"{100 * row.difference:+.1f}", written(row.ci, "+.1f", 100, " … "),
         f"{row.p:.2g}", f"{found.p_clustered[name]:.2g}", row.wins, row.losses, row.ties]
        for name, row in found.metrics.items()
    ]  # fmt: skip
    head = ["", "cases", "points", "95 % interval", "p", "p clustered", "won", "lost", "tied"]
    parts = [f"<h2>{escape(second.name)} against {escape(first.name)}</h2>", table(head, rows)]
    if found.contamination is not None:
        words = [
            f"Contamination of {flag.name}: {flag.flag}; {flag.why}." for flag in found.contamination.flags
        ]
        words = [f"{found.contamination.relation}." if found.contamination.relation else "", *words]
        parts.append(f"<p>{'<br>'.join(escape(word) for word in words if word)}</p>")
    if "" in found.flips:
        flip = found.flips[""]
        parts.append(
            f"<p>{flip.wrong_to_right} cases went from wrong to right, {flip.right_to_wrong} from right to wrong, "
            f"of {flip.n}; {flip.changed} answers changed.</p>"
        )
    for outcome, title in (("win", "Wrong to right"), ("loss", "Right to wrong")):
        chosen = [row for row in found.changes.get("", ()) if row["outcome"] == outcome]
        if chosen:
            some = f", the first {_FLIPS_SHOWN} of them" if len(chosen) > _FLIPS_SHOWN else ""
            listed = [[row["id"], *map(str, row["items"]), *(cut(a, 90) for a in row["answers"])]
                      for row in chosen[:_FLIPS_SHOWN]]  # fmt: skip
            head = ["case", "item (first)", "item (second)", "first said", "second said"]
            parts.append(
                f"<details><summary>{title}: {len(chosen)}{some}</summary>{table(head, listed)}</details>"
            )
    return "".join(parts)


def _about(runs: Sequence[Run]) -> str:
    rows = []
    for number, run in enumerate(runs, 1):
        m = run.manifest
        a = m.get("arguments", {})
        settings = ", ".join(f"{n}={a[n]}" for n in ("subset", "split", "limit", "seed", "epochs", "temperature")
                             if a.get(n) not in (None, "", []))  # fmt: skip
        rows.append([number, settings, m["fidelity"], (data_checksum(m) or "not stated")[:12], m["versions"].get("osler"),
                     (m["commit"] or "")[:12], m["started"]])  # fmt: skip
    head = ["", "settings", "method checked against", "data", "osler", "commit", "started"]
    return "<h2>How they were made</h2>" + table(head, rows)
