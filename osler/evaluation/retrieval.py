"""A run of retrieval over judged queries: each query's ranking of documents with its measures, in a run folder.

A document stands where its best passage stands. The folder is that of every run, so `osler compare` pairs two retrievers query by
query. Knows nothing of how passages are found or of any benchmark's layout.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.case import opaque_id
from osler.data.progress import progress
from osler.errors import LimitError, UsageError
from osler.evaluation import language_report
from osler.evaluation.manifest import make_manifest
from osler.evaluation.rewriting import Kept, Rewritten, rewrite_all
from osler.evaluation.store import MANIFEST, Record, RunStore, read_manifest, read_records
from osler.evaluation.worker import spent
from osler.knowledge.retrieval.sources import Opened
from osler.llm.model import Model
from osler.llm.provider import CallFailed
from osler.methods.rewriting import Rewriter
from osler.passages import Filters, Passage, VectorRetriever
from osler.scoring.retrieval import deepest, scores

DEPTH = 100
# A re-ranker reads so many passages of the first list.
RERANKED = 100
_MOST = 10_000


@dataclass(frozen=True)
class Plan:
    """What is measured: the benchmark's sets, how they are searched, and how queries are rewritten. `depth` documents are ranked."""

    benchmark: str
    data: str
    retrieval: str = "bm25"
    corpus: str | None = None
    encoder: str | None = None
    reranker: str | None = None
    subset: str | None = None
    split: str | None = None
    measures: tuple[str, ...] = ()
    rewrite: str = "none"
    model: str | None = None
    limit: int | None = None
    seed: int = 0
    depth: int = DEPTH

    @property
    def name(self) -> str:
        """The way of searching in a few words, as tables show it."""
        parts = [self.retrieval, f"re-ranked by {self.reranker}" if self.reranker else ""]
        parts.append(f"rewritten by {self.rewrite}" if self.rewrite != "none" else "")
        return ", ".join(part for part in parts if part)


@dataclass
class Work:
    """One query to do: its number, the set it belongs to, and what opens what that set is searched with."""

    number: int
    judged: JudgedSet
    query: JudgedQuery


@dataclass
class Runner:
    """What a run is made with: `open_set` gives the retriever of a set (and its re-ranker and encoder)."""

    plan: Plan
    sets: Sequence[JudgedSet]
    open_set: Callable[[JudgedSet], Opened]
    rewriter: Rewriter | None = None
    models: Mapping[str, Model] = field(default_factory=dict)
    budget: str | None = None


def run(runner: Runner, folder: Path) -> dict[str, Any]:
    """Measure into a run folder and give its figures. A folder with a part of the same run is gone on with.

    Queries whose rewriting failed are left out, and told under `failures`; going on asks for them again. Raises UsageError for a
    folder that holds another run, CallFailed where every rewriting failed, LimitError once the budget is spent (what is rewritten
    is searched first), and what searching raises.
    """
    plan = runner.plan
    work = _work(plan, runner.sets)
    about = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(plan).items()}
    manifest = make_manifest(
        plan.benchmark,
        plan.name,
        arguments=about,
        items=len(work),
        data={"path": plan.data, "items": len(work), "sha256": _digest(work)},
        scorer="retrieval",
        fidelity="osler",
        models={role: model.name for role, model in runner.models.items()},
        judged=True,
        sources=_sources(runner),
    )
    with _opened(folder, manifest) as store:
        left = [one for one in work if one.number not in store.done]
        rewritten, failed = _rewritten(runner, left, folder)
        left = [one for one in left if one.query.text not in failed]
        session, began = secrets.token_hex(4), time.monotonic()
        with progress(f"Searching {plan.benchmark} by {plan.name}", len(left)) as advance:
            opened: tuple[JudgedSet | None, Opened] = (None, Opened())
            for one in left:
                if opened[0] is not one.judged:
                    opened = one.judged, runner.open_set(one.judged)
                record, times = _do(plan, one, opened[1], rewritten.get(one.number))
                times |= {"session": session, "at": round(time.monotonic() - began, 3)}
                store.append([record], [times])
                advance(1)
    if limit := next((error for error in failed.values() if isinstance(error, LimitError)), None):
        raise limit
    failures = [{"query": query, "error": str(error)} for query, error in failed.items()]
    return figures(folder) | {"failures": failures}


