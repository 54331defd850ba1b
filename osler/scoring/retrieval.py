"""Retrieval: nDCG, recall, precision, average precision and reciprocal rank of a ranking against judgements.

Names and definitions are those of ir-measures and trec_eval (a test holds the two together): linear gains, discount
log2(rank + 1), the ideal order taken over all that was judged; whatever has a gain above 0 is relevant where a measure knows only
yes and no. What was not judged counts as not relevant. Knows nothing of corpora or queries.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar

from osler.errors import UsageError
from osler.registry import scorer
from osler.scoring.resampling import means

Measure = Callable[[Sequence[str], Mapping[str, float]], float]
_NAME = re.compile(r"(nDCG|R|P|AP|RR|Success)(?:@([1-9]\d{0,4}))?")


@scorer("nDCG@k", source="Järvelin and Kekäläinen 2002; linear gains as in trec_eval")
def ndcg_at(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = 10) -> float:
    """nDCG of the first `k` of a ranking of ids against graded relevance (0 = not relevant); 0 where nothing is relevant.

    An id that stands twice counts once, at its first place. Without `k`, over the whole ranking.
    """
    best = _discounted(sorted((gain for gain in judged.values() if gain > 0), reverse=True)[:k])
    if not best:
        return 0.0
    return _discounted([max(0.0, judged.get(one, 0.0)) for one in _once(ranked)[:k]]) / best


def recall_at(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = 100) -> float:
    """The share of the relevant ids that stand among the first `k`; 0 where nothing is relevant."""
    relevant = _relevant(judged)
    return len(relevant & set(_once(ranked)[:k])) / len(relevant) if relevant else 0.0


def precision_at(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = 10) -> float:
    """The share of the first `k` places that hold a relevant id; places that are empty hold none."""
    places = k or len(_once(ranked))
    return len(_relevant(judged) & set(_once(ranked)[:k])) / places if places else 0.0


def average_precision(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = None) -> float:
    """The mean, over all relevant ids, of the precision at the place of each; one that is not among the first `k` gives 0."""
    relevant, found, total = _relevant(judged), 0, 0.0
    for place, one in enumerate(_once(ranked)[:k], 1):
        if one in relevant:
            found += 1
            total += found / place
    return total / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = None) -> float:
    """One over the place of the first relevant id; 0 where none is among the first `k`. Its mean is the MRR."""
    relevant = _relevant(judged)
    return next((1 / place for place, one in enumerate(_once(ranked)[:k], 1) if one in relevant), 0.0)


def success_at(ranked: Sequence[str], judged: Mapping[str, float], k: int | None = 10) -> float:
    """1 where a relevant id is among the first `k`, else 0."""
    return float(not _relevant(judged).isdisjoint(_once(ranked)[:k]))


_MEASURES: dict[str, Callable[[Sequence[str], Mapping[str, float], int | None], float]] = {
    "nDCG": ndcg_at,
    "R": recall_at,
    "P": precision_at,
    "AP": average_precision,
    "RR": reciprocal_rank,
    "Success": success_at,
}


def measure(name: str) -> Measure:
    """A measure by its name in ir-measures: nDCG@10, R@100, P@5, AP, RR@10, Success@5. Raises UsageError for another."""
    match = _NAME.fullmatch(name.strip())
    if match is None or (match[1] in ("R", "P", "Success") and match[2] is None):
        raise UsageError(f"{name!r} is no measure; write nDCG@10, R@100, P@5, Success@5, AP or RR")
    work, k = _MEASURES[match[1]], int(match[2]) if match[2] else None
    return lambda ranked, judged: work(ranked, judged, k)


def deepest(names: Sequence[str]) -> int:
    """The largest cut-off among measures: as many places must be filled. 0 where none has one."""
    return max((int(name.partition("@")[2] or 0) for name in names), default=0)


@scorer("retrieval", source="ir-measures' names; Field & Welsh 2007 for the intervals")
class RetrievalScorer:
    """Rankings of documents against judgements: each measure's mean over queries, with its interval."""

    primary: ClassVar[str] = "nDCG@10"

    @staticmethod
    def score(reference: Mapping[str, float], ranked: Sequence[str]) -> dict[str, Any]:
        """The usual measures of one ranking against {id: gain}."""
        return scores(ranked, reference, ("nDCG@10", "R@100", "RR", "AP"))

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """The mean of each measure over the rows that have it, with its interval; queries of one group are resampled together."""
        values, intervals = means(rows, dict.fromkeys(name for row in rows for name in row), groups)
        n = len(rows) if cases is None else len(set(cases))
        return {"n": n, "ci": intervals, **values, "format_failures": 0}


def scores(ranked: Sequence[str], judged: Mapping[str, float], measures: Sequence[str]) -> dict[str, float]:
    """Measures by name of one ranking."""
    return {name: measure(name)(ranked, judged) for name in measures}


def _relevant(judged: Mapping[str, float]) -> set[str]:
    return {one for one, gain in judged.items() if gain > 0}


def _once(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
