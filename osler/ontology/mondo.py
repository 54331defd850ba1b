"""Reads exact equivalences of disease ids from Mondo's mapping tables (SSSOM), as separate files or inside mondo.zip."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from osler.errors import InputError
from osler.ontology.obo import read_text


class BrokenMappings(InputError):
    """Mondo's tables are there and cannot be read, or hold no mapping."""


# Mondo's prefixes → the prefixes of HPO annotations.
_PREFIXES = {
    "OMIM": "OMIM",
    "Orphanet": "ORPHA",
    "ORPHA": "ORPHA",
    "DECIPHER": "DECIPHER",
    "OMIMPS": "OMIMPS",
}


def mondo_files(folder: Path) -> list[Path]:
    """The files of a Mondo folder that hold equivalences to OMIM or Orphanet, sorted by name: tables or mondo.zip."""
    if folder.is_file():
        return [folder]
    tables = (path for path in folder.glob("*.tsv") if "omim." in path.name or "orphanet" in path.name)
    return sorted([*tables, *folder.glob("mondo*.zip")])


def read_equivalents(folder: Path) -> dict[str, str]:
    """Disease id (OMIM:…, ORPHA:…, DECIPHER:…) → the one Mondo id it is exactly equivalent to.

    An id that Mondo maps to two classes is left out: it would join two diseases that Mondo keeps apart.
    Raises BrokenMappings when the files cannot be read or the folder holds no such table.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for text in _tables(folder):
        for disease, mondo, _ in _exact(text):
            found[disease].add(mondo)
    if not found:
        raise BrokenMappings(
            f"{folder} holds no exact mappings of Mondo; expected mondo_exactmatch_omim.sssom.tsv or mondo.zip."
        )
    return {disease: next(iter(targets)) for disease, targets in found.items() if len(targets) == 1}


def read_names(folder: Path) -> Iterator[tuple[str, str]]:
    """Disease ids (OMIM:…, ORPHA:…, DECIPHER:…), each with a name: Mondo's, and that of OMIM or Orphanet.

    Raises BrokenMappings when the files cannot be read.
    """
    for text in _tables(folder):
        for disease, _, names in _exact(text):
            for name in names:
                told = re.sub(r"^NON RARE IN EUROPE: ", "", name.strip('" '))
                if told and not told.lower().startswith("obsolete"):
                    yield disease, told


def _exact(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Disease id, the Mondo id that it is exactly equivalent to, and their names, of each such line of a table."""
    for mondo, predicate, other, names in _mappings(text):
        prefix, _, local = other.partition(":")
        if predicate == "skos:exactMatch" and prefix in _PREFIXES:
            yield f"{_PREFIXES[prefix]}:{local}", mondo, names


def _tables(folder: Path) -> Iterator[str]:
    for path in mondo_files(folder):
        if path.suffix != ".zip":
            try:
                yield read_text(path)
            except InputError as error:
                raise BrokenMappings(str(error)) from None
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                for member in sorted(archive.namelist()):
                    if member.endswith(("_omim.sssom.tsv", "_orphanet.sssom.tsv")):
                        yield archive.read(member).decode("utf-8")
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, UnicodeDecodeError) as error:
            raise BrokenMappings(f"{path} cannot be read ({error}); fetch it again.") from None


def _mappings(text: str) -> Iterator[tuple[str, str, str, list[str]]]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    header = next(lines, "").split("\t")
    if not {"subject_id", "predicate_id", "object_id"} <= set(header):
        return
    at = [header.index(name) for name in ("subject_id", "predicate_id", "object_id")]
    named = [header.index(name) for name in ("subject_label", "object_label") if name in header]
    for line in lines:
        cells = line.split("\t")
        if len(cells) <= max(at):
            continue
        labels = [cells[place] for place in named if place < len(cells)]
        if not ("subject_label" in header and labels and labels[0].startswith("obsolete ")):
            yield cells[at[0]], cells[at[1]], cells[at[2]], labels
