"""MedQuAD's judged answers by words, by meaning, and by both: nDCG@10 with paired intervals against BM25 alone.

    OSLER_DATA=… python perf/medquad_hybrid.py TREC-2017-LiveQA-Medical-Test.xml [--folder DIR] [--encoder SPEC]

The corpus is MedQuAD whole (35,000 passages; embedding them takes some 25 minutes of one core, `--folder` keeps it). The questions are not part of
MedQuAD; their authors publish them. An answer's rank is that of its best passage; what was not judged counts as not relevant. Intervals: 95 %,
bootstrap over questions.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from retrieval import medquad


def figures(sets, ways: dict) -> dict[str, np.ndarray]:
    """nDCG@10 of each question by each way, documents in the order of their best passages."""
    from osler.scoring.retrieval import ndcg_at

    made = {}
    for way, search in ways.items():
        values = []
        for query in sets.queries:
            ranked = list(dict.fromkeys(passage.document for passage in search(query.text)))
            values.append(ndcg_at(ranked, query.judged, 10))
        made[way] = np.array(values)
    return made


def measure(source: Path, questions: Path, encoder: str) -> None:
    from osler.benchmarks.medquad_judged import MedQuad
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.dense import DenseRetriever
    from osler.knowledge.dense.embed import embed
    from osler.knowledge.retrieval.hybrid import Hybrid
    from osler.scoring.intervals import cluster_bootstrap

    add("medquad", medquad())
    done = embed("medquad", encoder)
    with tempfile.TemporaryDirectory() as place:
        for path in (*source.iterdir(), questions):
            (Path(place) / path.name).symlink_to(path.absolute())
        (Path(place) / "TREC-2017-LiveQA-Medical-Test.xml").unlink(missing_ok=True)
        (Path(place) / "TREC-2017-LiveQA-Medical-Test.xml").symlink_to(questions.absolute())
        judged = MedQuad.sets(Path(place))[0]
        words, dense = LexicalRetriever("medquad"), DenseRetriever("medquad")
        ways = {
            "BM25": words,
            "dense": dense,
            "hybrid, by rank": Hybrid(words, dense),
            "hybrid, by rank, vectors twice": Hybrid(words, dense, weights=(1.0, 2.0)),
            "hybrid, by score": Hybrid(words, dense, by="score"),
        }
        found = figures(
            judged, {way: lambda text, one=one: one.search(text, 100) for way, one in ways.items()}
        )
    print(f"{done.passages:,} passages, {done.encoder}, index {done.index}; {len(judged.queries)} questions")
    for way, values in found.items():
        low, high = cluster_bootstrap(values, list(range(len(values))))[0]
        told = f"nDCG@10 {way}: {values.mean():.3f} [{low:.3f}, {high:.3f}]"
        if way != "BM25":
            gap = values - found["BM25"]
            low, high = cluster_bootstrap(gap, list(range(len(gap))))[0]
            better, worse = int((gap > 0).sum()), int((gap < 0).sum())
            told += (
                f"; minus BM25 {gap.mean():+.3f} [{low:+.3f}, {high:+.3f}], better {better}, worse {worse}"
            )
        print(told)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("questions", type=Path, help="TREC-2017-LiveQA-Medical-Test.xml")
    options.add_argument("--folder", type=Path, help="keep the corpus and its vectors here")
    options.add_argument("--encoder", default="minilm")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = given.folder or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        os.environ["XDG_DATA_HOME"] = str(place)
        measure(medquad(), given.questions, given.encoder)


if __name__ == "__main__":
    main()
