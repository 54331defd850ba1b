"""The vectors of a corpus on disk: append-only while they are made, memory-mapped when they are read. Private (0700, 0600).

    corpora/NAME/vectors/vectors.json   which folder holds them, of which encoder and of which state of the corpus, which index
    corpora/NAME/vectors/N/             vectors.f16, about.bin, signatures.bin (one row a passage), begun.json, index-KIND.faiss

Vectors have length 1 and are kept in 16 bits, which moves a cosine by less than 0.0001. `about.bin` has what filters ask:
the day, and the hashed names of source, section, authority and strength. A signature is a hash of the words that were embedded. A checkpoint says how many
rows are safe; what lies beyond is cut off on resuming.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.paths import private_folder
from osler.errors import Damaged, InputError
from osler.knowledge.corpus import store
from osler.passages import Filters, day_number

FORMAT = 1
NAMES = ("source", "section", "authority", "strength")
ABOUT = np.dtype([("day", "<i4"), *((name, "<u8") for name in NAMES)])
FILES = ("vectors.f16", "about.bin", "signatures.bin")
_EVERY_S = 2.0


def vectors_dir(name: str) -> Path:
    """The folder of a corpus's vectors. Not created here."""
    return store.place(name) / "vectors"


def corpus_state(known: dict[str, Any]) -> str:
    """A mark of the corpus as it is now; it changes whenever its passages may have."""
    return hashlib.sha256(repr((known["data"], known["passages"], known["units"])).encode()).hexdigest()


def embedded(name: str) -> dict[str, Any] | None:
    """What `vectors.json` says; None where the corpus was not embedded. Raises InputError where it is damaged."""
    path = vectors_dir(name) / "vectors.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = {}
    if found.get("format") != FORMAT:
        raise Damaged(
            f"the vectors of corpus {name} are damaged or of another version of Osler; delete {path.parent} and run "
            f"osler corpus embed {name}",
            f"the vectors of corpus {name}",
        )
    return found


def signature(text: str) -> int:
    """64 bits of what was embedded."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def about_row(head: str, meta: dict[str, Any]) -> tuple[int, ...]:
    """What filters may ask of a passage: the day (0 where there is none), then `NAMES` hashed."""
    fields = meta.get("fields", {})
    said = (meta.get("source", ""), head, fields.get("authority", ""), fields.get("strength", ""))
    return day_number(meta.get("date", "")) or 0, *map(_name, said)


def _name(text: str) -> int:
    return signature(text.lower()) if text else 0


class Writer:
    """Appends rows; begins where the last checkpoint of the same encoder and corpus stood."""

    def __init__(self, folder: Path, encoder: dict[str, Any], state: str) -> None:
        self.folder = private_folder(folder)
        self._begun = {"encoder": encoder, "state": state}
        self._wide = {
            "vectors.f16": 2 * encoder["dimensions"],
            "about.bin": ABOUT.itemsize,
            "signatures.bin": 8,
        }
        found = begun(folder)
        same = found is not None and all(found[key] == value for key, value in self._begun.items())
        self.rows = int(found["rows"]) if found and same and self._whole(found["rows"]) else 0
        self.resumed = self.rows > 0
        self._files = {name: self._open(name) for name in FILES}
        self.checkpoint()

    def _whole(self, rows: int) -> bool:
        sizes = {name: self.folder / name for name in FILES}
        return all(
            path.is_file() and path.stat().st_size >= rows * self._wide[name] for name, path in sizes.items()
        )

    def _open(self, name: str) -> Any:
        handle = os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(handle, "r+b", buffering=1 << 20)
        file.truncate(self.rows * self._wide[name])
        file.seek(0, os.SEEK_END)
        return file

    def add(self, vectors: np.ndarray, about: list[tuple[int, ...]], signatures: list[int]) -> None:
        """Append some passages' rows, with a checkpoint every few seconds."""
        self._files["vectors.f16"].write(np.ascontiguousarray(vectors, np.float16).tobytes())
        self._files["about.bin"].write(np.array(about, ABOUT).tobytes())
        self._files["signatures.bin"].write(np.array(signatures, "<u8").tobytes())
        self.rows += len(signatures)
        if time.monotonic() - self._last > _EVERY_S:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Make what is there safe against a kill or a power cut."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
        store.write_json(self.folder / "begun.json", {**self._begun, "rows": self.rows})
        self._last = time.monotonic()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def begun(folder: Path) -> dict[str, Any] | None:
    """The last checkpoint of a folder, None where there is none that can be read."""
    try:
        found = json.loads((folder / "begun.json").read_text(encoding="utf-8"))
        return found if {"encoder", "state", "rows"} <= set(found) else None
    except (OSError, ValueError, TypeError):
        return None


class Vectors:
    """The rows of a folder, memory-mapped."""

    def __init__(self, folder: Path, dimensions: int, rows: int) -> None:
        self.folder = folder
        try:
            self.rows = _mapped(folder / "vectors.f16", np.dtype("<f2"), rows * dimensions)
            self.rows = self.rows.reshape(rows, dimensions)
            self.about = _mapped(folder / "about.bin", ABOUT, rows)
            self.signatures = _mapped(folder / "signatures.bin", np.dtype("<u8"), rows)
        except (OSError, ValueError):
            raise InputError(
                f"the vectors in {folder} are damaged; delete that folder and run osler corpus embed again"
            ) from None

    def __len__(self) -> int:
        return len(self.rows)

    def scores(self, vector: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """float32 cosines of some passages with a vector, some thousand rows in memory at a time."""
        if len(numbers) <= 8192:
            return self.rows[numbers].astype(np.float32) @ vector
        starts = range(0, len(numbers), 8192)
        return np.concatenate([self.scores(vector, numbers[at : at + 8192]) for at in starts])

    def allowed(self, filters: Filters) -> np.ndarray:
        """Which passages the filters let through, one truth value each."""
        mask = np.ones(len(self), bool)
        for name in NAMES:
            if value := getattr(filters, name):
                mask &= self.about[name] == np.uint64(_name(value))
        first, last = filters.days()
        if first is not None or last is not None:
            mask &= (self.about["day"] >= (first or 1)) & (self.about["day"] <= (last or 99_999_999))
        return mask


def _mapped(path: Path, dtype: np.dtype, size: int) -> np.ndarray:
    if size == 0:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r", shape=(size,)))
