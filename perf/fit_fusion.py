"""Refits the weights of the embedded engine on published cases, out of fold, and writes osler/diagnosis/weights.json.

    OSLER_DATA=… python perf/fit_fusion.py                # fit, measure, write
    OSLER_DATA=… python perf/fit_fusion.py --keep DIR     # keep the extracted features there, and use them again

Folds are connected components of publications and diseases: no publication and no disease is in two folds. Every
figure printed is of cases that the weights in question did not see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.data.progress import progress
from osler.diagnosis import features as feature_list
from osler.diagnosis.fusion import candidates
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import leave_out, model_of
from osler.diagnosis.query import Query
from osler.diagnosis.ranker import LeftOut
from osler.errors import OslerError
from osler.evaluation.regimes import RegimeView
from osler.knowledge import load_knowledge
from osler.knowledge.load import packaged_disease_ids

FOLDS = 5
SEED = 20260101
# Candidates used in fitting, and cases of one disease at most: a disease of 462 cases must not decide the weights.
FIT_CANDIDATES = 80
CAP = 20
# Weight of a disease with n cases in the fit: n ** -BALANCE each.
BALANCE = 0.5
PENALTY = 0.01
# Left out of the fit: what is written about a disease (publications, patients, size) says more about the shown set.
USED = tuple(name for name in feature_list.NAMES if name not in ("orpha", "publications", "patients", "size"))


@dataclass
class Views:
    """One row a ranking (a case in a view): what the fit needs of it."""

    features: np.ndarray  # float32[rows, candidates, features]
    chosen: np.ndarray  # int32[rows, candidates], sorted by the quick score
    truth: np.ndarray  # int32[rows]: column of the true disease, -1 where it is no candidate
    behind: np.ndarray  # int32[rows]: its rank by the quick score
    case: np.ndarray  # int32[rows]
    left_out: np.ndarray  # bool[rows]
    meta: dict


def extract(source: PacketSource, limit: int | None) -> Views:
    """Features of the candidates of every rankable case, as is, and again without its publication where one is cited."""
    knowledge = load_knowledge("hpo")
    model = model_of(knowledge)
    view = RegimeView(knowledge, packaged_disease_ids())
    rows, meta = (
        [],
        {"key": [], "disease": [], "publications": [], "cited": [], "emptied": [], "rankable": []},
    )
    names = source.sample(limit, SEED)
    with progress("Extracting features", len(names)) as advance:
        for name in names:
            advance(1)
            try:
                item = read_item(source.read(name))
            except OslerError:
                continue
            true = view.true_diseases(item.reference)
            standing = view.standing(item.reference)
            number = len(meta["key"])
            meta["key"].append(item.key)
            meta["disease"].append(true[0] if true else -1 - number)
            meta["publications"].append(item.reference.publications)
            meta["cited"].append(bool(standing.cited))
            meta["emptied"].append(standing.emptied)
            meta["rankable"].append(bool(true) and standing.listed)
            if not true or not standing.listed:
                continue
            query = Query.from_case(item.case, knowledge)
            rows.append(_row(model, query, true[0], None, number))
            withheld = view.citing_rows(item.reference)
            if standing.cited and not standing.emptied and len(withheld):
                diseases, left = leave_out(model, withheld)
                rows.append(_row(model, query, true[0], LeftOut(diseases, Matching(left, query)), number))
    columns = list(zip(*rows, strict=True))
    return Views(*(np.stack(c) for c in columns[:2]), *(np.array(c) for c in columns[2:]), meta)


def _row(model, query, true: int, left: LeftOut | None, number: int):
    chosen, found, first = candidates(Matching(model, query), left)
    order = np.argsort(-first[chosen], kind="stable")
    chosen, found = chosen[order], found[order]
    at = np.flatnonzero(chosen == true)
    behind = int((first > first[true]).sum()) + 1
    return found, chosen.astype(np.int32), int(at[0]) if len(at) else -1, behind, number, left is not None


def folds_of(meta: dict) -> np.ndarray:
    """A fold for every case: components that share a publication or a disease stay together, folds about equal."""
    parent: dict = {}

    def root(x):
        while parent.setdefault(x, x) != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for disease, publications in zip(meta["disease"], meta["publications"], strict=True):
        for publication in publications:
            parent[root(publication)] = root(("disease", disease))
    component = [root(("disease", disease)) for disease in meta["disease"]]
    sizes = Counter(component)
    names = sorted(sizes, key=str)
    np.random.default_rng(SEED).shuffle(names)
    load, fold = [0] * FOLDS, {}
    for name in sorted(names, key=lambda c: -sizes[c]):
        fold[name] = int(np.argmin(load))
        load[fold[name]] += sizes[name]
    return np.array([fold[c] for c in component])


@dataclass
class Fit:
    """Fitted fusion weights and what they were scaled by; `oof` scores every row by weights of the other folds."""

    names: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    final: np.ndarray
    folds: np.ndarray
    oof: np.ndarray


def fit_all(views: Views, fold: np.ndarray, names: tuple[str, ...] = USED) -> Fit:
    """Weights of each fold (fitted on the others) and final ones, and out-of-fold scores of all rows."""
    columns = [feature_list.NAMES.index(name) for name in names]
    signs = [dict(feature_list.FEATURES)[name] for name in names]
    sample = views.features[::5][:, :, columns].reshape(-1, len(columns))
    mean, scale = sample.mean(0), sample.std(0) + 1e-6

    def scaled(rows: np.ndarray) -> np.ndarray:
        return np.clip((views.features[rows][:, :, columns] - mean) / scale, -6, 6)

    disease = np.array(views.meta["disease"])[views.case]
    seen = Counter(disease[~views.left_out].tolist())
    weight = np.array([seen[d] ** -BALANCE for d in disease.tolist()])
    usable = _capped(disease, views.left_out) & (views.truth >= 0) & ~views.left_out
    rows = np.flatnonzero(usable)
    table, truth = _shortened(scaled(rows), views.truth[rows])
    of_fold = fold[views.case]
    weights = []
    for left in [*range(FOLDS), None]:
        inside = of_fold[rows] != left
        weights.append(fit(table[inside], truth[inside], weight[rows][inside], signs))
    oof = np.empty(views.chosen.shape, np.float64)
    for k in range(FOLDS):
        for part in np.array_split(np.flatnonzero(of_fold == k), 16):
            oof[part] = scaled(part) @ weights[k]
    return Fit(names, mean, scale, weights[-1], np.array(weights[:-1]), oof)


def fit(table: np.ndarray, truth: np.ndarray, weight: np.ndarray, signs: list[int]) -> np.ndarray:
    """Conditional logit: weights that maximise Σ log softmax(table · w)[truth] − PENALTY |w|², under the signs."""
    n, count, width = table.shape
    flat, weight = table.reshape(-1, width), weight / weight.sum()
    bounds = [(0, None) if s > 0 else (None, 0) if s < 0 else (None, None) for s in signs]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        score = (flat @ w.astype(np.float32)).reshape(n, count)
        grown = np.exp(score - score.max(1, keepdims=True))
        chance = grown / grown.sum(1, keepdims=True)
        value = -(weight * np.log(chance[np.arange(n), truth] + 1e-12)).sum() + PENALTY * (w @ w)
        chance[np.arange(n), truth] -= 1
        slope = (chance * weight[:, None]).astype(np.float32).ravel() @ flat
        return value, slope.astype(np.float64) + 2 * PENALTY * w

    found = minimize(
        loss, np.zeros(width), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200}
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


def ranks_of(views: Views, scores: np.ndarray) -> np.ndarray:
    """Rank of the true disease in every row (ties count half)."""
    rows, at = np.arange(len(scores)), np.maximum(views.truth, 0)
    own = scores[rows, at][:, None]
    rank = (scores > own).sum(1) + ((scores == own).sum(1) + 1) / 2
    return np.where(views.truth >= 0, rank, np.maximum(views.behind, scores.shape[1]))


def measured(views: Views, rank: np.ndarray, draws: int = 1000) -> dict:
    """R@1, R@10 and MRR with 95 % intervals by resampling publications, for each regime."""
    meta, case, left = views.meta, views.case, views.left_out
    cited, emptied = np.array(meta["cited"])[case], np.array(meta["emptied"])[case]
    group = np.array([p[0] if p else str(i) for i, p in enumerate(meta["publications"])])[case]
    full = ~left
    again = {int(c): r for c, r in zip(case[left], rank[left], strict=True)}
    without = np.array([again.get(int(c), r) for c, r in zip(case[full], rank[full], strict=True)])
    without[emptied[full] & cited[full]] = 1e9
    open_ = ~cited[full]
    regimes = {
        "as-is": (rank[full], group[full]),
        "not-cited": (rank[full][open_], group[full][open_]),
        "leave-out": (without, group[full]),
    }
    return {name: _figures(values, groups, draws) for name, (values, groups) in regimes.items()}


def _figures(rank: np.ndarray, group: np.ndarray, draws: int) -> dict:
    values = np.stack([rank <= 1, rank <= 10, 1 / rank], 1).astype(float)
    names, owner = np.unique(group, return_inverse=True)
    sums = np.stack([np.bincount(owner, v, len(names)) for v in values.T], 1)
    sizes = np.bincount(owner, minlength=len(names))
    drawn = np.random.default_rng(SEED).integers(0, len(names), (draws, len(names)))
    spread = sums[drawn].sum(1) / sizes[drawn].sum(1)[:, None]
    low, high = np.percentile(spread, [2.5, 97.5], axis=0)
    means = values.mean(0)
    result = {"n": len(rank), "publications": len(names)}
    for i, name in enumerate(("R@1", "R@10", "MRR")):
        result[name] = round(float(means[i]), 4)
        result[f"{name} 95%"] = [round(float(low[i]), 4), round(float(high[i]), 4)]
    return result
