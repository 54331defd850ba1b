"""JSON to and from a server that the user named: offline guard, retries, a bound on what is read, no key in an error.

For retrieval services, encoders and re-rankers. Language models have a client of their own (`osler.llm`), which streams.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from osler.data import offline
from osler.errors import SourceError

TIMEOUT_S = 60.0
ATTEMPTS = 3
MOST_BYTES = 64_000_000
_AGAIN = {408, 425, 429, 500, 502, 503, 504}


def ask_json(
    url: str,
    body: Any = None,
    *,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_S,
    wait: Callable[[float], None] = time.sleep,
) -> Any:
    """The JSON that a server replies with. `body` goes as JSON, or as it is where it is bytes; GET without one, else POST.

    A busy or failing server is asked up to three times, after 1 and 2 s. Raises SourceError, which names the host alone.
    """
    offline.check(url)
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json", "accept": "application/json", **(headers or {})}
    host = urlsplit(url).hostname or "the server"
    for attempt in range(1, ATTEMPTS + 1):
        request = urllib.request.Request(url, sent, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:
                found = reply.read(MOST_BYTES + 1)
            break
        except urllib.error.HTTPError as error:
            if error.code not in _AGAIN or attempt == ATTEMPTS:
                raise SourceError(f"{host} refused ({error.code} {error.reason})") from None
        except (OSError, ValueError) as error:
            if attempt == ATTEMPTS:
                raise SourceError(f"{host} gave no reply ({type(error).__name__}); is it up?") from None
        wait(float(attempt))
    if len(found) > MOST_BYTES:
        raise SourceError(f"{host} replied with more than {MOST_BYTES // 1_000_000} MB")
    try:
        return json.loads(found)
    except ValueError:
        raise SourceError(f"{host} replied with something that is not JSON; is the address right?") from None
