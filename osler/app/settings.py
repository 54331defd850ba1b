"""How a server is run: where it listens, who may call it, how long it keeps cases, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from osler.data.offline import is_loopback
from osler.knowledge.retrieval.sources import Sources


@dataclass(frozen=True)
class Settings:
    """The defaults are for one person on one machine: loopback, no token, cases in memory for two hours of rest.

    `models` are `--model` values that methods may ask (none: only what works without one). `per_minute` limits the requests
    of one client, `streams` the long replies open at once; `max_mb` a request's body. `audit` is the file of the audit log;
    `audit_text` lets case text into it.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tokens: Path | None = None
    retention_minutes: float = 120.0
    max_mb: float = 10.0
    per_minute: int = 600
    streams: int = 256
    audit: Path | None = None
    audit_text: bool = False
    runs: Path | None = None
    models: tuple[str, ...] = ()
    base_url: str | None = None
    knowledge: str = "hpo"
    sources: Sources = field(default_factory=Sources)
    records: Path | None = None

    @property
    def needs_token(self) -> bool:
        """Whether a caller must show a token: always on an address that others can reach."""
        return self.tokens is not None or not is_loopback(self.host)
