"""Diagnosis from findings: a batch of phenopackets in, one record per case out (ranks, top ten, none-fits mass).

The engine sees queries made of cases, never a reference. The evaluator alone owns the regimes: it tells the engine
which citations to withhold, and looks the true disease up in the scores that come back.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from osler.benchmarks.items import Item
from osler.benchmarks.phenopackets import read_item
from osler.errors import OslerError
from osler.evaluation.regimes import RegimeView
from osler.evaluation.run import Batch, Result
from osler.evaluation.store import Record
from osler.scoring.ranked import best_rank

TOP = 10


class Ranking(Protocol):
    """What is asked of an engine; rows of the scores are cases, columns diseases."""

    def queries(self, items: Sequence[Item]) -> list[Any]:
        """What the ranker sees of each case."""
        ...

    def rank(self, queries: list[Any], withheld: list[frozenset[str] | None], keys: list[str]) -> np.ndarray:
        """Scores (n_queries, n_diseases), -inf where a disease is not scored. `keys` choose out-of-fold weights."""
        ...

    def posterior(self, scores: np.ndarray, query: Any, key: str) -> tuple[np.ndarray, float]:
        """Probabilities (n_diseases,) and the mass that none of them fits."""
        ...


@dataclass(frozen=True)
class Unread:
    """A file that could not be fetched, and why."""

    reason: str


class DiagnosisWorker:
    """Scores batches of `(item, (name, bytes or Unread))`. `leave_out` off saves that regime's second ranking."""

    def __init__(self, ranking: Ranking, view: RegimeView, leave_out: bool = True) -> None:
        self.ranking = ranking
        self.view = view
        self.leave_out = leave_out

    def __call__(self, batch: Batch) -> list[Result]:
        started = time.process_time()
        records: dict[int, Record] = {}
        readable: list[tuple[int, Item]] = []
        for number, (name, data) in batch:
            try:
                if isinstance(data, Unread):
                    raise OslerError(data.reason)
                readable.append((number, read_item(data)))
            except OslerError as error:
                records[number] = {"item": number, "file": name, "error": str(error)}
        scored, rank_ms = self._score([item for _, item in readable])
        for (number, _), record in zip(readable, scored, strict=True):
            records[number] = {"item": number, **record}
        total_ms = (time.process_time() - started) * 1000 / max(1, len(batch))
        # A batch is timed as one; each of its cases is given the mean.
        cost = {"rank_ms": round(rank_ms, 4), "total_ms": round(total_ms, 4)}
        return [(records[number], {"item": number, **cost}) for number, _ in batch]

    def _score(self, items: list[Item]) -> tuple[list[Record], float]:
        """Records of the items, and CPU ms per case of the as-is ranking alone."""
        if not items:
            return [], 0.0
        keys = [item.key for item in items]
        before = time.process_time()
        queries = self.ranking.queries(items)
        full = self.ranking.rank(queries, [None] * len(items), keys)
        rank_ms = (time.process_time() - before) * 1000 / len(items)
        left = self._left_out(items, queries, full, keys) if self.leave_out else [None] * len(items)
        rows = zip(items, queries, full, left, strict=True)
        return [self._record(*row) for row in rows], rank_ms

    def _left_out(
        self, items: list[Item], queries: list[Any], full: np.ndarray, keys: list[str]
    ) -> list[np.ndarray]:
        """Score rows without the rows that cite each case's publications; where none does, the full ones stand."""
        touched = [i for i, item in enumerate(items) if len(self.view.citing_rows(item.reference))]
        rows = list(full)
        if touched:
            withheld: list[frozenset[str] | None] = [
                frozenset(items[i].reference.publications) for i in touched
            ]
            again = self.ranking.rank([queries[i] for i in touched], withheld, [keys[i] for i in touched])
            for i, row in zip(touched, again, strict=True):
                rows[i] = row
        return rows

    def _record(self, item: Item, query: Any, full: np.ndarray, left: np.ndarray | None) -> Record:
        standing = self.view.standing(item.reference)
        true = self.view.true_diseases(item.reference)
        series = self.view.series_members(true)
        views = {"full": self._view(item, query, full, true, series)}
        if left is not None:
            views["leave-out"] = self._view(item, query, left, [] if standing.emptied else true, series)
        record = {
            "id": item.key,
            "group": item.group,
            "year": item.year,
            "reference": list(item.reference.diseases),
            "present": len(item.case.with_status("present")),
            "absent": len(item.case.with_status("absent")),
            "standing": asdict(standing),
            "views": views,
        }
        if true and standing.cited is False:
            record["none_fits_masked"] = self._none_fits_without(series, item, query, full)
        return record

    def _view(
        self, item: Item, query: Any, scores: np.ndarray, true: list[int], series: np.ndarray
    ) -> Record:
        probability, none_fits = self.ranking.posterior(scores, query, item.key)
        best = _top(scores)
        ids = self.view.knowledge.disease_ids
        return {
            "rank": best_rank(scores, true),
            "group_rank": best_rank(scores, series),
            "none_fits": _digits(none_fits),
            "top": [{"id": ids[int(i)], "probability": _digits(float(probability[i]))} for i in best],
        }

    def _none_fits_without(self, series: np.ndarray, item: Item, query: Any, scores: np.ndarray) -> float:
        """The none-fits mass when the true disease and its series were not known: the other half of that AUROC."""
        masked = scores.copy()
        masked[series] = -np.inf
        return _digits(self.ranking.posterior(masked, query, item.key)[1])


def _top(scores: np.ndarray) -> np.ndarray:
    """Positions of the ten best scores, best first, equal scores by position; unscored ones left out."""
    last = max(0, len(scores) - TOP)
    cut = np.partition(scores, last)[last]
    near = np.flatnonzero((scores >= cut) & np.isfinite(scores))
    return near[np.argsort(-scores[near], kind="stable")][:TOP]


def _digits(value: float) -> float:
    """Six significant digits: enough to recompute every figure, and short lines."""
    return float(f"{value:.6g}")
