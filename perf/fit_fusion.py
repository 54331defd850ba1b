"""Refits the weights of the embedded engine on published cases, out of fold, and writes osler/diagnosis/weights.json.

    OSLER_DATA=… python perf/fit_fusion.py                # extract, fit, calibrate, measure, write: about five minutes
    OSLER_DATA=… python perf/fit_fusion.py --keep DIR     # keep the extracted features there, and use them again

Folds are connected components of publications and diseases: no publication and no disease is in two folds. Every
figure printed is of cases that the weights in question did not see.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from fusion_calibration import assess, calibrate, collect
from fusion_views import BALANCE, FOLDS, SEED, Views, balance, extract, folds_of, kept, measured, ranks_of
from scipy.optimize import minimize

from osler.benchmarks.phenopackets import PacketSource
from osler.data.paths import data_dir
from osler.diagnosis import features as feature_list
from osler.diagnosis.weights import FORMAT, PACKAGED, Weights, pack_cases
from osler.knowledge import load_knowledge

# Candidates used in fitting, and cases of one disease at most: a disease of 462 cases must not decide the weights.
FIT_CANDIDATES = 80
CAP = 60
PENALTY = 0.01
# Left to itself the weight of a listed absent finding falls to zero (reports exclude what the disease often has); held
# here, so that it still counts a little.
LEAST = {"absent": 0.02}
VARIANTS = {
    "embedded": feature_list.NAMES,
    "embedded-strict": tuple(name for name in feature_list.NAMES if name not in feature_list.LOOKED),
}


@dataclass
class Fit:
    """Fitted weights of one variant: `final`, of each fold, and out-of-fold scores of every row's candidates."""

    final: np.ndarray
    folds: np.ndarray
    oof: np.ndarray


def scaling(views: Views) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale of each feature over a fifth of the rankings; the truth does not enter."""
    sample = views.features[::5, :, : len(feature_list.NAMES)].reshape(-1, len(feature_list.NAMES))
    return sample.mean(0), sample.std(0) + 1e-6


def fit_all(
    views: Views, fold: np.ndarray, names: tuple[str, ...], mean: np.ndarray, scale: np.ndarray
) -> Fit:
    """Weights of each fold (fitted on the others) and final ones, on the as-is view; other features weigh nothing."""
    columns = [feature_list.NAMES.index(name) for name in names]
    signs = [dict(feature_list.FEATURES)[name] for name in names]
    bounds = [(LEAST.get(n, 0.0), None) if s > 0 else (None, None) for n, s in zip(names, signs, strict=True)]

    def scaled(rows: np.ndarray) -> np.ndarray:
        return np.clip((views.features[rows][:, :, columns] - mean[columns]) / scale[columns], -6, 6)

    disease = np.array(views.meta["disease"])[views.case]
    weight = balance(disease, ~views.left_out)
    usable = _capped(disease, views.left_out) & (views.truth >= 0) & ~views.left_out
    rows = np.flatnonzero(usable)
    table, truth = _shortened(scaled(rows), views.truth[rows])
    of_fold = fold[views.case]
    weights = np.zeros((FOLDS + 1, len(feature_list.NAMES)))
    for number, left in enumerate([*range(FOLDS), None]):
        inside = of_fold[rows] != left
        weights[number, columns] = fit(table[inside], truth[inside], weight[rows][inside], bounds)
    oof = np.empty(views.chosen.shape, np.float64)
    for k in range(FOLDS):
        for part in np.array_split(np.flatnonzero(of_fold == k), 16):
            oof[part] = scaled(part) @ weights[k, columns]
    return Fit(weights[-1], weights[:-1], oof)


def fit(table: np.ndarray, truth: np.ndarray, weight: np.ndarray, bounds: list) -> np.ndarray:
    """Conditional logit: weights that maximise Σ log softmax(table · w)[truth] − PENALTY |w|², within bounds."""
    n, count, width = table.shape
    flat, weight = table.reshape(-1, width), weight / weight.sum()

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        score = (flat @ w.astype(np.float32)).reshape(n, count)
        grown = np.exp(score - score.max(1, keepdims=True))
        chance = grown / grown.sum(1, keepdims=True)
        value = -(weight * np.log(chance[np.arange(n), truth] + 1e-12)).sum() + PENALTY * (w @ w)
        chance[np.arange(n), truth] -= 1
        slope = (chance * weight[:, None]).astype(np.float32).ravel() @ flat
        return value, slope.astype(np.float64) + 2 * PENALTY * w

    found = minimize(
        loss,
        np.array([low or 0.0 for low, _ in bounds]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 200},
    )
    return found.x


def _capped(disease: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """At most CAP rows a disease and view, chosen at random."""
    keep, seen = np.zeros(len(disease), bool), Counter()
    for i in np.random.default_rng(SEED).permutation(len(disease)).tolist():
        seen[disease[i], left_out[i]] += 1
        keep[i] = seen[disease[i], left_out[i]] <= CAP
    return keep


def _shortened(table: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first FIT_CANDIDATES candidates; a true disease beyond them takes the place of the last."""
    far = np.flatnonzero(truth >= FIT_CANDIDATES)
    table[far, FIT_CANDIDATES - 1] = table[far, truth[far]]
    truth = np.where(truth >= FIT_CANDIDATES, FIT_CANDIDATES - 1, truth)
    return np.ascontiguousarray(table[:, :FIT_CANDIDATES]), truth


