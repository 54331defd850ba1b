"""Time as the limits see it: one object with a clock and a sleep, so that tests can turn the clock by hand."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)


class ManualClock(Clock):
    """A clock that moves only when someone sleeps: sleepers wake in the order of their times, at once in real time."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0
        self._driver: asyncio.Task[None] | None = None

    def now(self) -> float:
        """The time shown."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved that far."""
        import heapq

        waker = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + max(seconds, 0.0), self._count, waker))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.get_running_loop().create_task(self._drive())
        await waker

    async def _drive(self) -> None:
        import heapq

        while self._sleepers:
            for _ in range(20):  # let everything that can run now run before time moves on
                await asyncio.sleep(0)
            when, _, waker = heapq.heappop(self._sleepers)
            self._now = max(self._now, when)
            if not waker.done():
                waker.set_result(None)
