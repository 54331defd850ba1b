"""What two runs are compared on: for each benchmark, tables of per-case values whose means are its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osler.evaluation.regimes import REGIMES, Regime, in_regime, view_of
from osler.evaluation.report import METRICS, outcomes
from osler.evaluation.store import Record
from osler.scoring.ranked import Rank

COMPARED = ("phenopackets", "ddxplus")  # benchmarks whose runs keep a record of every case
Pairs = list[tuple[Record, Record]]


@dataclass(frozen=True)
class Section:
    """Paired values of some cases: `first` and `second` (n, len(metrics)); `hits` are the metrics that are 0 or 1.

    `name` is the regime, or empty. `ranks` are those of the right answer on both sides, where there is one; `answers` what was
    said on both sides, where that is short.
    """

    name: str
    pairs: Pairs
    metrics: Sequence[str]
    first: np.ndarray
    second: np.ndarray
    hits: frozenset[str]
    ranks: list[tuple[Rank, Rank]]
    answers: list[tuple[str, str]] | None = None


def sections_of(benchmark: str, pairs: Pairs, manifests: Sequence[Record]) -> list[Section]:
    """The sections of a benchmark, those without a case left out."""
    if benchmark == "ddxplus":
        return [_interviews(pairs)]
    regimes: list[Regime] = [
        r for r in REGIMES if all(r in manifest["arguments"]["regimes"] for manifest in manifests)
    ]
    return [
        _regime([pair for pair in pairs if _both_in(pair, r)], r)
        for r in regimes
        if any(_both_in(p, r) for p in pairs)
    ]


def _regime(pairs: Pairs, regime: Regime) -> Section:
    first, second = (outcomes([pair[side] for pair in pairs], regime) for side in (0, 1))
    view = view_of(regime)
    ranks = [(a["views"][view]["rank"], b["views"][view]["rank"]) for a, b in pairs]
    return Section(regime, pairs, METRICS, first, second, frozenset(METRICS) - {"MRR"}, ranks)


def _both_in(pair: tuple[Record, Record], regime: Regime) -> bool:
    """Listed cases that both runs count in the regime (another release may cite other publications)."""
    return all(side["standing"]["listed"] and in_regime(side["standing"], regime) for side in pair)


def _interviews(pairs: Pairs) -> Section:
    names = list(pairs[0][0]["scores"])
    first, second = (
        np.array([[pair[side]["scores"][name] for name in names] for pair in pairs]) for side in (0, 1)
    )
    hits = frozenset(name for name in names if name.startswith("GTPA"))
    # A rank of 1 or none is all that the released metric keeps of the pathology's place.
    ranks = [(_first(a), _first(b)) for a, b in pairs]
    return Section("", pairs, names, first, second, hits, ranks)


def _first(record: Record) -> Rank:
    return 1 if record["scores"]["GTPA@1"] else None
