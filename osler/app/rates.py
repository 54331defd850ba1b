"""So many times a minute for each client: requests, and tokens that are not known. Knows nothing of what is counted.

A client is an address (a network of 64 bits for IPv6, as one household or host has that many). Two minutes are counted for each,
and the one before weighs by what is left of it; the clients that were silent longest are forgotten when there are very many.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 20_000


class Rates:
    """A limit on what each client may do in a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = per_minute, clock
        # client: (minute, count in it, count in the one before)
        self._seen: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def allow(self, client: str) -> bool:
        """Count one; False (and nothing counted) where the client has had its share."""
        if self.left(client) < 1:
            return False
        self.count(client)
        return True

    def left(self, client: str) -> float:
        """How many more are allowed now."""
        minute, within = divmod(self._clock(), 60)
        now, before = self._counts(client, int(minute))
        return self._most - now - before * (1 - within / 60)

    def count(self, client: str) -> None:
        """Count one, whether or not it is allowed."""
        minute = int(self._clock() // 60)
        now, before = self._counts(client, minute)
        self._seen[client] = (minute, now + 1, before)
        self._seen.move_to_end(client)
        if len(self._seen) > MOST_CLIENTS:
            self._seen.popitem(last=False)

    def _counts(self, client: str, minute: int) -> tuple[int, int]:
        then, now, before = self._seen.get(client, (minute, 0, 0))
        if then == minute:
            return now, before
        return 0, now if then == minute - 1 else 0


def client_of(host: str | None) -> str:
    """What a caller's address counts as."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        if not address.is_loopback:
            return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
