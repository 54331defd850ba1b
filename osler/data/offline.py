"""The one guard of outside connections: after `forbid()` nothing but this machine can be reached.

Code that connects calls `check(address)` first, for an error that names the address. An audit hook on sockets stands
behind it, so a library that does not ask is stopped too.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any
from urllib.parse import urlsplit

from osler.errors import SourceError

_forbidden = False
_hooked = False


def forbid() -> None:
    """Make any connection to another machine an error from now on, in the whole process."""
    global _forbidden, _hooked
    _forbidden = True
    if not _hooked:  # hooks cannot be removed, so one is enough
        sys.addaudithook(_audit)
        _hooked = True


def allow() -> None:
    """Undo `forbid`."""
    global _forbidden
    _forbidden = False


def is_forbidden() -> bool:
    """Whether outside connections are an error now."""
    return _forbidden


def check(address: str) -> None:
    """Raise SourceError when `address` (a URL or a host name) is outside this machine and `forbid` was called."""
    host = (urlsplit(address).hostname or "") if "://" in address else address
    if _forbidden and host and not is_loopback(host):
        raise SourceError(
            f"A connection to {host} is not allowed with --offline; leave the option out, or use local data."
        )


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine. Names are not looked up."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _forbidden or not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple):  # a path means a socket of this machine
            check(str(address[0]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and arguments[0]:
        name = arguments[0]
        check(name.decode("ascii", "replace") if isinstance(name, bytes) else str(name))
