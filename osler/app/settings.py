"""How a server is run: where it listens, who may call it, how long it keeps cases, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from osler.data.offline import is_loopback
from osler.knowledge.retrieval.sources import Sources


@dataclass(frozen=True)
class Settings:
    """The defaults are for one person on one machine: loopback, no token, cases in memory for two hours of rest.

    `names` are further names that the server is called by (its own address and loopback always are). `proxy` is the address of a
    proxy in front, whose word on the caller's address and on TLS is taken; nobody else's is. `models` are `--model` values that
    methods may ask (none: only what works without one), `calls` the most calls of models in one run, and `cache` whether their
    replies are kept on disk. `per_minute` limits the requests of one client, `streams` the long replies open at once; `max_mb` a
    request's body, and `max_text` the characters of free text in it, as words take far longer to read than coded data. `audit` is the file of the audit log, put aside when it is larger than `audit_mb`; `audit_text` lets case text
    into it.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    names: tuple[str, ...] = ()
    proxy: str | None = None
    tokens: Path | None = None
    retention_minutes: float = 120.0
    max_mb: float = 10.0
    max_text: int = 400_000
    per_minute: int = 600
    streams: int = 256
    audit: Path | None = None
    audit_mb: float = 50.0
    audit_text: bool = False
    runs: Path | None = None
    models: tuple[str, ...] = ()
    base_url: str | None = None
    calls: int = 2_000
    cache: bool = False
    knowledge: str = "hpo"
    sources: Sources = field(default_factory=Sources)
    records: Path | None = None
    study: Path | None = None

    @property
    def open(self) -> bool:
        """Whether others can reach the server: by its address, by a name, or through a proxy."""
        reached = not is_loopback(self.host) or not all(is_loopback(name) for name in self.names)
        return reached or self.proxy is not None

    @property
    def needs_token(self) -> bool:
        """Whether a caller must show a token: always where others can reach the server."""
        return self.tokens is not None or self.open
