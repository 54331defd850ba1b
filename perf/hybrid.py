"""Hybrid retrieval on 500,000 passages of 384 dimensions beside bare faiss and bare tantivy over the same indexes.

    OSLER_DATA=… python perf/hybrid.py [--passages 500000] [--vectors FILE.npy] [--folder DIR]

The first vectors are MiniLM's of MedQuAD passages (`--vectors`, float32 [n, 384], or embedded here, which takes some 20 minutes for
30,000); the rest are copies of them with noise of length 0.3 added, of length 1 again. Texts are halves of two real passages each. Queries
are MedQuAD's questions. Recall is against a scan of all float32 vectors. Bare faiss is the same index file searched for ten numbers. With
`--folder` what was built is kept and used again. CPU time of one thread; times to an answer are wall time.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import retrieval
from retrieval import cpu, make_large, medquad

REAL, QUERIES, ROUNDS, NOISE, SEED = 30_000, 500, 5, 0.3, 1


class Given:
    """The vectors of passages as they were made up, in their order; queries by MiniLM, or as they were encoded before."""

    def __init__(self, rows: np.ndarray) -> None:
        from osler.knowledge.dense import open_encoder

        self._rows, self._at, self._real = rows, 0, open_encoder("minilm")
        self.name, self.dimensions = "minilm", 384
        self.checksum = getattr(self._real, "checksum", "")
        self.known: dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str], kind: str = "passage") -> np.ndarray:
        if kind == "passage":
            self._at += len(texts)
            return self._rows[self._at - len(texts) : self._at]
        if len(texts) == 1 and texts[0] in self.known:
            return self.known[texts[0]][None]
        return self._real.encode(texts, "query")


def real_vectors(given: Path | None) -> np.ndarray:
    """MiniLM's vectors of MedQuAD passages, at most `REAL`."""
    if given:
        return np.load(given)[:REAL]
    from osler.knowledge.corpus import lexical, store
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.dense import open_encoder

    add("medquad", medquad())
    reader = store.Reader(store.place("medquad") / store.about("medquad")["data"])
    chosen = random.Random(SEED).sample(range(reader.n_passages), min(REAL, reader.n_passages))
    texts = [lexical.words_of(head, meta, text) for _, text, head, meta in map(reader.passage, chosen)]
    return open_encoder("minilm").encode(texts)


def make_vectors(real: np.ndarray, total: int) -> np.ndarray:
    """`total` rows: the real ones, then noisy copies."""
    rng = np.random.default_rng(SEED)
    made = np.empty((total, real.shape[1]), np.float32)
    made[: len(real)] = real[:total]
    for at in range(len(real), total, 10_000):
        part = made[at : at + 10_000]
        noise = rng.standard_normal(part.shape).astype(np.float32) * (NOISE / np.sqrt(part.shape[1]))
        np.add(real[rng.integers(0, len(real), len(part))], noise, out=part)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return made


def nearest(rows: np.ndarray, queries: np.ndarray, top: int = 10) -> list[set[int]]:
    """The nearest rows of each query by a scan of all."""
    best = np.full((len(queries), 0), 0.0, np.float32)
    numbers = np.zeros((len(queries), 0), np.int64)
    for at in range(0, len(rows), 50_000):
        scores = queries @ rows[at : at + 50_000].T
        own = np.argpartition(-scores, top, axis=1)[:, :top]
        best = np.concatenate((best, np.take_along_axis(scores, own, 1)), 1)
        numbers = np.concatenate((numbers, own + at), 1)
    order = np.argsort(-best, axis=1)[:, :top]
    return [set(row) for row in np.take_along_axis(numbers, order, 1).tolist()]


def rates(ways: dict[str, Callable[[int], object]]) -> dict[str, float]:
    """Queries per CPU second of each way, the median of rounds in turn."""
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for work in ways.values():
        deque(map(work, range(50)), 0)
    for _ in range(ROUNDS):
        for way, work in ways.items():
            spent[way].append(cpu(partial(deque, map(work, range(QUERIES)), 0)))
    return {way: QUERIES / float(np.median(times)) for way, times in spent.items()}


def measure(rows: np.ndarray, encoder: Given, questions: list[str]) -> None:
    """Recall, rates beside the bare engines, wall time to an answer, and memory."""
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.dense import DenseRetriever
    from osler.knowledge.retrieval.hybrid import Hybrid

    dense, words = DenseRetriever("large", encoder), LexicalRetriever("large")
    hybrid = Hybrid(words, dense)
    vectors = encoder.encode(questions, "query")
    recalls(rows, dense, vectors)
    encoder.known = dict(zip(questions, vectors, strict=True))
    beside_bare(hybrid, questions, vectors)
    waits(hybrid, encoder, questions)
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    anon = next(int(line.split()[1]) for line in lines if line.startswith("Anonymous"))
    print(
        f"  private memory, with {rows.nbytes / 1e6:,.0f} MB of vectors for the truth: {anon / 1024:,.0f} MB"
    )


