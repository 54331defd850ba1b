"""What a run retrieves from, as it is named on the command line, and what that opens: retriever, encoder, re-ranker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osler.case import Case
from osler.errors import UsageError
from osler.graphs import Graphs
from osler.knowledge.graph.connect import GraphService
from osler.knowledge.retrieval.hybrid import Hybrid, is_hybrid
from osler.passages import Encoder, Reranker, Retriever
from osler.services import Searches

WAYS = ("bm25", "dense", "hybrid")


@dataclass(frozen=True)
class Sources:
    """Corpora by name (or a service by its spec), how they are searched, and by which encoder and re-ranker.

    `retrieval` is `bm25`, `dense`, `hybrid`, or None: hybrid where a corpus has vectors, else bm25. `rewrite` and `rank` are what
    is done before and after each search (`osler.methods.searching`); `graph` is as `osler graph --graph` takes it.
    """

    corpora: tuple[str, ...] = ()
    retrieval: str | None = None
    encoder: str | None = None
    reranker: str | None = None
    rewrite: str | None = None
    rank: str | None = None
    graph: str | None = None

    @classmethod
    def read(
        cls,
        corpora: str | None,
        retrieval: str | None = None,
        encoder: str | None = None,
        reranker: str | None = None,
        rewrite: str | None = None,
        rank: str | None = None,
        graph: str | None = None,
    ) -> Sources:
        """From the options as typed; `corpora` parts names by commas. Raises UsageError for what cannot be."""
        names = tuple(dict.fromkeys(name.strip() for name in (corpora or "").split(",") if name.strip()))
        if corpora is not None and not names:
            raise UsageError("--corpus names no corpus; osler corpus list shows them")
        if retrieval is not None and retrieval not in WAYS and not is_hybrid(retrieval):
            raise UsageError(
                f"--retrieval takes {', '.join(WAYS)}, hybrid:WEIGHT (of the vectors) or hybrid-score:WEIGHT, not {retrieval!r}"
            )
        how = {"retrieval": retrieval, "rewrite": rewrite, "rank": rank}
        if not names and (given := next((name for name, value in how.items() if value is not None), None)):
            raise UsageError(f"--{given} says how a corpus is searched; name one with --corpus")
        return cls(names, retrieval, encoder, reranker, rewrite, rank, graph)


@dataclass
class Opened:
    """What `Sources` opened; `about` is what a run's manifest keeps of it.

    `per_case` stands between a case and the corpus where a run measures what becomes of answers as evidence changes.
    """

    retriever: Retriever | None = None
    encoder: Encoder | None = None
    reranker: Reranker | None = None
    searching: Searches | None = None
    graph: Graphs = field(default_factory=GraphService)
    about: dict[str, Any] = field(default_factory=dict)
    per_case: Callable[[Case, Retriever], Retriever] | None = None

    def retriever_for(self, case: Case) -> Retriever | None:
        """What a case's method searches."""
        if self.per_case is None or self.retriever is None:
            return self.retriever
        return self.per_case(case, self.retriever)


def open_sources(sources: Sources, needs: set[str] | frozenset[str] = frozenset()) -> Opened:
    """Open what was named, and the offline encoder where `needs` has one and none was named.

    Raises UsageError for a corpus that is not there, vectors that were not made, or an encoder that fits no index, and as
    `load_graph` does for a graph.
    """
    found = Opened()
    if sources.graph:
        service = GraphService(sources.graph)
        _ = service.graph  # a graph that cannot be read is told before any case, not in each
        found.graph, found.about["graph"] = service, sources.graph
    if sources.corpora:
        from osler.knowledge.retrieval.several import together

        opened = [open_corpus(name, sources) for name in sources.corpora]
        found.retriever = together([one for one, _ in opened])
        found.about["corpora"] = [about for _, about in opened]
        found.encoder = getattr(found.retriever, "encoder", None)
    if found.encoder is None and (sources.encoder or "encoder" in needs):
        found.encoder = _encoder(sources.encoder)
    if found.encoder is not None:
        found.about["encoder"] = found.encoder.name
    if sources.reranker:
        from osler.knowledge.retrieval.rerankers import open_reranker

        found.reranker = open_reranker(sources.reranker)
        found.about["reranker"] = found.reranker.name
    return found


def _encoder(spec: str | None) -> Encoder:
    """The encoder that was named, or the one that works offline."""
    from osler.knowledge.dense import DEFAULT_ENCODER, open_encoder

    return open_encoder(spec or DEFAULT_ENCODER)


def refuse_lacking(name: str, needs: set[str] | frozenset[str], sources: Sources) -> None:
    """Raises UsageError where a method needs a corpus or a re-ranker that was not named, or takes none of what was."""
    if "corpus" in needs and not sources.corpora:
        raise UsageError(
            f"method {name!r} answers from a corpus; name one with --corpus (osler corpus list shows them)"
        )
    if sources.corpora and "corpus" not in needs:
        raise UsageError(f"method {name!r} does not look into a corpus; --method extractive does")
    if sources.graph and "graph" not in needs:
        raise UsageError(f"method {name!r} asks no graph; leave --graph out")
    if "reranker" in needs and not sources.reranker:
        raise UsageError(f"method {name!r} re-ranks passages; name a re-ranker with --reranker")
    if sources.reranker and "reranker" not in needs and sources.rank != "cross-encoder":
        raise UsageError(
            f"method {name!r} re-ranks nothing itself; add --rank cross-encoder, or leave --reranker out"
        )
    if sources.rank == "cross-encoder" and not sources.reranker:
        raise UsageError("--rank cross-encoder needs one: name it with --reranker")


def open_corpus(
    name: str, sources: Sources, words: Retriever | None = None
) -> tuple[Retriever, dict[str, Any]]:
    """A corpus as it was asked to be searched, and what a manifest keeps of it; `words` stands for plain BM25 where given."""
    if name.startswith("cohort:"):
        from osler.knowledge.cohort import CohortRetriever, read_cohort

        table = CohortRetriever(read_cohort(Path(name.removeprefix("cohort:"))))
        return table, {
            "name": table.name,
            "passages": len(table.patients),
            "retrieval": "standardised features",
        }
    if ":" in name:
        from osler.knowledge.retrieval.services import open_service

        return open_service(name, sources.retrieval, lambda: _encoder(sources.encoder))
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.lexical import LexicalRetriever

    known = store.about(name)
    about = {"name": name, "passages": known["passages"], "data": known["data"]}
    way = sources.retrieval or _usual(name)
    about["retrieval"] = way
    if way == "bm25":
        return words or LexicalRetriever(name), about
    from osler.knowledge.dense import DenseRetriever

    dense = DenseRetriever(name, sources.encoder)
    about["vectors"] = dense.about
    if way == "dense":
        return dense, about
    return Hybrid.of(words or LexicalRetriever(name), dense, way), about


def _usual(name: str) -> str:
    """How a corpus is searched where nothing is said: both ways where it has vectors, else by words."""
    from osler.knowledge.dense.vectors import embedded

    return "hybrid" if embedded(name) is not None else "bm25"
