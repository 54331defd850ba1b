"""Two-stage question answering on MedQuAD: does an encoder trained here by multiple negatives put BM25's shortlist in a better order?

    OSLER_DATA=… python perf/two_stage.py [minilm …]

The small encoder (osler/knowledge/dense/trained.py) is trained on the questions and answers of one half of MedQuAD's pages; the
answers of the other half, without their questions, are the collection, and 300 of their questions are asked. Printed for
each encoder: MRR of the document that holds the answer, among the 10 passages that the first stage leaves, with its 95 %
interval (bootstrap over pages), and the paired differences to the untrained one and to BM25 over whole passages. Encoders named on the line join in.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ASKED, SEED, LONGEST = 300, 1, 600


def main() -> None:
    """Build, train, ask, print."""
    from osler.benchmarks.medquad_qa import HALVES, answered, half, page
    from osler.knowledge.corpus import miriad
    from osler.knowledge.corpus.documents import Document
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.dense import open_encoder
    from osler.knowledge.dense.trained import train, untrained
    from osler.scoring.resampling import estimate

    pairs = list({one.id: one for one in answered(Path(os.environ["OSLER_DATA"]) / "medquad")}.values())
    learned, held = ([one for one in pairs if half(one) == which] for which in HALVES)
    begin = untrained(128, 1 << 16)
    began = time.process_time()
    made = train([(one.title, one.text[:LONGEST]) for one in learned], start=begin, epochs=5)
    print(
        f"trained on {len(learned)} pairs in {time.process_time() - began:.0f} CPU s; collection of {len(held)} answers"
    )
    encoders = {"untrained": begin, "trained": made, **{spec: open_encoder(spec) for spec in sys.argv[1:]}}
    asked = random.Random(SEED).sample(held, ASKED)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        source = Path(folder) / "answers.jsonl"
        miriad.write((Document(one.id, one.text) for one in held), source)
        add("answers", source, keep_all=True)
        retriever = LexicalRetriever("answers")
        ranks = {
            name: [reciprocal(one, retriever, encoder) for one in asked] for name, encoder in encoders.items()
        }
    groups = [page(one) for one in asked]
    columns = {
        "BM25 over passages": [row["pool"] for row in ranks["untrained"]],
        "BM25 over sentences": [row["sentences"] for row in ranks["untrained"]],
        **{name: [row["re-ranked"] for row in rows] for name, rows in ranks.items()},
    }
    for name, values in columns.items():
        against = [
            shown(estimate([a - b for a, b in zip(values, columns[other], strict=True)], groups), "+")
            for other in ("untrained", "BM25 over passages")
        ]
        print(
            f"{name:20} MRR {shown(estimate(values, groups))}; against untrained {against[0]}, passages {against[1]}"
        )


def shown(found, sign: str = "") -> str:  # type: ignore[no-untyped-def]
    """A figure with its interval."""
    low, high = found.ci
    return f"{found.value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def reciprocal(one, retriever, encoder) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """One over the rank of the answer's document after each stage, among the first 10."""
    from osler.case import Case
    from osler.context import Context
    from osler.methods.two_stage_qa import two_stage_qa
    from osler.scoring.retrieval import reciprocal_rank
    from osler.services import Services
    from osler.trace import Recorder, replay

    recorder = Recorder()
    case = Case(id="asked", question=one.title, answer_kind="text")
    asyncio.run(two_stage_qa(case, Context(Services(retriever=retriever, encoder=encoder), recorder)))
    steps = {step.label: step for step in replay(recorder.events)}
    ranked = {
        "pool": [item.record for item in steps["pool"].evidence],
        "sentences": [row["document"] for row in steps["sentences"].data["shortlist"]],
        "re-ranked": [item.record for item in steps["re-ranked"].evidence] if "re-ranked" in steps else [],
    }
    return {name: reciprocal_rank(found, {one.id: 1.0}, 10) for name, found in ranked.items()}


if __name__ == "__main__":
    main()
