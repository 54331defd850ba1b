"""What one server holds for all its callers: settings, sessions, jobs, and the engine that is loaded once."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from osler.app.audit import Audit
from osler.app.body import Body
from osler.app.failures import Busy, TooMuch, whole
from osler.app.jobs import KEPT_S, Jobs
from osler.app.rates import Rates
from osler.app.reasoning import Reasoning
from osler.app.sessions import Sessions
from osler.app.settings import Settings
from osler.app.streams import Streams
from osler.app.tokens import Tokens, default_path
from osler.session import Setting

if TYPE_CHECKING:
    from osler.knowledge.graph.connect import GraphService
    from osler.knowledge.graph.store import Graph
    from osler.knowledge.profiles import Knowledge
    from osler.knowledge.retrieval.sources import Opened
    from osler.knowledge.term_search import DiseaseSearch, TermSearch

_T = TypeVar("_T")
MOST_FAILURES = 10
# Requests with larger bodies compute among the long work, of which each client may have so much begun or waiting.
LONG_BYTES, MOST_LONG = 50_000, 16
# What takes long with small bodies too (corpora, the graph, runs): so much of one client, and of all of them together.
MOST_READS, MOST_WAITING = 48, 96
# Who calls, and the body of the request, for the work that is done for it (set by the guard).
CALLING: ContextVar[tuple[str, Body] | None] = ContextVar("calling", default=None)


class Desk:
    """The server's shared parts. Made once by `osler.app.main.create_app`, found at `request.app.state.desk`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # What ended is kept no longer than a case at rest.
        self.kept_s = min(KEPT_S, settings.retention_minutes * 60)
        self.jobs = Jobs(self.kept_s)
        self.sessions = Sessions(
            settings.retention_minutes,
            forgotten=lambda session, case_id: self.jobs.forget(session.id, case_id),
        )
        self.tokens = Tokens(settings.tokens or default_path())
        # Tokens that were not known, of each client.
        self.failures = Rates(MOST_FAILURES)
        self.audit = Audit(settings.audit, settings.audit_mb, settings.audit_text) if settings.audit else None
        # What to retrieve from where it is open already (tests, embedding); else each run opens what the settings name.
        self.opened: Opened | None = None
        self.reasoning = Reasoning()
        self.streams = Streams(settings.streams)
        self.ending = False
        # Work that computes goes into as many threads as there are cores: more would only take turns. What takes long has
        # threads of its own, so that nobody's ranking waits behind a large text.
        cores = max(2, os.cpu_count() or 2)
        self._short = ThreadPoolExecutor(cores, thread_name_prefix="osler")
        self._long = ThreadPoolExecutor(cores, thread_name_prefix="osler-long")
        self._apart = ThreadPoolExecutor(1, thread_name_prefix="osler-apart")
        self._busy: Counter[str] = Counter()

    @cached_property
    def knowledge(self) -> Knowledge:
        """The knowledge base, loaded once."""
        from osler.runtime import knowledge

        return knowledge(self.settings.knowledge)

    @cached_property
    def terms(self) -> TermSearch:
        """The terms of the knowledge's ontology, to be searched as somebody types."""
        from osler.knowledge.term_search import TermSearch

        return TermSearch(self.knowledge.ontology, self.knowledge)

    @cached_property
    def diseases(self) -> DiseaseSearch:
        """The diseases of the knowledge, to be searched as somebody types."""
        from osler.knowledge.load import other_names
        from osler.knowledge.term_search import DiseaseSearch

        return DiseaseSearch(self.knowledge, other_names(self.knowledge))

    def warm(self) -> None:
        """Load what the first case would wait for: the engine, its tables, and the words that findings are read by."""
        from osler import runtime

        runtime.case_from(b"no fever", base=self.knowledge)
        runtime.diagnose(present=["HP:0001250"], base=self.knowledge)
        _ = self.terms, self.diseases

    def graph(self, spec: str | None = None) -> Graph:
        """The graph that is named, by default the server's own. Raises Unavailable where it cannot be read."""
        from osler.knowledge.graph import load_graph

        named = spec or self.settings.sources.graph or "osler"
        with whole("the graph", named):
            return load_graph(named)

    def graph_service(self, spec: str | None = None) -> GraphService:
        """A graph as methods ask it, loaded now. Raises Unavailable where it cannot be read."""
        from osler.knowledge.graph.connect import GraphService

        made = GraphService(spec or self.settings.sources.graph or "osler")
        made.graph = self.graph(made.spec)
        return made

    async def compute(self, work: Callable[..., _T], *given: Any, **named: Any) -> _T:
        """Run work that computes in a thread, so that other callers are served meanwhile; for a large body, as long work."""
        calling = CALLING.get()
        if calling is not None and calling[1].size > LONG_BYTES:
            return await self.compute_long(work, *given, **named)
        return await asyncio.wrap_future(self._short.submit(lambda: work(*given, **named)))

    async def compute_long(self, work: Callable[..., _T], *given: Any, **named: Any) -> _T:
        """Run work that may take seconds, behind other such work alone. Raises TooMuch where the client has too much of it, Busy
        where all callers together have.

        Work that still waits when its caller goes away is not begun. Jobs, which have limits of their own, wait their turn.
        """
        client, body = CALLING.get() or ("", None)
        large = body is not None and body.size > LONG_BYTES
        most = MOST_LONG if large else MOST_READS
        if client and self._busy[client] >= most:
            kind = "large requests" if large else "requests that take long"
            raise TooMuch(f"{most} {kind} of yours are under way; wait for one to end")
        if client and sum(self._busy.values()) - self._busy[""] >= MOST_WAITING:
            raise Busy("too much that takes long is under way here; try again in a moment")
        self._busy[client] += 1
        future: Future[_T] = self._long.submit(lambda: work(*given, **named))
        # Counted until the work itself is over, also where nobody waits for it any more.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(self._freed, client))
        made = asyncio.wrap_future(future)
        gone = asyncio.ensure_future(body.gone()) if body is not None and body.whole else None
        try:
            if gone is not None:
                await asyncio.wait({made, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not made.done() and future.cancel():
                    raise TooMuch("the caller went away")
            return await made
        finally:
            if gone is not None:
                gone.cancel()

    async def compute_apart(self, work: Callable[..., _T], *given: Any, **named: Any) -> _T:
        """Run work that takes minutes, one such piece at a time; for jobs."""
        return await asyncio.wrap_future(self._apart.submit(lambda: work(*given, **named)))

    def _freed(self, client: str) -> None:
        self._busy[client] -= 1
        if not self._busy[client]:
            del self._busy[client]

    def setting(self, **more: Any) -> Setting:
        """A setting for running methods: the server's models and corpora, and what the caller chose."""
        about: dict[str, Any] = {
            "models": self.settings.models,
            "base_url": self.settings.base_url,
            "sources": self.settings.sources,
            # What callers send is not written to disk, and no method expression of theirs may call models without end.
            "cache": self.settings.cache,
            "budget": f"calls={self.settings.calls}",
        }
        return Setting(**{**about, **more})

    def end(self) -> None:
        """Begin to end, so that nobody waits for what will not come: streams close, jobs and methods are cancelled."""
        self.ending = True
        self.streams.end()
        self.jobs.close()
        self.reasoning.close()

    def close(self) -> None:
        """Stop the jobs and the threads."""
        self.end()
        if self.audit is not None:
            self.audit.close()
        for pool in (self._short, self._long, self._apart):
            pool.shutdown(wait=False, cancel_futures=True)
