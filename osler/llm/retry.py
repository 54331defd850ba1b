"""When to send a call again and how long to wait. Only for what may pass: 408, 425, 429, 5xx, broken connections."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# 501 and 505 say that the server will never do this.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_CONGESTED = frozenset({429, 503, 529})
# A 429 that no waiting cures: the account has no money left.
_SPENT = ("insufficient_quota", "billing_hard_limit", "exceeded your current quota")


@dataclass(slots=True)
class RetryPolicy:
    """Up to `attempts` in all; waits grow from `base_s` to `longest_s` with full jitter (Brooker 2015).

    A server that asks for more than `patience_s` with Retry-After is not waited for.
    """

    attempts: int = 6
    base_s: float = 0.5
    longest_s: float = 30.0
    patience_s: float = 120.0

    def wait_s(self, attempt: int, retry_after: float | None) -> float | None:
        """Seconds to wait after the failed `attempt` (counted from 1); None when it is time to give up."""
        if attempt >= self.attempts or (retry_after or 0.0) > self.patience_s:
            return None
        jitter = random.uniform(0.5, 1.0) * min(self.longest_s, self.base_s * 2 ** (attempt - 1))
        # What the server asked for, and a little more, so that a crowd does not come back at the same instant.
        return jitter if retry_after is None else retry_after + random.uniform(0.0, 0.1 * self.base_s)


def is_passing(status: int, body: str) -> bool:
    """Whether an HTTP error may go away by itself."""
    if status == 429:
        return not any(word in body for word in _SPENT)
    return status in _PASSING


def is_congestion(status: int) -> bool:
    """Whether an HTTP error means that the server has too much to do."""
    return status in _CONGESTED


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait as the response's headers say: `retry-after-ms`, or `Retry-After` in seconds or as a date
    (RFC 9110, 10.2.3). None where they say nothing that can be read.
    """
    for name, scale in (("retry-after-ms", 0.001), ("Retry-After", 1.0)):
        text = headers.get(name)
        if text is None:
            continue
        try:
            seconds = float(text) * scale
        except ValueError:
            seconds = _until(text, now or datetime.now(UTC)) if name == "Retry-After" else None
        if seconds is not None and seconds == seconds and seconds != float("inf"):
            return max(0.0, seconds)
    return None


def _until(text: str, now: datetime) -> float | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds()
