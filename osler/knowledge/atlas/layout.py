"""From vectors to places in a plane: principal components first, then a pull between neighbours and a push between strangers.

    1. `components`: the leading components of the vectors (randomised SVD, Halko et al. 2011), centred.
    2. `neighbours`: of each point its nearest in those components, by cosine, looked for in its own and the nearest cells.
    3. `placed`: starts from the first two components and lets neighbours attract and random others repel each other, with the
       forces of a heavy-tailed kernel 1 / (1 + d²), as t-SNE, LargeVis and UMAP use it (van der Maaten & Hinton 2008, Tang et al.
       2016, McInnes et al. 2018). This is none of these exactly: no perplexity, no fuzzy weights, every point moves at once.

The same vectors and seed give the same map. What a map keeps of neighbourhoods is measured by `kept`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

COMPONENTS, NEIGHBOURS = 50, 12
EPOCHS, STRANGERS, PUSH = 200, 8, 5.0
_BLOCK = 16_384


def components(vectors: Any, wanted: int = COMPONENTS, seed: int = 0) -> np.ndarray:
    """float32 [points, at most wanted]: scores on the leading principal components, of an array or a sparse matrix."""
    n, width = vectors.shape
    wanted = max(2, min(wanted, n - 1, width))
    rng = np.random.default_rng(seed)
    mean = np.asarray(vectors.mean(axis=0), np.float32).ravel()

    def times(right: np.ndarray) -> np.ndarray:  # (vectors - mean) @ right, without centring a sparse matrix
        blocks = range(0, n, _BLOCK)
        parts = [np.asarray(_part(vectors, at) @ right, np.float32) for at in blocks]
        return np.concatenate(parts) - mean @ right

    def back(left: np.ndarray) -> np.ndarray:  # (vectors - mean).T @ left
        found = np.zeros((width, left.shape[1]), np.float32)
        for at in range(0, n, _BLOCK):
            found += _part(vectors, at).T @ left[at : at + _BLOCK]
        return found - np.outer(mean, left.sum(axis=0))

    basis = rng.standard_normal((width, min(wanted + 10, width))).astype(np.float32)
    for _ in range(3):
        basis = np.linalg.qr(back(np.linalg.qr(times(basis))[0]))[0].astype(np.float32)
    u, sizes, _ = np.linalg.svd(times(basis), full_matrices=False)
    found = (u * sizes)[:, :wanted]
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])
    made = np.zeros((n, max(2, found.shape[1])), np.float32)
    made[:, : found.shape[1]] = found * np.where(signs == 0, 1, signs)
    return made


def neighbours(points: np.ndarray, count: int = NEIGHBOURS, seed: int = 0) -> np.ndarray:
    """int32 [points, count]: the others nearest by cosine, the nearest first. Fewer columns where there are fewer points.

    Above some thousand points each looks only through the five cells nearest to its own, so that a few neighbours are missed.
    """
    n = len(points)
    count = max(1, min(count, n - 1))
    rows = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    rows = np.ascontiguousarray(rows, np.float32)
    if n <= 4096:
        return _nearest(rows, np.arange(n), np.arange(n), count)
    centres, cell = _cells(rows, int(np.sqrt(n)), seed)
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(centres) + 1))
    beside = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    found = np.zeros((n, count), np.int32)
    for number in range(len(centres)):
        own = order[starts[number] : starts[number + 1]]
        if not len(own):
            continue
        among, size = [], 0
        for other in beside[number]:
            among.append(order[starts[other] : starts[other + 1]])
            size += len(among[-1])
            if len(among) >= 5 and size > 4 * count:
                break
        pool = np.concatenate(among)
        for at in range(0, len(own), 2048):
            found[own[at : at + 2048]] = _nearest(rows, own[at : at + 2048], pool, count)
    return found


def placed(
    points: np.ndarray,
    near: np.ndarray,
    seed: int = 0,
    epochs: int = EPOCHS,
    advance: Callable[[float], None] = lambda _: None,
) -> np.ndarray:
    """float32 [points, 2]: places in the plane. `points` are components, `near` the neighbours of each."""
    n, rng = len(points), np.random.default_rng(seed)
    places = points[:, :2].astype(np.float32)
    places = 10 * places / max(float(np.abs(places).max()), 1e-9)
    places += rng.normal(0, 0.05, places.shape).astype(np.float32)  # equal texts do not lie on one spot
    if n < 4:
        return places
    ends = near.ravel()
    degree = (near.shape[1] + np.bincount(ends, minlength=n)).astype(np.float32)[:, None]
    for epoch in range(epochs):
        step = 1.0 - epoch / epochs
        places += step * np.clip(_pull(places, near, ends) / degree + _push(places, rng), -4, 4)
        advance(1)
    return places


def kept(points: np.ndarray, places: np.ndarray, seed: int = 0, sample: int = 1000) -> float:
    """Of the 10 points nearest by cosine, the share that is among the 30 nearest on the map; mean over a sample of points."""
    n = len(points)
    if n < 3:
        return 1.0
    chosen = np.sort(np.random.default_rng(seed).permutation(n)[:sample])
    rows = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    alike = _nearest(rows, chosen, np.arange(n), min(10, n - 1))
    wide, total = min(30, n - 1), 0.0
    for row, one in zip(alike, chosen, strict=True):
        far = ((places - places[one]) ** 2).sum(axis=1)
        far[one] = np.inf
        total += np.isin(row, np.argpartition(far, wide - 1)[:wide]).mean()
    return total / len(chosen)


def _part(vectors: Any, at: int) -> Any:
    part = vectors[at : at + _BLOCK]
    return part if part.dtype == np.float32 else part.astype(np.float32)


def _nearest(rows: np.ndarray, own: np.ndarray, pool: np.ndarray, count: int) -> np.ndarray:
    """Of each of `own` the `count` nearest in `pool`, without itself."""
    found = np.zeros((len(own), count), np.int32)
    for at in range(0, len(own), 1024):
        some = own[at : at + 1024]
        alike = rows[some] @ rows[pool].T
        alike[some[:, None] == pool[None, :]] = -np.inf
        best = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        order = np.argsort(-np.take_along_axis(alike, best, axis=1), axis=1, kind="stable")
        found[at : at + 1024] = pool[np.take_along_axis(best, order, axis=1)]
    return found


def _cells(rows: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Centres and the cell of each point: spherical k-means, two rounds, begun at points drawn by chance."""
    centres = rows[np.random.default_rng(seed).choice(len(rows), count, replace=False)]
    for _ in range(3):
        parts = [(rows[at : at + _BLOCK] @ centres.T).argmax(axis=1) for at in range(0, len(rows), _BLOCK)]
        cell = np.concatenate(parts)
        sums = np.zeros_like(centres)
        np.add.at(sums, cell, rows)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(length > 0, sums / np.maximum(length, 1e-9), centres)
    return centres, cell


def _pull(places: np.ndarray, near: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """What a point's neighbours, and those whose neighbour it is, draw it by: the sum of 2 Δ / (1 + d²)."""
    apart = places[near] - places[:, None, :]
    force = 2 * apart / (1 + (apart**2).sum(axis=2, keepdims=True))
    total = force.sum(axis=1)
    for axis in (0, 1):
        total[:, axis] -= np.bincount(ends, force[:, :, axis].ravel(), len(places))
    return total


def _push(places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What random others drive a point away by: PUSH times the mean of 2 Δ / (d² (1 + d²))."""
    total = np.zeros_like(places)
    for _ in range(STRANGERS):
        apart = places - places[rng.integers(0, len(places), len(places))]
        square = (apart**2).sum(axis=1, keepdims=True)
        total += np.clip(2 * apart / ((0.01 + square) * (1 + square)), -4, 4)
    return PUSH / STRANGERS * total
