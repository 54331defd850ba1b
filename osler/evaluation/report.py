"""Figures of a diagnosis run, made from its records alone: per regime, coverage, calibration, none-fits, time.

Everything that `osler eval phenopackets --json` prints is computed here, again and the same whenever a run is opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from osler.evaluation.regimes import REGIMES, Regime, in_regime, view_of
from osler.evaluation.run import wall_seconds
from osler.evaluation.store import Record, read_manifest, read_records, read_times
from osler.scoring.calibration import auroc, brier, brier_skill, ece, reliability_table
from osler.scoring.intervals import Interval, cluster_bootstrap, wilson
from osler.scoring.ranked import Rank, recall_at, reciprocal_ranks

METRICS = ("R@1", "R@3", "R@5", "R@10", "MRR", "group_R@1", "group_R@10")


def figures(folder: Path) -> dict[str, Any]:
    """The result object of a run; shape in docs/evaluation.md. A figure over no cases is None.

    Raises UsageError when the folder is not a run.
    """
    manifest = read_manifest(folder)
    records = read_records(folder)
    times = read_times(folder)
    cases = [record for record in records if "error" not in record]
    listed = [case for case in cases if case["standing"]["listed"]]
    regimes: list[Regime] = [name for name in REGIMES if name in manifest["arguments"]["regimes"]]
    uncited = [case for case in listed if in_regime(case["standing"], "not-cited")]
    none_fits = none_fits_by_regime(cases, listed)
    return {
        "benchmark": manifest["benchmark"],
        "method": manifest["method"],
        "model": None,
        "n": len(cases),
        "rankable": len(listed),
        "coverage": _mean([case["standing"]["profile"] for case in cases]),
        "coverage_by_year": coverage_by_year(cases),
        "regimes": {regime: regime_figures(listed, regime) for regime in regimes},
        "all": {regime: regime_figures(cases, regime) for regime in regimes},
        "calibration": calibration(uncited, "not-cited"),
        "calibration_by_regime": {regime: calibration(_within(listed, regime), regime) for regime in regimes},
        "none_fits_auroc": none_fits["as-is"]["auroc"],
        "none_fits": none_fits,
        "cpu_ms": cpu_figures(times),
        "wall_s": wall_seconds(times),
        "failures": [{"file": r["file"], "error": r["error"]} for r in records if "error" in r],
        "unfinished": manifest["items"] - len(records),
        "weights": manifest["weights"],
        "knowledge": manifest["knowledge"],
        "run": str(folder),
    }


def outcomes(cases: Sequence[Record], regime: Regime) -> np.ndarray:
    """The per-case values whose means are METRICS: hits as 0/1, reciprocal ranks; shape (n, len(METRICS))."""
    views = [case["views"][view_of(regime)] for case in cases]
    ranks: list[Rank] = [view["rank"] for view in views]
    group: list[Rank] = [view["group_rank"] for view in views]
    columns = [recall_at(ranks, k) for k in (1, 3, 5, 10)]
    columns += [reciprocal_ranks(ranks), recall_at(group, 1), recall_at(group, 10)]
    return np.stack(columns, axis=1) if cases else np.empty((0, len(METRICS)))


def regime_figures(cases: Sequence[Record], regime: Regime) -> dict[str, Any]:
    """n, each metric, and its 95 % interval with publications resampled whole."""
    chosen = _within(cases, regime)
    values = outcomes(chosen, regime)
    groups = [case["group"] for case in chosen]
    intervals = _intervals(values, groups)
    means = values.mean(axis=0) if len(values) else [float("nan")] * len(METRICS)
    return {
        "n": len(chosen),
        "publications": len(set(groups)),
        **{name: _number(mean) for name, mean in zip(METRICS, means, strict=True)},
        "ci": {name: _pair(interval) for name, interval in zip(METRICS, intervals, strict=True)},
    }


def _intervals(values: np.ndarray, groups: list[str]) -> list[Interval]:
    """Clustered bootstrap; where it has nothing to resample (all hits or all misses) Wilson over publications.

    One publication alone says nothing of the spread between publications: no interval then.
    """
    count = len(set(groups))
    if count < 2:
        return [Interval(float("nan"), float("nan"))] * values.shape[1]
    found = cluster_bootstrap(values, groups)
    for column, value in enumerate(values[0]):
        if value in (0, 1) and (values[:, column] == value).all():
            found[column] = wilson(int(value) * count, count)
    return found


def calibration(cases: Sequence[Record], regime: Regime) -> dict[str, Any]:
    """How far the probability of the first-ranked disease can be trusted to be its chance of being right."""
    views = [case["views"][view_of(regime)] for case in cases]
    stated = [(view["top"][0]["probability"], view["rank"] == 1) for view in views if view["top"]]
    confidence = np.array([p for p, _ in stated])
    right = np.array([hit for _, hit in stated], dtype=float)
    return {
        "n": len(stated),
        "ece": _number(ece(confidence, right)),
        "brier": _number(brier(confidence, right)),
        "brier_skill": _number(brier_skill(confidence, right)),
        "auroc": _number(auroc(confidence, right)),
        "reliability": [row.as_dict() for row in reliability_table(confidence, right)],
    }


def none_fits_by_regime(cases: Sequence[Record], listed: Sequence[Record]) -> dict[str, Any]:
    """`none_fits_figures` over all cases that can be ranked (as-is), and over those whose profile does not cite them."""
    return {
        regime: none_fits_figures(cases, [case for case in listed if in_regime(case["standing"], regime)])
        for regime in ("as-is", "not-cited")
    }


def none_fits_figures(cases: Sequence[Record], known_cases: Sequence[Record]) -> dict[str, Any]:
    """Does the none-fits mass rise when the true disease and its series are taken away?

    `auroc` compares the same cases with and without them; `auroc_unprofiled` compares cases whose diagnosis has no
    profile with those that have one.
    """
    paired = [case for case in known_cases if "none_fits_masked" in case]
    known = [case["views"]["full"]["none_fits"] for case in paired]
    masked = [case["none_fits_masked"] for case in paired]
    unprofiled = [case["views"]["full"]["none_fits"] for case in cases if not case["standing"]["profile"]]
    return {
        "n": len(paired),
        "auroc": _number(auroc(known + masked, [False] * len(known) + [True] * len(masked))),
        "n_unprofiled": len(unprofiled),
        "auroc_unprofiled": _number(
            auroc(known + unprofiled, [False] * len(known) + [True] * len(unprofiled))
        ),
        "mean_known": _mean(known),
        "mean_masked": _mean(masked),
    }


def coverage_by_year(cases: Sequence[Record]) -> list[dict[str, Any]]:
    """Share of cases whose diagnosis has a profile in the knowledge in use, by estimated year of publication."""
    years: dict[int, list[bool]] = defaultdict(list)
    for case in cases:
        if case["year"] is not None:
            years[case["year"]].append(case["standing"]["profile"])
    return [{"year": year, "n": len(years[year]), "coverage": _mean(years[year])} for year in sorted(years)]


def cpu_figures(times: Sequence[Record]) -> dict[str, Any]:
    """CPU ms per case: of the as-is ranking, and (`total_*`) of reading, every regime and every posterior together."""
    rank = np.array([record["rank_ms"] for record in times if record["rank_ms"] > 0])
    total = np.array([record["total_ms"] for record in times])
    if not len(rank):
        return {"median": None, "p95": None, "mean": None, "total_mean": None}
    return {
        "median": _number(np.median(rank)),
        "p95": _number(np.quantile(rank, 0.95)),
        "mean": _number(rank.mean()),
        "total_mean": _number(total.mean()),
    }


def _within(cases: Sequence[Record], regime: Regime) -> list[Record]:
    return [case for case in cases if in_regime(case["standing"], regime)]


def _mean(values: Sequence[Any]) -> float | None:
    return _number(np.mean(values)) if len(values) else None


def _number(value: Any) -> float | None:
    """A plain float of six significant digits; None in place of nan, which JSON has no word for."""
    return float(f"{float(value):.6g}") if np.isfinite(value) else None


def _pair(interval: Interval) -> list[float | None]:
    return [_number(interval.low), _number(interval.high)]
