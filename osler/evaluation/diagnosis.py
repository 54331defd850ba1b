"""Diagnosis from findings: a phenopacket in, one record out (ranks, top ten, none-fits mass, for each view).

The engine sees queries made of cases, never a reference. The evaluator alone owns the regimes: it tells the engine
which citations to withhold, and looks the true disease up in the scores that come back.
"""

from __future__ import annotations

import time
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
    """What is asked of an engine: scores and probabilities over all diseases for what one case shows."""

    def query(self, item: Item) -> Any:
        """What the ranker sees of the case."""
        ...

    def rank(self, query: Any, withheld: frozenset[str] | None, key: str) -> np.ndarray:
        """Scores (n_diseases,), -inf where a disease is not scored. `key` chooses out-of-fold weights."""
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
        self._bug: Exception | None = None

    def __call__(self, batch: Batch) -> list[Result]:
        self._bug = None
        results = [self._one(number, name, data) for number, (name, data) in batch]
        # One odd file must not end a long run; an error in every case of a batch is no odd file.
        if self._bug is not None and all(
            "internal error" in record.get("error", "") for record, _ in results
        ):
            raise self._bug
        return results

    def _one(self, number: int, name: str, data: bytes | Unread) -> Result:
        started = time.process_time()
        try:
            if isinstance(data, Unread):
                raise OslerError(data.reason)
            item = read_item(data)
            before = time.process_time()
            query = self.ranking.query(item)
            full = self.ranking.rank(query, None, item.key)
            rank_ms = (time.process_time() - before) * 1000
            record = self._record(item, query, full)
        except OslerError as error:
            rank_ms, record = 0.0, {"file": name, "error": str(error)}
        except Exception as error:
            self._bug = error
            rank_ms, record = 0.0, {"file": name, "error": f"internal error ({type(error).__name__})"}
        total_ms = (time.process_time() - started) * 1000
        cost = {"item": number, "rank_ms": round(rank_ms, 4), "total_ms": round(total_ms, 4)}
        return {"item": number, **record}, cost

    def _left_out(self, item: Item, query: Any, full: np.ndarray) -> np.ndarray:
        """Scores without the rows that cite the case's publications; where none does, the full ones stand."""
        if not len(self.view.citing_rows(item.reference)):
            return full
        return self.ranking.rank(query, frozenset(item.reference.publications), item.key)

    def _record(self, item: Item, query: Any, full: np.ndarray) -> Record:
        standing = self.view.standing(item.reference)
        true = self.view.true_diseases(item.reference)
        series = self.view.series_members(true)
        views = {"full": self._view(item, query, full, true, series)}
        if self.leave_out:
            left = self._left_out(item, query, full)
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
        if true:
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