def _sources(runner: Runner) -> dict[str, Any]:
    """What each set is searched with, as it stands now: the state of the corpus, the way, and what made the vectors."""
    if runner.plan.corpus is not None and runner.sets:  # one for all
        return dict.fromkeys((judged.name for judged in runner.sets), runner.open_set(runner.sets[0]).about)
    return {judged.name: runner.open_set(judged).about for judged in runner.sets}


def figures(folder: Path) -> dict[str, Any]:
    """The figures of a run: over all queries, by set, and the unweighted mean over sets (as R2MED and BEIR publish)."""
    manifest = read_manifest(folder)
    found = language_report.figures(folder)
    sets = found["subsets"] or {"": found}
    names = list(found["ci"])
    means = {
        name: float(np.mean([one[name] for one in sets.values()]))
        for name in names
        if all(name in one for one in sets.values())
    }
    empty = sum(1 for record in read_records(folder) if not record["answer"].get("plan"))
    arguments = manifest["arguments"]
    about = {name: arguments[name] for name in ("retrieval", "rewrite", "corpus", "encoder", "reranker")}
    about |= _used(manifest.get("sources", {}))
    keep = {k: v for k, v in found.items() if k not in ("format_failures", "replies", "over_budget", "entry")}
    return {**keep, **about, "mean_over_sets": means, "found_nothing": empty, "run": str(folder)}


def rank(
    opened: Opened,
    query: str,
    depth: int = DEPTH,
    *,
    filters: Filters | None = None,
    without: frozenset[str] = frozenset(),
    vector: np.ndarray | None = None,
) -> list[str]:
    """The best documents for a query, by their best passages; those in `without` are left out.

    With a `vector` (float32 [dimensions]) the passages nearest to it. A re-ranker puts the first passages into its order.
    """
    top, wanted = 2 * depth, depth + len(without)
    while True:
        found = _search(opened, query, top, filters, vector)
        documents = list(dict.fromkeys(passage.document for passage in found))
        if len(documents) >= wanted or len(found) < top or top >= _MOST:
            break
        top = min(_MOST, 3 * top)
    if opened.reranker is not None:
        head = found[:RERANKED]
        given = opened.reranker.scores(query, [one.text for one in head])
        order = sorted(range(len(head)), key=lambda place: (-given[place], place))
        documents = list(dict.fromkeys([head[place].document for place in order] + documents))
    return [one for one in documents if one not in without][:depth]


def _search(
    opened: Opened, query: str, top: int, filters: Filters | None, vector: np.ndarray | None
) -> list[Passage]:
    retriever = opened.retriever
    assert retriever is not None
    if vector is not None and isinstance(retriever, VectorRetriever):
        return retriever.nearest(vector, top, filters)
    return retriever.search(query, top, filters)


def _do(plan: Plan, one: Work, opened: Opened, rewritten: Rewritten | None) -> tuple[Record, Record]:
    began, cpu = time.perf_counter(), time.process_time()
    query = rewritten.query if rewritten else one.query.text
    measures = plan.measures or one.judged.measures
    vector = _vector(plan, one, opened, rewritten)
    ranked = rank(
        opened,
        query,
        max(plan.depth, deepest(measures)),
        filters=one.query.filters,
        without=one.query.without,
        vector=vector,
    )
    judged = one.query
    record: Record = {
        "item": one.number,
        "id": opaque_id(one.judged.name, judged.id, judged.text),
        "group": judged.group or judged.id,
        "subset": one.judged.name,
        "tags": dict(judged.tags),
        "query": judged.id,
        "epoch": 0,
        "answer": {"kind": "plan", "plan": ranked},
        "scores": scores(ranked, judged.judged, measures),
        "unreadable_replies": 0,
        "repaired_replies": 0,
    }
    if rewritten is not None:
        record["written"] = rewritten.written
    times = {
        "item": one.number,
        **spent(rewritten.meters if rewritten else ()),
        "wall_s": round(time.perf_counter() - began, 6),
        "cpu_s": round(time.process_time() - cpu, 6),
    }
    return record, times


