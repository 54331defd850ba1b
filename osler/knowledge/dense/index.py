"""Indexes over the vectors of a corpus, by faiss (extra `dense`): which passages are worth scoring exactly. All give candidates only.

    exact    every passage, in 8 bits a number (to some 300,000 passages)
    hnsw     a graph of neighbours, 8 bits a number (to a few million); Malkov and Yashunin 2018
    ivf      lists around centres, 8 bits a number, beyond

The candidates are scored again with the vectors themselves (vectors.py), so that the order and the cosines are exact. Without
faiss every passage is scored in numpy. Building is deterministic: one thread places the nodes of the graph, centres start
from a fixed seed, and samples for training are taken at even steps.
"""

from __future__ import annotations

import importlib
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.progress import progress
from osler.errors import Damaged, UsageError
from osler.knowledge.dense.vectors import Vectors

KINDS = ("exact", "hnsw", "ivf")
EXACT_TO, GRAPH_TO = 300_000, 3_000_000
NEIGHBOURS, EFFORT_BUILD = 32, 128  # of a node; looked at when it is placed
EFFORT = 512  # looked at in a query; recall@10 is .953 with it on 485,000 passages (docs/corpora.md)
PROBES = 48
FEW = 20_000  # passages that filters leave, below which all of them are scored
_BLOCK, _SAMPLE = 8192, 65_536


def faiss_or_none() -> Any:
    """The module, None where the extra is missing."""
    try:
        return importlib.import_module("faiss")
    except ImportError:
        return None


def choose(passages: int, wanted: str | None) -> str:
    """The kind of index for so many passages, unless one is wanted by name. Raises UsageError for one that cannot be had."""
    if wanted == "auto":
        wanted = None
    if wanted is not None and wanted not in KINDS:
        raise UsageError(f"--index takes auto, {', '.join(KINDS)}, not {wanted!r}")
    if wanted in ("hnsw", "ivf") and faiss_or_none() is None:
        raise UsageError(f"an index of kind {wanted} needs the extra: pip install 'osler[dense]'")
    if wanted or faiss_or_none() is None:
        return wanted or "exact"
    return "exact" if passages <= EXACT_TO else "hnsw" if passages <= GRAPH_TO else "ivf"


def path_of(folder: Path, kind: str) -> Path:
    """Where an index lies."""
    return folder / f"index-{kind}.faiss"


def build(vectors: Vectors, kind: str) -> None:
    """Make the index beside the vectors, in place of one that is there. Nothing is made where faiss is missing."""
    faiss = faiss_or_none()
    if faiss is None:
        return
    dimensions = vectors.rows.shape[1]
    eight, inner = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    if kind == "exact":
        index = faiss.IndexScalarQuantizer(dimensions, eight, inner)
    elif kind == "hnsw":
        index = faiss.IndexHNSWSQ(dimensions, eight, NEIGHBOURS, inner)
        index.hnsw.efConstruction = EFFORT_BUILD
    else:
        lists = max(1, min(2 * math.isqrt(len(vectors)), len(vectors) // 40))
        index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimensions), dimensions, lists, eight, inner)
        index.cp.seed = 1
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        wanted = 50 * index.nlist if kind == "ivf" else _SAMPLE
        step = max(1, len(vectors) // wanted)
        index.train(vectors.rows[::step].astype(np.float32))
        with progress(f"Building the index ({kind})", float(len(vectors))) as advance:
            for at in range(0, len(vectors), _BLOCK):
                block = vectors.rows[at : at + _BLOCK].astype(np.float32)
                index.add(block)
                advance(len(block))
    finally:
        faiss.omp_set_num_threads(before)
    path = path_of(vectors.folder, kind)
    part = path.with_suffix(".part")
    faiss.write_index(index, str(part))
    os.chmod(part, 0o600)  # noqa: PTH101 - written by faiss with the usual rights
    part.replace(path)
    for other in vectors.folder.glob("index-*"):
        if other != path:
            other.unlink()


class Index:
    """Nearest passages by cosine: candidates from the index, scored exactly. Equal scores stand in the corpus's order."""

    def __init__(self, vectors: Vectors, kind: str) -> None:
        self.vectors, self.kind = vectors, kind
        self._faiss = faiss_or_none()
        self._index: Any = self._read() if self._faiss else None

    def _read(self) -> Any:
        path, faiss = path_of(self.vectors.folder, self.kind), self._faiss
        if not path.is_file():  # made where faiss was missing: every passage is scored
            return None
        try:
            mapped = faiss.IO_FLAG_MMAP if self.kind == "ivf" else faiss.IO_FLAG_MMAP_IFC
            index = faiss.read_index(str(path), mapped)
            if index.ntotal != len(self.vectors) or index.d != self.vectors.rows.shape[1]:
                raise RuntimeError
            return index
        except RuntimeError:
            raise Damaged(
                f"the index {path} is damaged; delete it and run osler corpus embed again"
            ) from None

    def nearest(
        self, vector: np.ndarray, top: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers and float32 cosines of at most `top` passages, best first; `allowed` is one truth value a passage."""
        numbers = self._candidates(vector, top, allowed)
        scores = self.vectors.scores(vector, numbers)
        best = np.lexsort((numbers, -scores))[:top]
        return numbers[best], scores[best]

    def _candidates(self, vector: np.ndarray, top: int, allowed: np.ndarray | None) -> np.ndarray:
        many = min(len(self.vectors), 2 * top + 20)
        if allowed is not None:
            left = np.flatnonzero(allowed)
            if len(left) <= FEW or (self.kind == "hnsw" and len(left) < len(allowed) // 20):
                return left if len(left) <= many else self._scan(vector, many, left)
            many = min(many, len(left))
        if self._index is None:
            return self._scan(vector, many, None if allowed is None else np.flatnonzero(allowed))
        # One query is one thread's work: others would only wait, and burn their time doing so. The number is each thread's own.
        self._faiss.omp_set_num_threads(1)
        wanted = self._index.search(vector[None], many, params=self._settings(many, allowed))[1][0]
        return wanted[wanted >= 0]

    def _settings(self, many: int, allowed: np.ndarray | None) -> Any:
        faiss, share = self._faiss, 1.0
        kept: dict[str, Any] = {}
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            kept["sel"] = faiss.IDSelectorBitmap(bits)
            share = float(allowed.mean())
        if self.kind == "hnsw":
            return faiss.SearchParametersHNSW(efSearch=int(max(EFFORT, 2 * many) / share), **kept)
        if self.kind == "ivf":
            return faiss.SearchParametersIVF(nprobe=min(self._index.nlist, int(PROBES / share)), **kept)
        return faiss.SearchParameters(**kept) if kept else None

    def _scan(self, vector: np.ndarray, many: int, numbers: np.ndarray | None) -> np.ndarray:
        """The best of all passages, or of some, scored one block after another."""
        total = len(self.vectors) if numbers is None else len(numbers)
        best, kept = np.zeros(0, np.int64), np.zeros(0, np.float32)
        for at in range(0, total, _BLOCK):
            part = np.arange(at, min(total, at + _BLOCK)) if numbers is None else numbers[at : at + _BLOCK]
            rows = self.vectors.rows[at : at + _BLOCK] if numbers is None else self.vectors.rows[part]
            best = np.concatenate((best, part))
            kept = np.concatenate((kept, rows.astype(np.float32) @ vector))
            if len(best) > many:
                order = np.lexsort((best, -kept))[:many]
                best, kept = best[order], kept[order]
        return best
