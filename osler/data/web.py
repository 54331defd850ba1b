"""JSON to and from a server that the user named: offline guard, retries, bounds on what is read and for how long, no key in an error.

For retrieval services, encoders and re-rankers. A redirect is refused, so that a key goes to nobody but the server that was named.
Language models have a client of their own (`osler.llm`), which streams.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse, responses
from typing import Any
from urllib.parse import SplitResult, urlsplit

from osler.data import offline
from osler.errors import SourceError

TIMEOUT_S = 60.0
ATTEMPTS = 3
MOST_BYTES = 64_000_000
LONGEST_WAIT_S = 60.0
_CHUNK = 1 << 16
_AGAIN = {408, 425, 429, 500, 502, 503, 504, 529}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


class Late(OSError):
    """A reply was not whole in time."""


def ask_json(
    url: str,
    body: Any = None,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_S,
    attempts: int = ATTEMPTS,
    wait: Callable[[float], None] = time.sleep,
) -> Any:
    """The JSON that a server replies with. `body` goes as JSON, or as it is where it is bytes; GET without one, else POST.

    A whole reply has `timeout` seconds. A busy or failing server is asked again, after 1, 2, 4 … s or as long as it asks for (a
    minute at most). Raises SourceError, which names the host and Osler's own words for what happened, never the server's.
    """
    offline.check(url)
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json", "accept": "application/json", **(headers or {})}
    host = urlsplit(url).hostname or "the server"
    for attempt in range(1, attempts + 1):
        pause = float(2 ** (attempt - 1))
        request = urllib.request.Request(url, sent, given, method=method)
        try:
            found = _read(request, timeout)
            break
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in _AGAIN or attempt == attempts:
                    raise SourceError(_refusal(host, error.code)) from None
                pause = _asked_to_wait(error.headers.get("retry-after"), pause)
        except (OSError, HTTPException, ValueError) as error:
            if attempt == attempts:
                raise SourceError(f"{host} gave no whole reply ({type(error).__name__}); is it up?") from None
        wait(pause)
    if len(found) > MOST_BYTES:
        raise SourceError(f"{host} replied with more than {MOST_BYTES // 1_000_000} MB")
    try:
        return json.loads(found)
    except (ValueError, RecursionError):
        raise SourceError(f"{host} replied with something that is not JSON; is the address right?") from None


def web_parts(url: str) -> SplitResult | None:
    """The parts of a web address; None for anything else, also for one whose host or port cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port  # raises where it is no number, or too great a one
    except ValueError:
        return None
    odd = any(sign.isspace() or not sign.isprintable() for sign in url)
    good = parts.scheme in ("http", "https") and parts.hostname and port != 0 and not odd
    return parts if good else None


def _read(request: urllib.request.Request, timeout: float) -> bytes:
    """At most MOST_BYTES + 1 bytes of a reply, all within `timeout` seconds."""
    end = time.monotonic() + timeout
    parts, size = [], 0
    with _opener.open(request, timeout=timeout) as reply:
        while size <= MOST_BYTES:
            left = end - time.monotonic()
            if left <= 0:
                raise Late
            part = reply.read1(_CHUNK) if isinstance(reply, HTTPResponse) else reply.read(_CHUNK)
            if not part:
                break
            parts.append(part)
            size += len(part)
    return b"".join(parts)[: MOST_BYTES + 1]


def _refusal(host: str, code: int) -> str:
    if 300 <= code < 400:
        return f"{host} sends elsewhere ({code}), which is not followed; name the address it should be"
    return f"{host} refused ({code} {responses.get(code, 'unknown')})"


def _asked_to_wait(header: str | None, otherwise: float) -> float:
    """Seconds of a Retry-After header, 0 to a minute."""
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(header))) if header is not None else otherwise
    except ValueError:
        return otherwise
