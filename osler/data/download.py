"""Fetches one file: resumes an interrupted download, verifies it, and puts it in place in one step.

Knows http, https, file addresses and local paths; uses the standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from osler.data import offline
from osler.data.checksums import sha256_of
from osler.errors import SourceError

_CHUNK = 1 << 18
_ATTEMPTS = 5
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched: SHA-256 and size in bytes."""

    sha256: str
    size: int


class _Retry(Exception):
    """The connection broke or the server was busy; what arrived is kept and the rest is asked for again."""


def fetch(
    source: str,
    target: Path,
    *,
    sha256: str | None = None,
    size: int | None = None,
    report: Callable[[int], None] = lambda _done: None,
    pause_s: float = 0.5,
) -> Fetched:
    """Bring `source` (URL, file:// address or path) to `target`; nothing is there before it is whole and verified.

    `report` is called with the number of bytes of the file that are there. An interrupted transfer leaves `target.part`, from which the next call goes on where the server allows it.
    Raises SourceError: not found, refused, wrong checksum, no space, or no connection after five attempts.
    """
    part = target.with_name(target.name + ".part")
    try:
        _room_for(target, (size or 0) - _size(part))
        local = _local_path(source)
        if local is not None:
            _copy(local, part, report)
        else:
            _download(source, part, report, pause_s)
        found = Fetched(sha256_of(part), _size(part))
        if (sha256 and found.sha256 != sha256) or (size is not None and found.size != size):
            _discard(part)
            raise SourceError(
                f"{target.name} from {source} is not what the manifest names (SHA-256 {found.sha256[:12]}…, "
                f"{found.size} bytes); nothing was installed. The source may have changed or been tampered with."
            )
        part.chmod(0o600)
        part.replace(target)
        _validator(part).unlink(missing_ok=True)
    except OSError as error:
        raise SourceError(_explain(error, target)) from None
    return found


def _download(url: str, part: Path, report: Callable[[int], None], pause_s: float) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            _transfer(url, part, report)
            return
        except _Retry as error:
            if attempt == _ATTEMPTS - 1:
                raise SourceError(
                    f"{urlsplit(url).hostname} cannot be reached or keeps breaking off ({error}). What has arrived is "
                    "kept: run the command again to go on, or fetch the file otherwise and use osler data use."
                ) from None
            time.sleep(pause_s * 2**attempt)


def _transfer(url: str, part: Path, report: Callable[[int], None]) -> None:
    """One request, from where the part file ends."""
    offline.check(url)
    have = _size(part)
    headers = {"User-Agent": "osler-data", "Accept-Encoding": "identity"}
    validator = _read_validator(part, url)
    if have and validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    elif have:
        _discard(part)
        have = 0
    try:
        with _opener().open(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_S) as response:
            _receive(response, part, have, url, report)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is longer than the file: start over
            _discard(part)
            raise _Retry("the file changed meanwhile") from None
        if error.code in (408, 425, 429) or error.code >= 500:
            raise _Retry(f"it answered {error.code}") from None
        raise SourceError(
            f"{url} answered {error.code} ({error.reason}); it may have moved. Name another place with "
            "osler data get --from, or fetch it otherwise and use osler data use."
        ) from None
    except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, SourceError):
            raise reason from None
        raise _Retry(str(reason) or type(reason).__name__) from None


def _receive(response: HTTPResponse, part: Path, have: int, url: str, report: Callable[[int], None]) -> None:
    if have and response.status != 206:  # no ranges here, or the file changed: from the beginning
        have = 0
    elif have and not (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
        _discard(part)
        raise _Retry("it sent another range than was asked for")
    length = response.headers.get("Content-Length")
    expected = have + int(length) if length and length.isdigit() else None
    _room_for(part, (expected or have) - have)
    _write_validator(part, url, response)
    done = have
    with part.open("ab" if have else "wb") as file:
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            report(done := done + len(chunk))
    if expected is not None and _size(part) < expected:
        raise _Retry(f"{_size(part)} of {expected} bytes arrived")


class _GuardedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only, each one past the offline guard."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """The request for the new address."""
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise SourceError(f"{req.full_url} leads to {newurl}, which is not followed.")
        offline.check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_GuardedRedirects)


def _copy(source: Path, part: Path, report: Callable[[int], None]) -> None:
    if not source.is_file():
        raise SourceError(f"There is no file {source}.")
    with source.open("rb") as read, part.open("wb") as write:
        while chunk := read.read(_CHUNK):
            write.write(chunk)
            report(write.tell())


def _local_path(source: str) -> Path | None:
    """The path that a file address or a plain path names; None for http(s). Other schemes are refused."""
    parts = urlsplit(source)
    if parts.scheme in ("http", "https"):
        return None
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    if "://" in source:
        raise SourceError(f"{source} cannot be fetched; use http, https, file:// or a path.")
    return Path(source).expanduser()


def _validator(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_validator(part: Path, url: str) -> str:
    """The ETag or date under which the part was begun, "" where it belongs to another address or none was given."""
    try:
        known = json.loads(_validator(part).read_text())
        return str(known["validator"]) if known["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write_validator(part: Path, url: str, response: HTTPResponse) -> None:
    tag = response.headers.get("ETag") or ""
    strong = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified") or ""
    _validator(part).write_text(json.dumps({"url": url, "validator": strong}))


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _room_for(target: Path, more: int) -> None:
    if more > 0 and shutil.disk_usage(target.parent).free < more:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target.parent))


def _explain(error: OSError, target: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no space left in {target.parent} for {target.name}; make room, or set XDG_DATA_HOME elsewhere."
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return f"{target.parent} cannot be written; set XDG_DATA_HOME to a folder that can."
    return f"{target.name} cannot be stored in {target.parent} ({error.strerror or error})."
