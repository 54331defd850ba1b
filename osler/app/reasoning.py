"""Methods run for callers of the page and the API: which they may name, with what, and every event as it happens.

Methods run on one event loop in a thread of their own, so that hundreds may wait for a model at once and the server answers
meanwhile. Callers choose a method, its options and corpora that the server has; models and services are the server's alone, and
nothing that a caller writes names a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
from collections.abc import AsyncGenerator, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from osler import replies
from osler.app import allowed
from osler.app.failures import for_callers, internal, unavailable, whole
from osler.app.wording import for_caller
from osler.compose import Composed
from osler.errors import LimitError, OslerError, SourceError
from osler.knowledge.retrieval.sources import Sources
from osler.llm.able import of_roles

if TYPE_CHECKING:
    from osler.app.desk import Desk
    from osler.case import Case
    from osler.knowledge.retrieval.sources import Opened
    from osler.session import Outcome, Setting

_T = TypeVar("_T")
MOST_WAITING = 50_000
# What a caller may name is decided in one place (see there).
chosen = allowed.method


class Reasoning:
    """The loop on which methods run. Started with the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Begin work; the future's `cancel` stops it."""
        return asyncio.run_coroutine_threadsafe(work, self._started())

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Work to its end; where the waiting is cancelled, so is the work."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        """Cancel what is under way and end the loop."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(_end, loop)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="osler-methods", daemon=True).start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    tasks = [task for task in asyncio.all_tasks(loop) if not task.done()]
    for task in tasks:
        task.cancel()
    # One turn of the loop later the cancelled have had their say.
    loop.call_later(0.05 if tasks else 0, loop.stop)


def setting_for(desk: Desk, made: Composed, corpora: Sequence[str] = (), **more: Any) -> Setting:
    """What a method is run with: the server's models and sources, so far as it needs them, and the caller's corpora.

    Raises UsageError for a corpus that the server does not have.
    """
    from osler.knowledge.corpus import store

    theirs = desk.settings.sources
    named = allowed.corpora(desk.settings, corpora)
    if not named and "corpus" in made.needs:
        named = theirs.corpora or tuple(store.names())
    sources = replace(
        theirs,
        corpora=named,
        retrieval=theirs.retrieval if named else None,
        rewrite=theirs.rewrite if named else None,
        rank=theirs.rank if named else None,
        graph=theirs.graph if "graph" in made.needs else None,
        reranker=theirs.reranker if "reranker" in made.needs or theirs.rank == "cross-encoder" else None,
    ) if (named or theirs != Sources()) else Sources()  # fmt: skip
    models = of_roles(made.roles, desk.settings.models) if "model" in made.needs else ()
    # Case text stays in memory: replies are not kept on disk for a caller.
    return desk.setting(models=models, sources=sources, **{"cache": False, **more})


async def events(desk: Desk, case: Case, made: Composed, setting: Setting) -> AsyncGenerator[tuple[str, Any]]:
    """A method's run as it happens: `start`, `delta` and `end` of steps, `piece`s of replies, then `answer` (as `osler ask --json`
    prints it) or `error` ({"status", "title", "detail"}). Leaving the iteration stops the run."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[str, Any] | None]()

    def put(item: tuple[str, Any] | None) -> None:
        with contextlib.suppress(RuntimeError):  # the server's loop has ended
            loop.call_soon_threadsafe(queue.put_nowait, item)

    def piece(path: tuple[int, ...], text: str, kind: str) -> None:
        if queue.qsize() > MOST_WAITING:
            raise LimitError("the listener is too slow for the words that come; nothing more is sent")
        put(("piece", {"path": list(path), "text": text, "kind": kind}))

    setting.listen = lambda event: put((event.event, event.model_dump(mode="json", exclude={"event"})))
    setting.pieces = piece
    future = desk.reasoning.submit(outcome(desk, case, made, setting))
    future.add_done_callback(lambda _: put(None))
    try:
        while (item := await queue.get()) is not None:
            yield item
        yield _ended(future)
    finally:
        future.cancel()


async def outcome(desk: Desk, case: Case, made: Composed, setting: Setting) -> Outcome:
    """A method's run to its end; to be run on the methods' loop. Raises Unavailable where the graph or a corpus that it asks is
    broken."""
    from osler.runtime import Host
    from osler.session import run_case

    if setting.opened is None:
        # A graph that is open already stands in the place of the server's own, which is then not read: that takes a minute.
        if "graph" in made.needs:
            await asyncio.to_thread(desk.graph, setting.sources.graph)
        if setting.sources.corpora:
            setting.opened = await asyncio.to_thread(_opened, setting, made)
    try:
        return await run_case(case, made, setting, Host(desk.knowledge, explain=True, questions=0))
    except (
        UnicodeDecodeError,
        struct.error,
        EOFError,
    ) as error:  # what files end in that were cut off or written over
        raise unavailable("what this method looks into", error) from None


def _opened(setting: Setting, made: Composed) -> Opened:
    from osler.methods.searching import open_all

    with whole("a corpus", passing=(SourceError,)):
        return open_all(setting.sources, made.needs)


def _ended(future: Future[Outcome]) -> tuple[str, Any]:
    from osler.app.problems import TITLES, status_of

    try:
        return "answer", replies.answer(future.result())
    except (OslerError, OSError) as error:
        told = for_callers(error)
        status, detail = status_of(told), for_caller(str(told), "api")
    except Exception as error:
        status, detail = 500, internal("a method", error)
    return "error", {"status": status, "title": TITLES.get(status, "Error"), "detail": detail}
