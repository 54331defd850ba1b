"""The manifest of data sets: for each its source, version, licence, checksums and sizes (manifest.yaml)."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from osler.errors import UsageError


class DataFile(BaseModel):
    """One file of a data set. `sha256` and `size` (bytes) are absent where upstream does not fix the content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    url: str
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    size: int | None = Field(default=None, ge=0)
    unpack: bool = False


class DataSet(BaseModel):
    """One data set. `needs` lists groups of file patterns of which a folder must hold at least one each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    licence: str
    homepage: str
    used_for: str
    files: tuple[DataFile, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    packaged: str = ""
    several: bool = False
    note: str = ""


@lru_cache(maxsize=1)
def manifest() -> dict[str, DataSet]:
    """All data sets by name, in the manifest's order."""
    raw = yaml.safe_load(files("osler.data").joinpath("manifest.yaml").read_text(encoding="utf-8"))
    return {name: DataSet(name=name, **fields) for name, fields in raw.items()}


def data_set(name: str) -> DataSet:
    """The entry of one data set. Raises UsageError that lists the known names."""
    if name not in manifest():
        raise UsageError(f"There is no data set {name!r}; there are: {', '.join(manifest())}.")
    return manifest()[name]
