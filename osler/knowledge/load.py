"""Loads a knowledge base by name, compiling it first where the cache does not have it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays, digest
from osler.data.checksums import file_checksum
from osler.data.paths import data_dir
from osler.data.progress import progress
from osler.data.store import used_paths
from osler.errors import UsageError
from osler.knowledge import ddxplus
from osler.knowledge.compile import FORMAT, compile_knowledge
from osler.knowledge.hpoa import Annotation, read_hpoa
from osler.knowledge.profiles import Knowledge, P
from osler.knowledge.search import words_of
from osler.knowledge.supplement import read_supplement, supplement_file
from osler.ontology.hpo import Ontology
from osler.ontology.load import compiled_ontology, ontology_of, read_terms
from osler.ontology.mondo import BrokenMappings, mondo_files, read_equivalents, read_names
from osler.ontology.releases import ReleaseFiles, find_release, rows_release

Supplement = Literal["diseases", "all", "none"]


def _registered(name: str, release: str) -> Knowledge:
    """A knowledge base of another package, by the name that it registered."""
    from osler import registry

    if name not in registry.names("knowledge"):
        known = ", ".join(registry.names("knowledge"))
        raise UsageError(f"{name!r} is no knowledge base; there are {known}, hpo@RELEASE and hpo+ddxplus.")
    return registry.get("knowledge", name).object(release)


@dataclass(frozen=True, slots=True)
class _Request:
    """What a knowledge base is made of; equal requests share one object in a process."""

    files: ReleaseFiles
    with_hpo: bool
    ddxplus: tuple[Path, ...]
    supplement: Path | None
    rows_too: bool
    mondo: Path | None
    mondo_named: bool = (
        False  # the user named it (`osler data use`), so going on without it would be silently other
    )


class OptionalFileNotice(UserWarning):
    """An optional file could not be read and was left out."""


def load_knowledge(
    spec: str = "hpo", *, supplement: Supplement = "diseases", mondo: bool = True
) -> Knowledge:
    """The knowledge base that `spec` names: "hpo" (the packaged release), "hpo@2023-01-27", "ddxplus", "hpo+ddxplus".

    `supplement` says what a later release without frequencies (the hpo3 package) adds to the packaged one: "diseases"
    that it lacks, "all" (also rows of diseases it has), or "none". A release named with @ is never supplemented.
    `mondo=False` merges disease ids by name even where Mondo's mappings are there. With "hpo+ddxplus" each of the two
    gets half of the prior probability. A name that another package registered is loaded by it. Raises UsageError for an unknown name, SourceError when files are missing,
    InputError when they are damaged.
    """
    parts = {part.partition("@")[0]: part.partition("@")[2] for part in spec.split("+")}
    if not parts.keys() <= {"hpo", "ddxplus"} and len(parts) == 1:
        return _registered(*spec.partition("@")[::2])
    if not parts.keys() <= {"hpo", "ddxplus"} or len(parts) != spec.count("+") + 1 or parts.get("ddxplus"):
        raise UsageError(
            f"{spec!r} is no knowledge base; there are hpo, hpo@RELEASE, ddxplus and hpo+ddxplus."
        )
    if supplement not in get_args(Supplement):
        raise UsageError(f"supplement is one of {', '.join(get_args(Supplement))}, not {supplement!r}.")
    folder = _mondo_folder() if mondo and "hpo" in parts else None
    extra = supplement_file() if "hpo" in parts and not parts["hpo"] and supplement != "none" else None
    return _load(
        _Request(
            files=find_release(parts.get("hpo", "")),
            with_hpo="hpo" in parts,
            ddxplus=tuple(ddxplus.ddxplus_files()) if "ddxplus" in parts else (),
            supplement=extra,
            rows_too=extra is not None and supplement == "all",
            mondo=folder,
            mondo_named=folder in used_paths("mondo"),
        )
    )


def packaged_disease_ids() -> frozenset[str]:
    """Original ids (OMIM:…, ORPHA:…, DECIPHER:…) of the diseases with a phenotype in the packaged release alone.

    Fixed by that release: neither OSLER_DATA, nor a supplement, nor merging changes it.
    """
    knowledge = load_knowledge("hpo")
    rows = knowledge.rows
    profiled = np.unique(rows.source_id[(rows.aspect == P) & ~rows.negated & ~rows.supplement])
    ids = knowledge.source_ids.tolist()
    return frozenset(ids[i] for i in profiled.tolist())


@lru_cache(maxsize=8)
def _load(request: _Request) -> Knowledge:
    """As asked; where Mondo's mappings, which are optional and were not named by the user, are broken, without them."""
    try:
        return _loaded(request)
    except BrokenMappings as broken:
        if request.mondo_named:
            raise
        warnings.warn(
            f"{str(broken).rstrip('.')}. Mondo's mappings are optional: going on without them, with disease ids joined by name.",
            OptionalFileNotice,
            stacklevel=3,
        )
        return _load(replace(request, mondo=None))


