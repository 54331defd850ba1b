"""What a run of a method over a benchmark is asked to do, and the items it is over, read as a stream.

A benchmark of few items is held after the first reading; a larger one is read again, so memory stays flat. The checksum is
over the items' keys and references, so a resumed run notices when its data changed. Knows nothing of models.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Container, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from osler import registry
from osler.benchmarks.examples import Home, own_training_split, read_pool
from osler.benchmarks.items import Item
from osler.case import Case
from osler.data.images import Shelf
from osler.errors import InputError, UsageError
from osler.knowledge.retrieval.sources import Sources
from osler.services import Example

# Benchmarks of at most so many items are read once and held: about 20 MB of choice questions.
HELD = 4096


@dataclass(frozen=True)
class Plan:
    """What to run. `limit` is a random sample by `sample_seed`, or by `seed` where that is None; `seed` is the base of what method and
    model draw; `epochs` repeats each case as that many independent draws.

    `ids` are the keys of the only cases to run, all of them where it is empty. `evidence` says what is done to what is found
    before a method sees it (see `evidence_arms.py`), nothing where it is empty.
    """

    benchmark: str
    data: Path
    method: str
    model: str | None = None
    subset: str | None = None
    split: str | None = None
    inputs: str | None = None
    limit: int | None = None
    seed: int = 0
    sample_seed: int | None = None
    epochs: int = 1
    temperature: float | None = None
    max_tokens: int | None = None
    budget: str | None = None
    case_budget: str | None = None
    knowledge: str = "hpo"
    examples: Path | str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    corpus: str | None = None
    retrieval: str | None = None
    encoder: str | None = None
    reranker: str | None = None
    rewrite: str | None = None
    rank: str | None = None
    graph: str | None = None
    evidence: dict[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()

    @property
    def sources(self) -> Sources:
        """What the run retrieves from. Raises UsageError for what cannot be."""
        return Sources.read(
            self.corpus, self.retrieval, self.encoder, self.reranker, self.rewrite, self.rank, self.graph
        )

    def arguments(self) -> dict[str, Any]:
        """The plan as the manifest keeps it."""
        about = asdict(self)
        return {name: str(value) if isinstance(value, Path) else value for name, value in about.items()}

    @classmethod
    def read(cls, arguments: Mapping[str, Any]) -> Plan:
        """The plan of a manifest. Raises InputError where the manifest lacks what a plan needs, or holds nonsense."""
        known = {name: arguments[name] for name in cls.__dataclass_fields__ if name in arguments}
        lacking = [name for name in ("benchmark", "data", "method") if not isinstance(known.get(name), str)]
        if lacking:
            raise InputError(f"the run's manifest does not say its {lacking[0]}; start a new run with --out")
        known["ids"] = tuple(known.get("ids") or ())
        try:
            plan = TypeAdapter(cls).validate_python(known)
        except ValidationError as error:
            name = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"the run's manifest holds nonsense for its {name}; start a new run with --out"
            ) from None
        if plan.epochs < 1:
            raise InputError(
                "the run's manifest has a number of epochs that cannot be; start a new run with --out"
            )
        return plan


@dataclass
class ImageCount:
    """How many cases of the data have images, and how many name images that are not there."""

    cases: int = 0
    missing: int = 0

    def add(self, case: Case) -> None:
        """Count one case."""
        self.cases += bool(case.images or any(option.image for option in case.options))
        self.missing += any(notice.code == "images-missing" for notice in case.notices)


class Source:
    """The items of a plan's benchmark. Raises UsageError for a benchmark that offers none, InputError for bad data."""

    def __init__(self, plan: Plan) -> None:
        part = registry.get("benchmark", plan.benchmark)
        if part.extra.get("judged") and not hasattr(part.object, "items"):
            raise UsageError(
                f"benchmark {plan.benchmark!r} judges documents, not answers: osler corpus eval {plan.benchmark}"
            )
        if not hasattr(part.object, "items"):
            raise UsageError(
                f"benchmark {plan.benchmark!r} takes no method with a model; see `osler list benchmarks`"
            )
        self.plan = plan
        self.scorer_name: str = part.extra.get("scorer", "choice")
        self.images = Shelf()
        self.seen = ImageCount()
        self.kinds: set[str] = set()
        self.characters = 0
        self.with_options = False
        self.pool: list[Example] | None = None
        self.why_no_pool = ""
        self._benchmark: Any = part.object
        self._held: list[Item[Any]] | None = None
        self._only = frozenset(plan.ids)

    def __iter__(self) -> Iterator[Item[Any]]:
        if self._held is not None:
            return iter(self._held)
        plan = self.plan
        about: dict[str, Any] = {"columns": plan.columns} if plan.columns else {}
        about |= {"inputs": plan.inputs} if plan.inputs else {}
        about |= self._with_images(self._benchmark.items)
        items = self._benchmark.items(plan.data, subset=plan.subset, split=plan.split, **about)
        return (item for item in items if item.key in self._only) if self._only else items

    def _with_images(self, read: Any) -> dict[str, Any]:
        """The shelf, for a benchmark that has images to put on it."""
        return {"images": self.images} if "images" in signature(read).parameters else {}

    def survey(self) -> tuple[int, str]:
        """How many items there are and their checksum, by reading all of them once: bad data shows before money is spent.

        Raises InputError when there is none.
        """
        digest, n = hashlib.sha256(), 0
        held: list[Item[Any]] | None = []
        for item in self:
            n += 1
            self.seen.add(item.case)
            self.kinds.add(item.case.answer_kind)
            self.with_options |= bool(item.case.options)
            self.characters += length(item.case)
            digest.update(f"{item.key} {item.reference!r}\n".encode("utf-8", "surrogatepass"))
            if held is not None:
                held.append(item)
                held = held if n <= HELD else None
        if n < len(self._only):
            raise InputError(
                f"{len(self._only) - n} of the {len(self._only)} ids are not in {self.plan.data}"
            )
        if n == 0:
            plan = self.plan
            raise InputError(
                f"{plan.data} holds no item of {plan.benchmark} (subset {plan.subset}, split {plan.split})"
            )
        self._held = held
        return n, digest.hexdigest()

    def examples(self, wanted: bool = False) -> list[Example] | None:
        """The pool of solved cases the plan names; where it names none and one is `wanted`, the training split beside the data.

        None where there is neither. Kept in `pool`.
        """
        plan = self.plan
        home = Home(plan.benchmark, plan.data, plan.subset, plan.split, plan.columns, self.images)
        if plan.examples is not None:
            self.pool = read_pool(str(plan.examples), home)
        elif wanted:
            try:
                self.pool = own_training_split(home)
            except (InputError, UsageError) as error:
                self.why_no_pool = str(error)
        return self.pool

    def about_pool(self) -> dict[str, Any] | None:
        """Where the pool is from, how large it is, and its checksum, for the manifest; None without one."""
        if self.pool is None:
            return None
        digest = hashlib.sha256()
        for example in self.pool:
            digest.update(f"{example.case.id} {example.answer!r}\n".encode("utf-8", "surrogatepass"))
        named = (
            str(self.plan.examples) if self.plan.examples is not None else "training split beside the data"
        )
        return {"from": named, "n": len(self.pool), "sha256": digest.hexdigest()}


def length(case: Case) -> int:
    """Characters of what a case shows."""
    documents = sum(len(document.text) for document in case.documents)
    options = sum(len(option.text) + 4 for option in case.options)
    return len(case.text) + len(case.question or "") + documents + options


def choose(plan: Plan, n: int) -> list[int] | None:
    """Positions of the items to run, sampled by seed; None for all of them."""
    if plan.limit is None or plan.limit >= n:
        return None
    seed = plan.seed if plan.sample_seed is None else plan.sample_seed
    return sorted(random.Random(seed).sample(range(n), plan.limit))


def numbered(
    source: Source, chosen: list[int] | None, done: Container[int]
) -> Iterator[tuple[int, Item[Any], int]]:
    """Number, item and epoch of what is not done yet, in order; one iterator for all who work on it."""
    wanted = None if chosen is None else set(chosen)
    place, epochs = 0, source.plan.epochs
    for position, item in enumerate(source):
        if wanted is not None and position not in wanted:
            continue
        for epoch in range(epochs):
            number = place * epochs + epoch
            if number not in done:
                yield number, item, epoch
        place += 1
