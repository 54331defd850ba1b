"""A map that is made: places, levels of detail, and the fields that colour it; kept in one private file, read in one go.

Places are 16-bit numbers on a square of SIDE × SIDE, so that 100,000 points are 400 kB. Points stand in the order of a quadtree: `ends`
says how many of the first belong to each level, and those of a level are at most one in each cell of its grid. A page draws the
first levels from afar and all from near, and what it leaves out lies on spots that are drawn already.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.paths import private_folder
from osler.errors import InputError

FORMAT = 1
SIDE = 65_535
LEVELS = tuple(1 << power for power in range(4, 13))  # cells along a side; then all that is left
MOST_VALUES = 254  # of a field; the others are "other", code 0


@dataclass(frozen=True)
class Field:
    """What points may be coloured by: a name, its values (the most frequent first) and how many points have each.

    Code 0 is `rest`: points without a value, and those of rarer values.
    """

    name: str
    values: tuple[str, ...]
    counts: tuple[int, ...]
    rest: int


@dataclass
class Atlas:
    """`places` uint16 [points, 2] from the left and the top; `numbers` what each point is (a passage's number, a case's item);
    `codes` uint8 [points] of each field; `about` what the map rests on, in words and figures."""

    places: np.ndarray
    numbers: np.ndarray
    ends: tuple[int, ...]
    fields: tuple[Field, ...]
    codes: dict[str, np.ndarray]
    about: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def field(self, name: str) -> Field | None:
        """A field by name; None where there is none."""
        return next((one for one in self.fields if one.name == name), None)

    def value(self, name: str, point: int) -> str:
        """What a point has in a field; "" where it has none or a rare one."""
        found = self.field(name)
        code = int(self.codes[name][point]) if found else 0
        return found.values[code - 1] if found and code else ""

    def save(self, path: Path) -> None:
        """Write the map in one step, readable by its owner alone."""
        head = {
            "format": FORMAT,
            "ends": self.ends,
            "fields": [asdict(one) for one in self.fields],
            "about": self.about,
        }
        arrays = {f"code_{i}": self.codes[one.name] for i, one in enumerate(self.fields)}
        whole = io.BytesIO()
        text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)
        np.savez(whole, head=text, places=self.places, numbers=self.numbers, **arrays)  # pyright: ignore[reportArgumentType]
        handle, part = tempfile.mkstemp(dir=private_folder(path.parent), prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(whole.getvalue())
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise


def load(path: Path) -> Atlas | None:
    """A map that was kept; None where there is none or it is of another form. Raises InputError where it is damaged."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            head = json.loads(bytes(found["head"]))
            if head.get("format") != FORMAT:
                return None
            fields = tuple(
                Field(one["name"], tuple(one["values"]), tuple(one["counts"]), one["rest"])
                for one in head["fields"]
            )
            codes = {one.name: found[f"code_{i}"] for i, one in enumerate(fields)}
            return Atlas(found["places"], found["numbers"], tuple(head["ends"]), fields, codes, head["about"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise InputError(f"the map {path.name} is damaged; delete it and make it again") from None


def drawn(
    places: np.ndarray,
    numbers: Sequence[int] | np.ndarray,
    labels: Mapping[str, Sequence[str]],
    about: dict[str, Any],
    seed: int = 0,
) -> Atlas:
    """A map of places in any unit: scaled to the square, ordered by level, its fields coded.

    Of each axis the outermost 0.1 % lie on the edge, so that a few strays do not shrink all others.
    """
    square = _squared(np.asarray(places, np.float32))
    order, ends = _levels(square, seed)
    fields, codes = [], {}
    for name, values in labels.items():
        made = _coded(name, values)
        if made is not None:
            fields.append(made[0])
            codes[name] = made[1][order]
    return Atlas(square[order], np.asarray(numbers, np.uint32)[order], ends, tuple(fields), codes, about)


def inside(atlas: Atlas, corners: Sequence[tuple[float, float]]) -> np.ndarray:
    """The points within a polygon (even-odd rule), in the map's order."""
    x, y = atlas.places[:, 0].astype(np.float64), atlas.places[:, 1].astype(np.float64)
    within = np.zeros(len(atlas), bool)
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > y) != (y1 > y)
        within ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return np.flatnonzero(within)


def within(atlas: Atlas, box: tuple[float, float, float, float]) -> np.ndarray:
    """The points in a rectangle (left, top, right, bottom), in the map's order."""
    x, y = atlas.places[:, 0], atlas.places[:, 1]
    left, top, right, bottom = box
    return np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def _squared(places: np.ndarray) -> np.ndarray:
    if not len(places):
        return np.zeros((0, 2), np.uint16)
    low, high = np.quantile(places, [0.001, 0.999], axis=0)
    size = max(float((high - low).max()), 1e-9)
    moved = (places - (low + high) / 2) / size * 0.96 + 0.5
    return (np.clip(moved, 0, 1) * SIDE).round().astype(np.uint16)


def _levels(square: np.ndarray, seed: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """An order in which the first points lie apart, and where each level of it ends."""
    left = np.random.default_rng(seed).permutation(len(square))
    parts, ends, done = [], [], 0
    for cells in LEVELS:
        at = square[left].astype(np.int64) * cells // (SIDE + 1)
        _, first = np.unique(at[:, 0] * cells + at[:, 1], return_index=True)
        first.sort()
        parts.append(left[first])
        left = np.delete(left, first)
        done += len(first)
        ends.append(done)
    return np.concatenate([*parts, left]), (*ends, len(square))


def _coded(name: str, values: Sequence[str]) -> tuple[Field, np.ndarray] | None:
    """The field with its codes; None where it tells no point from another."""
    counts = Counter(value for value in values if value)
    common = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]
    rest = len(values) - sum(count for _, count in common)
    if len(common) + (rest > 0) < 2:
        return None
    code = {value: place for place, (value, _) in enumerate(common, 1)}
    codes = np.array([code.get(value, 0) for value in values], np.uint8)
    return Field(name, tuple(v for v, _ in common), tuple(c for _, c in common), rest), codes