def _vector(plan: Plan, one: Work, opened: Opened, rewritten: Rewritten | None) -> np.ndarray | None:
    """Dense and rewritten beside the query: the mean of the vectors of both, as HyDE does. Else the query is searched as text."""
    beside = rewritten is not None and rewritten.written and rewritten.query != rewritten.written
    if not beside or plan.retrieval != "dense" or opened.encoder is None or rewritten is None:
        return None
    rows = np.concatenate(
        [
            opened.encoder.encode([one.query.text], "query"),
            opened.encoder.encode([rewritten.written], "passage"),
        ]
    )
    mean = rows.mean(axis=0)
    return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)


def _work(plan: Plan, sets: Sequence[JudgedSet]) -> list[Work]:
    """The queries to do, set by set; a `limit` is a random sample by `seed` of each set."""
    import random

    found: list[Work] = []
    for judged in sets:
        queries = list(judged.queries)
        if plan.limit is not None and plan.limit < len(queries):
            chosen = sorted(random.Random(plan.seed).sample(range(len(queries)), plan.limit))
            queries = [queries[place] for place in chosen]
        found += [Work(len(found) + place, judged, query) for place, query in enumerate(queries)]
    return found


def _digest(work: Sequence[Work]) -> str:
    import hashlib

    digest = hashlib.sha256()
    for one in work:
        judged = sorted(one.query.judged.items())
        digest.update(
            f"{one.judged.name} {one.query.id} {one.query.text} {judged}\n".encode("utf-8", "replace")
        )
    return digest.hexdigest()


def _used(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The corpora and the encoder that were searched with, whether they were named or not; a list where sets differ."""
    corpora = dict.fromkeys(
        one["name"] for about in sources.values() for one in about.get("corpora", ()) if "name" in one
    )
    encoders = dict.fromkeys(about["encoder"] for about in sources.values() if "encoder" in about)
    found = {"corpus": list(corpora), "encoder": list(encoders)}
    return {name: own[0] if len(own) == 1 else own for name, own in found.items() if own}


def _rewritten(
    runner: Runner, left: Sequence[Work], folder: Path
) -> tuple[dict[int, Rewritten], Mapping[str, CallFailed | LimitError]]:
    """What each query is searched as, by number, and the texts that could not be rewritten, with why."""
    if runner.rewriter is None or not left:
        return {}, {}
    if "main" not in runner.models:
        raise UsageError(f"--rewrite {runner.plan.rewrite} asks a language model; name one with --model")
    texts = list(dict.fromkeys(one.query.text for one in left))
    kept = Kept(folder)
    wanted = [text for text in texts if kept.get(text) is None]
    failed = rewrite_all(
        runner.rewriter, wanted, runner.models, keep=kept.add, budget=runner.budget, seed=runner.plan.seed
    )
    if failed and len(failed) == len(texts):
        raise next(iter(failed.values()))
    by_text = {text: found for text in texts if (found := kept.get(text)) is not None}
    charged: set[str] = set()
    done: dict[int, Rewritten] = {}
    for one in left:  # a text that several queries share is rewritten once, and its cost counted once
        text = one.query.text
        if (whole := by_text.get(text)) is None:
            continue
        done[one.number] = whole if text not in charged else Rewritten(whole.query, whole.written)
        charged.add(text)
    return done, failed


def _opened(folder: Path, manifest: Record) -> RunStore:
    """A new run, or the one that stands there where it is of the same plan, data and corpora."""
    if not (folder / MANIFEST).is_file():
        return RunStore.create(folder, manifest)
    began = read_manifest(folder)
    now = orjson.loads(orjson.dumps(manifest))
    for name in ("benchmark", "arguments", "data", "models", "sources"):
        if name == "sources" and began.get(name) != now[name]:
            raise UsageError(
                f"the corpora, their vectors or the way they are searched changed since the run in {folder} began; "
                "name a new folder with --out"
            )
        if began.get(name) != now[name]:
            raise UsageError(f"{folder} holds a run with other {name}; name a new folder with --out")
    return RunStore.resume(folder)
