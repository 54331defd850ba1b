"""Speed of the embedded engine against plain numpy of the same formulas, in one run: ratios count, milliseconds vary.

    python perf/ranking.py                 # made-up cases drawn from the profiles
    OSLER_DATA=… python perf/ranking.py    # published cases

CPU time per case, median; one thread. The brute force keeps dense matrices of closed profiles and similarities of the
query's findings to all terms, and loops over nothing but findings.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from osler.benchmarks.phenopackets import PacketSource, read_item
from osler.data.paths import data_dir
from osler.diagnosis.engine import Engine
from osler.diagnosis.likelihood_ratio import FLOOR
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.next_question import binary_entropy, information_gain
from osler.diagnosis.query import Query
from osler.knowledge import load_knowledge

CASES = 100
BRUTE_CASES = 5


def queries(model: Model) -> list[Query]:
    """Published cases where there are any, else findings drawn from profiles by their frequency."""
    rng, root = np.random.default_rng(1), data_dir()
    archives = sorted((root / "phenopackets").glob("phenopacket-store*.zip")) if root else []
    if archives:
        source = PacketSource(archives[0])
        names = [source.names[int(i)] for i in rng.choice(len(source.names), CASES, replace=False)]
        return [Query.from_case(read_item(source.read(name)).case, model.knowledge) for name in names]
    drawn = []
    for disease in rng.choice(np.flatnonzero(model.sizes >= 8), CASES, replace=False):
        part = slice(int(model.prof_indptr[disease]), int(model.prof_indptr[disease + 1]))
        shown = model.prof_term[part][rng.random(part.stop - part.start) < model.prof_frequency[part]]
        drawn.append(Query(np.sort(shown[:12]).astype(np.int32), np.empty(0, np.int32)))
    return drawn


def median_ms(work: Callable[[Query], object], cases: list[Query]) -> float:
    """Median CPU milliseconds of `work` over the cases, the first one warming up."""
    work(cases[0])
    spent = []
    for query in cases:
        start = time.process_time()
        work(query)
        spent.append(time.process_time() - start)
    return 1000 * float(np.median(spent))


class Brute:
    """Dense matrices: closed profiles with frequencies (terms by diseases), and the ontology's closure."""

    def __init__(self, model: Model):
        self.model = model
        self.closed = np.zeros((model.terms, model.n), np.float32)
        self.closed[model.post_term, model.post_disease] = model.post_frequency
        self.profile = np.zeros((model.n, model.terms), np.float32)
        self.profile[model.prof_disease, model.prof_term] = model.prof_frequency

    def resnik(self, query: Query) -> np.ndarray:
        """Both directions of best-match Resnik."""
        model, total = self.model, np.zeros(self.model.n)
        for term in query.present:
            above = model.climb.row(int(term))
            total += ((self.closed[above] > 0) * model.information[above][:, None]).max(0)
        inside = np.zeros(model.terms, bool)
        inside[np.concatenate([model.climb.row(int(t)) for t in query.present])] = True
        reach = np.array(
            [
                (model.information[row] * inside[row]).max(initial=0)
                for row in map(model.climb.row, range(model.terms))
            ]
        )
        sums = np.maximum(self.profile.sum(1), 1e-9)
        return total / len(query.present) + 0.3 * (self.profile @ reach.astype(np.float32)) / sums

    def likelihood_ratio(self, query: Query) -> np.ndarray:
        """Log likelihood ratios of the present findings with back-off."""
        model, total = self.model, np.zeros(self.model.n)
        for term in query.present:
            above = model.climb.row(int(term))[::-1]
            held = self.closed[above] > 0
            first = held.argmax(0)
            share = self.closed[above][first, np.arange(model.n)]
            ratio = np.log(np.maximum(share, FLOOR) / model.background[above][first])
            total += np.where(held.any(0), ratio, 0)
        return total

    def next_question(self, probability: np.ndarray) -> np.ndarray:
        """Mutual information of every term over dense frequencies."""
        chance = self.closed @ probability.astype(np.float32)
        known = np.concatenate(
            [binary_entropy(part) @ probability for part in np.array_split(self.closed, 32)]
        )
        return binary_entropy(chance) - known


def main() -> None:
    """Print a table: what, milliseconds, brute force, ratio."""
    knowledge = load_knowledge("hpo")
    engine, resnik, ratio = (
        Engine(knowledge),
        Engine(knowledge, "resnik"),
        Engine(knowledge, "likelihood-ratio"),
    )
    model, cases = engine.model, [q for q in queries(engine.model) if len(q.present)]
    few, brute = cases[:BRUTE_CASES], Brute(engine.model)
    found = {q: engine.posterior(engine.scores(q), q)[0] for q in cases}
    rows = [
        ("resnik", lambda q: resnik.ranker.scores(Matching(model, q)), brute.resnik),
        ("likelihood-ratio", lambda q: ratio.ranker.scores(Matching(model, q)), brute.likelihood_ratio),
        (
            "information gain",
            lambda q: information_gain(model, found[q]),
            lambda q: brute.next_question(found[q]),
        ),
        ("fused ranking", engine.scores, None),
        ("with reasons and questions", engine.differential, None),
    ]
    print(f"{len(cases)} cases, {model.n:,} diseases, {model.terms:,} terms; CPU ms per case (median)")
    print(f"{'':28}{'engine':>9}{'brute':>9}{'ratio':>8}")
    for name, fast, slow in rows:
        ms = median_ms(fast, cases)
        if slow is None:
            print(f"{name:28}{ms:9.2f}")
            continue
        other = median_ms(slow, few)
        print(f"{name:28}{ms:9.2f}{other:9.1f}{other / ms:8.0f}")


if __name__ == "__main__":
    main()
