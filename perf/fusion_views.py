"""What the weights are fitted on: every shown case's candidates with features, the folds, and out-of-fold figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.data.progress import progress
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
# A disease with n cases weighs n ** (1 - BALANCE) in all.
BALANCE = 0.5


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
        {
            "key": [],
            "disease": [],
            "publications": [],
            "cited": [],
            "emptied": [],
            "rankable": [],
            "file": [],
        },
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
            meta["file"].append(name)
            meta["disease"].append(true[0] if true else -1 - number)
            meta["publications"].append(list(item.reference.publications))
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


def balance(disease: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Weight of each row: n ** -BALANCE for a disease with n of the counted rows."""
    seen = Counter(disease[counted].tolist())
    return np.array([max(seen[d], 1) ** -BALANCE for d in disease.tolist()])


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


def kept(folder: Path | None, make: Callable[[], Views]) -> Views:
    """Views from `folder` where they were kept, else made and, with a folder, kept."""
    names = ("features", "chosen", "truth", "behind", "case", "left_out")
    if folder and (folder / "meta.json").exists():
        arrays = [np.load(folder / f"{name}.npy") for name in names]
        return Views(*arrays, json.loads((folder / "meta.json").read_text()))
    views = make()
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            np.save(folder / f"{name}.npy", getattr(views, name))
        (folder / "meta.json").write_text(json.dumps(views.meta))
    return views