def content_of(
    views: Views, fold: np.ndarray, fits: dict[str, Fit], scale: tuple[np.ndarray, np.ndarray], about: dict
) -> dict:
    """The weights file without posteriors."""
    meta, used = views.meta, np.array(views.meta["rankable"])
    sets = [
        {
            "fusion": {v: _digits(f.folds[k] if k < FOLDS else f.final) for v, f in fits.items()},
            "posterior": {},
        }
        for k in range(FOLDS + 1)
    ]
    return {
        "format": FORMAT,
        "features": list(feature_list.NAMES),
        "mean": _digits(scale[0]),
        "scale": _digits(scale[1]),
        "final": sets[-1],
        "folds": sets[:-1],
        "cases": pack_cases([k for k, u in zip(meta["key"], used, strict=True) if u], fold[used].tolist()),
        "about": about,
    }


def _digits(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def about_fit(source: PacketSource, views: Views) -> dict:
    """On what the weights were fitted, for the file and for every run's manifest."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    knowledge = load_knowledge("hpo")
    return {
        "fit": {
            "data": {
                "file": source.path.name,
                "sha256": source.digest(),
                "cases": int(sum(views.meta["rankable"])),
            },
            "knowledge": {
                "release": knowledge.release,
                "checksum": knowledge.checksum,
                "supplement": knowledge.supplement,
            },
            "regime": "as-is view of all cases with a profile; posteriors on not-cited cases",
            "folds": FOLDS,
            "grouping": "connected components of publications and diseases",
            "seed": SEED,
            "cap": CAP,
            "balance": BALANCE,
            "penalty": PENALTY,
            "commit": commit,
            "date": date.today().isoformat(),
        }
    }


def main() -> None:
    """Extract, fit, calibrate, measure, and write the weights file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="ZIP of phenopackets (default: in OSLER_DATA)")
    parser.add_argument("--limit", type=int, help="a random sample of so many cases, for trying out")
    parser.add_argument(
        "--keep", type=Path, help="folder to keep extracted features in, and to read them from"
    )
    parser.add_argument("--out", type=Path, default=PACKAGED)
    options = parser.parse_args()
    source = PacketSource(options.data or default_data())
    views = kept(options.keep, lambda: extract(source, options.limit))
    fold, scale = folds_of(views.meta), scaling(views)
    fits = {variant: fit_all(views, fold, names, *scale) for variant, names in VARIANTS.items()}
    about = about_fit(source, views)
    about["measured"] = {variant: measured(views, ranks_of(views, f.oof)) for variant, f in fits.items()}
    content = content_of(views, fold, fits, scale, about)
    about["calibration"] = {}
    for method in (*VARIANTS, "resnik", "likelihood-ratio", "boqa", "tfidf", "rrf"):
        data = collect(source, views, fold, Weights(content), method, 10**6 if method in VARIANTS else 15)
        fitted = [calibrate(data, k) for k in [*range(FOLDS), None]]
        for part, parameters in zip([*content["folds"], content["final"]], fitted, strict=True):
            part["posterior"][method] = parameters
        about["calibration"][method] = assess(data, fitted)
    options.out.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")
    print(json.dumps({"measured": about["measured"], "calibration": about["calibration"]}, indent=1))


def default_data() -> Path:
    """The shown phenopackets in OSLER_DATA. Raises SystemExit where there are none."""
    root = data_dir()
    found = sorted((root / "phenopackets").glob("phenopacket-store*.zip")) if root else []
    if not found:
        raise SystemExit("set OSLER_DATA, or give --data ZIP")
    return found[0]


if __name__ == "__main__":
    main()
