"""Tokens of callers from elsewhere: made once, shown once, kept as hashes alone, each with a name and scopes.

A token is 32 random bytes, so one SHA-256 is hash enough: there is nothing to guess. Scopes: `read` (GET), `write` (all else).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from pathlib import Path
from typing import NamedTuple

from osler.data.paths import private_folder, store_dir
from osler.errors import InputError, UsageError

SCOPES = ("read", "write")
_NAME = re.compile(r"[\w.@-]{1,64}$")


class Known(NamedTuple):
    """A token that is known: its name and scopes, and the hash by which it can be looked up again."""

    name: str
    scopes: frozenset[str]
    sha256: str


class Tokens:
    """The file of tokens; read anew when it changes, so that one added or removed counts at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, Known] = {}

    def add(self, name: str, scopes: tuple[str, ...] = SCOPES) -> str:
        """Make a token; its text is given back this once. Raises UsageError for a name in use or a scope that is none."""
        if not _NAME.match(name):
            raise UsageError(f"{name!r} is no name for a token: letters, digits, . _ @ -")
        if not scopes or set(scopes) - set(SCOPES):
            raise UsageError(f"scopes are {' and '.join(SCOPES)}")
        rows = self._rows()
        if any(row["name"] == name for row in rows):
            raise UsageError(f"there is a token {name!r} already; remove it first")
        token = f"osler_{secrets.token_urlsafe(32)}"
        self._write([*rows, {"name": name, "scopes": sorted(scopes), "sha256": _hash(token)}])
        return token

    def remove(self, name: str) -> None:
        """Make a token worthless. Raises UsageError where there is none of that name."""
        rows = self._rows()
        left = [row for row in rows if row["name"] != name]
        if len(left) == len(rows):
            raise UsageError(f"there is no token {name!r}")
        self._write(left)

    def names(self) -> list[tuple[str, list[str]]]:
        """Names and scopes of all tokens."""
        return [(row["name"], row["scopes"]) for row in self._rows()]

    def known(self, token: str) -> Known | None:
        """What a token is; None for one that is not known."""
        return self.still(_hash(token))

    def still(self, sha256: str) -> Known | None:
        """What the token of a hash is now; None where it was removed."""
        try:
            about = self.path.stat()
        except OSError:
            return None
        if self._stamp != (stamp := (about.st_mtime_ns, about.st_size, about.st_ino)):
            rows = self._rows()
            self._known = {
                row["sha256"]: Known(row["name"], frozenset(row["scopes"]), row["sha256"]) for row in rows
            }
            self._stamp = stamp
        return self._known.get(sha256)

    def _rows(self) -> list[dict]:
        if not self.path.exists():
            return []
        try:
            rows = json.loads(self.path.read_text("utf-8"))["tokens"]
            return [
                {"name": str(r["name"]), "scopes": list(r["scopes"]), "sha256": str(r["sha256"])}
                for r in rows
            ]
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(
                f"the tokens in {self.path} cannot be read; remove the file and add tokens again"
            ) from None

    def _write(self, rows: list[dict]) -> None:
        private_folder(self.path.parent)
        part = self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        part.touch(0o600, exist_ok=False)
        part.write_text(json.dumps({"tokens": rows}, indent=1) + "\n", "utf-8")
        part.replace(self.path)


def default_path() -> Path:
    """Where tokens are kept unless another file is named."""
    return store_dir() / "tokens.json"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
