"""Fits and measures the posterior of a ranker: the slope of its softmax, the mass outside, and the none-fits regression."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from fusion_views import SEED, Views, balance
from scipy.optimize import minimize, minimize_scalar
from scipy.stats import rankdata

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.data.progress import progress
from osler.diagnosis.engine import Engine
from osler.diagnosis.posterior import HEAD, SIGNS, signs
from osler.diagnosis.query import Query
from osler.diagnosis.weights import Weights
from osler.evaluation.regimes import RegimeView
from osler.knowledge import load_knowledge
from osler.knowledge.load import packaged_disease_ids

# Share of the shown cases whose diagnosis has no profile.
NONE_PRIOR = 0.08


@dataclass
class Calibration:
    """What calibrating one ranker needs of every not-cited case, from scores by out-of-fold weights."""

    head: np.ndarray  # float64[cases, HEAD]: the best scores, best first
    correct: np.ndarray  # bool: the best disease is the true one
    within: np.ndarray  # bool: the true disease is among the best HEAD
    known: np.ndarray  # float64[cases, signs]
    unknown: np.ndarray  # float64[cases, signs]: with the true disease and its series taken away
    fold: np.ndarray
    weight: np.ndarray


def collect(
    source: PacketSource, views: Views, fold: np.ndarray, weights: Weights, method: str, cap: int
) -> Calibration:
    """Scores of the not-cited cases (at most `cap` a disease), summed up for calibration."""
    knowledge = load_knowledge("hpo")
    engine, view = Engine(knowledge, method, weights), RegimeView(knowledge, packaged_disease_ids())
    chosen = [i for i in range(len(fold)) if views.meta["rankable"][i] and not views.meta["cited"][i]]
    order, seen, rows = np.random.default_rng(SEED).permutation(chosen).tolist(), Counter(), []
    with progress(f"Calibrating {method}", len(order)) as advance:
        for i in order:
            advance(1)
            true = views.meta["disease"][i]
            seen[true] += 1
            if seen[true] > cap:
                continue
            item = read_item(source.read(views.meta["file"][i]))
            query = Query.from_case(item.case, knowledge)
            if not len(query.present):
                continue
            scores = engine.scores(query, key=item.key)
            masked = scores.copy()
            masked[view.series_members([true])] = -np.inf
            best = np.sort(scores[np.argpartition(-scores, HEAD)[:HEAD]])[::-1]
            rank = int((scores > scores[true]).sum()) + 1
            found = signs(scores, query, engine.model), signs(masked, query, engine.model)
            rows.append((best, rank == 1, rank <= HEAD, *found, fold[i], true))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Calibration(*columns[:6], balance(columns[6], np.ones(len(rows), bool)))


def calibrate(data: Calibration, left: int | None) -> dict:
    """Posterior parameters from the cases outside fold `left`: the none-fits regression, the outside mass, the slope."""
    inside = data.fold != left
    weight = data.weight[inside]
    none = fit_none(data.known[inside], data.unknown[inside], weight)
    outside = float(np.clip((weight * ~data.within[inside]).sum() / weight.sum(), 0.01, 0.3))
    present = 1 - _chance(none, data.known[inside])
    head, correct = data.head[inside], data.correct[inside]

    def loss(slope: float) -> float:
        p = np.clip(present * (1 - outside) * _first(head, slope), 1e-6, 1 - 1e-6)
        return -(weight * np.where(correct, np.log(p), np.log1p(-p))).sum()

    slope = minimize_scalar(lambda x: loss(np.exp(x)), bounds=(-6, 6), method="bounded").x
    return {
        "slope": round(float(np.exp(slope)), 5),
        "outside": round(outside, 4),
        "none": none,
        "none_prior": NONE_PRIOR,
    }


def fit_none(known: np.ndarray, unknown: np.ndarray, weight: np.ndarray) -> dict:
    """Logistic regression that tells a case whose disease was taken away from the same case with it."""
    table = np.concatenate([known, unknown])
    label = np.r_[np.zeros(len(known)), np.ones(len(unknown))]
    weight = np.r_[weight, weight] / (2 * weight.sum())
    mean, scale = table.mean(0), table.std(0) + 1e-6
    flat = np.clip((table - mean) / scale, -5, 5)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        logit = flat @ w[:-1] + w[-1]
        value = (weight * (np.logaddexp(0, logit) - label * logit)).sum() + 1e-3 * (w[:-1] @ w[:-1])
        gap = weight * (1 / (1 + np.exp(-logit)) - label)
        return value, np.r_[gap @ flat + 2e-3 * w[:-1], gap.sum()]

    w = minimize(loss, np.zeros(len(SIGNS) + 1), jac=True, method="L-BFGS-B").x
    # Fitted on as many cases with as without their disease; shifted to the share that has no profile.
    bias = w[-1] + np.log(NONE_PRIOR / (1 - NONE_PRIOR))
    rounded = {"mean": mean, "scale": scale, "weights": w[:-1]}
    return {name: [round(float(x), 5) for x in values] for name, values in rounded.items()} | {
        "bias": round(float(bias), 5)
    }


def _chance(none: dict, table: np.ndarray) -> np.ndarray:
    flat = np.clip((table - np.array(none["mean"])) / np.array(none["scale"]), -5, 5)
    return 1 / (1 + np.exp(-(flat @ np.array(none["weights"]) + none["bias"])))


def _first(head: np.ndarray, slope: float) -> np.ndarray:
    return 1 / np.exp(slope * (head - head[:, :1])).sum(1)


def assess(data: Calibration, folds: list[dict]) -> dict:
    """Out-of-fold calibration: ECE in ten equal bins, Brier skill, AUROC of being right, AUROC of none-fits."""
    known, unknown, p = np.empty(len(data.fold)), np.empty(len(data.fold)), np.empty(len(data.fold))
    for k, fitted in enumerate(folds):
        own = data.fold == k
        known[own], unknown[own] = (
            _chance(fitted["none"], data.known[own]),
            _chance(fitted["none"], data.unknown[own]),
        )
        p[own] = (1 - known[own]) * (1 - fitted["outside"]) * _first(data.head[own], fitted["slope"])
    right = data.correct.astype(float)
    bins = np.minimum((p * 10).astype(int), 9)
    gaps = [abs(p[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    skill = 1 - ((p - right) ** 2).mean() / (right.mean() * (1 - right.mean()))
    figures = {
        "n": len(p),
        "ece": sum(gaps),
        "brier_skill": skill,
        "auroc": auroc(p[data.correct], p[~data.correct]),
        "none_fits_auroc": auroc(unknown, known),
        "none_fits_mean": known.mean(),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def auroc(high: np.ndarray, low: np.ndarray) -> float:
    """Chance that one of `high` is above one of `low`, ties half."""
    ranks = rankdata(np.r_[high, low])
    return float((ranks[: len(high)].sum() - len(high) * (len(high) + 1) / 2) / (len(high) * len(low)))
