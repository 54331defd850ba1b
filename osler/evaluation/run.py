"""The runner: batches of items through a worker, in this process or several, into the run store in item order.

A worker does each item on its own, so neither batching, nor the number of processes, nor being killed and resumed
changes a byte of the records. Knows nothing of what a worker does.
"""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import Any

from osler.errors import OslerError
from osler.evaluation.store import Record, RunStore

BATCH = 32

Batch = list[tuple[int, Any]]  # (item number, what the worker needs for it)
Result = tuple[Record, Record]  # the canonical record and the time record, both with "item"
Worker = Callable[[Batch], list[Result]]
WorkerMaker = Callable[[], Worker]  # called once in each process; must be picklable when jobs > 1


def run_items(
    store: RunStore,
    names: Sequence[str],
    read: Callable[[str], Any],
    make_worker: WorkerMaker,
    jobs: int = 1,
    advance: Callable[[float], None] = lambda _: None,
) -> None:
    """Do every item that is not yet in the store; `names[i]` is item i and `read` fetches what the worker needs.

    Raises OslerError when a worker process dies. On any exception what was finished is in the store.
    """
    advance(len(store.done))
    session, start = secrets.token_hex(4), time.monotonic()
    left = [item for item in range(len(names)) if item not in store.done]
    chunks = (left[start : start + BATCH] for start in range(0, len(left), BATCH))
    batches = ([(item, read(names[item])) for item in chunk] for chunk in chunks)
    results = (
        _in_this_process(batches, make_worker) if jobs == 1 else _in_processes(batches, make_worker, jobs)
    )
    for batch in results:
        at = round(time.monotonic() - start, 3)
        store.append(
            (record for record, _ in batch), ({**cost, "session": session, "at": at} for _, cost in batch)
        )
        advance(len(batch))


def wall_seconds(times: Sequence[Record]) -> float:
    """Wall time of a run: each session up to the last case it finished, added up."""
    last: dict[str, float] = {}
    for record in times:
        last[record["session"]] = max(last.get(record["session"], 0.0), record["at"])
    return round(sum(last.values()), 3)


def _in_this_process(batches: Iterator[Batch], make_worker: WorkerMaker) -> Iterator[list[Result]]:
    worker: Worker | None = None
    for batch in batches:
        worker = worker or make_worker()  # only when there is something to do: a finished run opens at once
        yield worker(batch)


def _in_processes(batches: Iterator[Batch], make_worker: WorkerMaker, jobs: int) -> Iterator[list[Result]]:
    """Results in the order of the batches, a few batches ahead of what is consumed.

    Spawned, not forked: numerical libraries hold threads and locks that do not survive a fork.
    """
    waiting: deque[Future[list[Result]]] = deque()
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start_process, (make_worker,))
    try:
        for batch in batches:
            waiting.append(pool.submit(_work, batch))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise OslerError(
            "a worker process died (out of memory?); finished cases are kept. "
            "Go on with fewer --jobs: osler eval --resume RUN"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_worker: Worker | None = None


def _start_process(make_worker: WorkerMaker) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and lets the batch in hand end
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = make_worker()


def _end_with_parent() -> None:
    """A parent killed with -9 cannot end its workers: they watch for that themselves."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(batch: Batch) -> list[Result]:
    assert _worker is not None
    return _worker(batch)
