"""What every source of replies looks like, and how it says that a call failed. Knows nothing of any server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from osler.errors import SourceError
from osler.llm.types import Capabilities, Likelihood, Reply, Request

OnDelta = Callable[[str, Literal["text", "reasoning"]], None]


class CallFailed(SourceError):
    """A call to a model failed.

    `retry`: it may work if sent again. `retry_after`: seconds the server asked to wait. `congested`: the server has too
    much to do (429, 503, 529), so fewer calls should be under way. `status`: the HTTP status where there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry: bool = False,
        retry_after: float | None = None,
        congested: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry = retry
        self.retry_after = retry_after
        self.congested = congested


class Provider(Protocol):
    """A model that can be asked. `local`: it costs no money."""

    name: str
    local: bool
    capabilities: Capabilities

    @property
    def identity(self) -> str:
        """What tells this model apart from another of the same name: its server, weights or settings."""
        ...

    async def complete(
        self,
        request: Request,
        *,
        draw: int | None = None,
        timeout: float | None = None,
        on_delta: OnDelta | None = None,
    ) -> Reply:
        """One reply. `draw` is the seed of this very draw; `on_delta` is called with pieces as they come.

        Raises CallFailed, also when `timeout` seconds pass.
        """
        ...

    async def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[Likelihood]:
        """The log-likelihood of each continuation of `prompt` (raw text, no chat template). Raises CallFailed."""
        ...

    async def close(self) -> None:
        """Give back connections and memory."""
        ...
