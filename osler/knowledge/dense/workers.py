"""Blocks of texts encoded in their order: in this process, or by workers of a Ray cluster (extra `ray`)."""

from __future__ import annotations

import importlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from osler.errors import SourceError, UsageError
from osler.knowledge.dense.encoders import open_encoder
from osler.passages import Encoder

Blocks = Iterable[list[str]]


def here(encoder: Encoder, blocks: Blocks) -> Iterator[np.ndarray]:
    """One block after another."""
    for texts in blocks:
        yield _encoded(encoder, texts)


def on_ray(spec: str, blocks: Blocks, workers: int | None = None) -> Iterator[np.ndarray]:
    """The blocks by workers that each open the encoder: as many as the cluster has CPUs, unless told.

    Each has one block in work and one waiting, so memory stays flat. The vectors are those of one process. RAY_ADDRESS
    names a cluster; without it Ray starts on this machine. Raises UsageError without Ray, SourceError where a worker dies.
    """
    try:
        ray = importlib.import_module("ray")
    except ImportError:
        raise UsageError("embedding on Ray needs the extra: pip install 'osler[ray]'") from None
    begun = not ray.is_initialized()
    if begun:
        ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False, include_dashboard=False)
    try:
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        pool = [ray.remote(_Worker).remote(spec) for _ in range(count)]
        yield from _in_order(ray, pool, blocks)
    finally:
        if begun:
            ray.shutdown()


def _in_order(ray: Any, pool: list[Any], blocks: Blocks) -> Iterator[np.ndarray]:
    running: deque[Any] = deque()
    for number, texts in enumerate(blocks):
        running.append(pool[number % len(pool)].encode.remote(texts))
        if len(running) >= 2 * len(pool):
            yield _result(ray, running.popleft())
    while running:
        yield _result(ray, running.popleft())


def _result(ray: Any, promised: Any) -> np.ndarray:
    try:
        return ray.get(promised)
    except ray.exceptions.RayError as error:
        raise SourceError(
            f"a Ray worker failed ({type(error).__name__}: {str(error).splitlines()[-1][:200]}); what was embedded is kept: "
            "run the command again to go on"
        ) from None


class _Worker:
    """What runs on Ray."""

    def __init__(self, spec: str) -> None:
        self._encoder = open_encoder(spec)

    def encode(self, texts: list[str]) -> np.ndarray:
        return _encoded(self._encoder, texts)


def _encoded(encoder: Encoder, texts: list[str]) -> np.ndarray:
    return encoder.encode(texts, "passage") if texts else np.zeros((0, encoder.dimensions), np.float32)
