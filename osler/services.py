"""What a run offers to its contexts: the protocols of models, examples, calculators, images and searches, and the budget.

Each is what a context asks for and no more; the packages behind them (`osler.llm`, `osler.calculators`,
`osler.knowledge`) are handed in by whoever starts the run.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from osler.case import Case
from osler.errors import LimitError
from osler.graphs import Graphs
from osler.passages import Encoder, Passage, Reranker, Retriever
from osler.trace import Answer, Candidate, Path

if TYPE_CHECKING:
    from osler.context import Context


@runtime_checkable
class Differentials(Protocol):
    """The embedded engine as a context sees it: a case in, a differential with its evidence out."""

    def differential(self, case: Case, method: str, top: int) -> Answer:
        """Rank the known diseases for a case by the named ranker; at most `top` candidates with evidence."""
        ...

    def review(self, case: Case, names: Sequence[str]) -> list[Candidate | None]:
        """Each named disease held against its profile: evidence for and against; None where there is no profile.

        Typical findings of the profile that the case does not mention come as evidence with `supports` None.
        """
        ...


@dataclass(slots=True)
class Asked:
    """A model's reply as a method reads it. `value` fits the schema, or is empty where nothing could be read.

    `how` says what was read: `schema` (the reply followed it), `pattern` (an explicit final answer in prose), `repair`
    (after one more turn that asked for the form), or `unreadable` (wrong, counted and reported; never a guess).
    """

    value: dict[str, Any]
    how: str
    text: str
    reply: Any = None

    @property
    def readable(self) -> bool:
        """Whether anything was read."""
        return self.how != "unreadable"


@dataclass(frozen=True)
class Example:
    """A solved case of a pool meant for examples (a training split), never the case at hand."""

    case: Case
    answer: Answer


class Examples(Protocol):
    """The pool of a benchmark's training split; items that share the case's vignette are held out."""

    def sample(self, case: Case, k: int, rng: random.Random) -> list[Example]:
        """`k` examples drawn without replacement, or all there are."""
        ...

    def nearest(self, case: Case, k: int | None = None) -> Sequence[tuple[int, Example]]:
        """Examples with their number in the pool, the most similar first; all of them without `k`."""
        ...


class Language(Protocol):
    """The language models of a run, as a context sees them; `osler.llm` implements it."""

    async def ask(
        self, messages: list[Any], schema: dict[str, Any] | None, ctx: Context, max_tokens: int | None
    ) -> Asked:
        """One question with the reading order applied. The model is that of `ctx.speaker`, or the main one."""
        ...

    async def chat(self, messages: list[Any], tools: list[Any], ctx: Context, max_tokens: int | None) -> Any:
        """One turn, unread: the reply with its finish reason, tool calls and log-probabilities."""
        ...

    async def loglikelihood(self, prompt: str, continuations: Sequence[str], ctx: Context) -> list[Any]:
        """How likely each continuation of a raw prompt is: summed log-probability and tokens, in order."""
        ...

    def conversation(self, prompt: Any, system: str | None) -> list[Any]:
        """A prompt (text or messages) as a list of messages."""
        ...


class Calculators(Protocol):
    """The clinical calculators as a context sees them; the package `osler.calculators` is one."""

    def run(
        self, calculator: Any, values: Mapping[str, Any] | None = None, *, rest: bool | None = None, strict: bool = True,
        beyond: bool = False,
    ) -> Any:  # fmt: skip
        """Work a calculator out; its result has the value, the inputs used, the equation and the nested results."""
        ...

    def search(self, query: str, top: int = 10) -> list[Any]:
        """Calculators that fit a query, best first, each with its score."""
        ...


class Images(Protocol):
    """Where the bytes of a run's images are, by SHA-256; a case names them by hash alone."""

    def get(self, sha256: str) -> tuple[bytes, str]:
        """Bytes and media type. Raises InputError for an image that is not there."""
        ...


class Searches(Protocol):
    """What a run does before and after every search; `osler.methods.searching.Searching` is one."""

    async def before(self, query: str, ctx: Context) -> str:
        """The query as it is searched."""
        ...

    def candidates(self, top: int) -> int:
        """How many passages to ask the retriever for."""
        ...

    async def after(self, query: str, found: Sequence[Passage], top: int, ctx: Context) -> list[Passage]:
        """At most `top` of what was found, in their final order."""
        ...


@dataclass
class Budget:
    """How much a run may still spend; `None` is no limit. `take` raises LimitError before a limit is passed."""

    steps: int | None = None

    def take(self, steps: int = 1) -> None:
        """Use up steps."""
        if self.steps is None:
            return
        if self.steps < steps:
            raise LimitError("the budget of steps is used up; raise it or choose a cheaper method")
        self.steps -= steps


@dataclass
class Services:
    """What the world offers to a run: set by `runtime.py`, shared by all contexts of the run."""

    engine: Differentials | None = None
    language: Language | None = None
    prompts: dict[str, str] = field(default_factory=dict)
    examples: Examples | None = None
    images: Images | None = None
    calculators: Calculators | None = None
    graph: Graphs | None = None
    retriever: Retriever | None = None
    encoder: Encoder | None = None
    reranker: Reranker | None = None
    searching: Searches | None = None
    shared: dict[Path, asyncio.Future[Any]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
