"""A process that a job begins: waited for without a thread of its own, and ended with the job, never left behind.

It is no part of the event loop (asyncio's own would complain of a loop that ends before them): what it writes goes to files that have
no name, and whether it has ended is looked for now and then. It has a process group of its own, so that what it began ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from typing import IO

POLL_S, PATIENCE_S, LAST_S = 0.3, 10.0, 2.0


async def run(words: Sequence[str], meanwhile: Callable[[], Awaitable[None]]) -> tuple[int, bytes, bytes]:
    """Run a command to its end: its exit code, and what it wrote on standard output and standard error. `meanwhile` is awaited now
    and then, and once after the end. Where the waiting is cancelled the process is ended as Ctrl-C does, so that what is
    finished is kept; then for good."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=said, process_group=0 if os.name == "posix" else None
        )  # fmt: skip
        try:
            while not await _over(process, POLL_S):
                await meanwhile()
            await meanwhile()
        finally:
            await _ended(process)
        return process.returncode, _read(out), _read(said)


async def _over(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether a process ends within some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while process.poll() is None and (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, 0.05))
    return process.returncode is not None


async def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            await _over(process, PATIENCE_S)
    finally:  # also where the server ends meanwhile
        if process.poll() is None:
            _kill(process)
            with contextlib.suppress(subprocess.TimeoutExpired):  # what is killed is gone at once
                process.wait(LAST_S)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
