"""Published cases as GA4GH phenopackets: a ZIP, a folder or one file becomes items with opaque ids.

The diagnosis, the publication and the file's name go into the reference; the case keeps only what was observed.
Item order is the sorted order of names; a limited run takes a seeded random sample in that order.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import yaml

from osler.benchmarks.items import Item, Reference
from osler.benchmarks.publication_year import year_of
from osler.case import Case, opaque_id
from osler.errors import InputError, UsageError
from osler.registry import benchmark

MAX_BYTES = 10_000_000
_SUFFIXES = (".json", ".yaml", ".yml")
_PMID = re.compile(r"PMID[:_](\d+)")


class PacketSource:
    """The phenopacket files of a ZIP, a folder (searched through) or a single file, by sorted name.

    Raises InputError when the path is missing, is no readable ZIP, or holds no such file.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise InputError(f"{path} does not exist; --data takes a ZIP, a folder or one phenopacket file")
        self.path = path
        self._zip = _open_zip(path) if path.is_file() and zipfile.is_zipfile(path) else None
        self.names = sorted(self._find())
        if not self.names:
            raise InputError(f"{path} holds no phenopackets (files ending in {', '.join(_SUFFIXES)})")

    def _find(self) -> Iterator[str]:
        if self._zip is not None:
            found = (name for name in self._zip.namelist() if not name.startswith("__MACOSX/"))
            yield from (name for name in found if name.lower().endswith(_SUFFIXES))
        elif self.path.is_dir():
            files = (
                file for file in self.path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file()
            )
            yield from (file.relative_to(self.path).as_posix() for file in files)
        elif self.path.suffix.lower() == ".zip":
            raise InputError(f"{self.path} is not a readable ZIP (truncated download?)")
        else:
            yield self.path.name

    def read(self, name: str) -> bytes:
        """The bytes of one file. Raises InputError when it is damaged or over 10 MB."""
        try:
            if self._zip is not None:
                size = self._zip.getinfo(name).file_size
                data = b"" if size > MAX_BYTES else self._zip.read(name)
            else:
                file = self.path / name if self.path.is_dir() else self.path
                size = file.stat().st_size
                data = b"" if size > MAX_BYTES else file.read_bytes()
        except (
            OSError,
            EOFError,
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise InputError(f"cannot be read ({type(error).__name__})") from None
        if size > MAX_BYTES:
            raise InputError(f"is over the limit of {MAX_BYTES // 1_000_000} MB")
        return data

    def sample(self, limit: int | None, seed: int) -> list[str]:
        """All names, or a seeded random sample of `limit` of them, in sorted order."""
        if limit is None or limit >= len(self.names):
            return self.names
        if limit < 1:
            raise UsageError("--limit must be at least 1")
        chosen = np.random.default_rng(seed).choice(len(self.names), size=limit, replace=False)
        return [self.names[i] for i in sorted(chosen)]

    def digest(self) -> str:
        """SHA-256 of the data: of the ZIP or file itself, or of a folder's names and contents in sorted order."""
        if not self.path.is_dir():
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        whole = hashlib.sha256()
        for name in self.names:
            content = hashlib.sha256((self.path / name).read_bytes()).hexdigest()
            whole.update(f"{content}  {name}\n".encode())
        return whole.hexdigest()


@benchmark(
    "phenopackets",
    source="Danis et al. 2024 (phenopacket-store); Jacobsen et al. 2022 (GA4GH phenopackets)",
    needs=("--data ZIP, folder or file",),
)
def read_items(path: Path, limit: int | None = None, seed: int = 0) -> Iterator[Item]:
    """Published rare-disease cases: rank the diagnosis from the coded findings.

    Raises InputError at the first unreadable case; an evaluation reads case by case and lists them instead.
    """
    source = PacketSource(path)
    for name in source.sample(limit, seed):
        yield read_item(source.read(name))


def read_item(data: bytes) -> Item:
    """One phenopacket (JSON or YAML, v1 or v2) as an item. Raises InputError with the reason it cannot be used."""
    from osler.findings.phenopacket import parse_phenopacket

    packet = parse(data)
    case, _ = parse_phenopacket(packet)
    key = case_key(case)
    diseases = diagnoses_of(packet)
    if not diseases:
        raise InputError("names no diagnosis to score against")
    publications = publications_of(packet)
    group = publications[0] if publications else key
    year = year_of(publications[0]) if publications else None
    return Item(key, case.model_copy(update={"id": key}), Reference(diseases, publications), group, year)


def case_key(case: Case) -> str:
    """Opaque id made of what was observed: sorted findings with status, sex and age; nothing else of the file.

    Two copies of a case have one key wherever they are stored, and renaming a file or its ids changes nothing.
    """
    findings = sorted(f"{finding.status} {finding.id}" for finding in case.findings)
    about = case.demographics
    age = "" if about.age_days is None else f"{about.age_days:.2f}"
    return opaque_id(*findings, f"sex {about.sex or ''}", f"age {age}")


def diagnoses_of(packet: dict[str, Any]) -> tuple[str, ...]:
    """The CURIEs of the stated diagnoses: of the interpretations, else of the diseases that are not excluded."""
    interpretations = _dicts(packet.get("interpretations"))
    diagnoses = [entry for item in interpretations for entry in _v1_or_v2_diagnoses(item)]
    found = [_identifier(entry.get("disease")) for entry in diagnoses]
    if not any(found):
        listed = [entry for entry in _dicts(packet.get("diseases")) if not entry.get("excluded")]
        found = [_identifier(entry.get("term")) for entry in listed]
    return tuple(dict.fromkeys(name for name in found if name))


def publications_of(packet: dict[str, Any]) -> tuple[str, ...]:
    """PMID CURIEs a case comes from: its external references, else its evidence references, else its id."""
    meta = packet.get("metaData") or packet.get("meta_data")
    meta = meta if isinstance(meta, dict) else {}
    references = _dicts(meta.get("externalReferences") or meta.get("external_references"))
    texts = [str(reference.get("id", "")) for reference in references]
    if not any(map(_PMID.search, texts)):
        features = _dicts(packet.get("phenotypicFeatures") or packet.get("phenotypic_features"))
        evidence = [entry for feature in features for entry in _dicts(feature.get("evidence"))]
        texts = [
            str(reference.get("id", ""))
            for entry in evidence
            for reference in _dicts([entry.get("reference")])
        ]
    if not any(map(_PMID.search, texts)):
        texts = [str(packet.get("id", ""))]
    numbers = [match.group(1) for text in texts for match in _PMID.finditer(text)]
    return tuple(dict.fromkeys(f"PMID:{number}" for number in numbers))


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError):
        raise InputError(f"{path} is not a readable ZIP (truncated download?)") from None


def parse(data: bytes) -> dict[str, Any]:
    """The packet as it stands in the file, JSON or YAML. Raises InputError when it is neither."""
    try:
        packet = orjson.loads(data)
    except orjson.JSONDecodeError:
        packet = _parse_yaml(data)
    if not isinstance(packet, dict):
        raise InputError("is not a phenopacket: its top level is no object")
    return packet


def _parse_yaml(data: bytes) -> Any:
    if data.lstrip()[:1] in (b"{", b"[", b""):
        raise InputError("is not valid JSON (truncated?)")
    try:
        return yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        raise InputError("is neither JSON nor YAML") from None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _v1_or_v2_diagnoses(interpretation: dict[str, Any]) -> list[dict[str, Any]]:
    diagnosis = interpretation.get("diagnosis")
    return _dicts(diagnosis if isinstance(diagnosis, list) else [diagnosis])


def _identifier(term: Any) -> str:
    """The id of a term, or of a version 1 disease, which holds a term."""
    if not isinstance(term, dict):
        return ""
    return str(term.get("id") or "") or _identifier(term.get("term"))
