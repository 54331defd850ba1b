"""`osler corpus embed`: vectors for the passages of a corpus; goes on where a killed run stood, and keeps what has not changed.

A passage's title, section and words are embedded together, as they are indexed for BM25. Passages go in blocks of fixed places, so that a
run that was killed gives the same vectors to the bit as one that was not. What an older state of the corpus had embedded
with the same encoder is taken over. Memory stays flat: some blocks, and 16 bytes for each passage of the older state.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from osler.data.cache import locked
from osler.data.paths import private_folder
from osler.data.progress import progress
from osler.knowledge.corpus import store
from osler.knowledge.corpus.lexical import words_of
from osler.knowledge.dense import index, workers
from osler.knowledge.dense.encoders import DEFAULT_ENCODER, fingerprint, open_encoder, spec_of
from osler.knowledge.dense.vectors import (
    FORMAT,
    Vectors,
    Writer,
    about_row,
    begun,
    corpus_state,
    embedded,
    signature,
    vectors_dir,
)
from osler.passages import Encoder

BLOCK = 256


@dataclass
class Embedded:
    """What a run did. `state` is built, resumed, updated or unchanged; `kept` passages were taken from an older state."""

    name: str
    encoder: str
    index: str
    state: str = "built"
    passages: int = 0
    kept: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def embed(
    name: str,
    encoder: Encoder | str | None = None,
    index_kind: str | None = None,
    *,
    ray: bool = False,
    ray_workers: int | None = None,
) -> Embedded:
    """Give a corpus vectors, or bring them up to date.

    Without `encoder` the one it was embedded with before, else the default; without `index_kind` the kind asked for
    before, else (or with `auto`) one that fits its size. Raises
    UsageError for a corpus, encoder or index that is not there, SourceError where an encoder's server or a worker fails.
    """
    known = store.about(name)
    folder = private_folder(vectors_dir(name))
    with locked(folder / "vectors.json"):
        old = embedded(name)
        wanted = encoder or (old["spec"] if old else DEFAULT_ENCODER)
        asked = index_kind or (old["asked_index"] if old else None)
        kind = index.choose(known["passages"], asked)
        opened = open_encoder(wanted) if isinstance(wanted, str) else wanted
        run = _Run(name, folder, known, opened, kind, old)
        run.asked_index = asked
        return run.unchanged() or run.go(ray, ray_workers)


class _Block(NamedTuple):
    """Passages that follow each other: their rows, and the texts of those that are not embedded yet."""

    about: list[tuple[int, ...]]
    signatures: list[int]
    texts: list[str]
    missing: np.ndarray
    vectors: np.ndarray


class _Run:
    """One run: the corpus, the encoder, the new folder and the older ones whose vectors may be taken."""

    def __init__(
        self,
        name: str,
        folder: Path,
        known: dict[str, Any],
        encoder: Encoder,
        kind: str,
        old: dict[str, Any] | None,
    ) -> None:
        self.folder, self.encoder, self.old = folder, encoder, old
        self.asked_index: str | None = None
        self.mark, self.state = fingerprint(encoder), corpus_state(known)
        self.reader = store.Reader(store.place(name) / known["data"])
        self.done = Embedded(name, encoder.name, kind, passages=known["passages"])

    def unchanged(self) -> Embedded | None:
        """What there is where nothing is to be embedded; an index of another kind is still made."""
        old = self.old
        if not old or old["state"] != self.state or old["encoder"] != self.mark:
            return None
        place = self.folder / old["folder"]
        vectors = Vectors(place, self.mark["dimensions"], self.done.passages)
        there = index.path_of(place, self.done.index).is_file() or index.faiss_or_none() is None
        self.done.state = "unchanged" if there and old["index"] == self.done.index else "updated"
        self.done.kept = self.done.passages
        if not there:
            index.build(vectors, self.done.index)
        self._finish(place)
        return self.done

    def go(self, ray: bool, ray_workers: int | None) -> Embedded:
        """Embed what is missing, build the index, and put the new vectors in place of the old."""
        place = self._place()
        writer = Writer(place, self.mark, self.state)
        self.done.state = "resumed" if writer.resumed else "updated" if self.old else "built"
        older = _Older([one for one in self._folders() if one != place], self.mark)
        waiting: deque[_Block] = deque()

        def texts() -> Iterator[list[str]]:
            for block in self._blocks(writer.rows, older):
                waiting.append(block)
                yield block.texts

        spec = spec_of(self.encoder)
        made = workers.on_ray(spec, texts(), ray_workers) if ray else workers.here(self.encoder, texts())
        try:
            with progress(
                f"Embedding {self.done.name} with {self.encoder.name}", float(self.done.passages)
            ) as advance:
                advance(writer.rows)
                for vectors in made:
                    block = waiting.popleft()
                    block.vectors[block.missing] = vectors
                    self.done.kept += len(block.signatures) - len(block.missing)
                    writer.add(block.vectors, block.about, block.signatures)
                    advance(len(block.signatures))
        finally:
            writer.checkpoint()
            writer.close()
        index.build(Vectors(place, self.mark["dimensions"], self.done.passages), self.done.index)
        self._finish(place)
        return self.done

    def _blocks(self, first: int, older: _Older) -> Iterator[_Block]:
        for at in range(first, self.done.passages, BLOCK):  # a checkpoint stands between two blocks
            about, signatures, texts = [], [], []
            for number in range(at, min(at + BLOCK, self.done.passages)):
                _, text, head, meta = self.reader.passage(number)
                texts.append(words_of(head, meta, text))
                about.append(about_row(head, meta))
                signatures.append(signature(texts[-1]))
            vectors = np.zeros((len(texts), self.mark["dimensions"]), np.float32)
            missing = np.flatnonzero(~older.take(np.array(signatures, np.uint64), vectors))
            yield _Block(about, signatures, [texts[place] for place in missing], missing, vectors)

    def _folders(self) -> list[Path]:
        """Folders of vectors, finished or not, the oldest first."""
        return sorted(
            (one for one in self.folder.iterdir() if one.name.isdigit()), key=lambda one: int(one.name)
        )

    def _place(self) -> Path:
        """The folder of a run that was killed, where it was of the same encoder and corpus; else a new one."""
        there = self._folders()
        for one in there:
            found = begun(one)
            if found and found["encoder"] == self.mark and found["state"] == self.state:
                return one
        return self.folder / str(1 + max((int(one.name) for one in there), default=0))

    def _finish(self, place: Path) -> None:
        store.write_json(self.folder / "vectors.json", {
            "format": FORMAT, "folder": place.name, "encoder": self.mark, "spec": spec_of(self.encoder),
            "state": self.state, "index": self.done.index, "asked_index": self.asked_index,
        })  # fmt: skip
        for other in self._folders():
            if other != place:
                shutil.rmtree(other, ignore_errors=True)


class _Older:
    """Vectors of older states, found by the words they were made of."""

    def __init__(self, folders: list[Path], mark: dict[str, Any]) -> None:
        self._sources: list[tuple[Vectors, np.ndarray, np.ndarray]] = []
        for folder in folders:
            found = begun(folder)
            if not found or found["encoder"] != mark or not found["rows"]:
                continue
            vectors = Vectors(folder, mark["dimensions"], found["rows"])
            order = np.argsort(vectors.signatures, kind="stable")
            self._sources.append((vectors, order, vectors.signatures[order]))

    def take(self, signatures: np.ndarray, into: np.ndarray) -> np.ndarray:
        """Fill in the vectors that are known; says which are."""
        known = np.zeros(len(signatures), bool)
        for vectors, order, ordered in self._sources:
            at = np.minimum(np.searchsorted(ordered, signatures), len(ordered) - 1)
            found = (ordered[at] == signatures) & ~known
            into[found] = vectors.rows[order[at[found]]]
            known |= found
        return known
