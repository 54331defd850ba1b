"""The Context: a method's only door to the world. Everything that goes through it lands in the trace.

A method is an async function `(case, ctx, **options) -> Answer`. A context carries the path of the step it stands in;
derived contexts (`child`, `role`, `sampling`) extend the path, and the random stream follows the path, so a re-run draws
the same numbers whatever finishes first. Knows nothing of how a differential is computed: `runtime.py` hands that in.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import string
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeVar

from osler import critical_path
from osler.case import Case
from osler.errors import Unplaced, UsageError
from osler.graphs import Applied, Checked, Graphs, Linked, Person
from osler.passages import Filters, Passage, Retriever, VectorRetriever
from osler.services import Asked, Budget, Examples, Language, Services
from osler.trace import Answer, AtFormula, AtSpan, Candidate, Evidence, Path, Recorder, StepKind

_T = TypeVar("_T")


class Method(Protocol):
    """What a registered method looks like."""

    def __call__(self, case: Case, ctx: Context, /) -> Awaitable[Answer]:
        """Answer a case; typed options follow as keyword parameters."""
        ...


@dataclass
class Context:
    """One place in the tree of a run. Make the first with `Context(services, recorder)`; derive the others."""

    services: Services
    recorder: Recorder
    path: Path = ()
    speaker: str | None = None
    temperature: float | None = None
    usual_temperature: float | None = None
    logprobs: bool = False
    _children: int = 0

    @property
    def budget(self) -> Budget:
        """What the run may still spend."""
        return self.services.budget

    @property
    def rng(self) -> random.Random:
        """A random stream that depends on the run's seed and this context's path only."""
        key = f"{self.services.seed}:{'.'.join(map(str, self.path))}".encode()
        return random.Random(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "big"))

    def child(self) -> Context:
        """A context below this one; children are numbered in program order."""
        path = (*self.path, self._children)
        self._children += 1
        return replace(self, path=path, _children=0)

    def role(self, name: str) -> Context:
        """A child context whose steps are spoken by `name`."""
        return replace(self.child(), speaker=name)

    def sampling(self, temperature: float, logprobs: bool = False) -> Context:
        """A child context that draws at a temperature; with `logprobs`, replies come with those of their tokens if they can."""
        return replace(self.child(), temperature=temperature, logprobs=logprobs or self.logprobs)

    def greedy(self) -> Context:
        """A child context that decodes greedily, unless the run or an enclosing method asks for a temperature."""
        return replace(self.child(), usual_temperature=0.0)

    @contextmanager
    def step(self, kind: StepKind, label: str = "", text: str = "") -> Iterator[Context]:
        """Open a step, yield the context inside it, and close it; an exception closes it as failed or cancelled."""
        inner = self.child()
        self.budget.take()
        self.recorder.start(inner.path, kind, label, self.speaker)
        if text:
            self.recorder.add(inner.path, text=text)
        try:
            yield inner
        except (asyncio.CancelledError, KeyboardInterrupt):
            self.recorder.end(inner.path, "cancelled")
            raise
        except BaseException:
            self.recorder.end(inner.path, "failed")
            raise
        self.recorder.end(inner.path)

    def note(self, text: str = "", evidence: list[Evidence] | None = None, **data: Any) -> None:
        """Add to the step this context stands in."""
        self.recorder.add(self.path, text=text, evidence=evidence, data=data or None)

    def prompt(self, name: str, default: str) -> str:
        """The user's own wording of a prompt (`--prompts FILE`) where there is one, else the method's.

        Raises UsageError where it names a place (`{…}`) that the method does not fill.
        """
        own = self.services.prompts.get(name)
        return default if own is None else fit_prompt(name, own, default)

    async def ask(
        self,
        prompt: Any,
        *,
        schema: dict[str, Any] | None = None,
        system: str | None = None,
        kind: StepKind = "hypothesise",
        label: str = "",
        max_tokens: int | None = None,
    ) -> Asked:
        """Ask the model of this context's role; the exchange is one step of the trace.

        `prompt` is text or a list of messages. With a `schema` (JSON schema, reasoning before answer) the reply is read
        in the one reading order; without, `value` is empty and `text` is the reply. Images that the prompt names by a
        marker (`osler.methods.task.present` writes them) go with it. Raises UsageError without a model.
        """
        language = self._language()
        messages = language.conversation(prompt, system)
        with self.step(kind, label) as inside:
            asked = await language.ask(messages, schema, inside, max_tokens)
            how = {"read": asked.how} if schema else {}
            inside.note(asked.text, None, prompt=messages[-1].text, **how)
        return asked

    async def chat(
        self,
        messages: list[Any],
        *,
        tools: Iterable[Any] = (),
        label: str = "",
        max_tokens: int | None = None,
    ) -> Any:
        """The turn underneath `ask`: a reply with finish reason, tool calls, log-probabilities and token ids."""
        language = self._language()
        with self.step("ask", label) as inside:
            reply = await language.chat(list(messages), list(tools), inside, max_tokens)
            inside.note(reply.text, prompt=messages[-1].text)
        return reply

    async def likelihoods(
        self, prompt: str, continuations: Sequence[str], *, kind: StepKind = "conclude", label: str = ""
    ) -> list[Any]:
        """How likely the model finds each continuation of a prompt, as raw text without a chat; one call, one step.

        Each has `logprob` (summed natural-log probability) and `tokens`; all are kept in the step. Nothing is drawn, so
        temperature and seed do not matter. Raises UsageError without a model, CallFailed where it gives no likelihoods.
        """
        language = self._language()
        with self.step(kind, label) as inside:
            found = await language.loglikelihood(prompt, continuations, inside)
            rows = [
                {"text": text, "logprob": one.logprob, "tokens": one.tokens}
                for text, one in zip(continuations, found, strict=True)
            ]
            said = "\n".join(f"{row['logprob']:.4f} {row['text'].strip()}" for row in rows)
            inside.note(said, None, prompt=prompt, likelihoods=rows)
        return found

    @property
    def examples(self) -> Examples:
        """The pool of examples. Raises UsageError where the run has none."""
        if self.services.examples is None:
            raise UsageError("this method learns from examples; name a pool with --examples FILE")
        return self.services.examples

    async def shared(self, key: Path, work: Callable[[Context], Awaitable[_T]]) -> _T:
        """Work done once a run and shared by its cases (preparing a pool's example, for instance).

        It runs under the path `(-1, *key)`, the same whichever case comes first, and outlives a case that is cancelled.
        What it costs is charged to the case that began it. Where it fails, as when that case's own budget is used up, it
        fails for that case alone: each of the others tries again.
        """
        while True:
            future, place = self.services.shared.get(key), None
            mine = future is None
            if future is None:
                apart = Context(self.services, Recorder(), (-1, *key))
                future, place = critical_path.start(work(apart))
                self.services.shared[key] = future
                future.add_done_callback(
                    lambda _, spent=apart.recorder: self.recorder.meters.extend(spent.meters)
                )
            try:
                found = await asyncio.shield(future)
                if place is not None:
                    self.recorder.reach(critical_path.join([place]))
                return found
            except Exception:
                if self.services.shared.get(key) is future:
                    del self.services.shared[key]
                if mine:
                    raise

    def _language(self) -> Language:
        if self.services.language is None:
            raise UsageError(
                "this method asks a language model; name one with --model (osler models check tests it)"
            )
        return self.services.language

    async def gather(self, work: Iterable[Awaitable[_T]]) -> list[_T]:
        """Run independent work at once; results in order. The first failure cancels the rest."""
        started = [critical_path.start(item) for item in work]
        tasks = [task for task, _ in started]
        try:
            return list(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        finally:
            critical_path.join(place for _, place in started)

    async def differential(self, case: Case, method: str = "embedded", top: int = 10) -> Answer:
        """The embedded engine's differential, recorded as one `hypothesise` step with its evidence."""
        if self.services.engine is None:
            raise UsageError("this run has no embedded engine; make the context with osler.runtime.context()")
        with self.step("hypothesise", method) as inside:
            answer = self.services.engine.differential(case, method, top)
            for candidate in answer.differential:
                inside.note(f"{candidate.name} ({candidate.id})\n", candidate.evidence)
        return answer

    async def calculate(
        self,
        calculator: str,
        values: Mapping[str, Any],
        *,
        rest: bool | None = None,
        strict: bool = True,
        beyond: bool = False,
    ) -> Any:
        """A calculator worked out, recorded as one `calculate` step with its equation; nested calculators stand below it.

        Values, settings and errors are those of `osler.calculators.run`; a refusal closes the step as failed.
        """
        if self.services.calculators is None:
            raise UsageError("this run has no calculators; make the context with osler.runtime.context()")
        with self.step("calculate", calculator) as inside:
            result = self.services.calculators.run(
                calculator, values, rest=rest, strict=strict, beyond=beyond
            )
            inside._worked_out(result)
        return result

    async def graph(self, start: str, end: str | None = None, **options: Any) -> list[Evidence]:
        """Paths between two names, or what is near one, recorded as one `retrieve` step with each path as evidence.

        Options are those of `osler.knowledge.graph.connect.GraphService`: `relations`, `without`, `sex`, `age`,
        `longest`, `cap` for paths; `relations`, `kinds`, `top` near one name. A name that the graph cannot place gives
        no path, and the step says so. Raises UsageError where the run has no graph, or for a relation that it lacks.
        """
        graphs = self.graphs
        asked = start if end is None else f"{start} → {end}"
        with self.step("retrieve", "graph", asked) as inside:
            try:
                found = graphs.near(start, **options) if end is None else graphs.paths(start, end, **options)
            except Unplaced as error:
                inside.note(f"\n{error}")
                return []
            inside.note("".join(f"\n{item.quote}" for item in found) or "\nno path", found)
        return found

    @property
    def graphs(self) -> Graphs:
        """The graph of this run, for what it holds (`relations`, `conditions`). Raises UsageError where there is none."""
        if self.services.graph is None:
            raise UsageError("this run has no graph; make the context with osler.runtime.context()")
        return self.services.graph

    async def graph_link(self, text: str, kinds: Sequence[str] = (), *, label: str = "link") -> list[Linked]:
        """Nodes that a name or a running text mentions, as one `retrieve` step; a name that is not clear gives none."""
        graphs = self.graphs
        with self.step("retrieve", label, text) as inside:
            found = graphs.link(text, kinds)
            inside.note("".join(f"\n{one.id} {one.name}" for one in found) or "\nnothing linked")
        return found

    async def graph_triples(self, name: str, *, label: str = "graph", **options: Any) -> list[Evidence]:
        """Edges of a name or id as triples (`osler.graphs.triple` reads one), as one `retrieve` step.

        Options: `relations`, `kinds`, `top`, `way` ("out" or "in"). A name that the graph cannot place gives none, and the step says so.
        """
        graphs = self.graphs
        with self.step("retrieve", label, name) as inside:
            try:
                found = graphs.triples(name, **options)
            except Unplaced as error:
                inside.note(f"\n{error}")
                return []
            inside.note("".join(f"\n{item.quote}" for item in found) or "\nno edge", found)
        return found

    async def graph_check(self, head: str, relation: str, tail: str, *, label: str = "graph") -> Checked:
        """Whether the graph holds a statement, as one `verify` step with the edges that decide it."""
        graphs = self.graphs
        with self.step("verify", label, f"{head} – {relation} → {tail}") as inside:
            found = graphs.check(head, relation, tail)
            inside.note(f"\n{found.verdict}: {found.why}", list(found.evidence), verdict=found.verdict)
        return found

    async def graph_applicable(
        self, found: Sequence[Evidence], person: Person, *, label: str = "applies"
    ) -> list[Applied]:
        """Whether each triple counts for a person, as one `verify` step."""
        graphs = self.graphs
        with self.step("verify", label) as inside:
            judged = [graphs.applicable(item, person) for item in found]
            for item, one in zip(found, judged, strict=True):
                inside.note(f"{item.quote}: {one.verdict} ({one.why})\n", [item])
        return judged

    def _worked_out(self, result: Any) -> None:
        """Note a result and, as steps below, the nested results that its inputs came from."""
        for inner in result.nested.values():
            with self.step("calculate", inner.calculator.name) as below:
                below._worked_out(inner)
        inputs = {name: given.text for name, given in result.used.items()}
        formula = AtFormula(expression=result.equation or result.text, inputs=inputs)
        cited = [f"DOI:{source.doi}" for source in result.calculator.sources if source.doi]
        evidence = Evidence(
            source="calculator",
            record=result.calculator.name,
            locator=formula,
            quote=result.text,
            references=cited,
        )
        self.note(f"{result.calculator.title}: {result.text}", [evidence])

    @property
    def retriever(self) -> Retriever:
        """The corpus of this run. Raises UsageError where there is none."""
        if self.services.retriever is None:
            raise UsageError(
                "this method answers from a corpus; name one with --corpus (osler corpus list shows them)"
            )
        return self.services.retriever

    async def retrieve(
        self,
        query: str,
        top: int = 10,
        *,
        filters: Filters | None = None,
        label: str = "",
        vector: Any = None,
    ) -> list[Passage]:
        """Passages for a query, best first, recorded as one `retrieve` step; each is evidence with its exact place.

        With a `vector` (float32 [dimensions], as `embed` makes them) the passages nearest to it, whatever the query's
        words; UsageError where the run's corpus has no vectors. What passages say is data: a method that shows them to a
        model fences and attributes them.
        """
        retriever = self.retriever
        with self.step("retrieve", label or retriever.name) as inside:
            if vector is None:
                found = await _searched(retriever, query, top, filters, inside)
            elif not isinstance(retriever, VectorRetriever):
                raise UsageError(
                    f"{retriever.name} has no vectors to search by; osler corpus embed makes them, then --retrieval dense"
                )
            else:
                found = await _apart(retriever, retriever.nearest, vector, top, filters)
            inside.note(f"{query}\n", [cited(passage) for passage in found], query=query, top=top)
        return found

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"] = "query") -> Any:
        """Texts as vectors by the run's encoder, float32 [texts, dimensions], rows of length 1; one `retrieve` step.

        Raises UsageError where the run has no encoder.
        """
        encoder = self.services.encoder
        if encoder is None:
            raise UsageError(
                "this method compares by meaning; name an encoder with --encoder, such as minilm"
            )
        with self.step("retrieve", "embed", f"{len(texts)} texts by {encoder.name}"):
            return await _apart(encoder, encoder.encode, list(texts), kind)

    async def rerank(self, query: str, passages: Sequence[Passage], top: int | None = None) -> list[Passage]:
        """Passages in the order of the run's re-ranker, with its scores; one `retrieve` step. All of them without `top`.

        Raises UsageError where the run has no re-ranker.
        """
        reranker = self.services.reranker
        if reranker is None:
            raise UsageError("this method re-ranks passages; name a re-ranker with --reranker")
        with self.step("retrieve", f"re-rank by {reranker.name}") as inside:
            scores = await _apart(reranker, reranker.scores, query, [one.text for one in passages])
            order = sorted(range(len(passages)), key=lambda place: (-scores[place], place))[:top]
            found = [passages[place]._replace(score=float(scores[place])) for place in order]
            inside.note(f"{query}\n", [cited(passage) for passage in found], query=query)
        return found

    async def review(self, case: Case, names: Sequence[str]) -> list[Candidate | None]:
        """Named diseases held against their profiles, recorded as one `verify` step; None for one without a profile."""
        if self.services.engine is None:
            raise UsageError("this run has no embedded engine; make the context with osler.runtime.context()")
        with self.step("verify", "profiles") as inside:
            found = self.services.engine.review(case, names)
            for name, candidate in zip(names, found, strict=True):
                inside.note(
                    f"{name}: {candidate.id if candidate else 'no profile'}\n",
                    candidate and candidate.evidence,
                )
        return found


async def _searched(
    retriever: Retriever, query: str, top: int, filters: Filters | None, ctx: Context
) -> list[Passage]:
    """A search with what the run does before and after each."""
    around = ctx.services.searching
    if around is None:
        return await _apart(retriever, retriever.search, query, top, filters)
    wanted = await around.before(query, ctx)
    found = await _apart(retriever, retriever.search, wanted, around.candidates(top), filters)
    return await around.after(query, found, top, ctx)


async def _apart(part: Any, work: Callable[..., _T], *given: Any) -> _T:
    """Work of a retriever, encoder or re-ranker: in a thread where it says that it is `slow` (it waits, or computes long)."""
    if getattr(part, "slow", False):
        return await asyncio.to_thread(work, *given)
    return work(*given)


def cited(passage: Passage, supports: bool | None = None) -> Evidence:
    """A passage as evidence: its document, its place there, and its words."""
    return Evidence(
        source=passage.corpus or passage.source,
        record=passage.document,
        locator=AtSpan(start=passage.start, end=passage.end),
        quote=passage.text,
        score=passage.score,
        supports=supports,
        references=[passage.url] if passage.url else [],
    )


def fit_prompt(name: str, own: str, default: str) -> str:
    """The user's own words for a prompt, when every place in them is one that the default has. Raises UsageError."""
    try:
        places, known = _places(own), _places(default)
    except ValueError as error:
        raise UsageError(f"prompt {name!r}: {error}; a brace of its own is written twice") from None
    if places - known:
        given = ", ".join(f"{{{place}}}" for place in sorted(known))
        raise UsageError(
            f"prompt {name!r} has no {{{min(places - known)}}} to fill; it may use {given}. A brace of its own is "
            "written twice"
        )
    return own


@lru_cache(maxsize=256)
def _places(template: str) -> frozenset[str]:
    """The names in braces of a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
