"""The pool of solved examples that `--examples` names, or the training split beside a benchmark's own data.

    --examples PATH                     training data in the benchmark's own layout, else rows as `own` reads them
    --examples BENCHMARK[:PATH]         the training split of another benchmark
    --examples BENCHMARK/SPLIT[:PATH]   that split of it; BENCHMARK/SUBSET/SPLIT of one of its sets

Without PATH a benchmark's data are those in OSLER_DATA. Nothing is held out here: `Pool` holds out, for each case, whatever
shares its vignette.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any

from osler import registry
from osler.benchmarks.choices import as_example
from osler.benchmarks.own import Own
from osler.benchmarks.places import place_of
from osler.errors import InputError, OslerError, UsageError
from osler.services import Example

_NAMED = re.compile(r"(?P<name>[\w-]+)(?P<part>(?:/[^/:]+){0,2})(?::(?P<path>.+))?")


@dataclass(frozen=True)
class Home:
    """The benchmark that is run: its name, where its data lie, and what was asked of them."""

    benchmark: str
    data: Path
    subset: str | None = None
    split: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    images: Any = None


def absolute(spec: str) -> str:
    """The same with its path made absolute, so that a run can be resumed from elsewhere."""
    named = _named(spec)
    if named is None:
        return str(Path(spec).resolve())
    return f"{named['name']}{named['part']}:{Path(named['path']).resolve()}" if named["path"] else spec


def read_pool(spec: str, home: Home) -> list[Example]:
    """The examples that `spec` names (see the module). Raises InputError, UsageError."""
    named = _named(spec)
    if named is not None:
        return _of_benchmark(named, home)
    path = Path(spec)
    if not path.exists():
        raise InputError(
            f"{path} does not exist; --examples takes a PATH, BENCHMARK:PATH or BENCHMARK/SPLIT (docs/benchmarks.md)"
        )
    if home.benchmark == "own":
        return _own_rows(path, home.columns)
    reader = registry.get("benchmark", home.benchmark).object
    try:
        return _call(reader.examples, path, home, subset=home.subset)
    except InputError as first:
        if path.is_dir() or zipfile.is_zipfile(path):
            raise
        try:
            return _own_rows(path, {})
        except (InputError, UsageError) as second:
            raise InputError(
                f"{path} holds neither training data of {home.benchmark} ({first}) nor rows of your own ({second})"
            ) from None


def own_training_split(home: Home) -> list[Example]:
    """The training split that lies beside the data. Raises InputError or UsageError where there is none to show."""
    part = registry.get("benchmark", home.benchmark)
    if home.benchmark == "own":
        if "split" not in home.columns or home.split in (None, "train"):
            raise UsageError(
                "a file of your own has no training split, unless --map split=COLUMN and --split name others"
            )
        items = Own.items(home.data, split="train", columns=home.columns)
        return [as_example(item) for item in items]
    if not {"train", "dev"} & set(part.extra.get("splits", ())) or home.split in ("train", "all"):
        raise InputError(f"{home.benchmark} has no training split beside what is tested")
    if home.data.is_file() and not zipfile.is_zipfile(home.data):
        raise InputError(f"{home.data} is a single file, with no training split beside it")
    return _call(part.object.examples, home.data, home, subset=home.subset)


def _named(spec: str) -> dict[str, str] | None:
    """The parts of a spec that names a benchmark; None for a path."""
    found = _NAMED.fullmatch(spec)
    known = found is not None and not Path(spec).exists() and found["name"] in registry.names("benchmark")
    return {name: value or "" for name, value in found.groupdict().items()} if found and known else None


def _of_benchmark(named: dict[str, str], home: Home) -> list[Example]:
    reader = registry.get("benchmark", named["name"]).object
    if not hasattr(reader, "items"):
        raise UsageError(f"benchmark {named['name']!r} has no solved cases to show as examples")
    path = Path(named["path"]) if named["path"] else place_of(named["name"], "--examples BENCHMARK:PATH")
    words = named["part"].strip("/").split("/") if named["part"] else []
    if not words:
        return _call(reader.examples, path, home)
    subset = words[0] if len(words) == 2 or words[0] in _subsets(reader, path) else None
    if subset is not None and len(words) == 1:
        return _call(reader.examples, path, home, subset=subset)
    return [as_example(item) for item in _call(reader.items, path, home, subset=subset, split=words[-1])]


def _subsets(reader: Any, path: Path) -> list[str]:
    try:
        return reader.subsets(path)
    except OslerError:  # what is wrong with the data is said when they are read
        return []


def _own_rows(path: Path, columns: Mapping[str, str]) -> list[Example]:
    """Rows by the run's own mapping where the file has its columns, else by usual names."""
    try:
        return Own.examples(path, columns=columns)
    except (InputError, UsageError):
        if not columns:
            raise
    return Own.examples(path)


def _call(read: Any, path: Path, home: Home, **about: Any) -> Any:
    """A reader's function with the run's shelf, where it has images to put on it."""
    if home.images is not None and "images" in signature(read).parameters:
        about["images"] = home.images
    return read(path, **about)
