"""Work that takes longer than a request should: begun, watched by its events, cancelled, its result kept for a while.

Each event has a number; a watcher that lost its connection goes on after the last one it saw. Knows nothing of the work.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from osler.app.failures import TooMuch, for_callers, in_words, internal
from osler.errors import OslerError, UsageError

MOST_JOBS, MOST_RUNNING, MOST_EVENTS, KEPT_S = 500, 250, 20_000, 3600.0
# Bytes that the jobs under way of one owner and of all were given, and those of all results that are kept.
MOST_OF_ONE, MOST_OF_ALL, MOST_RESULTS = 100_000_000, 200_000_000, 200_000_000


@dataclass
class Job:
    """One piece of work. `state` is running, done, failed or cancelled; `events` are (name, data) in order.

    `weight` is about how many bytes it holds: of what it was given while it runs, of its result (`size`) afterwards.
    `owner` is the session or token that may see it; `about` the id of the case it is about, so that it can be forgotten with it.
    """

    id: str
    owner: str
    kind: str
    about: str = ""
    state: str = "running"
    progress: float | None = None
    events: list[tuple[str, Any]] = field(default_factory=list)
    result: Any = None
    error: OslerError | None = None
    ended: float | None = None
    stopping: bool = False
    weight: int = 0
    task: asyncio.Task[Any] | None = field(default=None, repr=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def tell(self, name: str, data: Any) -> None:
        """Add an event. Call it on the event loop's thread (`Jobs.teller` gives a function for other threads)."""
        if len(self.events) < MOST_EVENTS:
            self.events.append((name, data))
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def watch(self, after: int = 0) -> AsyncIterator[tuple[int, str, Any]]:
        """Events numbered from 1, those after `after`, until the job has ended and all were given."""
        at = after
        while True:
            news = self._news
            while at < len(self.events):
                at += 1
                name, data = self.events[at - 1]
                yield at, name, data
            if self.state != "running" and at >= len(self.events):
                return
            await news.wait()


class Jobs:
    """All jobs of a server; those that ended are kept for `kept_s` seconds, fewer where there are too many."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._all: dict[str, Job] = {}
        self._kept_s = kept_s

    def begin(
        self, owner: str, kind: str, work: Callable[[Job], Awaitable[Any]], about: str = "", weight: int = 0
    ) -> Job:
        """Begin work; `work(job)` may tell events, and its value is the result. Raises TooMuch where too many are under way."""
        self.sweep()
        running = [job for job in self._all.values() if job.ended is None]
        own = [job for job in running if job.owner == owner]
        if (
            len(running) >= MOST_JOBS
            or len(own) >= MOST_RUNNING
            or (weight and sum(job.weight for job in own) + weight > MOST_OF_ONE)
            or (weight and sum(job.weight for job in running) + weight > MOST_OF_ALL)
        ):
            raise TooMuch("too many jobs are under way; wait for one to end, or cancel one")
        if len(self._all) >= MOST_JOBS:
            del self._all[next(job.id for job in self._all.values() if job.ended is not None)]
        job = Job(secrets.token_urlsafe(16), owner, kind, about, weight=weight)
        self._all[job.id] = job
        # Of its own: the request that began it is over soon, and what was said of its caller then holds no more.
        job.task = asyncio.get_running_loop().create_task(self._run(job, work), context=Context())
        return job

    def get(self, job_id: str, owner: str) -> Job:
        """A job of that owner. Raises UsageError where there is none."""
        job = self._all.get(job_id)
        if job is None or job.owner != owner:
            raise UsageError("there is no such job; it may have been forgotten")
        return job

    def of(self, owner: str) -> list[Job]:
        """The jobs of an owner, the newest first."""
        self.sweep()
        return [job for job in reversed(self._all.values()) if job.owner == owner]

    def running(self, kind: str) -> int:
        """How many jobs of a kind are under way."""
        return sum(job.kind == kind and job.ended is None for job in list(self._all.values()))

    def cancel(self, job: Job) -> None:
        """Stop a job; what it has told stays. Asked again nothing more happens: it has its time to end well."""
        if job.task is not None and job.state == "running" and not job.stopping:
            job.stopping = True
            job.task.cancel()

    def forget(self, owner: str, about: str | None = None) -> None:
        """Stop and drop all jobs of an owner, or those about one case. May be called on any thread."""
        for job in [
            job for job in list(self._all.values()) if job.owner == owner and about in (None, job.about)
        ]:
            self._all.pop(job.id, None)
            if job.task is not None and job.state == "running" and not job.stopping:
                job.stopping = True
                job.task.get_loop().call_soon_threadsafe(job.task.cancel)

    def teller(self, job: Job) -> Callable[[str, Any], None]:
        """`job.tell` for work in another thread."""
        loop = asyncio.get_running_loop()
        return lambda name, data: loop.call_soon_threadsafe(job.tell, name, data) and None

    def close(self) -> None:
        """Cancel all."""
        for job in self._all.values():
            self.cancel(job)

    async def over(self, seconds: float) -> None:
        """Wait until those that were cancelled have ended; what takes longer to end is cut short in that, too."""
        left = {job.task for job in self._all.values() if job.task is not None and not job.task.done()}
        if left:
            _, left = await asyncio.wait(left, timeout=seconds)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=seconds)

    async def _run(self, job: Job, work: Callable[[Job], Awaitable[Any]]) -> None:
        try:
            job.result = await work(job)
            job.state = "done"
        except asyncio.CancelledError:
            job.state = "cancelled"
        except OslerError as error:
            job.state, job.error = "failed", for_callers(error)
        except Exception as error:
            job.state = "failed"
            job.error = OslerError(internal(f"job {job.kind.partition(' ')[0]}", error))
        finally:
            job.ended, job.weight = time.monotonic(), getattr(job.result, "size", 0)
            self._lighten()
            job.tell("end", {"state": job.state, "error": in_words(job.error) if job.error else None})

    def _lighten(self) -> None:
        """Drop the oldest results while all together are too much; the newest stays."""
        ended = sorted(
            (job for job in list(self._all.values()) if job.ended is not None and job.weight),
            key=lambda job: job.ended or 0.0,
        )
        left = sum(job.weight for job in ended)
        for job in ended[:-1]:
            if left <= MOST_RESULTS:
                return
            left -= job.weight
            self._all.pop(job.id, None)

    def sweep(self) -> None:
        """Drop those that ended long ago."""
        now = time.monotonic()
        old = [
            one.id for one in self._all.values() if one.ended is not None and now - one.ended > self._kept_s
        ]
        for job_id in old:
            del self._all[job_id]
