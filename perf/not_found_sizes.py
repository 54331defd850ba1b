"""How sure an extractive answer is on corpora of 5 to 10,000 passages: fits and tests `osler/knowledge/corpus/extract.py`.

    OSLER_DATA=… python perf/not_found_sizes.py

Small corpora are drawn from each kind of not_found_sets.py, half of them with the passage asked for and half with near misses, and
the best passage by BM25 is judged. "Others" is fitted on the other kinds only; "before" is the formula that was shipped before
(BM25 as a share of its most). MedQuAD by its own answer is tested, never fitted: about what a page's topic is and which of its
answers is asked for, words say too little.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import numpy as np
from not_found import before, report
from not_found_sets import SIZES, Pool, corpus, pools
from scipy.optimize import minimize

from osler.knowledge.corpus.extract import WEIGHTS, figures

EACH, SEED, PULL = 400, 5, 0.0005
UNFITTED = "MedQuAD, own answer"


class Seen(NamedTuple):
    """Of each question: the figures of its best passage with a leading 1, whether that is right, the corpus's size, and before."""

    figures: np.ndarray
    right: np.ndarray
    size: np.ndarray
    before: np.ndarray


def observed(pool: Pool) -> Seen:
    """What is seen of a kind, over all sizes."""
    chance = random.Random(SEED)
    rows = []
    for size in SIZES:
        for _ in range(EACH):
            question, right, among = corpus(pool, size, chance)
            found = pool.best(question, among)
            if not found:  # then the method says "not found" whatever the weights
                continue
            score, at = found[0]
            passage = pool.passages[at]
            seen = figures(question, passage, pool.words)
            old = before(question, passage._replace(score=score), pool.words)
            rows.append((1.0, *seen[: len(WEIGHTS) - 1], passage.document in right, size, old))
    table = np.array(rows, float)
    return Seen(table[:, :-3], table[:, -3], table[:, -2], table[:, -1])


def fitted(kinds: list[Seen]) -> np.ndarray:
    """Weights by maximum likelihood with a slight pull to 0, kinds counting alike."""

    def loss(weights: np.ndarray) -> float:
        total = PULL * float(np.sum(weights[1:] ** 2))
        for one in kinds:
            margin = one.figures @ weights
            total += float(np.mean(np.logaddexp(0, margin) - one.right * margin)) / len(kinds)
        return total

    found: Any = minimize(loss, np.zeros(len(WEIGHTS))).x
    return found


def sure(weights: Any, seen: Seen) -> np.ndarray:
    """The probabilities."""
    return 1 / (1 + np.exp(-(seen.figures @ np.asarray(weights))))


def main() -> None:
    seen = {name: observed(pool) for name, pool in pools(SEED).items()}
    fit_on = [name for name in seen if name != UNFITTED]
    print("weights", np.round(fitted([seen[name] for name in fit_on]), 3).tolist())
    for name, one in seen.items():
        others = sure(fitted([seen[other] for other in fit_on if other != name]), one)
        shipped = sure(WEIGHTS, one)
        for size in (0, *SIZES):
            some = one.size == size if size else one.size > 0
            for label, told in (("before", one.before), ("others", others), ("shipped", shipped)):
                if label != "shipped" or not size:
                    what = f"{name}, {size or 'all sizes'} (n {some.sum()}), {label}"
                    report(what, told[some], one.right[some])


if __name__ == "__main__":
    main()