def recalls(rows: np.ndarray, dense: Any, vectors: np.ndarray) -> None:
    """Recall@10 of Osler and of bare faiss at the same effort, against a scan of the float32 vectors."""
    truth = nearest(rows[: len(dense._vectors)], vectors)
    index, settings = dense._index._index, dense._index._settings(10, None)
    ways = {
        "recall@10": lambda vector: dense.numbers(vector)[0].tolist(),
        "bare faiss": lambda vector: index.search(vector[None], 10, params=settings)[1][0].tolist(),
    }
    told = [
        f"{name} {np.mean([len(set(way(v)) & right) / 10 for v, right in zip(vectors, truth, strict=True)]):.3f}"
        for name, way in ways.items()
    ]
    print(f"{len(rows):,} passages, index {dense.about['index']}: {', '.join(told)}")


def bare_tantivy(words: Any, questions: list[str]) -> Callable[..., object]:
    """Bare tantivy over the same index, with its terms made beforehand."""
    made, occur, searcher = words._tantivy.Query, words._tantivy.Occur, words._searcher
    stems = [dict.fromkeys(s for w in words.content_words(q) for s in words.stems(w)) for q in questions]
    terms = [
        [(occur.Should, made.term_query(words._schema, "words", s, "freq")) for s in one] for one in stems
    ]

    def search(n: int, top: int = 10) -> object:
        hits = searcher.search(made.boolean_query(terms[n]), top, count=False).hits
        return searcher.fast_field_values("number", [address for _, address in hits])

    return search


def beside_bare(hybrid: Any, questions: list[str], vectors: np.ndarray) -> None:
    """Queries a CPU second of Osler's ways and of the bare engines."""
    from osler.knowledge.retrieval.hybrid import CANDIDATES as MANY

    dense, tantivy = hybrid.vectors, bare_tantivy(hybrid.words, questions)
    index, settings = dense._index._index, dense._index._settings(10, None)

    def faiss(n: int, top: int = 10) -> object:
        return index.search(vectors[n][None], top, params=settings)

    both = f"bare faiss and tantivy, {MANY} numbers each"
    rate = rates({
        "bare faiss, 10 numbers": faiss,
        "Osler, 10 numbers with exact cosines": lambda n: dense.numbers(vectors[n]),
        "Osler, 10 passages": lambda n: [one.text for one in dense.nearest(vectors[n])],
        both: lambda n: (faiss(n, MANY), tantivy(n, MANY)),
        "Osler hybrid, 10 passages": lambda n: [one.text for one in hybrid.search(questions[n])],
    })  # fmt: skip
    for way, found in rate.items():
        print(
            f"  {way}: {found:,.0f} a CPU second ({found / rate['bare faiss, 10 numbers']:.2f} x bare faiss)"
        )
    print(f"  hybrid: {rate['Osler hybrid, 10 passages'] / rate[both]:.2f} x {both}")


def waits(hybrid: Any, encoder: Given, questions: list[str]) -> None:
    """Wall and CPU time of a hybrid query, where the question's vector is known and where it is not."""
    for name, known in (("vector given", encoder.known), ("with MiniLM for the question", {})):
        encoder.known = known
        times = []
        for question in questions:
            start, spent = time.perf_counter(), time.process_time()
            hybrid.search(question)
            times.append((time.perf_counter() - start, time.process_time() - spent))
        (low, high), (low_cpu, high_cpu) = 1000 * np.percentile(times, [50, 95], axis=0).T
        print(
            f"  hybrid query, {name}: median {low:.1f} ms, p95 {high:.1f} ms wall; {low_cpu:.1f} and {high_cpu:.1f} ms CPU"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passages", type=int, default=500_000)
    options.add_argument("--vectors", type=Path, help="float32 [n, 384] of MiniLM, made before")
    options.add_argument("--folder", type=Path, help="keep what is built here")
    given = options.parse_args()
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.dense.embed import embed

    with tempfile.TemporaryDirectory() as scratch:
        place = given.folder or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        os.environ["XDG_DATA_HOME"] = str(place)
        retrieval.PASSAGES, retrieval.QUERIES = given.passages, QUERIES
        source = place / "large.jsonl"
        if not source.exists():
            make_large(source)
        add("large", source)
        real = real_vectors(given.vectors)
        rows = make_vectors(real, store.about("large")["passages"])
        print(f"{len(real):,} real vectors, {len(rows) - len(real):,} noisy copies", flush=True)
        encoder = Given(rows)
        spent = cpu(lambda: embed("large", encoder))  # type: ignore[arg-type]
        print(f"keeping the vectors and building the index: {spent:.0f} CPU seconds", flush=True)
        reader = store.Reader(store.place("medquad") / store.about("medquad")["data"])
        asked = random.Random(SEED).sample(range(reader.n_documents), QUERIES)
        measure(rows, encoder, [reader.meta(number)["title"] for number in asked])


if __name__ == "__main__":
    main()