def _loaded(request: _Request) -> Knowledge:
    ontology = _joined(request) if request.ddxplus else ontology_of(request.files)
    parts: list[object] = [ontology.checksum, FORMAT, ddxplus.FORMAT, request.with_hpo, request.rows_too]
    parts += [file_checksum(path) for path in (request.supplement, *request.ddxplus) if path]
    parts += _mondo_checksums(request.mondo) if request.mondo else []
    checksum = digest(*parts)
    name = "+".join(["hpo"] * request.with_hpo + ["ddxplus"] * bool(request.ddxplus))
    key = f"knowledge-{name}-{ontology.release}-{checksum}"
    return Knowledge(cached_arrays(key, lambda: _compile(request, ontology, name, checksum)), ontology)


def _compile(request: _Request, ontology: Ontology, name: str, checksum: str) -> Arrays:
    # The optional file goes first: where it is broken that shows before the work is done.
    equivalent = read_equivalents(request.mondo) if request.mondo else None
    with progress(f"Compiling the disease profiles of {name} {ontology.release}", 4) as advance:
        rows = read_hpoa(request.files.rows).rows if request.with_hpo else []
        advance(1)
        added, source = _supplement(request, rows, ontology)
        advance(1)
        common, weights = ddxplus.read_rows(request.ddxplus) if request.ddxplus else ([], None)
        advance(1)
        release = ddxplus.RELEASE if not request.with_hpo else ontology.release
        meta = {"name": name, "release": release, "checksum": checksum, "supplement": source}
        return compile_knowledge(
            [*rows, *common], ontology, supplement=added, equivalent=equivalent, priors=weights, meta=meta
        )


def _supplement(
    request: _Request, rows: Sequence[Annotation], ontology: Ontology
) -> tuple[list[Annotation], str]:
    """The later release's rows that say something new, and its name."""
    if request.supplement is None:
        return [], ""
    found = read_supplement(request.supplement, ontology)
    source = f"hpo3 {found.release}"
    if not request.rows_too:
        own = {row.disease for row in rows}
        return [row for row in found.rows if row.disease not in own], source
    stated = {(row.disease, ontology.resolve(row.term).id) for row in rows}
    return [row for row in found.rows if (row.disease, row.term) not in stated], source


def _joined(request: _Request) -> Ontology:
    """The HPO with the evidences of DDXPlus beside and within it."""
    release = f"{rows_release(request.files.rows)}+{ddxplus.RELEASE}"
    evidence_file = request.ddxplus[0]
    checksum = digest(request.files.checksum(), file_checksum(evidence_file), ddxplus.FORMAT)
    return compiled_ontology(
        "hpo+ddxplus",
        release,
        checksum,
        lambda: ddxplus.join_terms(read_terms(request.files).terms, evidence_file, ddxplus.read_links()),
    )


def _mondo_checksums(folder: Path) -> list[str]:
    try:
        return ["mondo", *(file_checksum(path) for path in mondo_files(folder))]
    except OSError as error:
        raise BrokenMappings(f"{folder} cannot be read ({(error.strerror or str(error)).lower()})") from None


def other_names(knowledge: Knowledge) -> list[tuple[int, str]]:
    """What else diseases are called, by their position: by Mondo, OMIM and Orphanet, where Mondo's mappings are there."""
    folder = _mondo_folder()
    found: dict[tuple[int, str], None] = {}
    names = [words_of(name) for name in knowledge.disease_names]
    try:
        for disease, name in read_names(folder) if folder else ():
            at = knowledge.disease_index(disease)
            if at is not None and words_of(name) != names[at]:
                found[at, name] = None
    except BrokenMappings:  # told where the knowledge was loaded
        return []
    return list(found)


def _mondo_folder() -> Path | None:
    """Where Mondo's mappings are: what `osler data use mondo` recorded, else OSLER_DATA/mondo, else nowhere."""
    root = data_dir()
    candidates = [*used_paths("mondo"), *([root / "mondo"] if root else [])]
    return next((path for path in candidates if path.exists() and mondo_files(path)), None)
