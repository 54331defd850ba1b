"""Lexical retrieval beside bare tantivy on the same index, and its quality on MedQuAD's judged answers.

    OSLER_DATA=… python perf/retrieval.py                       # speed and memory, 200k passages made of MedQuAD's text
    OSLER_DATA=… python perf/retrieval.py --questions TEST.xml  # nDCG@10 on the judged answers

The passages for speed are halves of two real ones each. Bare tantivy gets the same stems as plain term queries and gives back
numbers; Osler gives back passages with their texts and places. CPU time of one thread, rounds in turn, once with the same questions
every round and once with others each, so that what is remembered of a question helps in the first only. The judgements are in
MedQuAD's archive; the questions they belong to are those of TREC 2017 LiveQA Medical, whose XML is fetched from its authors.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

PASSAGES, QUERIES, ROUNDS, SEED = 200_000, 500, 7, 1
GRADES = {"1-Incorrect": 0, "2-Related": 1, "3-Incomplete": 2, "4-Excellent": 3}


def medquad() -> Path:
    """MedQuAD's folder."""
    from osler.data.store import locate

    return locate("medquad") or Path(os.environ["OSLER_DATA"]) / "medquad"


def make_large(folder: Path) -> list[str]:
    """A JSONL of `PASSAGES` made-up passages; gives back real questions to ask, `QUERIES` for a first round and for each other."""
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.ingest import add

    add("medquad", medquad())
    reader = store.Reader(store.place("medquad") / store.about("medquad")["data"])
    rng = random.Random(SEED)
    texts = [reader.passage(number)[1] for number in range(reader.n_passages)]
    with folder.open("w") as file:
        for number in range(PASSAGES):
            one, other = rng.choice(texts), rng.choice(texts)
            file.write(
                json.dumps({"id": str(number), "text": one[: len(one) // 2] + " " + other[len(other) // 2 :]})
                + "\n"
            )
    asked = rng.sample(range(reader.n_documents), QUERIES)
    others = sorted(set(range(reader.n_documents)) - set(asked))
    asked += rng.sample(others, QUERIES * ROUNDS)
    return [reader.meta(number)["title"] for number in asked]


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def build(source: Path, folder: Path) -> None:
    """Tokens a second of the whole `corpus add` and of its index, against bare tantivy over texts in memory."""
    import tantivy

    from osler.knowledge.corpus import lexical, store
    from osler.knowledge.corpus.ingest import add

    whole = cpu(lambda: add("large", source))
    reader = store.Reader(store.place("large") / store.about("large")["data"])
    texts = [
        lexical.words_of(head, meta, text)
        for _, text, head, meta in map(reader.passage, range(reader.n_passages))
    ]
    tokens = len(lexical.analyser().analyze("\n".join(texts[:2000]))) / 2000 * len(texts)
    own = cpu(lambda: lexical.build_index(reader, folder / "own"))

    def bare() -> None:
        fields = tantivy.SchemaBuilder()
        fields.add_text_field("words", tokenizer_name="medical", index_option="position")
        fields.add_integer_field("number", fast=True)
        (folder / "bare").mkdir()
        index = tantivy.Index(fields.build(), str(folder / "bare"))
        index.register_tokenizer("medical", lexical.analyser())
        writer = index.writer(lexical.HEAP, 1)
        for number, text in enumerate(texts):
            writer.add_document(tantivy.Document(words=text, number=number))
        writer.commit()
        writer.wait_merging_threads()

    plain = cpu(bare)
    print(f"{len(texts):,} passages, {tokens / len(texts):.0f} tokens each; M tokens per CPU second: "
          f"bare {tokens / plain / 1e6:.2f}, index {tokens / own / 1e6:.2f} ({plain / own:.2f} x bare), "
          f"whole ingest with reading, cutting and duplicates {tokens / whole / 1e6:.2f}")  # fmt: skip


def stored_index(folder: Path) -> Any:
    """The searcher of a bare tantivy index that keeps the passages' texts itself, as a plain user of tantivy would have it."""
    import tantivy

    from osler.knowledge.corpus import lexical, store

    reader = store.Reader(store.place("large") / store.about("large")["data"])
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("words", tokenizer_name="medical", index_option="position", stored=True)
    fields.add_text_field("id", tokenizer_name="raw", index_option="basic", stored=True)
    folder.mkdir()
    index = tantivy.Index(fields.build(), str(folder))
    index.register_tokenizer("medical", lexical.analyser())
    writer = index.writer(lexical.HEAP, 1)
    for _, text, _, meta in map(reader.passage, range(reader.n_passages)):
        writer.add_document(tantivy.Document(words=text, id=meta["id"]))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


Ways = dict[str, Callable[[str], object]]


def bare_ways(retriever: Any, stored: Any) -> Ways:
    """Bare tantivy over the retriever's own index, giving numbers, and over one that keeps the texts, giving texts."""
    from osler.knowledge.corpus.lexical import LexicalRetriever

    made, occur = retriever._tantivy.Query, retriever._tantivy.Occur
    words = LexicalRetriever("large")  # words and stems for the bare ways, with a memory of its own
    plain = retriever._searcher
    stored_searcher = stored.searcher()

    def hits(query: str, schema: Any, searcher: Any) -> list[Any]:
        stems = dict.fromkeys(s for word in words.content_words(query) for s in words.stems(word))
        terms = [(occur.Should, made.term_query(schema, "words", stem, "freq")) for stem in stems]
        return [address for _, address in searcher.search(made.boolean_query(terms), 10, count=False).hits]

    def texts(query: str) -> list[tuple[str, str]]:
        found = [stored_searcher.doc(address) for address in hits(query, stored.schema, stored_searcher)]
        return [(one["id"][0], one["words"][0]) for one in found]

    return {
        "bare": lambda query: plain.fast_field_values("number", hits(query, retriever._schema, plain)),
        "bare with stored texts": texts,
    }


def speed(questions: list[str], folder: Path) -> None:
    """Queries per CPU second against bare tantivy, giving numbers and giving texts, and what synonyms cost."""
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.corpus.synonyms import of_query

    retriever = LexicalRetriever("large")
    ways = bare_ways(retriever, stored_index(folder / "stored")) | {
        "osler numbers": retriever.numbers,
        "osler": lambda query: [passage.text for passage in retriever.search(query)],
        "with synonyms": LexicalRetriever("large", of_query).search,
    }
    rounds = [questions[at : at + QUERIES] for at in range(0, len(questions), QUERIES)]
    rng = random.Random(SEED)
    long = [[" ".join(rng.sample(one, 7)) for _ in range(QUERIES // 5)] for one in rounds]
    for name, asked in (("short", rounds), ("long", long)):
        words = np.mean([len(retriever.content_words(query)) for query in asked[0]])
        for which, those in (("the same", asked[:1] * len(asked)), ("other", asked)):
            print(f"{name} queries ({words:.1f} words), {which} in each round: {told(rates(ways, those))}")


def rates(ways: Ways, rounds: list[list[str]]) -> dict[str, float]:
    """Queries per CPU second of each way, the median of all rounds but the first; each round begins with another way."""
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for turn, queries in enumerate(rounds):
        order = list(ways)
        for way in order[turn % len(order) :] + order[: turn % len(order)]:
            spent[way].append(cpu(partial(deque, map(ways[way], queries), 0)))
    return {way: len(rounds[0]) / float(np.median(times[1:])) for way, times in spent.items()}


def told(rate: dict[str, float]) -> str:
    """The rates and their ratios in words."""
    return (
        ", ".join(f"{way} {r:,.0f}" for way, r in rate.items())
        + f" per CPU second; numbers {rate['osler numbers'] / rate['bare']:.2f} x bare, passages with texts and places "
        f"{rate['osler'] / rate['bare']:.2f} x bare numbers and {rate['osler'] / rate['bare with stored texts']:.2f} x bare with "
        "stored texts"
    )


SERVE = """
import sys, time
questions = sys.stdin.read().splitlines()
import osler.knowledge.corpus.lexical as lexical, tantivy
start = time.perf_counter()
retriever = lexical.LexicalRetriever("large")
retriever.search(questions[0])
first = time.perf_counter() - start
for question in questions:
    retriever.search(question)
anon = next(int(l.split()[1]) for l in open("/proc/self/smaps_rollup") if l.startswith("Anonymous:"))
print(f"opening and first query {1000 * first:.1f} ms; private memory after {len(questions)} queries {anon / 1024:.0f} MB")
"""


def judged(path: Path) -> None:
    """nDCG@10 on MedQuAD's judged answers, with and without the analyser's other writings and synonyms."""
    from osler.knowledge.corpus import lexical
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.synonyms import of_query
    from osler.scoring.intervals import cluster_bootstrap

    add("medquad", medquad())
    with zipfile.ZipFile(next(medquad().glob("*.zip"))) as packed:
        inner = next(name for name in packed.namelist() if "Qrels" in name)
        with zipfile.ZipFile(BytesIO(packed.read(inner))) as below:
            name = next(n for n in below.namelist() if n.endswith(".txt") and "MACOSX" not in n)
            lines = below.read(name).decode().split("\n")
    gains: dict[str, dict[str, float]] = {}
    for question, grade, answer in (line.split() for line in lines if line.strip()):
        gains.setdefault(question, {})[answer.removesuffix(".txt")] = GRADES[grade]
    asked = {}
    for node in ElementTree.parse(path).getroot().iter("NLM-QUESTION"):
        said = (node.findtext("Paraphrase") or node.findtext(".//Message") or "").strip()
        asked[(node.get("qid") or "").removeprefix("TQ")] = said
    with_relevant = [q for q in gains if any(gains[q].values()) and q in asked]
    ways = {
        "BM25": lexical.LexicalRetriever("medquad"),
        "with synonyms": lexical.LexicalRetriever("medquad", of_query),
    }
    figures = {way: _ndcg(retriever, asked, gains, with_relevant) for way, retriever in ways.items()}
    plain = lexical.alternatives, lexical.compounds
    lexical.alternatives, lexical.compounds = (lambda _word: ()), (lambda _query: [])
    figures["without other writings"] = _ndcg(
        lexical.LexicalRetriever("medquad"), asked, gains, with_relevant
    )
    lexical.alternatives, lexical.compounds = plain
    for way, values in figures.items():
        low, high = cluster_bootstrap(values, list(range(len(values))))[0]
        print(f"nDCG@10 {way}: {values.mean():.3f} [{low:.3f}, {high:.3f}], {len(values)} questions")
    for way in ("with synonyms", "without other writings"):
        gap = figures[way] - figures["BM25"]
        low, high = cluster_bootstrap(gap, list(range(len(gap))))[0]
        print(f"  {way} minus BM25: {gap.mean():+.4f} [{low:+.4f}, {high:+.4f}]")


def _ndcg(retriever, asked: dict[str, str], gains: dict, questions: list[str]) -> np.ndarray:
    from osler.scoring.retrieval import ndcg_at

    ranked = {q: [passage.document for passage in retriever.search(asked[q], 100)] for q in questions}
    return np.array([ndcg_at(ranked[q], gains[q], 10) for q in questions])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--questions", type=Path, help="TREC-2017-LiveQA-Medical-Test.xml")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        if given.questions:
            judged(given.questions)
            return
        source = Path(place) / "large.jsonl"
        questions = make_large(source)
        build(source, Path(place))
        speed(questions, Path(place))
        subprocess.run(
            [sys.executable, "-c", SERVE], input="\n".join(questions[:QUERIES]), text=True, check=True
        )


if __name__ == "__main__":
    main()
