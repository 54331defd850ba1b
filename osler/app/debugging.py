"""A run's reasoning beside its graph, case by case: read as far as there is time, kept, and gone on with when asked again.

The question and the right answer are read again from the data that the run names; the reasoning is what the trace's steps say.
The judging is `osler.scoring.path_errors`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.items import Item
from osler.case import Case
from osler.errors import Missing, UsageError
from osler.evaluation.inspect_log import question_of
from osler.evaluation.language_sections import main_value
from osler.evaluation.lazy import trace_of
from osler.evaluation.plan import Plan
from osler.evaluation.rescore import items_of, matched
from osler.evaluation.store import Record, read_manifest, read_records
from osler.graphs import Graphs
from osler.scoring.path_errors import Judged, judge, reasoning_of, reference_paths
from osler.trace import Step, Trace

# Steps in which a model reasons; what it asked or was given is no reasoning of its own.
REASONING = ("recall", "hypothesise", "verify", "revise", "conclude")
MOST_TEXT, MOST_CASES = 20_000, 5_000


@dataclass(frozen=True)
class Debugged:
    """A case of a run: what was asked, what is right, what was said, and how the reasoning stands beside the graph."""

    item: int
    id: str
    question: str
    right: str
    given: str
    score: float | None
    judged: Judged
    trace: Trace | None = field(repr=False, default=None)

    @property
    def answer(self) -> str:
        """Whether the answer is right or wrong; empty without a score."""
        return "" if self.score is None else "right" if self.score >= 1 else "wrong"


class Debugger:
    """One run being debugged. `cases` grows with every `advance`, in the order of items."""

    def __init__(self, folder: Path, graph: Graphs) -> None:
        self.folder, self.graph = folder, graph
        self.cases: dict[int, Debugged] = {}
        self.total = 0
        self.done = False
        self._left: Iterator[tuple[Record, Item[Any]]] | None = None
        self._lock = threading.Lock()

    def advance(self, seconds: float) -> None:
        """Judge cases for some seconds (one at least). Raises UsageError for a run without answers, InputError where its data moved."""
        with self._lock:
            if self._left is None:
                self._left = self._pairs()
            end = time.monotonic() + seconds
            for record, item in self._left:
                self.cases[record["item"]] = self._case(record, item)
                if time.monotonic() > end or len(self.cases) >= MOST_CASES:
                    break
            self.done = len(self.cases) >= min(self.total, MOST_CASES)

    def case(self, item: int) -> Debugged:
        """One case. Raises Missing where it is not judged yet, or not of this run."""
        if item not in self.cases:
            raise Missing(f"case {item} is not among those judged so far")
        return self.cases[item]

    def judged(self) -> Mapping[str, Judged]:
        """What was judged so far, by item."""
        return {str(item): case.judged for item, case in list(self.cases.items())}

    def _pairs(self) -> Iterator[tuple[Record, Item[Any]]]:
        manifest, records = read_manifest(self.folder), read_records(self.folder)
        if "models" not in manifest:
            raise UsageError("this run has no reasoning to look into: no method over questions was run")
        self.total = len(records)
        return matched(records, items_of(Plan.read(manifest["arguments"]), records))

    def _case(self, record: Record, item: Item[Any]) -> Debugged:
        kept = trace_of(self.folder, record["item"])
        trace = Trace.model_validate(kept["trace"]) if kept else None
        question, right = question_of(item.case), right_words(item.reference, item.case)
        given = given_words(record["answer"], item.case)
        reasoning = reasoning_of(texts_of(trace), self.graph)
        reference = reference_paths(question[:MOST_TEXT], right, self.graph)
        score = main_value(record)
        # An answer that scored as right names the right one, in whatever words.
        judged = judge(reasoning, reference, right, right if score == 1 else given, self.graph)
        return Debugged(record["item"], record["id"], question, right, given, score, judged, trace)


def texts_of(trace: Trace | None) -> list[tuple[str, str]]:
    """What a model reasoned, step by step, each with its place; of a reply in fields, the fields in words."""
    if trace is None:
        return []
    return [
        (".".join(map(str, step.path)), text)
        for step in trace.steps
        if step.kind in REASONING and (text := _words(step))
    ]


def right_words(reference: Any, case: Case) -> str:
    """The right answer in words."""
    for name in ("key", "name", "text"):
        value = getattr(reference, name, None)
        if isinstance(value, str) and value:
            return _option(value, case) if name == "key" else value
    chosen = getattr(reference, "choices", ())
    return ". ".join(_option(key, case) for key in chosen)


def given_words(answer: Record, case: Case) -> str:
    """What was answered, in words."""
    if answer.get("differential"):
        return str(answer["differential"][0]["name"])
    if answer.get("choice") is not None:
        return _option(str(answer["choice"]), case)
    if answer.get("choices"):
        return ". ".join(_option(str(key), case) for key in answer["choices"])
    return str(answer.get("text") or "")[:500]


def _option(key: str, case: Case) -> str:
    return next((one.text for one in case.options if one.key == key), key)


def _words(step: Step) -> str:
    text = step.text.strip()[:MOST_TEXT]
    if not text.startswith("{"):
        return text
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return ". ".join(_strings(fields))


def _strings(value: Any, name: str = "") -> Iterator[str]:
    """The texts in a reply's fields; the answer's own field is no reasoning."""
    if isinstance(value, str):
        if name not in ("answer", "choice", "confidence") and len(value) > 2:
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, name)
